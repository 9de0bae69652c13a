//! A right that a state needs, in the form of a policy's statement.

use serde_json::{Map, Value, json};

/// What a right is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// The call of the state itself.
    Call,
    /// To hand a role over to the called service.
    PassRole,
    /// To assume the role of the state's `Credentials`.
    AssumeRole,
    /// What the called service does in the name of the role.
    OnBehalf,
    /// To see how a `.sync` job goes on.
    Poll,
    /// To tell how the child executions of a Distributed Map go on.
    Follow,
    /// To stop a `.sync` job when the execution stops.
    Stop,
    /// The EventBridge rule that tells of the end of `.sync` jobs.
    ManagedRule,
    /// Something that must be there once in an account.
    Setup,
    /// Log delivery.
    Logging,
    /// X-Ray.
    Tracing,
}

impl Purpose {
    /// The purpose in a few words, after "to".
    pub fn text(self) -> &'static str {
        match self {
            Self::Call => "make the call",
            Self::PassRole => "pass the role on",
            Self::AssumeRole => "assume the role of its Credentials",
            Self::OnBehalf => "let the service read and write what the call names",
            Self::Poll => "see how the job goes on",
            Self::Follow => "tell how its child executions go on",
            Self::Stop => "stop the job when the execution stops",
            Self::ManagedRule => "hear of the end of the job",
            Self::Setup => "create what the service needs once in an account",
            Self::Logging => "deliver logs",
            Self::Tracing => "send traces",
        }
    }

    /// Whether the state fails without it, or the state machine is not made (AWS: the managed rule).
    pub fn is_required(self) -> bool {
        matches!(self, Self::Call | Self::PassRole | Self::AssumeRole | Self::Poll | Self::ManagedRule)
    }
}

/// One condition of a statement: `{operator: {key: values}}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Condition {
    pub(crate) operator: &'static str,
    pub(crate) key: String,
    pub(crate) values: Vec<String>,
    /// Whether a single value is written as a list, as some of AWS's pages do.
    pub(crate) is_list: bool,
}

/// A right that a state needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) sid: Option<&'static str>,
    pub(crate) actions: Vec<String>,
    /// ARNs; `*` in them stands for what is not known before the run.
    pub(crate) resources: Vec<String>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) purpose: Purpose,
}

impl Grant {
    pub(crate) fn new(purpose: Purpose, actions: &[&str], resources: Vec<String>) -> Self {
        let actions = actions.iter().map(|action| (*action).to_owned()).collect();
        let mut unique: Vec<String> = Vec::new();
        for resource in resources {
            if !unique.contains(&resource) {
                unique.push(resource);
            }
        }
        Self { sid: None, actions, resources: unique, conditions: Vec::new(), purpose }
    }

    pub(crate) fn call(actions: &[&str], resources: Vec<String>) -> Self {
        Self::new(Purpose::Call, actions, resources)
    }

    pub(crate) fn sid(self, sid: &'static str) -> Self {
        Self { sid: Some(sid), ..self }
    }

    pub(crate) fn when(mut self, operator: &'static str, key: &str, values: Vec<String>) -> Self {
        self.conditions.push(Condition { operator, key: key.to_owned(), values, is_list: false });
        self
    }

    /// The same, with even a single value written as a list.
    pub(crate) fn when_any(mut self, operator: &'static str, key: &str, values: Vec<String>) -> Self {
        self.conditions.push(Condition { operator, key: key.to_owned(), values, is_list: true });
        self
    }

    /// `Condition` of the statement.
    pub(crate) fn condition_json(&self) -> Option<Value> {
        let mut operators: Map<String, Value> = Map::new();
        for condition in &self.conditions {
            let value = match condition.values.as_slice() {
                [single] if !condition.is_list => json!(single),
                values => json!(values),
            };
            let keys = operators.entry(condition.operator).or_insert_with(|| json!({}));
            if let Some(keys) = keys.as_object_mut() {
                keys.insert(condition.key.clone(), value);
            }
        }
        (!operators.is_empty()).then_some(Value::Object(operators))
    }
}
