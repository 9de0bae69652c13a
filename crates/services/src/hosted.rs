//! Operations called from inside: what a task asks of the services hosted here goes the way of any request.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;
use stepward_access::Authenticated;
use stepward_engine::{Hosted, HostedError};
use stepward_wire::ApiError;

use crate::Services;
use crate::operation::Output;

/// The services, for tasks.
pub struct InProcess(pub Arc<Services>);

impl Hosted for InProcess {
    fn call(
        &self,
        service: &str,
        operation: &str,
        input: Value,
        caller: Authenticated,
    ) -> Pin<Box<dyn Future<Output = Result<Value, HostedError>> + Send>> {
        let services = Arc::clone(&self.0);
        let name = if service == "states" { "stepfunctions" } else { service }.to_owned();
        let operation = operation.to_owned();
        Box::pin(async move {
            if let Some(model) = stepward_models::service(&name) {
                stepward_wire::check(model, &operation, &input).map_err(told)?;
            }
            let answered = match services.operations(&name) {
                Some(operations) => {
                    if name == "stepfunctions" {
                        crate::states::admit(&operation, &input, &caller, &services).await.map_err(told)?;
                    }
                    operations.call(&operation, input, &caller, &services).await
                }
                None => None,
            };
            answered.unwrap_or_else(|| Err(unknown(&operation))).map(Output::into_value).map_err(told)
        })
    }
}

fn unknown(operation: &str) -> ApiError {
    ApiError::new("UnknownOperationException", format!("The operation {operation} is not implemented here."))
}

fn told(error: ApiError) -> HostedError {
    HostedError { code: error.code, message: error.message, status: error.status.unwrap_or(400) }
}
