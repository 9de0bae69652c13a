//! Versions of managed policies.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Authorized, ManagedPolicy, PolicyVersion};

use super::Answer;
use super::document::{check_managed, url_encoded};
use super::error::IamError;
use super::page::Paging;
use super::policies::own;
use super::quotas::VERSIONS_PER_POLICY;
use super::shapes::date;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateInput {
    policy_arn: String,
    policy_document: String,
    #[serde(default)]
    set_as_default: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct VersionInput {
    policy_arn: String,
    version_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    policy_arn: String,
    #[serde(flatten)]
    page: Paging,
}

operation!(CreatePolicyVersion(CreateInput): |input, asked| asked.policy(&input.policy_arn) => create);
operation!(GetPolicyVersion(VersionInput): |input, asked| asked.policy(&input.policy_arn) => get);
operation!(DeletePolicyVersion(VersionInput): |input, asked| asked.policy(&input.policy_arn) => delete);
operation!(SetDefaultPolicyVersion(VersionInput): |input, asked| asked.policy(&input.policy_arn) => set_default);
operation!(ListPolicyVersions(ListInput): |input, asked| asked.policy(&input.policy_arn) => list);

async fn create(call: &Authorized<CreateInput>, access: &Access) -> Answer {
    check_managed(&call.policy_document)?;
    let now = call.caller().now();
    let change = access.change(call.caller().account(), |edit| {
        let mut policy = own(edit.account(), &call.policy_arn)?;
        if policy.versions.len() >= VERSIONS_PER_POLICY {
            let text = format!(
                "A managed policy can have up to {VERSIONS_PER_POLICY} versions. Before you create a new version, you must \
                 delete an existing version."
            );
            return Err(IamError::LimitExceeded(text));
        }
        let version =
            PolicyVersion { number: policy.next_version, document: call.policy_document.clone(), created: now };
        policy.next_version += 1;
        policy.updated = now;
        if call.set_as_default {
            policy.default_version = version.number;
        }
        let answer = json!({"PolicyVersion": shown(&version, &policy, false)});
        policy.versions.push(version);
        edit.put(policy)?;
        Ok(answer)
    });
    change.await
}

fn shown(version: &PolicyVersion, policy: &ManagedPolicy, with_document: bool) -> Value {
    let mut value = json!({
        "VersionId": format!("v{}", version.number), "IsDefaultVersion": version.number == policy.default_version,
        "CreateDate": date(version.created),
    });
    if let (true, Some(fields)) = (with_document, value.as_object_mut()) {
        fields.insert("Document".to_owned(), json!(url_encoded(&version.document)));
    }
    value
}

/// Every version with its document, as GetAccountAuthorizationDetails answers them.
pub(crate) fn all_with_documents(policy: &ManagedPolicy) -> Vec<Value> {
    policy.versions.iter().rev().map(|version| shown(version, policy, true)).collect()
}

fn number(policy: &ManagedPolicy, id: &str) -> Result<u32, IamError> {
    let unknown = || {
        let text = format!("Policy {} version {id} does not exist or is not attachable.", policy.arn);
        IamError::NoSuchEntity(text)
    };
    let number: u32 = id.strip_prefix('v').and_then(|digits| digits.parse().ok()).ok_or_else(unknown)?;
    let is_there = policy.versions.iter().any(|version| version.number == number);
    if is_there { Ok(number) } else { Err(unknown()) }
}

async fn get(call: &Authorized<VersionInput>, access: &Access) -> Answer {
    let arn = &call.policy_arn;
    if let Some(policy) = stepward_models::managed_policy(arn) {
        return aws_version(&policy, &call.version_id);
    }
    access.read(call.caller().account(), |account| {
        let policy = account.policy_by_arn(arn).ok_or_else(|| IamError::no_such_policy(arn))?;
        let number = number(policy, &call.version_id)?;
        let version = policy.versions.iter().find(|version| version.number == number);
        Ok(json!({"PolicyVersion": version.map(|version| shown(version, policy, true))}))
    })
}

// Of the policies that AWS manages, only the current version is known.
fn aws_version(policy: &stepward_models::ManagedPolicy, id: &str) -> Answer {
    if id != policy.version {
        let text = format!("Policy {} version {id} does not exist or is not attachable.", policy.arn);
        return Err(IamError::NoSuchEntity(text));
    }
    let created = stepward_types::Timestamp::parse_rfc3339(&policy.updated).map(date).unwrap_or(json!(0));
    Ok(json!({"PolicyVersion": {
        "Document": url_encoded(&policy.document.to_string()), "VersionId": policy.version, "IsDefaultVersion": true,
        "CreateDate": created,
    }}))
}

async fn delete(call: &Authorized<VersionInput>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let mut policy = own(edit.account(), &call.policy_arn)?;
        let number = number(&policy, &call.version_id)?;
        if number == policy.default_version {
            return Err(IamError::DeleteConflict(
                "Cannot delete the default version of a policy.".to_owned(),
            ));
        }
        policy.versions.retain(|version| version.number != number);
        edit.put(policy)?;
        Ok(json!({}))
    });
    change.await
}

async fn set_default(call: &Authorized<VersionInput>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let mut policy = own(edit.account(), &call.policy_arn)?;
        // AWS: UpdateDate is when the latest version was made, whichever counts.
        policy.default_version = number(&policy, &call.version_id)?;
        edit.put(policy)?;
        Ok(json!({}))
    });
    change.await
}

async fn list(call: &Authorized<ListInput>, access: &Access) -> Answer {
    let arn = &call.policy_arn;
    if let Some(policy) = stepward_models::managed_policy(arn) {
        let created = stepward_types::Timestamp::parse_rfc3339(&policy.updated).map(date).unwrap_or(json!(0));
        let version = json!({"VersionId": policy.version, "IsDefaultVersion": true, "CreateDate": created});
        return Ok(json!({"Versions": [version], "IsTruncated": false}));
    }
    access.read(call.caller().account(), |account| {
        let policy = account.policy_by_arn(arn).ok_or_else(|| IamError::no_such_policy(arn))?;
        // Newest first: the key counts down.
        let keyed = |version: &PolicyVersion| {
            (format!("{:010}", u32::MAX - version.number), shown(version, policy, false))
        };
        call.page.list("Versions", policy.versions.iter().map(keyed).collect())
    })
}
