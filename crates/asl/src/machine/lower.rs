//! From JSON to a machine: names become indices, scopes are lowered one after the other, whatever their depth.

use std::collections::BTreeMap;

use serde_json::Value;
use stepward_query::Payload;
use stepward_types::Timestamp;

use super::source::{Problems, Source};
use super::state::{Catcher, Choice, ChoiceRule, Fail, Io, Kind, Parallel, State, Task, Wait};
use super::{Machine, MachineType, QueryLanguage, ScopeId, StateId, choice, map, retry};
use crate::diagnostic::Diagnostic;
use crate::event::StateType;
use crate::resource::{Pattern, TaskResource};

pub(super) fn lower(definition: &Value, machine_type: MachineType) -> (Option<Machine>, Vec<Diagnostic>) {
    let Some(fields) = definition.as_object() else {
        let diagnostic = Diagnostic::schema("Definition must be a valid JSON object", "/");
        return (None, vec![Diagnostic { location: None, ..diagnostic }]);
    };
    let language = language(fields.get("QueryLanguage")).unwrap_or(QueryLanguage::JsonPath);
    let mut lowering = Lowering {
        is_express: machine_type == MachineType::Express,
        language,
        states: Vec::new(),
        starts: Vec::new(),
        pending: Vec::new(),
        problems: Problems::default(),
    };
    lowering.add_scope(Source { fields, location: String::new(), language });
    while let Some((scope, source)) = lowering.pending.pop() {
        lowering.scope(scope, &source);
    }
    let timeout_seconds = fields.get("TimeoutSeconds").and_then(Value::as_u64);
    let (states, starts) = (lowering.states, lowering.starts);
    let states: Option<Vec<State>> = states.into_iter().collect();
    let starts: Option<Vec<StateId>> = starts.into_iter().collect();
    let machine =
        states.zip(starts).map(|(states, starts)| Machine { machine_type, timeout_seconds, states, starts });
    if machine.is_none() && lowering.problems.0.is_empty() {
        lowering.problems.add("The definition cannot be resolved", "/");
    }
    (machine, lowering.problems.0)
}

fn language(value: Option<&Value>) -> Option<QueryLanguage> {
    match value?.as_str()? {
        "JSONata" => Some(QueryLanguage::Jsonata),
        "JSONPath" => Some(QueryLanguage::JsonPath),
        _ => None,
    }
}

/// AWS's words, and its order of the types.
const TYPES_TEXT: &str = "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]";

/// AWS's words.
const DOWNGRADE_TEXT: &str =
    "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";

/// The names of one scope.
type Names<'a> = BTreeMap<&'a str, StateId>;

struct Lowering<'a> {
    states: Vec<Option<State>>,
    starts: Vec<Option<StateId>>,
    /// Scopes that are still to be lowered.
    pending: Vec<(ScopeId, Source<'a>)>,
    problems: Problems,
    is_express: bool,
    /// The whole machine's.
    language: QueryLanguage,
}

impl<'a> Lowering<'a> {
    fn add_scope(&mut self, source: Source<'a>) -> ScopeId {
        let scope = ScopeId(u32::try_from(self.starts.len()).unwrap_or(u32::MAX));
        self.starts.push(None);
        self.pending.push((scope, source));
        scope
    }

