//! Invoke: and wait, or not, or only ask whether one may.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_integrations::{FunctionArn, LambdaCall};

use super::error::LambdaError;
use super::rights::named;
use crate::time::{new_id, now};
use crate::{Operation, Services};

/// AWS: six mebibytes synchronously.
const PAYLOAD_BYTES_MAX: usize = 6_291_456;
/// AWS: one mebibyte asynchronously.
const EVENT_BYTES_MAX: usize = 1_048_576;

pub(crate) struct Invoke;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
    invocation_type: Option<String>,
    log_type: Option<String>,
    client_context: Option<String>,
    payload: Option<String>,
}

impl Input {
    fn arn(&self, caller: &Authenticated, at: &Services) -> Result<FunctionArn, LambdaError> {
        Ok(named(&self.function_name, caller, at)?.or_qualifier(self.qualifier.as_deref()))
    }

    fn call(&self, caller: &Authenticated, at: &Services) -> Result<LambdaCall, LambdaError> {
        let kind = self.invocation_type.as_deref().unwrap_or("RequestResponse");
        let payload =
            self.payload.as_deref().map(|encoded| STANDARD.decode(encoded)).transpose().ok().flatten();
        let payload = payload.filter(|payload| !payload.is_empty()).unwrap_or_else(|| b"{}".to_vec());
        let limit = if kind == "Event" { EVENT_BYTES_MAX } else { PAYLOAD_BYTES_MAX };
        if payload.len() > limit {
            let text = format!("Request must be smaller than {limit} bytes for the InvokeFunction operation");
            return Err(LambdaError::RequestTooLarge(text));
        }
        if serde_json::from_slice::<serde::de::IgnoredAny>(&payload).is_err() {
            let text = "Could not parse request body into json: Could not parse payload into json";
            return Err(LambdaError::InvalidRequestContent(text.to_owned()));
        }
        let context = self.client_context.as_deref().and_then(|encoded| STANDARD.decode(encoded).ok());
        Ok(LambdaCall {
            function: self.arn(caller, at)?,
            payload,
            client_context: context.and_then(|bytes| String::from_utf8(bytes).ok()),
            wants_log: self.log_type.as_deref() == Some("Tail"),
            is_asynchronous: kind == "Event",
            is_dry_run: kind == "DryRun",
            request_id: new_id(),
            is_optimized: false,
        })
    }
}

impl Operation for Invoke {
    const NAME: &'static str = "Invoke";
    type Input = Input;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &Input, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        Ok(at.functions.invoke_needs(&input.arn(caller, at)?).await?)
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, LambdaError> {
        let wanted = call.call(call.caller(), at)?;
        // The same caller and the same right: the call as the registry takes it.
        let needs = at.functions.invoke_needs(&wanted.function).await?;
        let caller = call.caller().clone();
        let authorized = at
            .access
            .authorize(&caller, wanted, needs)
            .map_err(|denied| LambdaError::AccessDenied(denied.to_string()))?;
        if authorized.is_dry_run {
            return Ok(json!({"StatusCode": 204}));
        }
        if authorized.is_asynchronous {
            let functions = std::sync::Arc::clone(&at.functions);
            tokio::spawn(async move {
                if let Err(error) = functions.invoke(&authorized, now()).await {
                    tracing::warn!(%error, "an asynchronous invocation failed");
                }
            });
            return Ok(json!({"StatusCode": 202}));
        }
        let invoked = at.functions.invoke(&authorized, now()).await?;
        Ok(json!({
            "StatusCode": 200,
            "ExecutedVersion": invoked.executed_version,
            "FunctionError": invoked.invocation.function_error,
            "LogResult": invoked.invocation.log_tail.map(|log| STANDARD.encode(log)),
            "Payload": STANDARD.encode(&invoked.invocation.payload),
        }))
    }
}
