//! Tasks that start executions: `states:startExecution` in its four patterns, and `aws-sdk:sfn`.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use stepward_access::{Authenticated, Session};
use stepward_asl::{Pattern, TaskOutcome};
use stepward_integrations::{GivenUp, carried_through};
use stepward_query::Payload;

use super::{Connected, Failed, HostedError, Inner, refusal, submitted_or_succeeded};
use crate::clock::uuid_of;
use crate::{Performed, Progress, TaskCall};

impl Inner {
    pub(super) async fn start_execution(
        self: &Arc<Self>,
        call: &TaskCall,
        session: &Session,
        progress: &Progress,
    ) -> Result<Performed, Failed> {
        let pattern = call.request.resource.pattern();
        if !matches!(pattern, Pattern::Sync | Pattern::Sync2) {
            let started =
                self.started(call, session).await.map_err(|error| optimized(error, &self.request_id()))?;
            let output = Payload::new(self.with_metadata(&started));
            return Ok(submitted_or_succeeded(&call.request, output, progress));
        }
        let connected = self.connected().await.ok_or_else(refusal::internal)?;
        let engine = connected.engine.upgrade().ok_or_else(refusal::internal)?;
        let mut nested = match &call.submission {
            Some(answer) => {
                let arn = answer.value().get("ExecutionArn").and_then(Value::as_str);
                self.nested(connected, session, arn, GivenUp::default())
            }
            None => {
                let (output, nested) = self.submit(connected, call, session).await?;
                progress.submitted(output);
                nested
            }
        };
        let closed = engine.wait_closed(&nested.arn).await;
        nested.is_over = true;
        closed.map_err(|_| refusal::internal())?;
        let question = json!({"executionArn": nested.arn});
        let described = self
            .hosted(session, "states", "DescribeExecution", question)
            .await
            .map_err(|error| optimized(error, &self.request_id()))?;
        ended(described, pattern == Pattern::Sync2)
    }

    /// Starts an execution to wait for. If nobody waits any more, it is stopped as soon as it is known.
    async fn submit(
        self: &Arc<Self>,
        connected: Connected,
        call: &TaskCall,
        session: &Session,
    ) -> Result<(Payload, Nested), Failed> {
        let (inner, call, session) = (Arc::clone(self), call.clone(), session.clone());
        let submitted = carried_through(&self.calls, |given_up| async move {
            let started = inner.started(&call, &session).await;
            let started = started.map_err(|error| optimized(error, &inner.request_id()))?;
            let arn = started.get("executionArn").and_then(Value::as_str);
            let nested = inner.nested(connected, &session, arn, given_up);
            Ok((Payload::new(inner.with_metadata(&started)), nested))
        });
        submitted.await.unwrap_or_else(|| Err(refusal::internal()))
    }

    fn nested(
        &self,
        connected: Connected,
        session: &Session,
        arn: Option<&str>,
        given_up: GivenUp,
    ) -> Nested {
        let (arn, caller) = (arn.unwrap_or_default().to_owned(), session.caller(self.clock.now()));
        Nested { connected, caller, arn, given_up, is_over: false }
    }

    /// Starts the execution, or finds the one that this task has started before a crash.
    async fn started(&self, call: &TaskCall, session: &Session) -> Result<Value, HostedError> {
        let mut input = members(call.request.arguments.value());
        let is_named_by_us = !input.contains_key("name");
        if is_named_by_us {
            // The same task starts the same execution, also when it is performed again after a crash.
            input.insert("name".to_owned(), json!(name_of(call)));
        }
        let answer = self.hosted(session, "states", "StartExecution", Value::Object(input)).await;
        let Err(error) = &answer else { return answer };
        if !is_named_by_us || error.code != "ExecutionAlreadyExists" {
            return answer;
        }
        // Nobody else knows the name: it is ours, and has ended meanwhile.
        let arn = error.message.split('\'').nth(1).unwrap_or_default();
        let described =
            self.hosted(session, "states", "DescribeExecution", json!({"executionArn": arn})).await?;
        Ok(json!({"executionArn": arn, "startDate": described.get("startDate")}))
    }