    fn scope(&mut self, scope: ScopeId, source: &Source<'a>) {
        let Some(states) = source.object("States") else {
            let missing = if source.get("StartAt").is_none() { "[States, StartAt]" } else { "[States]" };
            self.problems.add(format!("These fields are required: {missing}"), at_root(&source.location));
            return;
        };
        let first = u32::try_from(self.states.len()).unwrap_or(u32::MAX);
        let names: Names<'a> = states.fields.keys().map(String::as_str).zip((first..).map(StateId)).collect();
        self.states.resize_with(self.states.len() + states.fields.len(), || None);
        let start = self.target(source, "StartAt", &names);
        if let Some(slot) = usize::try_from(scope.0).ok().and_then(|scope| self.starts.get_mut(scope)) {
            *slot = start;
        }
        for ((name, value), id) in states.fields.iter().zip(first..) {
            let location = states.at(name);
            let Some(fields) = value.as_object() else {
                self.problems.add("Expected value of type Object", location);
                continue;
            };
            let language = language(fields.get("QueryLanguage")).unwrap_or(source.language);
            if (self.language, language) == (QueryLanguage::Jsonata, QueryLanguage::JsonPath) {
                self.problems.add(DOWNGRADE_TEXT, location);
                continue;
            }
            let state = self.state(name, &Source { fields, location, language }, &names);
            if let Some(slot) = usize::try_from(id).ok().and_then(|id| self.states.get_mut(id)) {
                *slot = state;
            }
        }
    }

    /// The state that a field names.
    fn target(&mut self, source: &Source<'_>, field: &str, names: &Names<'_>) -> Option<StateId> {
        let Some(name) = source.text(field) else {
            let message = format!("These fields are required: [{field}]");
            self.problems.add(message, at_root(&source.location));
            return None;
        };
        let found = names.get(name).copied();
        if found.is_none() {
            let message = format!("Missing '{field}' target: {name}");
            self.problems.0.push(Diagnostic::missing_target(message, source.at(field)));
        }
        found
    }

    fn state(&mut self, name: &str, source: &Source<'a>, names: &Names<'_>) -> Option<State> {
        let Some(state_type) = source.text("Type").and_then(state_type) else {
            self.problems.add(TYPES_TEXT, source.at("Type"));
            return None;
        };
        let kind = self.kind(state_type, source, names)?;
        let next = match state_type {
            StateType::Choice | StateType::Succeed | StateType::Fail => None,
            _ if source.is_true("End") && source.get("Next").is_none() => None,
            _ if source.get("Next").is_none() => {
                self.problems.add("These fields are required: [Next]", &*source.location);
                None
            }
            _ => Some(self.target(source, "Next", names)?),
        };
        retry::check(&mut self.problems, source);
        Some(State {
            name: name.into(),
            state_type,
            language: source.language,
            next,
            io: self.io(state_type, source),
            kind,
            retry: retry::retriers(source),
            catch: self.catchers(source, names),
        })
    }

    fn io(&mut self, state_type: StateType, source: &Source<'_>) -> Io {
        let problems = &mut self.problems;
        match source.language {
            QueryLanguage::JsonPath => {
                let has_parameters =
                    matches!(state_type, StateType::Pass | StateType::Task | StateType::Parallel);
                Io {
                    input_path: problems.path_field(source, "InputPath"),
                    arguments: if has_parameters { problems.selector(source, "Parameters") } else { None },
                    result_selector: problems.selector(source, "ResultSelector"),
                    result_path: problems.result_path(source),
                    output_path: problems.path_field(source, "OutputPath"),
                    output: None,
                    assign: problems.selector(source, "Assign"),
                }
            }
            QueryLanguage::Jsonata => Io {
                arguments: problems.selector(source, "Arguments"),
                output: problems.selector(source, "Output"),
                assign: problems.selector(source, "Assign"),
                ..Io::default()
            },
        }
    }

