//! Managed policies attached to roles, users and groups.

use serde::Deserialize;
use serde_json::json;
use stepward_access::{Access, Account, Authorized, Group, Role, User};

use super::Answer;
use super::error::IamError;
use super::inline_policies::Holder;
use super::page::Paging;
use super::shapes::policy_name;

/// AWS's policies for the roles that belong to its services.
const SERVICE_POLICIES: &str = "arn:aws:iam::aws:policy/aws-service-role/";

macro_rules! inputs {
    ($one:ident, $list:ident, $field:ident) => {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $one {
            $field: String,
            policy_arn: String,
        }

        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $list {
            $field: String,
            path_prefix: Option<String>,
            #[serde(flatten)]
            page: Paging,
        }

        impl Attachment for $one {
            fn holder(&self) -> &str {
                &self.$field
            }

            fn arn(&self) -> &str {
                &self.policy_arn
            }
        }

        impl Listed for $list {
            fn holder(&self) -> &str {
                &self.$field
            }

            fn prefix(&self) -> &str {
                self.path_prefix.as_deref().unwrap_or("/")
            }

            fn page(&self) -> &Paging {
                &self.page
            }
        }
    };
}

trait Attachment: Send + Sync {
    fn holder(&self) -> &str;
    fn arn(&self) -> &str;
}

trait Listed: Send + Sync {
    fn holder(&self) -> &str;
    fn prefix(&self) -> &str;
    fn page(&self) -> &Paging;
}

inputs!(RoleInput, RoleListInput, role_name);
inputs!(UserInput, UserListInput, user_name);
inputs!(GroupInput, GroupListInput, group_name);

operation!(AttachRolePolicy(RoleInput): |input, asked| Ok(asked.role(&input.role_name)?.key("iam:PolicyARN", &input.policy_arn)) => attach::<Role, _>);
operation!(AttachUserPolicy(UserInput): |input, asked| Ok(asked.user(&input.user_name)?.key("iam:PolicyARN", &input.policy_arn)) => attach::<User, _>);
operation!(AttachGroupPolicy(GroupInput): |input, asked| Ok(asked.group(&input.group_name)?.key("iam:PolicyARN", &input.policy_arn)) => attach::<Group, _>);
operation!(DetachRolePolicy(RoleInput): |input, asked| Ok(asked.role(&input.role_name)?.key("iam:PolicyARN", &input.policy_arn)) => detach::<Role, _>);
operation!(DetachUserPolicy(UserInput): |input, asked| Ok(asked.user(&input.user_name)?.key("iam:PolicyARN", &input.policy_arn)) => detach::<User, _>);
operation!(DetachGroupPolicy(GroupInput): |input, asked| Ok(asked.group(&input.group_name)?.key("iam:PolicyARN", &input.policy_arn)) => detach::<Group, _>);
operation!(ListAttachedRolePolicies(RoleListInput): |input, asked| asked.role(&input.role_name) => list::<Role, _>);
operation!(ListAttachedUserPolicies(UserListInput): |input, asked| asked.user(&input.user_name) => list::<User, _>);
operation!(ListAttachedGroupPolicies(GroupListInput): |input, asked| asked.group(&input.group_name) => list::<Group, _>);

/// Whether there is such a managed policy, the account's or AWS's.
pub(crate) fn policy_exists(account: &Account, arn: &str) -> bool {
    account.policy_by_arn(arn).is_some() || stepward_models::managed_policy(arn).is_some()
}

/// Refuses what is not the ARN of a managed policy.
pub(crate) fn check_policy_arn(arn: &str) -> Result<(), IamError> {
    let is_policy = arn.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(':'));
    match is_policy {
        Some((_, resource)) if resource.starts_with("policy/") => Ok(()),
        _ => Err(IamError::InvalidInput(format!("ARN {arn} is not valid."))),
    }
}

async fn attach<H: Holder, I: Attachment>(call: &Authorized<I>, access: &Access) -> Answer {
    check_policy_arn(call.arn())?;
    let change = access.change(call.caller().account(), |edit| {
        let mut holder = H::clone(H::of(edit.account(), call.holder())?);
        holder.check_modifiable()?;
        if call.arn().starts_with(SERVICE_POLICIES) {
            let text = "Cannot attach a Service Role Policy to a Customer Role.";
            return Err(IamError::PolicyNotAttachable(text.to_owned()));
        }
        if !policy_exists(edit.account(), call.arn()) {
            let text = format!("Policy {} does not exist or is not attachable.", call.arn());
            return Err(IamError::NoSuchEntity(text));
        }
        let attached = holder.attached_mut();
        if attached.iter().any(|arn| arn == call.arn()) {
            return Ok(json!({}));
        }
        H::ATTACHED.check_one_more(attached.len())?;
        attached.push(call.arn().to_owned());
        edit.put(holder)?;
        Ok(json!({}))
    });
    change.await
}

async fn detach<H: Holder, I: Attachment>(call: &Authorized<I>, access: &Access) -> Answer {
    check_policy_arn(call.arn())?;
    let change = access.change(call.caller().account(), |edit| {
        let mut holder = H::clone(H::of(edit.account(), call.holder())?);
        holder.check_modifiable()?;
        let before = holder.attached().len();
        holder.attached_mut().retain(|arn| arn != call.arn());
        if holder.attached().len() == before {
            return Err(IamError::no_such_policy(call.arn()));
        }
        edit.put(holder)?;
        Ok(json!({}))
    });
    change.await
}

async fn list<H: Holder, I: Listed>(call: &Authorized<I>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let holder = H::of(account, call.holder())?;
        let has_path = |arn: &&String| path_of(arn).starts_with(call.prefix());
        let shown = |arn: &String| {
            let name = policy_name(arn);
            (format!("{name} {arn}"), json!({"PolicyName": name, "PolicyArn": arn}))
        };
        call.page().list("AttachedPolicies", holder.attached().iter().filter(has_path).map(shown).collect())
    })
}

/// The path in a policy's ARN.
pub(crate) fn path_of(arn: &str) -> String {
    let resource = arn.split_once(":policy").map_or("/", |(_, resource)| resource);
    resource.rsplit_once('/').map_or_else(|| "/".to_owned(), |(path, _)| format!("{path}/"))
}
