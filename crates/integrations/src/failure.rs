//! Errors and causes as state machines see them: the SDK's exceptions, of its first and its second version.

use stepward_models::Service;
use stepward_wire::client::{NameStyle, ServiceError, exception_name};

use crate::calls::CallError;
use crate::denial::Denial;
use crate::ids::uuid;

/// An error name and a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskFailure {
    pub error: String,
    pub cause: String,
}

/// How an integration names its errors.
#[derive(Clone, Copy, Debug)]
pub enum ErrorStyle {
    /// Optimized integrations: `SQS.AmazonSQSException`, `… (Service: AmazonSQS; Status Code: 400; …)`.
    V1 { prefix: &'static str, service: &'static str, exception: &'static str },
    /// `aws-sdk`: `S3.NoSuchKeyException`, `… (Service: S3, Status Code: 404, …)`.
    V2 { prefix: &'static str },
}

impl TaskFailure {
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { error: error.into(), cause: cause.into() }
    }

    /// AWS: a result that does not fit.
    pub fn too_large(resource: &str) -> Self {
        let cause = format!(
            "The state/task '{resource}' returned a result with a size exceeding the maximum number of bytes service limit."
        );
        Self::new("States.DataLimitExceeded", cause)
    }
}

impl ErrorStyle {
    fn prefix(self) -> &'static str {
        match self {
            Self::V1 { prefix, .. } | Self::V2 { prefix } => prefix,
        }
    }

    /// The failure of a call. `resource` is what the task calls.
    pub fn failure(self, service: &Service, error: &CallError, resource: &str) -> TaskFailure {
        match error {
            CallError::TooLarge => TaskFailure::too_large(resource),
            CallError::Client(text) => {
                TaskFailure::new(format!("{}.SdkClientException", self.prefix()), text.clone())
            }
            CallError::Denied(denial) => self.refused(service, &answered(denial), 1),
            CallError::Service(error, attempts) => self.refused(service, error, *attempts),
        }
    }

    fn refused(self, service: &Service, error: &ServiceError, attempts: u32) -> TaskFailure {
        let id = error.request_id.clone().unwrap_or_else(uuid);
        let message = error.message.as_deref().unwrap_or("null");
        let known = service.error_shape(&error.code).map(|shape| shape.name.as_str());
        match self {
            Self::V1 { prefix, service: name, exception } => {
                let class = known.map(|shape| exception_name(shape, NameStyle::V1));
                let code = error.query_code.as_deref().unwrap_or(&error.code);
                let code = if code.is_empty() { "null" } else { code };
                let cause = format!(
                    "{message} (Service: {name}; Status Code: {}; Error Code: {code}; Request ID: {id}; Proxy: null)",
                    error.status
                );
                TaskFailure::new(format!("{prefix}.{}", class.as_deref().unwrap_or(exception)), cause)
            }
            Self::V2 { prefix } => {
                let class = known.map(|shape| exception_name(shape, NameStyle::V2));
                let class = class.unwrap_or_else(|| format!("{prefix}Exception"));
                let extended = error.extended_request_id.as_ref();
                let extended = extended.map(|id| format!(", Extended Request ID: {id}")).unwrap_or_default();
                let cause = format!(
                    "{message} (Service: {prefix}, Status Code: {}, Request ID: {id}{extended}) (SDK Attempt Count: {attempts})",
                    error.status
                );
                TaskFailure::new(format!("{prefix}.{class}"), cause)
            }
        }
    }
}

/// A denial as the service would answer it.
fn answered(denial: &Denial) -> ServiceError {
    let message = Some(denial.text.clone());
    ServiceError { code: denial.code.to_owned(), message, status: denial.status, ..ServiceError::default() }
}
