//! GeneratePolicy: the role that a definition needs.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_advisor::{Fitted, Format, Style, fit, generate, render};
use stepward_wire::ApiError;

use super::definition::{Asked, find, settings};
use crate::{Operation, Services};

pub(crate) struct GeneratePolicy;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    definition: Option<String>,
    state_machine_arn: Option<String>,
    #[serde(rename = "type")]
    machine_type: Option<String>,
    state_machine_name: Option<String>,
    role_name: Option<String>,
    style: Option<String>,
    format: Option<String>,
    tracing_configuration: Option<Value>,
    logging_configuration: Option<Value>,
}

impl Operation for GeneratePolicy {
    const NAME: &'static str = "GeneratePolicy";
    type Input = Input;
    type Output = Value;
    type Error = ApiError;

    async fn needs(input: &Input, _: &Authenticated, _: &Services) -> Result<Needs, ApiError> {
        let resource = input.state_machine_arn.as_deref().unwrap_or("*");
        Ok(Needs::one("stepward:GeneratePolicy", resource))
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, ApiError> {
        let asked = Asked {
            definition: call.definition.as_deref(),
            state_machine_arn: call.state_machine_arn.as_deref(),
            machine_type: call.machine_type.as_deref(),
            name: call.state_machine_name.as_deref(),
            account: call.caller().account(),
        };
        let found = find(&asked, at).await?;
        let given = settings(call.tracing_configuration.as_ref(), call.logging_configuration.as_ref());
        let style =
            if call.style.as_deref() == Some("console") { Style::Console } else { Style::LeastPrivilege };
        let generated = generate(&found.definition, style, found.settings.unwrap_or(given));
        let too_large =
            |error: stepward_advisor::SizeError| ApiError::new("ValidationException", error.to_string());
        let policies = match fit(&generated.policy).map_err(too_large)? {
            Fitted::Inline(policy) => vec![policy.to_string()],
            Fitted::Managed(policies) => policies.iter().map(Value::to_string).collect(),
        };
        let role_name = call
            .role_name
            .clone()
            .unwrap_or_else(|| format!("{}Role", found.definition.place().state_machine));
        let format = call.format.as_deref().and_then(Format::named).unwrap_or(Format::Json);
        let rendered = render(&generated, format, &role_name).map_err(too_large)?;
        Ok(json!({
            "policy": generated.policy.to_string(),
            "policies": policies,
            "trustPolicy": generated.trust_policy.to_string(),
            "notes": generated.notes,
            "rendered": rendered,
        }))
    }
}
