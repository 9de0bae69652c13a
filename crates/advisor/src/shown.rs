//! Outcomes as programs read them.

use serde_json::{Map, Value, json};
use stepward_policy::Explanation;

use crate::calls::{Change, Replayed};
use crate::check::{CheckedCall, CheckedState, Finding, Level, Report, Unused};

impl Report {
    /// The report with camelCase members; documents are JSON texts, as everywhere in AWS's APIs.
    pub fn to_json(&self) -> Value {
        json!({
            "result": self.verdict().word(),
            "states": self.states.iter().map(state).collect::<Vec<_>>(),
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
            "unusedGrants": self.unused.iter().map(unused).collect::<Vec<_>>(),
        })
    }
}

impl Level {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warning => "WARNING",
            Self::Note => "NOTE",
        }
    }
}

impl Replayed {
    /// The changes with camelCase members.
    pub fn to_json(&self) -> Value {
        json!({"calls": self.calls, "changes": self.changes.iter().map(change).collect::<Vec<_>>()})
    }
}

fn state(state: &CheckedState) -> Value {
    json!({
        "name": state.name,
        "location": state.location,
        "calls": state.calls.iter().map(call).collect::<Vec<_>>(),
        "notes": state.notes,
    })
}

fn call(call: &CheckedCall) -> Value {
    let mut shown = json!({
        "action": call.action,
        "resource": call.resource,
        "roleArn": call.role,
        "purpose": call.purpose.text(),
        "isRequired": call.purpose.is_required(),
        "verdict": call.verdict.word(),
        "deciding": call.deciding,
    });
    set(&mut shown, "because", Some(call.because.clone()).filter(|text| !text.is_empty()).map(Value::String));
    set(&mut shown, "fix", call.fix.as_ref().map(text));
    shown
}

fn finding(finding: &Finding) -> Value {
    let mut shown = json!({"level": finding.level.word(), "code": finding.code, "message": finding.message});
    set(&mut shown, "location", finding.location.clone().map(Value::String));
    set(&mut shown, "fix", finding.fix.as_ref().map(text));
    shown
}

fn unused(unused: &Unused) -> Value {
    json!({
        "policy": unused.policy,
        "statement": unused.statement,
        "actions": unused.actions,
        "isWhole": unused.is_whole,
    })
}

fn change(change: &Change) -> Value {
    let mut shown = json!({
        "action": change.action,
        "resource": change.resource,
        "count": change.count,
        "change": if change.is_newly_allowed { "NEWLY_ALLOWED" } else { "NEWLY_DENIED" },
    });
    set(&mut shown, "explanation", change.explanation.as_ref().map(|told| json!(told.to_string())));
    set(&mut shown, "fix", change.explanation.as_ref().and_then(Explanation::fix).as_ref().map(text));
    shown
}

fn text(document: &Value) -> Value {
    Value::String(document.to_string())
}

fn set(object: &mut Value, name: &str, value: Option<Value>) {
    let fields: Option<&mut Map<String, Value>> = object.as_object_mut();
    if let (Some(fields), Some(value)) = (fields, value) {
        fields.insert(name.to_owned(), value);
    }
}
