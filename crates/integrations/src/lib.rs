//! Performs authorized calls of other services: Lambda functions, any AWS API, optimized integrations.
//!
//! Owns what a function is, how it is found, invoked under its own role, and how its answers and errors look to a
//! state machine. Refuses to know the Amazon States Language and to decide who may call what: a call comes
//! authorized, or it does not come.
#![allow(clippy::disallowed_methods, reason = "credentials are made for the present time")]

mod arguments;
pub mod backend;
mod calls;
mod checks;
pub mod connections;
mod denial;
mod event_stream;
mod failure;
mod form;
mod function;
mod hosted;
pub mod http_client;
mod ids;
#[cfg(test)]
mod injection;
mod invoke;
mod lambda;
mod lookup;
mod metadata;
pub mod optimized;
pub mod outbound;
mod pool;
mod registry;
mod resource_policy;
mod rights;
pub mod sdk;
mod submission;
mod task;

pub use arguments::{check_optimized_arguments, check_sdk_arguments};
pub use calls::{Answer, ApiCall, CallError, Calls, Unauthorized, members};
pub use checks::{Part, check_task, managed_rule};
pub use denial::Denial;
pub use failure::{ErrorStyle, TaskFailure};
pub use function::{FunctionArn, FunctionCode, FunctionRecord, FunctionVersion, Published};
pub use hosted::{Hosted, HostedError, is_hosted};
pub use invoke::{InvokeFailure, Invoked};
pub use lambda::{LambdaCall, invoke_error, task_result};
pub use metadata::{http_date, with_metadata};
pub use optimized::HttpTrace;
pub use registry::{FunctionRegistry, RegistryError};
pub use resource_policy::{Permission, ResourcePolicy};
pub use rights::RequestKeys;
pub use submission::{GivenUp, carried_through};
pub use task::{Cancellation, Mode, Task};

pub use stepward_models::service;
