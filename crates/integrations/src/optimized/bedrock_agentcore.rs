//! `bedrockagentcore:invokeHarness`: an agent, whose stream of events becomes the one message that it ends with.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use stepward_wire::client::{NameStyle, ServiceError, from_arguments};

use super::{Action, Optimized, Performing, plain, unusable};
use crate::calls::{CallError, operation};
use crate::event_stream::{Message, messages};
use crate::failure::ErrorStyle;
use crate::task::Task;

pub(super) struct BedrockAgentCore;

/// AWS: an agent answers within 15 minutes.
const LONGEST: Duration = Duration::from_secs(15 * 60);

impl Optimized for BedrockAgentCore {
    fn name(&self) -> &'static str {
        "bedrockagentcore"
    }

    fn service(&self) -> &'static str {
        "bedrock-agentcore"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V2 { prefix: "BedrockAgentCore" }
    }

    fn actions(&self) -> &'static [Action] {
        const { &[plain("invokeHarness", "InvokeHarness")] }
    }

    fn perform<'a>(&'static self, task: &'a Arc<Task>, action: &'static Action) -> Performing<'a> {
        Box::pin(async move {
            let refused = unusable(task);
            let Some((model, operation)) = operation(self.service(), action.operation) else {
                return Err(refused(format!("{} has no {}", self.service(), action.operation)));
            };
            let input = from_arguments(model, operation.input, &task.arguments, NameStyle::V1);
            let input = input.map_err(|error| refused(error.to_string()))?;
            let failed =
                |error: &CallError| self.errors().failure(model, error, "bedrockagentcore:invokeHarness");
            let stream = task
                .call_for_stream(model, operation, input, LONGEST)
                .await
                .map_err(|error| failed(&error))?;
            let Some(messages) = messages(&stream) else {
                return Err(failed(&CallError::Client("The answer is no stream of events".to_owned())));
            };
            conversation(&messages).map_err(|error| failed(&CallError::Service(error, 1)))
        })
    }
}

/// AWS: the last message of the agent, its texts only, and what all of them took.
fn conversation(messages: &[Message]) -> Result<Value, Box<ServiceError>> {
    let mut content: Vec<(u64, String)> = Vec::new();
    let mut stop_reason = Value::Null;
    let mut usage = [0_u64; 3];
    let mut latency_ms = 0_u64;
    for message in messages {
        let payload: Value = serde_json::from_slice(&message.payload).unwrap_or_default();
        if message.is_error {
            return Err(Box::new(error(&message.name, &payload)));
        }
        match message.name.as_str() {
            "messageStart" if payload.get("role").and_then(Value::as_str) == Some("assistant") => {
                content.clear()
            }
            "contentBlockDelta" => {
                let index = number(&payload, "/contentBlockIndex");
                if let Some(text) = payload.pointer("/delta/text").and_then(Value::as_str) {
                    match content.iter_mut().find(|(known, _)| *known == index) {
                        Some((_, known)) => known.push_str(text),
                        None => content.push((index, text.to_owned())),
                    }
                }
            }
            "messageStop" => stop_reason = payload.get("stopReason").cloned().unwrap_or_default(),
            "metadata" => {
                let tokens = ["/usage/inputTokens", "/usage/outputTokens", "/usage/totalTokens"];
                usage.iter_mut().zip(tokens).for_each(|(sum, name)| *sum += number(&payload, name));
                latency_ms += number(&payload, "/metrics/latencyMs");
            }
            _ => {}
        }
    }
    let content: Vec<Value> = content.into_iter().map(|(_, text)| json!({"Text": text})).collect();
    let [input, output, total] = usage;
    Ok(json!({
        "Output": {"Message": {"Role": "assistant", "Content": content}},
        "StopReason": stop_reason,
        "Usage": {"InputTokens": input, "OutputTokens": output, "TotalTokens": total},
        "Metrics": {"LatencyMs": latency_ms},
    }))
}

fn number(payload: &Value, pointer: &str) -> u64 {
    payload.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

/// `validationException` is the ValidationException that the service has.
fn error(name: &str, payload: &Value) -> ServiceError {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let code: String = first.into_iter().chain(letters).collect();
    let message = payload.get("message").and_then(Value::as_str).map(str::to_owned);
    let status = match code.as_str() {
        "InternalServerException" => 500,
        "RuntimeClientError" => 424,
        _ => 400,
    };
    ServiceError { code, status, message, ..ServiceError::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, payload: Value) -> Message {
        Message {
            is_error: name.ends_with("Exception"),
            name: name.to_owned(),
            payload: payload.to_string().into_bytes(),
        }
    }

    #[test]
    fn the_last_message_is_the_answer_and_all_of_them_count() {
        let usage = json!({"usage": {"inputTokens": 3, "outputTokens": 4, "totalTokens": 7}, "metrics": {"latencyMs": 10}});
        let told = conversation(&[
            event("messageStart", json!({"role": "assistant"})),
            event("contentBlockDelta", json!({"contentBlockIndex": 0, "delta": {"text": "thinking"}})),
            event("messageStop", json!({"stopReason": "tool_use"})),
            event("metadata", usage.clone()),
            event("messageStart", json!({"role": "assistant"})),
            event("contentBlockDelta", json!({"contentBlockIndex": 0, "delta": {"text": "Hel"}})),
            event(
                "contentBlockDelta",
                json!({"contentBlockIndex": 1, "delta": {"toolUse": {"input": "{}"}}}),
            ),
            event("contentBlockDelta", json!({"contentBlockIndex": 0, "delta": {"text": "lo"}})),
            event("messageStop", json!({"stopReason": "end_turn"})),
            event("metadata", usage),
        ]);
        assert_eq!(
            told.unwrap(),
            json!({
                "Output": {"Message": {"Role": "assistant", "Content": [{"Text": "Hello"}]}},
                "StopReason": "end_turn",
                "Usage": {"InputTokens": 6, "OutputTokens": 8, "TotalTokens": 14},
                "Metrics": {"LatencyMs": 20},
            })
        );
    }

    #[test]
    fn an_error_in_the_stream_is_an_error_of_the_service() {
        let error = conversation(&[event("validationException", json!({"message": "m"}))]).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.status, error.message.as_deref()),
            ("ValidationException", 400, Some("m"))
        );
    }
}
