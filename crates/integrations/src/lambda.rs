//! Lambda as a Task state sees it: requests from arguments, results and errors for the history.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use stepward_functions::{Invocation, InvokeError};

use crate::failure::TaskFailure;
use crate::function::FunctionArn;
use crate::invoke::{InvokeFailure, Invoked};

/// An invocation that is asked for.
#[derive(Clone, Debug)]
pub struct LambdaCall {
    pub function: FunctionArn,
    /// JSON.
    pub payload: Vec<u8>,
    pub client_context: Option<String>,
    pub wants_log: bool,
    /// `Event`: nobody waits for the result.
    pub is_asynchronous: bool,
    /// `DryRun`: only the right is checked.
    pub is_dry_run: bool,
    pub request_id: String,
    /// Whether the optimized integration calls, whose result has more than the payload.
    pub is_optimized: bool,
}

impl LambdaCall {
    /// A function's ARN as a Task's Resource: the input is the payload.
    pub fn direct(arn: &str, input: &Value, request_id: String) -> Option<Self> {
        Some(Self {
            function: FunctionArn::parse(arn, "", "")?,
            payload: input.to_string().into_bytes(),
            client_context: None,
            wants_log: false,
            is_asynchronous: false,
            is_dry_run: false,
            request_id,
            is_optimized: false,
        })
    }

    /// `lambda:invoke`: the request is in the arguments.
    pub fn optimized(
        arguments: &Value,
        (region, account): (&str, &str),
        request_id: String,
    ) -> Result<Self, TaskFailure> {
        let text = |key: &str| arguments.get(key).and_then(Value::as_str);
        let named = text("FunctionName").and_then(|name| FunctionArn::parse(name, region, account));
        let function = named.ok_or_else(|| {
            failure(
                "Lambda.SdkClientException",
                "The request needs a FunctionName: a name, a partial ARN or an ARN of a function",
            )
        })?;
        let kind = text("InvocationType").unwrap_or("RequestResponse");
        if !matches!(kind, "RequestResponse" | "Event" | "DryRun") {
            return Err(failure(
                "Lambda.AWSLambdaException",
                &format!(
                    "1 validation error detected: Value '{kind}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]"
                ),
            ));
        }
        let context = text("ClientContext").and_then(|encoded| STANDARD.decode(encoded).ok());
        Ok(Self {
            function: function.or_qualifier(text("Qualifier")),
            payload: arguments
                .get("Payload")
                .map_or_else(|| b"{}".to_vec(), |payload| payload.to_string().into_bytes()),
            client_context: context.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            wants_log: text("LogType") == Some("Tail"),
            is_asynchronous: kind == "Event",
            is_dry_run: kind == "DryRun",
            request_id,
            is_optimized: true,
        })
    }
}

fn failure(error: &str, cause: &str) -> TaskFailure {
    TaskFailure { error: error.to_owned(), cause: cause.to_owned() }
}

/// The result of a task, or the failure that the function reported.
pub fn task_result(call: &LambdaCall, invoked: &Invoked) -> Result<Value, TaskFailure> {
    let payload: Value = serde_json::from_slice(&invoked.invocation.payload).unwrap_or(Value::Null);
    if invoked.invocation.function_error.is_some() {
        return Err(reported(&invoked.invocation, &payload));
    }
    if !call.is_optimized {
        return Ok(payload);
    }
    Ok(optimized_result(200, Some(payload), invoked))
}

/// What `lambda:invoke` gives: the response of Invoke with what the SDK adds.
pub(crate) fn optimized_result(status: u16, payload: Option<Value>, invoked: &Invoked) -> Value {
    let length = if payload.is_some() { invoked.invocation.payload.len() } else { 0 };
    let id = &invoked.request_id;
    let mut headers = Map::from_iter([
        ("Connection".to_owned(), json!("keep-alive")),
        ("Content-Length".to_owned(), json!(length.to_string())),
        ("Date".to_owned(), json!(http_date())),
        (
            "X-Amzn-Trace-Id".to_owned(),
            json!(format!("Root=1-{};Sampled=0", id.get(..8).unwrap_or_default())),
        ),
        ("x-amzn-Remapped-Content-Length".to_owned(), json!("0")),
        ("x-amzn-RequestId".to_owned(), json!(id)),
        ("Content-Type".to_owned(), json!("application/json")),
        ("X-Amz-Executed-Version".to_owned(), json!(invoked.executed_version)),
    ]);
    let lists: Map<String, Value> =
        headers.iter().map(|(name, value)| (name.clone(), json!([value]))).collect();
    let all = Value::Object(lists);
    let one = Value::Object(std::mem::take(&mut headers));
    let mut result = json!({
        "ExecutedVersion": invoked.executed_version,
        "SdkHttpMetadata": {"AllHttpHeaders": all, "HttpHeaders": one, "HttpStatusCode": status},
        "SdkResponseMetadata": {"RequestId": id},
        "StatusCode": status,
    });
    if let Some(fields) = result.as_object_mut() {
        if let Some(payload) = payload {
            fields.insert("Payload".to_owned(), payload);
        }
        if let Some(log) = &invoked.invocation.log_tail {
            fields.insert("LogResult".to_owned(), json!(STANDARD.encode(log)));
        }
    }
    result
}

fn http_date() -> String {
    let seconds =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs();
    let millis = i64::try_from(seconds * 1_000).unwrap_or_default();
    stepward_types::Timestamp::from_millis(millis).to_rfc3339_seconds()
}

/// What a function says of its failure: its own error type, and all of it as the cause.
fn reported(invocation: &Invocation, payload: &Value) -> TaskFailure {
    let error = payload.get("errorType").and_then(Value::as_str).filter(|kind| !kind.is_empty());
    TaskFailure {
        error: error.unwrap_or("Lambda.Unknown").to_owned(),
        cause: String::from_utf8_lossy(&invocation.payload).into_owned(),
    }
}

/// A call that Lambda did not carry out, as the SDK tells it.
pub fn invoke_error(failed: &InvokeFailure, request_id: &str) -> TaskFailure {
    let (name, status, code) = match failed {
        InvokeFailure::NotFound(_) => ("Lambda.ResourceNotFoundException", 404, "ResourceNotFoundException"),
        InvokeFailure::Invoke(InvokeError::TooManyRequests) => {
            ("Lambda.TooManyRequestsException", 429, "TooManyRequestsException")
        }
        InvokeFailure::Role => ("Lambda.AWSLambdaException", 403, "AccessDeniedException"),
        InvokeFailure::Invoke(InvokeError::ResponseTooLarge(_)) => {
            ("Lambda.AWSLambdaException", 413, "RequestTooLargeException")
        }
        InvokeFailure::Invoke(_) | InvokeFailure::Registry(_) | InvokeFailure::Code => {
            ("Lambda.ServiceException", 500, "ServiceException")
        }
    };
    TaskFailure { error: name.to_owned(), cause: sdk_cause(&failed.to_string(), (status, code), request_id) }
}

impl TaskFailure {
    /// A denial, as the SDK tells it.
    pub fn denied(text: &str, request_id: &str) -> Self {
        let cause = sdk_cause(text, (403, "AccessDeniedException"), request_id);
        Self { error: "Lambda.AWSLambdaException".to_owned(), cause }
    }
}

fn sdk_cause(text: &str, (status, code): (u16, &str), request_id: &str) -> String {
    format!(
        "{text} (Service: AWSLambda; Status Code: {status}; Error Code: {code}; Request ID: {request_id}; Proxy: null)"
    )
}
