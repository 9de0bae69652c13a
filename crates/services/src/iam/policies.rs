//! Managed policies: the account's own, and AWS's.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Account, Authorized, Link, ManagedPolicy, PolicyVersion, UniqueId, unique_id};

use super::Answer;
use super::attachments::path_of;
use super::document::check_managed;
use super::error::IamError;
use super::page::{self, Paging, Section};
use super::quotas;
use super::shapes;
use super::tags::{Tag, checked, requested};

/// What the ARNs of AWS's own policies begin with.
pub(crate) const AWS_PREFIX: &str = "arn:aws:iam::aws:";

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
        quotas::POLICIES.check_one_more(edit.account().policies.len())?;
        let answer = json!({"Policy": shapes::policy(&policy, edit.account().links())});
        edit.put(policy)?;
        Ok(answer)
    });
    change.await
}

async fn get(call: &Authorized<PolicyArnInput>, access: &Access) -> Answer {
    let arn = &call.policy_arn;
    access.read(call.caller().account(), |account| {
        if let Some(policy) = account.policy_by_arn(arn) {
            return Ok(json!({"Policy": shapes::policy(policy, account.links())}));
        }
        let policy = stepward_models::managed_policy(arn).ok_or_else(|| IamError::no_such_policy(arn))?;
        Ok(json!({"Policy": shapes::aws_policy(&policy, account.links())}))
    })
}

/// The account's own policy of an ARN, to change: AWS's policies cannot be.
pub(crate) fn own(account: &Account, arn: &str) -> Result<ManagedPolicy, IamError> {
    if let Some(policy) = account.policy_by_arn(arn) {
        return Ok(ManagedPolicy::clone(policy));
    }
    if is_aws(arn) {
        return Err(IamError::Validation(format!(
            "Policy {arn} is an AWS managed policy and cannot be changed."
        )));
    }
    Err(IamError::no_such_policy(arn))
}

async fn delete(call: &Authorized<PolicyArnInput>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let policy = own(edit.account(), &call.policy_arn)?;
        let links = edit.account().links();
        let uses = links.attachments(&policy.arn) + links.boundaries(&policy.arn);
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

async fn list(call: &Authorized<ListInput>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let sections = if call.only_attached { used(call, account) } else { all(call, account) };
        call.page.sections("Policies", sections)
    })
}

/// The account's own policies, then AWS's.
fn all<'a>(input: &'a ListInput, account: &'a Account) -> Vec<Section<'a>> {
    let prefix = input.prefix();
    let own: Section<'a> = Box::new(move |after| {
        let show = |policy: &ManagedPolicy| Some(shapes::policy_in_list(policy, account.links()));
        match prefix {
            "/" => Box::new(page::rest(&account.policies, after, show)),
            _ => Box::new(page::below(account, prefix, after, show)),
        }
    });
    let aws: Section<'a> = Box::new(move |after| {
        let names = stepward_models::managed_policies_after(after);
        let found = names.filter_map(|name| Some((name.to_owned(), stepward_models::managed_policy(name)?)));
        let found = found.filter(move |(_, policy)| policy.path.starts_with(prefix));
        Box::new(found.map(|(name, policy)| (name, shapes::aws_policy(&policy, account.links()))))
    });
    let nothing = || -> Section<'a> { Box::new(|_| Box::new(std::iter::empty())) };
    match input.scope.as_deref() {
        Some("Local") => vec![own, nothing()],
        Some("AWS") => vec![nothing(), aws],
        _ => vec![own, aws],
    }
}

/// The policies that are used in the wanted way, in the order of their ARNs.
fn used<'a>(input: &'a ListInput, account: &'a Account) -> Vec<Section<'a>> {
    let link = match input.policy_usage_filter.as_deref() {
        Some("PermissionsBoundary") => Link::Boundary,
        _ => Link::Attached,
    };
    vec![Box::new(move |after| {
        let arns = account.links().targets(link, "arn:", after);
        let wanted =
            arns.filter(move |arn| input.is_in_scope(arn) && path_of(arn).starts_with(input.prefix()));
        Box::new(wanted.filter_map(move |arn| Some((arn.to_owned(), in_list(account, arn)?))))
    })]
}

/// A policy of the account or of AWS as lists have it.
fn in_list(account: &Account, arn: &str) -> Option<Value> {
    match account.policy_by_arn(arn) {
        Some(policy) => Some(shapes::policy_in_list(policy, account.links())),
        None => Some(shapes::aws_policy(&stepward_models::managed_policy(arn)?, account.links())),
    }
}

impl ListInput {
    fn prefix(&self) -> &str {
        self.path_prefix.as_deref().unwrap_or("/")
    }

    fn is_in_scope(&self, arn: &str) -> bool {
        match self.scope.as_deref() {
            Some("Local") => !is_aws(arn),
            Some("AWS") => is_aws(arn),
            _ => true,
        }
    }
}

fn is_aws(arn: &str) -> bool {
    arn.starts_with(AWS_PREFIX)
}
