//! Lowering one state.

use std::sync::Arc;

use serde_json::Value;
use stepward_query::Payload;

use super::{Lowering, Scope, Targets};
use crate::event::StateType;
use crate::machine::QueryLanguage;
use crate::machine::check;
use crate::machine::choice;
use crate::machine::map;
use crate::machine::retry;
use crate::machine::source::{Given, Problems, Source};
use crate::machine::state::{
    Catcher, Choice, ChoiceRule, Fail, Io, Kind, Parallel, State, Task, TaskText, Wait,
};
use crate::resource::{Pattern, TaskResource};

/// AWS's words, and its order of the types.
const TYPES_TEXT: &str = "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]";

impl<'a> Lowering<'a> {
    /// One state, checked and lowered; everything that is wrong with it is told, not only the first thing.
    pub(super) fn state(
        &mut self,
        name: &str,
        source: &Source<'a>,
        is_express: bool,
        targets: &Targets<'_>,
    ) -> Option<State> {
        let Some(state_type) = source.text("Type").and_then(state_type) else {
            self.problems.add(TYPES_TEXT, source.at("Type"));
            return None;
        };
        check::object(&mut self.problems, source, check::tables::state(state_type));
        check::handlers(&mut self.problems, source);
        check::assigned(&mut self.problems, source);
        let io = self.io(state_type, source);
        let kind = self.kind(state_type, source, is_express, targets);
        let catch = self.catchers(source, targets);
        let next = source.get("Next").map(|_| self.target(source, "Next", targets));
        check::warnings(&mut self.problems, state_type, source);
        Some(State {
            name: name.into(),
            state_type,
            language: source.language,
            location: source.location.written().into(),
            next: next.map_or(Some(None), |target| target.map(Some))?,
            io,
            kind: kind?,
            retry: retry::retriers(source),
            catch,
        })
    }

    fn io(&mut self, state_type: StateType, source: &Source<'_>) -> Io {
        let problems = &mut self.problems;
        let has_result = matches!(state_type, StateType::Task | StateType::Parallel | StateType::Map);
        let given = if has_result { Given::Result } else { Given::Nothing };
        match source.language {
            QueryLanguage::JsonPath => {
                let has_parameters =
                    matches!(state_type, StateType::Pass | StateType::Task | StateType::Parallel);
                let arguments = has_parameters.then(|| problems.selector(source, "Parameters", given));
                Io {
                    input_path: problems.path_field(source, "InputPath"),
                    arguments: arguments.flatten(),
                    result_selector: problems.selector(source, "ResultSelector", given),
                    result_path: Problems::result_path(source),
                    output_path: problems.path_field(source, "OutputPath"),
                    output: None,
                    assign: problems.selector(source, "Assign", given),
                }
            }
            QueryLanguage::Jsonata => Io {
                arguments: problems.selector(source, "Arguments", Given::Nothing),
                output: problems.selector(source, "Output", given),
                assign: problems.selector(source, "Assign", given),
                ..Io::default()
            },
        }
    }

    fn kind(
        &mut self,
        state_type: StateType,
        source: &Source<'a>,
        is_express: bool,
        targets: &Targets<'_>,
    ) -> Option<Kind> {
        match state_type {
            StateType::Pass => {
                let result = source.get("Result").filter(|_| source.language == QueryLanguage::JsonPath);
                Some(Kind::Pass { result: result.map(|result| Payload::new(result.clone())) })
            }
            StateType::Task => task(&mut self.problems, source, is_express),
            StateType::Choice => self.choice(source, targets),
            StateType::Wait => wait(&mut self.problems, source),
            StateType::Succeed => Some(Kind::Succeed),
            StateType::Fail => Some(Kind::Fail(Box::new(Fail {
                error: self.problems.dynamic_text(source, "Error", "ErrorPath"),
                cause: self.problems.dynamic_text(source, "Cause", "CausePath"),
            }))),
            StateType::Parallel => {
                let branches = source.objects("Branches").into_iter().map(|branch| {
                    self.add_scope(Scope { source: branch, form: &check::tables::BRANCH, is_express })
                });
                Some(Kind::Parallel(Parallel { branches: branches.collect() }))
            }
            StateType::Map => self.map(source, is_express),
        }
    }

    fn map(&mut self, source: &Source<'a>, is_express: bool) -> Option<Kind> {
        check::map(&mut self.problems, source);
        self.names.label(&mut self.problems, source);
        if is_express {
            check::distributed_in_express(&mut self.problems, source);
        }
        let processor = map::processor(source);
        let is_express = is_express || processor.as_ref().is_some_and(map::is_express);
        let scope = processor
            .map(|processor| Scope { source: processor, form: &check::tables::PROCESSOR, is_express })
            .map(|scope| self.add_scope(scope));
        let map = map::map(&mut self.problems, source, scope?);
        Some(Kind::Map(Box::new(map)))
    }

