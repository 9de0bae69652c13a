//! `http:invoke`: an HTTPS API, called with the credentials of an EventBridge connection.
//!
//! Each call needs `states:InvokeHTTPEndpoint` on the state machine, with the endpoint and the method as condition keys,
//! and the rights that the connection needs.

mod answer;
mod arguments;
mod request;
mod trace;

use std::sync::Arc;
use std::time::Duration;

use stepward_access::Needs;

use super::{Action, Optimized, Performing, plain};
use crate::connections::{Auth, Connection};
use crate::failure::{ErrorStyle, TaskFailure};
use crate::outbound::{Limits, OutboundError, Reply};
use crate::task::{Task, now};
pub(super) use answer::{body, headers};
use arguments::Arguments;
use request::Outgoing;
pub use trace::HttpTrace;

pub(super) struct Http;

/// AWS: requests end after 60 seconds.
const TIMEOUT: Duration = Duration::from_secs(60);
/// AWS: 256 KiB, which `Range: bytes=0-262144` asks for.
const BODY_BYTES_MAX: usize = 262_145;

impl Optimized for Http {
    fn name(&self) -> &'static str {
        "http"
    }

    /// No service of AWS is called.
    fn service(&self) -> &'static str {
        ""
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V2 { prefix: "Http" }
    }

    fn actions(&self) -> &'static [Action] {
        const { &[plain("invoke", "")] }
    }

    fn perform<'a>(&'static self, task: &'a Arc<Task>, _: &'static Action) -> Performing<'a> {
        Box::pin(async move {
            let arguments = Arguments::read(&task.arguments).map_err(super::unusable(task))?;
            authorize(task, &arguments)?;
            let connection = task.calls.connections().of_task(task, &arguments.connection).await?;
            let reply = exchange(task, &arguments, &connection).await?;
            answer::result(reply)
        })
    }
}

pub(super) fn check(arguments: &serde_json::Value) -> Option<String> {
    Arguments::read(arguments).err()
}

/// The request that arguments make, without what a connection adds.
#[cfg(test)]
pub(crate) fn http_request(
    arguments: &serde_json::Value,
) -> Result<hyper::Request<crate::http_client::OutgoingBody>, String> {
    Outgoing::new(&Arguments::read(arguments)?, None, "us-east-1")?.request()
}

fn authorize(task: &Task, arguments: &Arguments) -> Result<(), TaskFailure> {
    let needs = Needs::one("states:InvokeHTTPEndpoint", &task.state_machine_arn)
        .key("states:HTTPEndpoint", &arguments.endpoint)
        .key("states:HTTPMethod", &arguments.method);
    let allowed = task.calls.access().authorize(&task.session.caller(now()), (), needs);
    // AWS's text; under which name AWS gives it is not published.
    allowed.map(|_| ()).map_err(|_| {
        let text = format!(
            "AWS Step Functions is not authorized to perform states:InvokeHTTPEndpoint on API Endpoint {}. Ensure that the StateMachine role contains the states:InvokeHTTPEndpoint permission for the given API Endpoint",
            arguments.endpoint
        );
        TaskFailure::new("States.Permissions", text)
    })
}

/// Sends the request, and again with a new token when the API does not take the one it was sent with.
async fn exchange(task: &Task, arguments: &Arguments, connection: &Connection) -> Result<Reply, TaskFailure> {
    let connections = task.calls.connections();
    let outbound = task.calls.outbound();
    let mut token = match &connection.auth {
        Auth::ClientCredentials(oauth) => Some(connections.token(oauth, None, outbound).await?),
        Auth::Basic { .. } | Auth::ApiKey { .. } => None,
    };
    let mut reply = send(task, arguments, connection, token.as_deref()).await?;
    if let (Auth::ClientCredentials(oauth), 401 | 407) = (&connection.auth, reply.status) {
        token = Some(connections.token(oauth, token.as_deref(), outbound).await?);
        reply = send(task, arguments, connection, token.as_deref()).await?;
    }
    Ok(reply)
}

async fn send(
    task: &Task,
    arguments: &Arguments,
    connection: &Connection,
    token: Option<&str>,
) -> Result<Reply, TaskFailure> {
    let outgoing = Outgoing::new(arguments, Some((connection, token)), &task.region).map_err(runtime)?;
    if let Some(trace) = &task.trace {
        trace.sends(arguments, &outgoing, &task.region);
    }
    let request = outgoing.request().map_err(runtime)?;
    let limits = Limits { body_bytes_max: BODY_BYTES_MAX, timeout: TIMEOUT };
    let reply = task.calls.outbound().send(request, limits).await.map_err(|error| match error {
        OutboundError::TooLarge(_) => TaskFailure::too_large("http:invoke"),
        OutboundError::Refused(why) => TaskFailure::new("States.Runtime", why),
        error @ (OutboundError::Socket(_) | OutboundError::Timeout(_)) => {
            TaskFailure::new("States.Http.Socket", error.to_string())
        }
    })?;
    if let Some(trace) = &task.trace {
        trace.receives(&outgoing, &reply);
    }
    Ok(reply)
}

/// AWS: a request that cannot be made fails the task so.
fn runtime(why: String) -> TaskFailure {
    TaskFailure::new("States.Runtime", why)
}
