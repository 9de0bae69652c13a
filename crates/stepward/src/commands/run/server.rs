//! Tasks carried out by a running server, under the execution role: by its TestState, which calls one task.

use anyhow::{Context as _, Result, bail};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use stepward_asl::{Pattern, TaskOutcome, TaskRequest, TaskResource};
use stepward_query::Payload;
use stepward_sigv4::{Credentials, Payload as Signed, RequestParts, sign};
use stepward_types::Timestamp;

/// A server and who asks it.
pub(super) struct Server {
    /// Host and port.
    authority: String,
    role: String,
    region: String,
    credentials: Credentials,
    runtime: tokio::runtime::Runtime,
}

impl Server {
    pub(super) fn at(endpoint: &str, role: Option<String>, region: String) -> Result<Self> {
        let Some(authority) = endpoint.strip_prefix("http://") else {
            bail!("--endpoint {endpoint}: tasks are carried out by a Stepward server, at http://HOST:PORT");
        };
        let authority = authority.trim_end_matches('/').to_owned();
        let role = role.unwrap_or_default();
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        // What `stepward serve --dev` accepts, as the SDKs' users write it.
        let credentials = Credentials {
            access_key_id: variable("AWS_ACCESS_KEY_ID").unwrap_or_else(|| "test".to_owned()),
            secret_access_key: variable("AWS_SECRET_ACCESS_KEY").unwrap_or_else(|| "test".to_owned()),
            session_token: variable("AWS_SESSION_TOKEN"),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { authority, role, region, credentials, runtime })
    }

    /// Carries a task out. A task that fails is an outcome; that it could not be asked for is an error.
    pub(super) fn perform(&self, request: &TaskRequest, resource: &str) -> Result<TaskOutcome> {
        let name = &request.state_name;
        let waits = matches!(request.resource, TaskResource::Activity(_))
            || request.resource.pattern() != Pattern::RequestResponse;
        if waits {
            bail!(
                "the state '{name}' waits for a job, a worker or a token; give it a mocked response with --mock"
            );
        }
        if self.role.is_empty() {
            bail!(
                "the state '{name}' has no mocked response, and to carry it out a role is needed: --role ROLE_ARN"
            );
        }
        let mut state = json!({"Type": "Task", "Resource": resource, "End": true});
        // The arguments are evaluated already, so they go as the state's input.
        if let (Some(role), Some(fields)) = (&request.credentials_role_arn, state.as_object_mut()) {
            fields.insert("Credentials".to_owned(), json!({"RoleArn": &**role}));
        }
        if let (Some(seconds), Some(fields)) = (request.timeout_seconds, state.as_object_mut()) {
            fields.insert("TimeoutSeconds".to_owned(), seconds.into());
        }
        let body = json!({
            "definition": state.to_string(),
            "roleArn": self.role,
            "input": &**request.arguments.text(),
        });
        let answer = self.runtime.block_on(self.call(&body)).with_context(|| {
            format!("the state '{name}' could not be carried out by the server at {}", self.authority)
        })?;
        outcome(&answer)
    }

    async fn call(&self, body: &Value) -> Result<Value> {
        let body = body.to_string();
        let mut headers = vec![
            ("host".to_owned(), self.authority.clone()),
            ("content-type".to_owned(), "application/x-amz-json-1.0".to_owned()),
            ("x-amz-target".to_owned(), "AWSStepFunctions.TestState".to_owned()),
        ];
        let parts = RequestParts { method: "POST", path: "/", query: "", headers: &headers };
        let scope = (self.region.as_str(), "states");
        let added = sign(&parts, &Signed::Bytes(body.as_bytes()), &self.credentials, scope, now());
        headers.extend(added);
        let mut request = hyper::Request::post("/");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::from(body)))?;
        let stream = tokio::net::TcpStream::connect(&self.authority).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let response = sender.send_request(request).await?;
        let status = response.status();
        let bytes = response.into_body().collect().await?.to_bytes();
        connection.abort();
        let answer: Value = serde_json::from_slice(&bytes).context("the answer is not JSON")?;
        if !status.is_success() {
            let told = |name: &str| answer.get(name).and_then(Value::as_str);
            let message = told("message").or_else(|| told("Message")).unwrap_or_default();
            let code = told("__type").unwrap_or("error");
            bail!("{}: {message}", code.rsplit('#').next().unwrap_or(code));
        }
        Ok(answer)
    }
}

fn outcome(answer: &Value) -> Result<TaskOutcome> {
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    Ok(match text("status") {
        Some("SUCCEEDED") => {
            let output =
                Payload::parse(text("output").unwrap_or("null")).context("the output is not JSON")?;
            TaskOutcome::Succeeded { output }
        }
        _ => TaskOutcome::Failed {
            error: text("error").unwrap_or("States.TaskFailed").to_owned(),
            cause: text("cause").map(str::to_owned),
        },
    })
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
