//! Operation handlers of the services hosted here: Step Functions, IAM, STS and Lambda.
//!
//! Owns what each operation needs, does and answers. Refuses to decide who may call (that is `access`), to know
//! status codes and envelopes (that is `wire`), and to run executions (that is `engine`).
#![allow(clippy::disallowed_methods, reason = "operations happen at the present time")]

mod gateway;
mod hosted;
pub mod iam;
pub mod lambda;
mod operation;
mod own;
mod pipeline;
mod session_limits;
pub mod states;
pub mod sts;
mod throttle;
mod time;

use std::sync::{Arc, OnceLock};

use stepward_access::Access;
use stepward_engine::Engine;
use stepward_integrations::{Calls, FunctionRegistry};
use stepward_store::Store;
use stepward_types::Region;

pub use hosted::InProcess;
pub use operation::{Operation, Operations, Output};
pub use pipeline::{Reply, UploadHead};
pub use throttle::{Rate, ThrottleConfig, UnknownRate};

use states::{Activities, Machines};
use throttle::Throttle;

/// Everything that operations work on.
pub struct Services {
    pub access: Arc<Access>,
    pub store: Arc<Store>,
    pub functions: Arc<FunctionRegistry>,
    /// The Region that this server is.
    pub region: Region,
    /// Where requests for services go that are not hosted here.
    pub(crate) calls: Arc<Calls>,
    pub(crate) states: Machines,
    pub(crate) activities: Activities,
    pub(crate) throttle: Throttle,
    engine: OnceLock<Arc<Engine>>,
    delivery: OnceLock<Arc<states::Delivery>>,
    operations: Hosted,
}

/// The operations of each service hosted here.
struct Hosted {
    states: Operations,
    iam: Operations,
    sts: Operations,
    lambda: Operations,
    own: Operations,
}

impl Services {
    /// The services without their engine, which needs them to perform tasks: `start` brings it.
    pub fn new(
        calls: Arc<Calls>,
        store: Arc<Store>,
        functions: Arc<FunctionRegistry>,
        region: Region,
        throttle: &ThrottleConfig,
    ) -> Result<Self, UnknownRate> {
        let access = Arc::clone(calls.access());
        let operations = Hosted {
            states: states::operations(),
            iam: iam::operations(),
            sts: sts::operations(),
            lambda: lambda::operations(),
            own: own::operations(),
        };
        let states = Machines::new(Arc::clone(&store));
        let activities = Activities::new(Arc::clone(&store));
        let throttle = Throttle::new(throttle, region.as_str())?;
        let (engine, delivery) = (OnceLock::new(), OnceLock::new());
        Ok(Self {
            access,
            store,
            functions,
            region,
            calls,
            states,
            activities,
            throttle,
            engine,
            delivery,
            operations,
        })
    }

    /// Brings the engine; a second one is not taken.
    pub fn start(&self, engine: Arc<Engine>) {
        tokio::spawn(states::resume_deletions(Arc::clone(&engine), self.states.clone()));
        let _ = self.engine.set(engine);
    }

    /// Brings the delivery of execution logs; a second one is not taken.
    pub fn deliver(&self, delivery: Arc<states::Delivery>) {
        let _ = self.delivery.set(delivery);
    }

    /// The delivery of execution logs; nothing before `deliver`.
    pub(crate) fn delivery(&self) -> Option<&Arc<states::Delivery>> {
        self.delivery.get()
    }

    /// How many calls were refused because their account made too many.
    pub fn throttled(&self) -> u64 {
        self.throttle.throttled()
    }

    /// The engine; nothing before `start`.
    pub(crate) fn engine(&self) -> Option<&Arc<Engine>> {
        self.engine.get()
    }

    /// The operations of a service, by botocore's name of it.
    pub(crate) fn operations(&self, service: &str) -> Option<&Operations> {
        match service {
            "stepfunctions" => Some(&self.operations.states),
            "iam" => Some(&self.operations.iam),
            "sts" => Some(&self.operations.sts),
            "lambda" => Some(&self.operations.lambda),
            "stepward" => Some(&self.operations.own),
            _ => None,
        }
    }
}

/// An error with what caused it, for the log.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
