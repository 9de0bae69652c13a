//! EventBridge connections: with whose credentials an HTTP Task calls an API.
//!
//! A connection is one of the operator's file, or one of the backend for `events` whose secret the backend for
//! `secretsmanager` keeps. Both ask for the same rights of the task's role: `events:RetrieveConnectionCredentials` on the
//! connection, `secretsmanager:DescribeSecret` and `secretsmanager:GetSecretValue` on its secret.

mod auth;
mod oauth;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use stepward_access::Needs;

pub(crate) use auth::{Auth, Connection, OAuth};

use crate::calls::CallError;
use crate::failure::TaskFailure;
use crate::outbound::Outbound;
use crate::task::{Task, now};
use oauth::Tokens;

/// Connections that the operator's file has, and tokens that were got for connections.
#[derive(Default)]
pub struct Connections {
    of_file: BTreeMap<String, Arc<Connection>>,
    tokens: Tokens,
}

/// What is wrong with a file of connections.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionsError {
    #[error("it is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error(
        "{0:?} is no connection's ARN; arn:aws:events:us-east-1:123456789012:connection/NAME/ID is one, for example"
    )]
    Arn(String),
    #[error("the connection {0} cannot be used: {1}")]
    Connection(String, auth::ConnectionError),
}

impl Connections {
    /// Reads a file: the parameters of CreateConnection by the ARN of the connection.
    pub fn parse(text: &str) -> Result<Self, ConnectionsError> {
        let entries: BTreeMap<String, Value> = serde_json::from_str(text)?;
        let mut of_file = BTreeMap::new();
        for (arn, value) in entries {
            if ConnectionArn::parse(&arn).is_none() {
                return Err(ConnectionsError::Arn(arn));
            }
            let connection = Connection::read(&value);
            let connection = connection.map_err(|error| ConnectionsError::Connection(arn.clone(), error))?;
            of_file.insert(arn, Arc::new(connection));
        }
        Ok(Self { of_file, tokens: Tokens::default() })
    }

    /// The connection of a task, whose role must be allowed to use it.
    pub(crate) async fn of_task(&self, task: &Task, arn: &str) -> Result<Arc<Connection>, TaskFailure> {
        let Some(named) = ConnectionArn::parse(arn) else {
            return Err(TaskFailure::new("States.Runtime", format!("'{arn}' is no connection's ARN.")));
        };
        let connection = Needs::one("events:RetrieveConnectionCredentials", arn);
        authorize(task, connection)?;
        if let Some(connection) = self.of_file.get(arn) {
            let secret = named.secret();
            let needs = Needs::one("secretsmanager:DescribeSecret", &secret);
            authorize(task, needs.and("secretsmanager:GetSecretValue", &secret))?;
            return Ok(Arc::clone(connection));
        }
        of_backend(task, &named).await.map(Arc::new)
    }

    /// A token for a connection. `stale` is one that the API did not take.
    pub(crate) async fn token(
        &self,
        oauth: &OAuth,
        stale: Option<&str>,
        outbound: &Outbound,
    ) -> Result<String, TaskFailure> {
        let token = self.tokens.token(oauth, stale, outbound).await;
        token.map_err(|why| failure("InvalidConnectionState", why))
    }
}

/// `arn:aws:events:us-east-1:123456789012:connection/NAME/ID`.
#[derive(PartialEq, Eq)]
struct ConnectionArn<'a> {
    partition: &'a str,
    region: &'a str,
    account: &'a str,
    name: &'a str,
    id: &'a str,
}

impl<'a> ConnectionArn<'a> {
    fn parse(arn: &'a str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", partition, "events", region, account, resource] = parts.as_slice() else { return None };
        let (name, id) = resource.strip_prefix("connection/")?.split_once('/')?;
        let is_plain = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        (is_plain(name) && is_plain(id)).then_some(Self { partition, region, account, name, id })
    }

    /// The name that EventBridge gives the secret of such a connection.
    fn secret(&self) -> String {
        let Self { partition, region, account, name, id } = self;
        format!("arn:{partition}:secretsmanager:{region}:{account}:secret:events!connection/{name}/{id}")
    }
}

fn authorize(task: &Task, needs: Needs) -> Result<(), TaskFailure> {
    let allowed = task.calls.access().authorize(&task.session.caller(now()), (), needs);
    allowed.map(|_| ()).map_err(|denied| failure("AccessDenied", denied.text()))
}

