//! Lambda: the operations that Step Functions' users need of it.

mod aliases;
mod condition_keys;
mod configuration;
mod error;
mod functions;
mod invoke;
mod list;
mod policy;
mod rights;
mod tags;
mod versions;

use crate::Operations;
pub(crate) use rights::resource_policy;

/// The operations of Lambda.
pub fn operations() -> Operations {
    Operations::default()
        .with::<functions::CreateFunction>()
        .with::<functions::UpdateFunctionCode>()
        .with::<functions::UpdateFunctionConfiguration>()
        .with::<functions::GetFunction>()
        .with::<functions::GetFunctionConfiguration>()
        .with::<functions::DeleteFunction>()
        .with::<list::ListFunctions>()
        .with::<invoke::Invoke>()
        .with::<policy::AddPermission>()
        .with::<policy::GetPolicy>()
        .with::<policy::RemovePermission>()
        .with::<versions::PublishVersion>()
        .with::<versions::ListVersionsByFunction>()
        .with::<aliases::CreateAlias>()
        .with::<aliases::UpdateAlias>()
        .with::<aliases::GetAlias>()
        .with::<aliases::DeleteAlias>()
        .with::<aliases::ListAliases>()
        .with::<tags::TagResource>()
        .with::<tags::UntagResource>()
        .with::<tags::ListTags>()
}
