//! Managed policies: the account's own, and AWS's.

use serde::Deserialize;
use serde_json::json;
use stepward_access::{
    Access, Account, Authorized, ManagedPolicy, PolicyUsage, PolicyVersion, UniqueId, unique_id,
};

use super::Answer;
use super::document::check_managed;
use super::error::IamError;
use super::page::Paging;
use super::shapes;
use super::tags::{Tag, checked, requested};

/// AWS quota, the highest that can be asked for.
const POLICIES_MAX: usize = 10_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreatePolicyInput {
    policy_name: String,
    path: Option<String>,
    policy_document: String,
    description: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyArnInput {
    policy_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInput {
    scope: Option<String>,
    #[serde(default)]
    only_attached: bool,
    path_prefix: Option<String>,
    policy_usage_filter: Option<String>,
    #[serde(flatten)]
    page: Paging,
}

operation!(CreatePolicy(CreatePolicyInput): |input, asked| asked.new_entity("policy", input.path.as_deref(), &input.policy_name, &requested(&input.tags)) => create);
operation!(GetPolicy(PolicyArnInput): |input, asked| asked.policy(&input.policy_arn) => get);
operation!(DeletePolicy(PolicyArnInput): |input, asked| asked.policy(&input.policy_arn) => delete);
operation!(ListPolicies(ListInput): |input, asked| asked.all("policy", input.path_prefix.as_deref()) => list);

async fn create(call: &Authorized<CreatePolicyInput>, access: &Access) -> Answer {
    check_managed(&call.policy_document)?;
    let (account, now) = (call.caller().account(), call.caller().now());
    let path = call.path.clone().unwrap_or_else(|| "/".to_owned());
    let policy = ManagedPolicy {
        arn: format!("arn:aws:iam::{account}:policy{path}{}", call.policy_name),
        name: call.policy_name.clone(),
        path,
        id: unique_id(UniqueId::Policy),
        description: call.description.clone(),
        created: now,
        updated: now,
        tags: checked(&call.tags)?,
        versions: vec![PolicyVersion { number: 1, document: call.policy_document.clone(), created: now }],
        default_version: 1,
        next_version: 2,
    };
    let change = access.change(account, |edit| {
        if edit.account().find::<ManagedPolicy>(&policy.name).is_some() {
            let text =
                format!("A policy called {} already exists. Duplicate names are not allowed.", policy.name);
            return Err(IamError::EntityAlreadyExists(text));
        }
        if edit.account().policies.len() >= POLICIES_MAX {
            return Err(IamError::quota("PoliciesPerAccount", POLICIES_MAX));
        }
        let answer = json!({"Policy": shapes::policy(&policy, edit.account().policy_usage())});
        edit.put(policy)?;
        Ok(answer)
    });
    change.await
}

async fn get(call: &Authorized<PolicyArnInput>, access: &Access) -> Answer {
    let arn = &call.policy_arn;
    access.read(call.caller().account(), |account| {
        if let Some(policy) = account.policy_by_arn(arn) {
            return Ok(json!({"Policy": shapes::policy(policy, account.policy_usage())}));
        }
        let policy = stepward_models::managed_policy(arn).ok_or_else(|| IamError::no_such_policy(arn))?;
        Ok(json!({"Policy": shapes::aws_policy(&policy, account.policy_usage())}))
    })
}

/// The account's own policy of an ARN, to change: AWS's policies cannot be.
pub(crate) fn own(account: &Account, arn: &str) -> Result<ManagedPolicy, IamError> {
    if let Some(policy) = account.policy_by_arn(arn) {
        return Ok(ManagedPolicy::clone(policy));
    }
    if arn.starts_with("arn:aws:iam::aws:") {
        return Err(IamError::Validation(format!(
            "Policy {arn} is an AWS managed policy and cannot be changed."
        )));
    }
    Err(IamError::no_such_policy(arn))
}

async fn delete(call: &Authorized<PolicyArnInput>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let policy = own(edit.account(), &call.policy_arn)?;
        let usage = edit.account().policy_usage();
        let uses = usage.attachments(&policy.arn) + usage.boundaries(&policy.arn);
        if uses > 0 {
            return Err(IamError::DeleteConflict("Cannot delete a policy attached to entities.".to_owned()));
        }
        if policy.versions.len() > 1 {
            let text = "This policy has more than one version. Before you delete a policy, you must delete the policy's \
                        versions. The default version is deleted with the policy.";
            return Err(IamError::DeleteConflict(text.to_owned()));
        }
        edit.remove(&policy);
        Ok(json!({}))
    });
    change.await
}

/// A policy that may be on the page.
enum Listed<'a> {
    Own(&'a ManagedPolicy),
    /// The name of one of AWS's: read when it is looked at.
    Aws(&'static str),
}

async fn list(call: &Authorized<ListInput>, access: &Access) -> Answer {
    let scope = call.scope.as_deref().unwrap_or("All");
    access.read(call.caller().account(), |account| {
        let usage = account.policy_usage();
        let mut found: Vec<(String, Listed<'_>)> = Vec::new();
        if scope != "AWS" {
            let own = account.policies.iter();
            found.extend(own.map(|(key, policy)| (format!("{key} own"), Listed::Own(policy))));
        }
        if scope != "Local" {
            // AWS's are in one list with the account's own, and a name may be in both.
            let names = stepward_models::managed_policies();
            found.extend(names.map(|name| (format!("{} aws", name.to_lowercase()), Listed::Aws(name))));
        }
        call.page.lazily("Policies", found, |listed| match listed {
            Listed::Own(policy) => {
                let shown = || shapes::policy_in_list(policy, usage);
                is_wanted(call, usage, &policy.path, &policy.arn).then(shown)
            }
            Listed::Aws(name) => {
                let policy = stepward_models::managed_policy(name)?;
                let shown = || shapes::aws_policy(&policy, usage);
                is_wanted(call, usage, &policy.path, &policy.arn).then(shown)
            }
        })
    })
}

fn is_wanted(input: &ListInput, usage: &PolicyUsage, path: &str, arn: &str) -> bool {
    let is_used = match input.policy_usage_filter.as_deref() {
        Some("PermissionsBoundary") => usage.boundaries(arn) > 0,
        _ => usage.attachments(arn) > 0,
    };
    path.starts_with(input.path_prefix.as_deref().unwrap_or("/")) && (!input.only_attached || is_used)
}