    async fn hosted(
        &self,
        session: &Session,
        service: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, HostedError> {
        let Some(hosted) = self.connected().await.and_then(|connected| connected.hosted.upgrade()) else {
            let message = "The service is not available.".to_owned();
            return Err(HostedError { code: "ServiceUnavailable".to_owned(), message, status: 503 });
        };
        hosted.call(service, operation, input, session.caller(self.clock.now())).await
    }

    /// AWS: optimized integrations add what the SDK knows of the call.
    fn with_metadata(&self, answer: &Value) -> Value {
        let id = self.request_id();
        let mut output = capitalized(answer.clone());
        if let Some(members) = output.as_object_mut() {
            let headers = json!({
                "x-amzn-RequestId": id,
                "connection": "keep-alive",
                "Content-Length": written_bytes(answer).to_string(),
                "Date": self.clock.now().to_http_date(),
                "Content-Type": "application/x-amz-json-1.0",
            });
            let lists =
                headers.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), json!([value])));
            let lists: Map<String, Value> = lists.collect();
            let http = json!({"AllHttpHeaders": lists, "HttpHeaders": headers, "HttpStatusCode": 200});
            members.insert("SdkHttpMetadata".to_owned(), http);
            members.insert("SdkResponseMetadata".to_owned(), json!({"RequestId": id}));
        }
        output
    }
}

/// How long AWS's answer to StartExecution is: its date is written as Java writes a double, `1.762431588923E9`.
fn written_bytes(started: &Value) -> usize {
    let text = |name: &str| started.get(name).map(ToString::to_string).unwrap_or_default();
    let digits = text("startDate").replace('.', "");
    let date = format!("{}.E9", digits.trim_end_matches('0'));
    format!("{{\"executionArn\":{},\"startDate\":{date}}}", text("executionArn")).len()
}

/// A nested execution that a task waits for. AWS: it is stopped when the task is cancelled, as far as the role may.
struct Nested {
    connected: Connected,
    caller: Authenticated,
    arn: String,
    given_up: GivenUp,
    is_over: bool,
}

impl Drop for Nested {
    fn drop(&mut self) {
        // A server that stops cancels nothing.
        let is_open = |engine: Arc<crate::Engine>| self.given_up.is_true() || !engine.is_closing();
        let is_cancelled = !self.is_over && self.connected.engine.upgrade().is_some_and(is_open);
        let Some(hosted) = self.connected.hosted.upgrade().filter(|_| is_cancelled) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (arn, caller) = (std::mem::take(&mut self.arn), self.caller.clone());
        let stopping = hosted.call("states", "StopExecution", json!({"executionArn": arn}), caller);
        runtime.spawn(async move {
            if let Err(error) = stopping.await {
                tracing::warn!(execution = arn, code = error.code, "a nested execution could not be stopped");
            }
        });
    }
}

/// How a nested execution that was waited for ended.
fn ended(described: Value, has_json: bool) -> Result<Performed, Failed> {
    let has_succeeded = described.get("status").and_then(Value::as_str) == Some("SUCCEEDED");
    let mut output = capitalized(described);
    // AWS: the SDK of the integration is older than redrives.
    if let Some(members) = output.as_object_mut() {
        members.retain(|name, _| !name.starts_with("Redrive"));
    }
    if !has_succeeded {
        return Err(TaskOutcome::Failed {
            error: "States.TaskFailed".to_owned(),
            cause: Some(output.to_string()),
        });
    }
    if has_json && let Some(members) = output.as_object_mut() {
        // AWS: `.sync:2` gives input and output as JSON, `.sync` as text.
        for name in ["Input", "Output"] {
            let parsed =
                members.get(name).and_then(Value::as_str).and_then(|text| serde_json::from_str(text).ok());
            if let Some(parsed) = parsed {
                members.insert(name.to_owned(), parsed);
            }
        }
    }
    Ok(Performed::Ended(TaskOutcome::Succeeded { output: Payload::new(output) }))
}

/// Arguments (`StateMachineArn`) as members of the API (`stateMachineArn`); JSON becomes text where text is wanted.
fn members(arguments: &Value) -> Map<String, Value> {
    // AWS: null is as good as not given.
    let arguments = arguments.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    arguments
        .map(|(name, value)| {
            let name = with_first(name, char::to_ascii_lowercase);
            let is_text = matches!(name.as_str(), "input" | "output" | "definition") && !value.is_string();
            (name, if is_text { json!(value.to_string()) } else { value.clone() })
        })
        .collect()
}

