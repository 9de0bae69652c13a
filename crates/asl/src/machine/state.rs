//! The typed form of states.

use std::sync::Arc;

use serde_json::Value;
use stepward_query::Payload;

use super::fields::{Path, PathField, ResultPathField, Selector};
use super::{QueryLanguage, ScopeId, StateId};
use crate::event::StateType;
use crate::resource::TaskResource;

/// One state.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) name: Arc<str>,
    pub(crate) state_type: StateType,
    pub(crate) language: QueryLanguage,
    /// Where it is in the definition, as diagnostics tell it.
    pub(crate) location: Arc<str>,
    /// Where it goes when it is done; none at the end of its line (and for Choice).
    pub(crate) next: Option<StateId>,
    pub(crate) io: Io,
    pub(crate) kind: Kind,
    pub(crate) retry: Vec<Retrier>,
    pub(crate) catch: Vec<Catcher>,
}

impl State {
    /// The states that it may go to.
    pub(crate) fn targets(&self) -> impl Iterator<Item = StateId> {
        let choice = match &self.kind {
            Kind::Choice(choice) => Some(choice),
            _ => None,
        };
        let rules = choice
            .into_iter()
            .flat_map(|choice| choice.rules.iter().map(|rule| rule.next).chain(choice.default));
        self.next.into_iter().chain(rules).chain(self.catch.iter().map(|catcher| catcher.next))
    }

    pub(crate) fn is_distributed_map(&self) -> bool {
        matches!(&self.kind, Kind::Map(map) if map.is_distributed)
    }
}

/// What happens to input and output.
#[derive(Clone, Debug, Default)]
pub(crate) struct Io {
    pub(crate) input_path: PathField,
    /// `Parameters` or `Arguments`.
    pub(crate) arguments: Option<Selector>,
    pub(crate) result_selector: Option<Selector>,
    pub(crate) result_path: ResultPathField,
    pub(crate) output_path: PathField,
    /// JSONata's `Output`.
    pub(crate) output: Option<Selector>,
    pub(crate) assign: Option<Selector>,
}

/// What is particular to a type of state.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Pass { result: Option<Payload> },
    Task(Box<Task>),
    Choice(Choice),
    Wait(Box<Wait>),
    Succeed,
    Fail(Box<Fail>),
    Parallel(Parallel),
    Map(Box<Map>),
}

#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) resource: TaskResource,
    /// What the definition says, for those who know the services.
    pub(crate) written: TaskText,
    /// `Credentials.RoleArn`.
    pub(crate) credentials: Option<Selector>,
    pub(crate) timeout_seconds: Option<Number>,
    pub(crate) heartbeat_seconds: Option<Number>,
}

/// A task as it is written.
#[derive(Clone, Debug)]
pub(crate) struct TaskText {
    pub(crate) resource: Arc<str>,
    /// `Parameters` or `Arguments`.
    pub(crate) arguments: Option<Arc<Value>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) rules: Vec<ChoiceRule>,
    pub(crate) default: Option<StateId>,
}

#[derive(Clone, Debug)]
pub(crate) struct ChoiceRule {
    pub(crate) condition: Condition,
    pub(crate) next: StateId,
    pub(crate) assign: Option<Selector>,
    pub(crate) output: Option<Selector>,
}

#[derive(Clone, Debug)]
pub(crate) enum Condition {
    /// JSONata's `Condition`.
    Jsonata(Selector),
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Box<Comparison>),
}

/// One of the 39 comparisons.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    pub(crate) variable: Path,
    pub(crate) operator: Operator,
    pub(crate) operand: Operand,
}

#[derive(Clone, Debug)]
pub(crate) enum Operand {
    Literal(Value),
    Path(Path),
}

/// What is compared, and how; the `…Path` forms differ in the operand only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Boolean,
    Is(Test),
    Numeric(Order),
    String(Order),
    StringMatches,
    Timestamp(Order),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    Boolean,
    Null,
    Numeric,
    Present,
    String,
    Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Equals,
    GreaterThan,
    GreaterThanEquals,
    LessThan,
    LessThanEquals,
}

