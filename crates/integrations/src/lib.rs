//! Performs authorized calls of other services: Lambda functions.
//!
//! Owns what a function is, how it is found, invoked under its own role, and how its answers and errors look to a
//! state machine. Refuses to know the Amazon States Language and to decide who may call what: a call comes
//! authorized, or it does not come.
#![allow(clippy::disallowed_methods, reason = "credentials are made for the present time")]

mod function;
mod invoke;
mod lambda;
mod registry;
mod resource_policy;

pub use function::{FunctionArn, FunctionCode, FunctionRecord, FunctionVersion, Published};
pub use invoke::{InvokeFailure, Invoked};
pub use lambda::{LambdaCall, TaskFailure, invoke_error, task_result};
pub use registry::{FunctionRegistry, RegistryError};
pub use resource_policy::{Permission, ResourcePolicy};
