//! Data about AWS: service models, the service authorization reference, AWS managed policies, and how
//! Step Functions' SDK integrations are named.
//!
//! Owns the embedded bundles and how they are read: nothing is decompressed before it is asked for, and each
//! service stands alone. Refuses to interpret: what a model means on the wire is `wire`'s business.
#![deny(clippy::disallowed_methods)]

mod authorization;
mod bundle;
mod integration;
mod managed_policy;
mod operation_actions;
mod parse;
mod registry;
mod shape;

pub use authorization::{
    Action, ActionResource, Authorization, AuthorizationResource, authorization, authorization_facts,
    authorization_prefixes,
};
pub use integration::{Integration, integration, integration_names};
pub use managed_policy::{ManagedPolicy, managed_policies, managed_policies_after, managed_policy};
pub use operation_actions::operation_actions;
pub use registry::{
    all_by_signing_name, by_signing_name, by_target_prefix, service, service_names, service_title,
};
pub use shape::{
    Constraints, ErrorTrait, Kind, Location, Member, Operation, Protocol, Service, Shape, ShapeId,
};
