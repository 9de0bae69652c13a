//! Lambda functions as local processes behind the Lambda Runtime API.
//!
//! Owns code packages on disk, worker processes and their lives, and what an invocation comes to. Refuses to know
//! who may invoke what, and which credentials a function has: both are given.
#![allow(clippy::disallowed_methods, reason = "this crate keeps code on disk and runs processes")]

mod code;
mod functions;
mod invocation;
mod line;
mod logs;
mod peer;
mod pool;
mod process;
mod runtime;
mod runtime_api;
mod sandbox;
mod worker;

pub use code::{CodeError, InstalledCode};
pub use functions::{Functions, FunctionsConfig};
pub use invocation::{FunctionSpec, Invocation, InvocationRequest, InvokeError, WorkerCredentials};
pub use runtime::{Runtime, RuntimeError};
pub use sandbox::SandboxMode;
