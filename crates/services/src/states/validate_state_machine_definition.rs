//! ValidateStateMachineDefinition: every diagnostic at once.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_asl::Severity;

use super::StatesError;
use super::definition::machine_type_of;
use super::resources::check_definition;
use crate::{Operation, Services};

/// AWS: 100 diagnostics where nothing is said; 0 means that, too.
const RESULTS_DEFAULT: usize = 100;

pub(crate) struct ValidateStateMachineDefinition;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    definition: String,
    #[serde(rename = "type")]
    machine_type: Option<String>,
    severity: Option<String>,
    max_results: Option<usize>,
}

impl Operation for ValidateStateMachineDefinition {
    const NAME: &'static str = "ValidateStateMachineDefinition";
    type Input = Input;
    type Output = Value;
    type Error = StatesError;

    async fn needs(_: &Input, caller: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let resource = format!("arn:aws:states:{}:{}:stateMachine:*", at.region, caller.account());
        Ok(Needs::one("states:ValidateStateMachineDefinition", resource))
    }

    async fn handle(call: Authorized<Input>, _: &Services) -> Result<Value, StatesError> {
        let machine_type = machine_type_of(call.machine_type.as_deref().unwrap_or("STANDARD"));
        let (_, diagnostics) = check_definition(&call.definition, machine_type);
        let has_error = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        // AWS: WARNING asks for both kinds, ERROR, the default, for errors alone.
        let wants_warnings = call.severity.as_deref() == Some("WARNING");
        let mut shown: Vec<Value> = diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.is_aws())
            .filter(|diagnostic| wants_warnings || diagnostic.severity == Severity::Error)
            .map(|diagnostic| {
                json!({
                    "severity": if diagnostic.severity == Severity::Error { "ERROR" } else { "WARNING" },
                    "code": diagnostic.code,
                    "message": diagnostic.message,
                    "location": diagnostic.location,
                })
            })
            .collect();
        let limit = call.max_results.filter(|limit| *limit > 0).unwrap_or(RESULTS_DEFAULT);
        let truncated = shown.len() > limit;
        shown.truncate(limit);
        Ok(
            json!({"result": if has_error { "FAIL" } else { "OK" }, "diagnostics": shown, "truncated": truncated}),
        )
    }
}
