//! Tasks carried out by a running server, under the execution role: by its TestState, which calls one task.

use anyhow::{Context as _, Result, bail};
use http_body_util::BodyExt as _;
use hyper::Uri;
use serde_json::{Value, json};
use stepward_asl::{Pattern, TaskOutcome, TaskRequest, TaskResource};
use stepward_integrations::http_client::{HttpClient, whole};
use stepward_query::Payload;
use stepward_sigv4::{Credentials, Payload as Signed, RequestParts, sign};
use stepward_types::Timestamp;

use crate::credentials::credentials;

/// A server and who asks it.
pub(super) struct Server {
    uri: Uri,
    /// Host and port.
    authority: String,
    role: String,
    region: String,
    credentials: Credentials,
}

impl Server {
    pub(super) fn at(endpoint: &str, role: Option<String>, region: String) -> Result<Self> {
        let refused = || {
            format!(
                "--endpoint {endpoint}: tasks are carried out by a server, at http://HOST:PORT or https://HOST"
            )
        };
        let uri: Uri = format!("{}/", endpoint.trim_end_matches('/')).parse().with_context(refused)?;
        let has_scheme = matches!(uri.scheme_str(), Some("http" | "https"));
        let Some(authority) = uri.authority().map(ToString::to_string).filter(|_| has_scheme) else {
            bail!(refused());
        };
        let credentials = match credentials()? {
            Some(credentials) => credentials,
            None if is_own_machine(&uri) => development(),
            None => bail!(
                "no credentials for {authority}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
            ),
        };
        Ok(Self { uri, authority, role: role.unwrap_or_default(), region, credentials })
    }

    /// Refuses what no server carries out for `run`.
    pub(super) fn check(&self, request: &TaskRequest) -> Result<()> {
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
        Ok(())
    }

    /// Carries a task out. A task that fails is an outcome; that it could not be asked for is an error.
    pub(super) fn perform(&self, request: &TaskRequest, resource: &str) -> Result<TaskOutcome> {
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
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answer = runtime.block_on(self.call(&body)).with_context(|| {
            let name = &request.state_name;
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
        let mut request = hyper::Request::post(self.uri.clone());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let response = HttpClient::default().send(request.body(whole(body))?).await?;
        let status = response.status();
        let bytes = response.into_body().collect().await?.to_bytes();
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

/// Whether a server is on this machine, where `stepward serve --dev` may be.
fn is_own_machine(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What `stepward serve --dev` accepts, as the SDKs' users write it.
fn development() -> Credentials {
    let test = || "test".to_owned();
    Credentials { access_key_id: test(), secret_access_key: test(), session_token: None }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked_with_the_credentials_of_development() {
        let is_own = |uri: &str| is_own_machine(&uri.parse().unwrap());
        assert!(
            is_own("http://127.0.0.1:4566/") && is_own("http://localhost/") && is_own("https://[::1]:1/")
        );
        assert!(!is_own("https://states.us-east-1.amazonaws.com/") && !is_own("http://10.0.0.1/"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for endpoint in ["", "127.0.0.1:4566", "ftp://x", "http://"] {
            assert!(Server::at(endpoint, None, "us-east-1".to_owned()).is_err(), "{endpoint}");
        }
    }
}