#[derive(Clone, Debug)]
pub(crate) enum Wait {
    Seconds(Number),
    /// `Timestamp`, or a JSONata string that gives one.
    Timestamp(Text),
    SecondsPath(Path),
    TimestampPath(Path),
}

/// A number in the definition, behind a path, or a JSONata string that gives one.
#[derive(Clone, Debug)]
pub(crate) enum Number {
    Literal(f64),
    Path(Path),
    Jsonata(Selector),
}

/// A text in the definition, behind a path or intrinsic function, or a JSONata string that gives one.
#[derive(Clone, Debug)]
pub(crate) enum Text {
    Literal(Arc<str>),
    Path(Path),
    Jsonata(Selector),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Fail {
    pub(crate) error: Option<Text>,
    pub(crate) cause: Option<Text>,
}

#[derive(Clone, Debug)]
pub(crate) struct Parallel {
    pub(crate) branches: Vec<ScopeId>,
}

#[derive(Clone, Debug)]
pub(crate) struct Map {
    pub(crate) processor: ScopeId,
    pub(crate) is_distributed: bool,
    pub(crate) reader: Option<Box<ItemReader>>,
    pub(crate) batcher: Option<Box<ItemBatcher>>,
    pub(crate) writer: Option<Box<ResultWriter>>,
    /// `Label`, for the ARN of the Map Run.
    pub(crate) label: Option<Arc<str>>,
    pub(crate) items: Items,
    /// `ItemSelector`, or the deprecated `Parameters`.
    pub(crate) item_selector: Option<Selector>,
    pub(crate) max_concurrency: Option<Number>,
    pub(crate) tolerated_failure_count: Option<Number>,
    pub(crate) tolerated_failure_percentage: Option<Number>,
}

/// Where the items of a Distributed Map come from.
#[derive(Clone, Debug)]
#[expect(dead_code, reason = "nothing reads items yet")]
pub(crate) struct ItemReader {
    /// For example `arn:aws:states:::s3:getObject`.
    pub(crate) resource: Arc<str>,
    /// `Parameters` or `Arguments`.
    pub(crate) arguments: Option<Selector>,
    /// `ReaderConfig` but for `MaxItems`, as it is written.
    pub(crate) config: Arc<serde_json::Map<String, Value>>,
    pub(crate) max_items: Option<Number>,
}

/// How items are put together for one child execution.
#[derive(Clone, Debug)]
pub(crate) struct ItemBatcher {
    pub(crate) max_items: Option<Number>,
    pub(crate) max_bytes: Option<Number>,
    /// `BatchInput`.
    pub(crate) input: Option<Selector>,
}

/// Where the results of a Distributed Map go.
#[derive(Clone, Debug)]
#[expect(dead_code, reason = "nothing writes results yet")]
pub(crate) struct ResultWriter {
    /// `arn:aws:states:::s3:putObject`; none if results are only formatted.
    pub(crate) resource: Option<Arc<str>>,
    /// `Parameters` or `Arguments`.
    pub(crate) arguments: Option<Selector>,
    /// `WriterConfig`, as it is written.
    pub(crate) config: Arc<serde_json::Map<String, Value>>,
}

#[derive(Clone, Debug)]
pub(crate) enum Items {
    /// The state's input.
    Input,
    /// `ItemsPath`.
    Path(Path),
    /// JSONata's `Items`: an array in the definition or a string that gives one.
    Jsonata(Selector),
}

#[derive(Clone, Debug)]
pub(crate) struct Retrier {
    pub(crate) error_equals: Vec<Arc<str>>,
    pub(crate) interval_seconds: f64,
    pub(crate) max_attempts: u32,
    pub(crate) backoff_rate: f64,
    pub(crate) max_delay_seconds: Option<f64>,
    pub(crate) has_full_jitter: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Catcher {
    pub(crate) error_equals: Vec<Arc<str>>,
    pub(crate) next: StateId,
    pub(crate) result_path: ResultPathField,
    pub(crate) output: Option<Selector>,
    pub(crate) assign: Option<Selector>,
}