    fn kind(&mut self, state_type: StateType, source: &Source<'a>, names: &Names<'_>) -> Option<Kind> {
        let problems = &mut self.problems;
        match state_type {
            StateType::Pass => {
                let result = source.get("Result").filter(|_| source.language == QueryLanguage::JsonPath);
                Some(Kind::Pass { result: result.map(|result| Payload::new(result.clone())) })
            }
            StateType::Task => task(problems, source, self.is_express),
            StateType::Choice => self.choice(source, names),
            StateType::Wait => wait(problems, source),
            StateType::Succeed => Some(Kind::Succeed),
            StateType::Fail => Some(Kind::Fail(Box::new(Fail {
                error: problems.text(source, "Error", "ErrorPath"),
                cause: problems.text(source, "Cause", "CausePath"),
            }))),
            StateType::Parallel => {
                let branches = source.objects("Branches");
                if branches.is_empty() {
                    problems.add("Value cannot be empty", source.at("Branches"));
                }
                let branches = branches.into_iter().map(|branch| self.add_scope(branch)).collect();
                Some(Kind::Parallel(Parallel { branches }))
            }
            StateType::Map => {
                let Some(mut processor) = map::processor(source) else {
                    problems.add("These fields are required: [ItemProcessor]", &*source.location);
                    return None;
                };
                processor.language = language(processor.get("QueryLanguage")).unwrap_or(processor.language);
                let scope = self.add_scope(processor);
                Some(Kind::Map(Box::new(map::map(&mut self.problems, source, scope))))
            }
        }
    }

    fn choice(&mut self, source: &Source<'_>, names: &Names<'_>) -> Option<Kind> {
        let mut rules = Vec::new();
        for rule in source.objects("Choices") {
            let condition = choice::condition(&mut self.problems, &rule);
            let next = self.target(&rule, "Next", names);
            if let (Some(condition), Some(next)) = (condition, next) {
                let assign = self.problems.selector(&rule, "Assign");
                let output = self.problems.selector(&rule, "Output");
                rules.push(ChoiceRule { condition, next, assign, output });
            }
        }
        let default = match source.get("Default") {
            Some(_) => Some(self.target(source, "Default", names)?),
            None => None,
        };
        Some(Kind::Choice(Choice { rules, default }))
    }

    fn catchers(&mut self, source: &Source<'_>, names: &Names<'_>) -> Vec<Catcher> {
        let mut catchers = Vec::new();
        for catcher in source.objects("Catch") {
            let Some(next) = self.target(&catcher, "Next", names) else { continue };
            let problems = &mut self.problems;
            catchers.push(Catcher {
                error_equals: retry::error_equals(&catcher),
                next,
                result_path: problems.result_path(&catcher),
                output: problems.selector(&catcher, "Output"),
                assign: problems.selector(&catcher, "Assign"),
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
    let Some(resource) = source.text("Resource").and_then(TaskResource::parse) else {
        match source.get("Resource") {
            Some(_) => problems.add("Value is not a valid resource ARN", source.at("Resource")),
            None => problems.add("These fields are required: [Resource]", &*source.location),
        }
        return None;
    };
    if let Some(reason) = is_express.then(|| not_in_express(&resource)).flatten() {
        problems.add(reason, source.at("Resource"));
        return None;
    }
    Some(Kind::Task(Box::new(Task {
        resource,
        credentials: problems.selector(source, "Credentials"),
        timeout_seconds: problems.number(source, "TimeoutSeconds", "TimeoutSecondsPath"),
        heartbeat_seconds: problems.number(source, "HeartbeatSeconds", "HeartbeatSecondsPath"),
    })))
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
    } else if let Some(timestamp) = source.get("Timestamp") {
        let is_jsonata = source.language == QueryLanguage::Jsonata;
        let is_expression = is_jsonata && timestamp.as_str().is_some_and(|text| text.starts_with("{%"));
        if !is_expression && timestamp.as_str().is_none_or(|text| Timestamp::parse_rfc3339(text).is_err()) {
            problems.add("String does not match RFC3339 timestamp", source.at("Timestamp"));
            return None;
        }
        problems.text(source, "Timestamp", "").map(Wait::Timestamp)
    } else if source.get("Seconds").is_some() {
        problems.number(source, "Seconds", "").map(Wait::Seconds)
    } else {
        let message = "A Wait needs one of Seconds, SecondsPath, Timestamp and TimestampPath";
        problems.add(message, &*source.location);
        None
    };
    wait.map(|wait| Kind::Wait(Box::new(wait)))
}

fn at_root(location: &str) -> &str {
    if location.is_empty() { "/" } else { location }
}