async fn of_backend(task: &Task, named: &ConnectionArn<'_>) -> Result<Connection, TaskFailure> {
    let described = task.ask("events", "DescribeConnection", json!({"Name": named.name})).await;
    let described = described.map_err(|error| not_described(named.name, &error))?;
    match described.member("ConnectionState").as_str() {
        Some("AUTHORIZED") => {}
        Some("AUTHORIZING" | "CREATING" | "UPDATING") => {
            let text = format!("The connection {} is being authorized.", named.name);
            return Err(failure("AuthInProgress", text));
        }
        state => {
            let text = format!("The connection {} is {}.", named.name, state.unwrap_or("in no state"));
            return Err(failure("InvalidConnectionState", text));
        }
    }
    // A connection that was deleted and made again is another one. One of another account or Region was authorized under
    // another ARN than its own.
    let found = described.member("ConnectionArn").as_str().and_then(ConnectionArn::parse);
    if found.as_ref() != Some(named) {
        return Err(not_found(named.name));
    }
    let secret = described.member("SecretArn").as_str().unwrap_or_default().to_owned();
    authorize(task, Needs::one("secretsmanager:DescribeSecret", &secret))?;
    let kept = task.call("secretsmanager", "GetSecretValue", json!({"SecretId": secret})).await;
    let kept = kept.map_err(|error| match error {
        CallError::Denied(denial) => failure("AccessDenied", denial.text),
        CallError::Service(error, _) if error.code == "ResourceNotFoundException" => not_found(named.name),
        CallError::Service(error, _) if error.code.contains("AccessDenied") => {
            failure("AccessDenied", "The secret of the connection may not be read.")
        }
        error => unreachable_backend("secretsmanager", &error),
    })?;
    let text = kept.member("SecretString").as_str().unwrap_or_default();
    let mut value: Value = serde_json::from_str(text).unwrap_or_default();
    complete(&mut value, described.member("AuthParameters"));
    Connection::read(&value).map_err(|error| {
        failure("InvalidConnectionState", format!("The connection {} cannot be used: {error}.", named.name))
    })
}

/// What is no secret may stand in the connection only.
fn complete(secret: &mut Value, described: &Value) {
    let Some(members) = secret.as_object_mut() else { return };
    if let Some(parameters) = described.get("OAuthParameters").and_then(Value::as_object) {
        for (name, key) in
            [("AuthorizationEndpoint", "authorization_endpoint"), ("HttpMethod", "http_method")]
        {
            if let Some(value) = parameters.get(name) {
                members.entry(key).or_insert_with(|| value.clone());
            }
        }
    }
}

fn not_described(name: &str, error: &CallError) -> TaskFailure {
    match error {
        CallError::Service(error, _) if error.code == "ResourceNotFoundException" => not_found(name),
        CallError::Service(error, _) if error.code.contains("AccessDenied") => {
            failure("AccessDenied", format!("The connection {name} may not be described."))
        }
        error => unreachable_backend("events", error),
    }
}

fn unreachable_backend(service: &str, error: &CallError) -> TaskFailure {
    let why = match error {
        CallError::Client(text) => text.clone(),
        CallError::Service(error, _) => format!("{service} answered {} {}", error.status, error.code),
        CallError::TooLarge | CallError::Denied(_) => format!("{service} gave no answer that can be used"),
    };
    failure("InternalError", why)
}

fn not_found(name: &str) -> TaskFailure {
    failure("ResourceNotFound", format!("Connection '{name}' does not exist."))
}

/// AWS: connection errors have names of their own.
fn failure(name: &str, cause: impl Into<String>) -> TaskFailure {
    TaskFailure::new(format!("Events.ConnectionResource.{name}"), cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:events:us-east-1:123456789012:connection/Stripe/81210c42-8af1-456b";

    #[test]
    fn a_file_of_connections_says_what_is_wrong_with_it_without_its_secrets() {
        let refused = |text: &str| Connections::parse(text).err().unwrap().to_string();
        assert!(refused("{").starts_with("it is no JSON"));
        assert!(refused(r#"{"Stripe": {}}"#).contains("is no connection's ARN"));
        let text = refused(&format!(r#"{{"{ARN}": {{"AuthParameters": {{"Password": "hidden"}}}}}}"#));
        assert!(text.contains(ARN) && !text.contains("hidden"), "{text}");
        let file = format!(
            r#"{{"{ARN}": {{"AuthParameters": {{"ApiKeyAuthParameters": {{"ApiKeyName": "k", "ApiKeyValue": "v"}}}}}}}}"#
        );
        assert_eq!(Connections::parse(&file).ok().unwrap().of_file.len(), 1);
    }

    #[test]
    fn the_secret_of_a_connection_is_named_after_it() {
        assert_eq!(
            ConnectionArn::parse(ARN).unwrap().secret(),
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:events!connection/Stripe/81210c42-8af1-456b"
        );
        for wrong in
            ["", "NONE", "arn:aws:events:us-east-1:1:connection/x", "arn:aws:sqs:us-east-1:1:connection/n/x"]
        {
            assert!(ConnectionArn::parse(wrong).is_none(), "{wrong}");
        }
    }
}
