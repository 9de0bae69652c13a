//! Session policies: checked, and measured.

use serde::Deserialize;
use stepward_access::{Access, Tags};
use stepward_policy::{Policy, PolicyKind};

use super::error::StsError;

/// AWS quota: characters of an inline session policy.
const CHARACTERS_MAX: usize = 2_048;
/// AWS quota: managed session policies.
const ARNS_MAX: usize = 10;
/// What policies, ARNs and tags may take together, packed. AWS does not say how it packs; this is its order of size.
const PACKED_BYTES_MAX: usize = 8_192;

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PolicyDescriptor {
    pub(crate) arn: Option<String>,
}

/// Documents and ARNs of the session policies of a call; none when it names none.
pub(crate) type SessionPolicies = Option<(Vec<String>, Vec<String>)>;

/// Checks session policies.
pub(crate) fn checked(
    policy: Option<&String>,
    arns: &[PolicyDescriptor],
    account: &str,
    access: &Access,
) -> Result<SessionPolicies, StsError> {
    if policy.is_none() && arns.is_empty() {
        return Ok(None);
    }
    if let Some(document) = policy {
        Policy::parse(document, PolicyKind::Session)?;
        if document.chars().count() > CHARACTERS_MAX {
            let text = format!("Session policy is longer than {CHARACTERS_MAX} characters.");
            return Err(StsError::PackedPolicyTooLarge(text));
        }
    }
    let arns: Vec<String> = arns.iter().filter_map(|descriptor| descriptor.arn.clone()).collect();
    if arns.len() > ARNS_MAX {
        return Err(StsError::Validation(format!(
            "At most {ARNS_MAX} managed session policies are allowed."
        )));
    }
    for arn in &arns {
        let own = access.read(account, |account| account.policy_by_arn(arn).is_some());
        if !own && stepward_models::managed_policy(arn).is_none() {
            return Err(StsError::MalformedPolicyDocument(format!(
                "Policy {arn} does not exist or is not attachable."
            )));
        }
    }
    Ok(Some((policy.into_iter().cloned().collect(), arns)))
}

/// How much of the packed size is used, in percent; refused above 100.
pub(crate) fn packed_percent(policies: &SessionPolicies, tags: &Tags) -> Result<Option<usize>, StsError> {
    let of_policies = policies.iter().flat_map(|(documents, arns)| documents.iter().chain(arns));
    let bytes = of_policies.map(String::len).sum::<usize>()
        + tags.iter().map(|(key, value)| key.len() + value.len() + 2).sum::<usize>();
    let percent = (bytes * 100).div_ceil(PACKED_BYTES_MAX);
    if percent > 100 {
        let text = format!("Serialized token too large for session: {percent}% of the allowed size.");
        return Err(StsError::PackedPolicyTooLarge(text));
    }
    Ok((bytes > 0).then_some(percent))
}
