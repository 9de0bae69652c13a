//! The services that this server hosts, as tasks call them.

use std::future::Future;
use std::pin::Pin;

use stepward_access::Authenticated;

/// Operations of the services hosted here, called as a session: authorized like a request from outside.
pub trait Hosted: Send + Sync + 'static {
    /// Calls an operation (`states`, `StartExecution`) with members as in the service model.
    fn call(
        &self,
        service: &str,
        operation: &str,
        input: serde_json::Value,
        caller: Authenticated,
    ) -> Pin<Box<dyn Future<Output = Result<serde_json::Value, HostedError>> + Send>>;
}

/// An error that a hosted operation answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedError {
    pub code: String,
    pub message: String,
    pub status: u16,
}

/// Whether a service is hosted here, by botocore's name of it.
pub fn is_hosted(service: &str) -> bool {
    matches!(service, "stepfunctions" | "iam" | "sts" | "lambda")
}