/// Members of an answer as a task gives them: capitalized, at every level that is not data, with dates as the SDK of
/// the integration writes them.
fn capitalized(answer: Value) -> Value {
    match answer {
        Value::Object(members) => {
            // What an answer does not have is not sent.
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            members
                .map(|(name, value)| {
                    let seconds = value.as_f64().filter(|_| name.ends_with("Date") || name == "timestamp");
                    let value = seconds.map_or_else(|| capitalized(value), epoch_millis);
                    (with_first(&name, char::to_ascii_uppercase), value)
                })
                .collect()
        }
        Value::Array(items) => items.into_iter().map(capitalized).collect(),
        other => other,
    }
}

// AWS: the SDK v1, which the optimized integrations use, writes dates as milliseconds.
fn epoch_millis(seconds: f64) -> Value {
    json!(millis(seconds))
}

fn millis(seconds: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "our own timestamps, which were milliseconds")]
    let millis = (seconds * 1_000.0).round() as i64;
    millis
}

fn with_first(name: &str, change: fn(&char) -> char) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| change(&first));
    first.into_iter().chain(characters).collect()
}

/// A name that follows from the task.
fn name_of(call: &TaskCall) -> String {
    let text = format!("{} {}", call.execution.execution_arn, call.request.task.0);
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    uuid_of(&bytes)
}

/// An error of the optimized integration, as the SDK v1 tells it.
fn optimized(error: HostedError, request_id: &str) -> Failed {
    let HostedError { code, message, status } = error;
    // AWS: what the SDK has no class for is the service's own exception.
    let name = match code.strip_suffix("Exception").unwrap_or(&code) {
        "AccessDenied" | "Validation" | "Throttling" | "ServiceUnavailable" => "AWSStepFunctions",
        known => known,
    };
    let cause = format!(
        "{message} (Service: AWSStepFunctions; Status Code: {status}; Error Code: {code}; Request ID: {request_id}; Proxy: null)"
    );
    TaskOutcome::Failed { error: format!("StepFunctions.{name}Exception"), cause: Some(cause) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(described: Value, has_json: bool) -> String {
        match ended(described, has_json) {
            Ok(Performed::Ended(TaskOutcome::Succeeded { output })) => output.text().to_string(),
            Err(TaskOutcome::Failed { error, cause }) => format!("{error}: {}", cause.unwrap_or_default()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn arguments_become_members_and_json_becomes_text() {
        let arguments = json!({"StateMachineArn": "arn", "Input": {"Key": [1]}, "Name": "n"});
        let members = Value::Object(members(&arguments)).to_string();
        assert_eq!(members, r#"{"stateMachineArn":"arn","input":"{\"Key\":[1]}","name":"n"}"#);
    }

    #[test]
    fn the_end_of_a_nested_execution_is_text_or_json_as_the_pattern_says() {
        let described =
            json!({"executionArn": "e", "status": "SUCCEEDED", "output": "{\"a\":1}", "error": null});
        assert_eq!(
            told(described.clone(), false),
            r#"{"ExecutionArn":"e","Status":"SUCCEEDED","Output":"{\"a\":1}"}"#
        );
        assert_eq!(told(described, true), r#"{"ExecutionArn":"e","Status":"SUCCEEDED","Output":{"a":1}}"#);
    }

    #[test]
    fn dates_are_written_as_the_sdk_of_the_integration_writes_them() {
        let answer = json!({"startDate": 1_700_000_000.123, "count": 1.5});
        assert_eq!(capitalized(answer).to_string(), r#"{"StartDate":1700000000123,"Count":1.5}"#);
    }

    #[test]
    fn a_nested_execution_that_fails_fails_its_task_with_its_description() {
        let described = json!({"status": "FAILED", "error": "E"});
        assert_eq!(told(described, true), r#"States.TaskFailed: {"Status":"FAILED","Error":"E"}"#);
    }

    #[test]
    fn errors_are_named_as_the_sdk_names_them() {
        let error =
            |code: &str| HostedError { code: code.to_owned(), message: "No.".to_owned(), status: 400 };
        let name = |outcome: Failed| match outcome {
            TaskOutcome::Failed { error, cause } => format!("{error} {}", cause.unwrap_or_default()),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            name(optimized(error("StateMachineDoesNotExist"), "id")),
            "StepFunctions.StateMachineDoesNotExistException No. (Service: AWSStepFunctions; Status Code: 400; Error \
             Code: StateMachineDoesNotExist; Request ID: id; Proxy: null)"
        );
    }
}