    fn choice(&mut self, source: &Source<'_>, targets: &Targets<'_>) -> Option<Kind> {
        check::rules(&mut self.problems, source);
        let mut rules = Vec::new();
        let mut is_whole = true;
        for rule in source.objects("Choices") {
            check::assigned(&mut self.problems, &rule);
            let condition = choice::condition(&mut self.problems, &rule);
            let next = self.target(&rule, "Next", targets);
            let assign = self.problems.selector(&rule, "Assign", Given::Nothing);
            let output = self.problems.selector(&rule, "Output", Given::Nothing);
            match condition.zip(next) {
                Some((condition, next)) => rules.push(ChoiceRule { condition, next, assign, output }),
                None => is_whole = false,
            }
        }
        let default = match source.get("Default") {
            Some(_) => Some(self.target(source, "Default", targets)?),
            None => None,
        };
        is_whole.then_some(Kind::Choice(Choice { rules, default }))
    }

    fn catchers(&mut self, source: &Source<'_>, targets: &Targets<'_>) -> Vec<Catcher> {
        let mut catchers = Vec::new();
        for catcher in source.objects("Catch") {
            check::assigned(&mut self.problems, &catcher);
            let next = self.target(&catcher, "Next", targets);
            let output = self.problems.selector(&catcher, "Output", Given::ErrorOutput);
            let assign = self.problems.selector(&catcher, "Assign", Given::ErrorOutput);
            let Some(next) = next else { continue };
            catchers.push(Catcher {
                error_equals: retry::error_equals(&catcher),
                next,
                result_path: Problems::result_path(&catcher),
                output,
                assign,
            });
        }
        catchers
    }
}

fn state_type(name: &str) -> Option<StateType> {
    Some(match name {
        "Pass" => StateType::Pass,
        "Task" => StateType::Task,
        "Choice" => StateType::Choice,
        "Wait" => StateType::Wait,
        "Succeed" => StateType::Succeed,
        "Fail" => StateType::Fail,
        "Parallel" => StateType::Parallel,
        "Map" => StateType::Map,
        _ => return None,
    })
}

fn task(problems: &mut Problems, source: &Source<'_>, is_express: bool) -> Option<Kind> {
    let credentials = credentials(problems, source);
    let timeout_seconds = problems.number(source, "TimeoutSeconds", "TimeoutSecondsPath");
    let heartbeat_seconds = problems.number(source, "HeartbeatSeconds", "HeartbeatSecondsPath");
    let seconds = |name: &str| source.get(name).and_then(Value::as_i64);
    if let (Some(heartbeat), Some(timeout)) = (seconds("HeartbeatSeconds"), seconds("TimeoutSeconds"))
        && heartbeat > timeout
    {
        problems.add("HeartbeatSeconds must be smaller than TimeoutSeconds", source.at("HeartbeatSeconds"));
    }
    let text = source.text("Resource")?;
    let Some(resource) = TaskResource::parse(text) else {
        problems.add("Value is not a valid resource ARN", source.at("Resource"));
        return None;
    };
    if let Some(reason) = is_express.then(|| not_in_express(&resource)).flatten() {
        problems.add(reason, source.at("Resource"));
        return None;
    }
    if matches!(resource, TaskResource::Activity(_)) && source.get("Credentials").is_some() {
        problems.add("The field 'Credentials' is not supported for activities", source.at("Credentials"));
    }
    let arguments = match source.language {
        QueryLanguage::JsonPath => source.get("Parameters"),
        QueryLanguage::Jsonata => source.get("Arguments"),
    };
    let written = TaskText { resource: text.into(), arguments: arguments.cloned().map(Arc::new) };
    Some(Kind::Task(Box::new(Task { resource, written, credentials, timeout_seconds, heartbeat_seconds })))
}

fn credentials(problems: &mut Problems, source: &Source<'_>) -> Option<crate::machine::Selector> {
    if let Some(credentials) = source.object("Credentials")
        && credentials.get("RoleArn").or_else(|| credentials.get("RoleArn.$")).is_none()
    {
        problems.add("The field 'RoleArn' is required but was missing", credentials.place());
    }
    problems.selector(source, "Credentials", Given::Nothing)
}

/// Why an Express state machine cannot have the task, in AWS's words (the space at the end of one is AWS's).
fn not_in_express(resource: &TaskResource) -> Option<&'static str> {
    match resource {
        TaskResource::LambdaFunction(_) => None,
        TaskResource::Activity(_) => Some("Express state machine does not support Activity ARN"),
        TaskResource::Optimized { pattern, .. } | TaskResource::AwsSdk { pattern, .. } => match pattern {
            Pattern::RequestResponse => None,
            Pattern::Sync | Pattern::Sync2 => {
                Some("Express state machine does not support '.sync' service integration")
            }
            Pattern::WaitForTaskToken => {
                Some("Express state machine does not support '.waitForTaskToken' service integration ")
            }
        },
    }
}

fn wait(problems: &mut Problems, source: &Source<'_>) -> Option<Kind> {
    let wait = if source.get("SecondsPath").is_some() {
        problems.path(source, "SecondsPath").map(Wait::SecondsPath)
    } else if source.get("TimestampPath").is_some() {
        problems.path(source, "TimestampPath").map(Wait::TimestampPath)
    } else if source.get("Timestamp").is_some() {
        problems.dynamic_text(source, "Timestamp", "").map(Wait::Timestamp)
    } else {
        problems.number(source, "Seconds", "").map(Wait::Seconds)
    };
    wait.map(|wait| Kind::Wait(Box::new(wait)))
}
