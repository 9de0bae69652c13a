//! Definitions as the advisor reads them: of a request, or of a state machine of the account.

use serde_json::{Value, json};
use stepward_advisor::{Definition, Place, Settings};
use stepward_asl::{Diagnostic, MachineType};
use stepward_wire::ApiError;

use crate::Services;
use crate::states::{StateMachineArn, StatesError};

/// Which definition is meant; exactly one of the first two is given.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked<'a> {
    pub(super) definition: Option<&'a str>,
    pub(super) state_machine_arn: Option<&'a str>,
    pub(super) machine_type: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) account: &'a str,
}

/// A definition with what is known of its state machine.
pub(super) struct Found {
    pub(super) definition: Definition,
    /// Of a state machine of the account.
    pub(super) role_arn: Option<String>,
    pub(super) settings: Option<Settings>,
}

/// The definition of a request.
pub(super) async fn find(asked: &Asked<'_>, at: &Services) -> Result<Found, ApiError> {
    match (asked.definition, asked.state_machine_arn) {
        (Some(text), None) => {
            let name = asked.name.unwrap_or("StateMachine");
            let place = Place::new(at.region.as_str(), asked.account, name);
            let definition = parse(text, asked.machine_type.unwrap_or("STANDARD"), place)?;
            Ok(Found { definition, role_arn: None, settings: None })
        }
        (None, Some(arn)) => of_state_machine(arn, at).await,
        _ => {
            let text = "Give exactly one of definition and stateMachineArn.";
            Err(ApiError::new("ValidationException", text))
        }
    }
}

async fn of_state_machine(arn: &str, at: &Services) -> Result<Found, ApiError> {
    let parsed = StateMachineArn::parse(arn)?;
    let record = at.states.find(&parsed.account, &parsed.name).await?;
    let record = record.ok_or_else(|| StatesError::StateMachineDoesNotExist(arn.to_owned()))?;
    let revision = &record.revision;
    let place = Place::of_state_machine(&parsed.unqualified)
        .ok_or_else(|| ApiError::new("InvalidArn", format!("Invalid Arn: '{arn}'")))?;
    let settings = settings(Some(&revision.tracing), Some(&revision.logging));
    Ok(Found {
        definition: parse(&revision.definition, &record.machine_type, place)?,
        role_arn: Some(revision.role_arn.clone()),
        settings: Some(settings),
    })
}

/// What tracing and logging configurations, in the form of CreateStateMachine, say.
pub(super) fn settings(tracing: Option<&Value>, logging: Option<&Value>) -> Settings {
    let is_true = |value: &Value| value.get("enabled").and_then(Value::as_bool).unwrap_or_default();
    let level = |value: &Value| value.get("level").and_then(Value::as_str).unwrap_or("OFF") != "OFF";
    Settings { is_traced: tracing.is_some_and(is_true), is_logged: logging.is_some_and(level) }
}

fn parse(text: &str, machine_type: &str, place: Place) -> Result<Definition, ApiError> {
    let machine_type = if machine_type == "EXPRESS" { MachineType::Express } else { MachineType::Standard };
    Definition::parse(text, machine_type, place).map_err(|diagnostics| {
        let told: Vec<String> = diagnostics.iter().map(told).collect();
        let shown: Vec<Value> = diagnostics.iter().map(shown).collect();
        ApiError::new("InvalidDefinition", format!("Invalid State Machine Definition: '{}'", told.join(", ")))
            .with_member("diagnostics", json!(shown))
    })
}

fn told(diagnostic: &Diagnostic) -> String {
    let place = diagnostic.location.as_deref().unwrap_or("/");
    format!("{}: {} at {place}", diagnostic.code, diagnostic.message)
}

fn shown(diagnostic: &Diagnostic) -> Value {
    json!({"code": diagnostic.code, "message": diagnostic.message, "location": diagnostic.location})
}
