//! Roles as the advisor reads them: of the account, with every policy that counts.

use serde_json::Value;
use stepward_access::Account;
use stepward_advisor::{NamedPolicy, Role};
use stepward_wire::ApiError;

use crate::Services;

/// A role of the caller's account, by its ARN or its name.
pub(super) fn role(at: &Services, account: &str, name: &str) -> Result<Role, ApiError> {
    if let Some(owner) = name.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split(':').next())
        && owner != account
    {
        let text = format!("{name} is a role of another account; only roles of {account} can be read here.");
        return Err(ApiError::new("ResourceNotFound", text));
    }
    let (trust, found) = at.access.read(account, |account| gather(account, name))?;
    let trust = serde_json::from_str(&at.access.show_principals(&trust)).ok();
    Role::new(&found.arn, found.policies, found.boundary, trust).map_err(|error| invalid_policy(&error))
}

/// ARN of a role of the account from its ARN or its name, for what is asked on it.
pub(super) fn role_arn(at: &Services, account: &str, name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    let known = at
        .access
        .read(account, |account| account.find::<stepward_access::Role>(name).map(|role| role.arn.clone()));
    known.unwrap_or_else(|| format!("arn:aws:iam::{account}:role/{name}"))
}

struct Found {
    arn: String,
    policies: Vec<NamedPolicy>,
    boundary: Option<NamedPolicy>,
}

fn gather(account: &Account, name: &str) -> Result<(String, Found), ApiError> {
    let short = name.rsplit('/').next().unwrap_or(name);
    let role = account
        .find::<stepward_access::Role>(short)
        .filter(|role| !name.starts_with("arn:") || role.arn == name);
    let role = role.ok_or_else(|| {
        let names = account.roles.values().map(|role| role.name.as_str());
        let nearest = stepward_advisor::nearest(short, names);
        let nearest = nearest.map(|nearest| format!(" Did you mean {nearest}?")).unwrap_or_default();
        ApiError::new(
            "ResourceNotFound",
            format!("There is no role {name} in account {}.{nearest}", account.id),
        )
    })?;
    let inline = role.inline.iter().map(|(name, document)| NamedPolicy {
        name: name.clone(),
        arn: None,
        document: serde_json::from_str(document).unwrap_or_default(),
    });
    let attached = role.attached.iter().filter_map(|arn| managed(account, arn));
    let policies = inline.chain(attached).collect();
    let boundary = role.boundary.as_deref().and_then(|arn| managed(account, arn));
    Ok((role.trust.clone(), Found { arn: role.arn.clone(), policies, boundary }))
}

/// A managed policy, the customer's or AWS's.
fn managed(account: &Account, arn: &str) -> Option<NamedPolicy> {
    let document = match account.policy_by_arn(arn) {
        Some(policy) => serde_json::from_str(policy.default_document()).ok()?,
        None => stepward_models::managed_policy(arn)?.document.clone(),
    };
    let name = arn.rsplit('/').next().unwrap_or(arn).to_owned();
    Some(NamedPolicy { name, arn: Some(arn.to_owned()), document })
}

/// A policy document of a request.
pub(super) fn document(name: &str, text: &str) -> Result<NamedPolicy, ApiError> {
    let document: Value = serde_json::from_str(text)
        .map_err(|error| ApiError::new("ValidationException", format!("{name} is not JSON: {error}")))?;
    Ok(NamedPolicy { name: name.to_owned(), arn: None, document })
}

pub(super) fn invalid_policy(error: &stepward_policy::PolicyError) -> ApiError {
    ApiError::new("ValidationException", format!("A policy cannot be understood: {error}"))
}
