//! Operation handlers of the services hosted here: Step Functions, IAM, STS and Lambda.
//!
//! Owns what each operation needs, does and answers. Refuses to decide who may call (that is `access`), to know
//! status codes and envelopes (that is `wire`), and to run executions (that is `engine`).
#![allow(clippy::disallowed_methods, reason = "this crate may read the clock and files through what it uses")]

mod operation;
mod pipeline;
pub mod iam;
pub mod lambda;
pub mod states;
pub mod sts;

use std::sync::Arc;

use stepward_access::{Access, Denied};
use stepward_engine::Engine;
use stepward_integrations::FunctionRegistry;
use stepward_store::Store;
use stepward_types::Region;
use stepward_wire::ApiError;

pub use operation::{Operation, Operations};

/// Everything that operations work on.
pub struct Services {
    pub access: Arc<Access>,
    pub store: Arc<Store>,
    pub engine: Arc<Engine>,
    pub functions: Arc<FunctionRegistry>,
    /// The Region that this server is.
    pub region: Region,
    operations: Hosted,
}

/// The operations of each service hosted here.
struct Hosted {
    states: Operations,
    iam: Operations,
    sts: Operations,
    lambda: Operations,
}

impl Services {
    pub fn new(
        access: Arc<Access>,
        store: Arc<Store>,
        engine: Arc<Engine>,
        functions: Arc<FunctionRegistry>,
        region: Region,
    ) -> Self {
        let operations = Hosted {
            states: states::operations(),
            iam: iam::operations(),
            sts: sts::operations(),
            lambda: lambda::operations(),
        };
        Self { access, store, engine, functions, region, operations }
    }
}

/// A denial as the error that the API answers.
pub(crate) fn denial(_operation: &str, denied: &Denied) -> ApiError {
    ApiError::new("AccessDenied", denied.to_string())
}
