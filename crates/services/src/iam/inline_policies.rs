//! Inline policies of roles, users and groups.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;
use stepward_access::{Access, Account, Authorized, Entity, Group, Role, User};
use stepward_policy::size_without_white_space;

use super::Answer;
use super::document::{check_identity, url_encoded};
use super::error::IamError;
use super::page::Paging;
use super::quotas::{self, Quota};

/// What can have inline policies and attached ones.
pub(crate) trait Holder: Entity {
    /// e.g. `role`.
    const WORD: &'static str;
    /// Characters of all inline policies together.
    const INLINE_SIZE: usize;
    /// Attached managed policies.
    const ATTACHED: Quota;

    fn name(&self) -> &str;
    fn inline(&self) -> &BTreeMap<String, String>;
    fn inline_mut(&mut self) -> &mut BTreeMap<String, String>;
    fn attached(&self) -> &Vec<String>;
    fn attached_mut(&mut self) -> &mut Vec<String>;

    /// Refuses to change what belongs to a service.
    fn check_modifiable(&self) -> Result<(), IamError> {
        Ok(())
    }

    /// The one of the name, or AWS's error.
    fn of<'a>(account: &'a Account, name: &str) -> Result<&'a std::sync::Arc<Self>, IamError> {
        account.find::<Self>(name).ok_or_else(|| IamError::no_such(Self::WORD, name))
    }
}

macro_rules! holder {
    ($entity:ident, $word:literal, $size:ident, $attached:ident $(, $check:path)?) => {
        impl Holder for $entity {
            const WORD: &'static str = $word;
            const INLINE_SIZE: usize = quotas::$size;
            const ATTACHED: Quota = quotas::$attached;

            $(fn check_modifiable(&self) -> Result<(), IamError> {
                $check(self)
            })?

            fn name(&self) -> &str {
                &self.name
            }

            fn inline(&self) -> &BTreeMap<String, String> {
                &self.inline
            }

            fn inline_mut(&mut self) -> &mut BTreeMap<String, String> {
                &mut self.inline
            }

            fn attached(&self) -> &Vec<String> {
                &self.attached
            }

            fn attached_mut(&mut self) -> &mut Vec<String> {
                &mut self.attached
            }
        }
    };
}

holder!(Role, "role", ROLE_INLINE_SIZE, POLICIES_PER_ROLE, super::roles::check_modifiable);
holder!(User, "user", USER_INLINE_SIZE, POLICIES_PER_USER);
holder!(Group, "group", GROUP_INLINE_SIZE, POLICIES_PER_GROUP);

macro_rules! inputs {
    ($put:ident, $one:ident, $list:ident, $field:ident) => {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $put {
            $field: String,
            policy_name: String,
            policy_document: String,
        }

        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $one {
            $field: String,
            policy_name: String,
        }

        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        pub(crate) struct $list {
            $field: String,
            #[serde(flatten)]
            page: Paging,
        }

        impl Named for $put {
            fn holder(&self) -> &str {
                &self.$field
            }

            fn policy(&self) -> &str {
                &self.policy_name
            }
        }

        impl Document for $put {
            fn document(&self) -> &str {
                &self.policy_document
            }
        }

        impl Named for $one {
            fn holder(&self) -> &str {
                &self.$field
            }

            fn policy(&self) -> &str {
                &self.policy_name
            }
        }

        impl Listed for $list {
            fn holder(&self) -> &str {
                &self.$field
            }

            fn page(&self) -> &Paging {
                &self.page
            }
        }
    };
}

trait Named: Send + Sync {
    fn holder(&self) -> &str;
    fn policy(&self) -> &str;
}

trait Document: Named {
    fn document(&self) -> &str;
}

trait Listed: Send + Sync {
    fn holder(&self) -> &str;
    fn page(&self) -> &Paging;
}

inputs!(PutRoleInput, RolePolicyInput, RolePoliciesInput, role_name);
inputs!(PutUserInput, UserPolicyInput, UserPoliciesInput, user_name);
inputs!(PutGroupInput, GroupPolicyInput, GroupPoliciesInput, group_name);

operation!(PutRolePolicy(PutRoleInput): |input, asked| asked.role(&input.role_name) => put::<Role, _>);
operation!(PutUserPolicy(PutUserInput): |input, asked| asked.user(&input.user_name) => put::<User, _>);
operation!(PutGroupPolicy(PutGroupInput): |input, asked| asked.group(&input.group_name) => put::<Group, _>);
operation!(GetRolePolicy(RolePolicyInput): |input, asked| asked.role(&input.role_name) => get::<Role, _>);
operation!(GetUserPolicy(UserPolicyInput): |input, asked| asked.user(&input.user_name) => get::<User, _>);
operation!(GetGroupPolicy(GroupPolicyInput): |input, asked| asked.group(&input.group_name) => get::<Group, _>);
operation!(DeleteRolePolicy(RolePolicyInput): |input, asked| asked.role(&input.role_name) => delete::<Role, _>);
operation!(DeleteUserPolicy(UserPolicyInput): |input, asked| asked.user(&input.user_name) => delete::<User, _>);
operation!(DeleteGroupPolicy(GroupPolicyInput): |input, asked| asked.group(&input.group_name) => delete::<Group, _>);
operation!(ListRolePolicies(RolePoliciesInput): |input, asked| asked.role(&input.role_name) => list::<Role, _>);
operation!(ListUserPolicies(UserPoliciesInput): |input, asked| asked.user(&input.user_name) => list::<User, _>);
operation!(ListGroupPolicies(GroupPoliciesInput): |input, asked| asked.group(&input.group_name) => list::<Group, _>);

async fn put<H: Holder, I: Document>(call: &Authorized<I>, access: &Access) -> Answer {
    check_identity(call.document())?;
    let change = access.change(call.caller().account(), |edit| {
        let mut holder = H::clone(H::of(edit.account(), call.holder())?);
        holder.check_modifiable()?;
        holder.inline_mut().insert(call.policy().to_owned(), call.document().to_owned());
        let characters: usize =
            holder.inline().values().map(|document| size_without_white_space(document)).sum();
        if characters > H::INLINE_SIZE {
            let (limit, word, name) = (H::INLINE_SIZE, H::WORD, holder.name());
            let text = format!("Maximum policy size of {limit} bytes exceeded for {word} {name}");
            return Err(IamError::LimitExceeded(text));
        }
        edit.put(holder)?;
        Ok(json!({}))
    });
    change.await
}

fn no_such<H: Holder>(name: &str) -> IamError {
    IamError::NoSuchEntity(format!("The {} policy with name {name} cannot be found.", H::WORD))
}

async fn get<H: Holder, I: Named>(call: &Authorized<I>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let holder = H::of(account, call.holder())?;
        let document = holder.inline().get(call.policy()).ok_or_else(|| no_such::<H>(call.policy()))?;
        let mut answer = json!({"PolicyName": call.policy(), "PolicyDocument": url_encoded(document)});
        let member = match H::WORD {
            "role" => "RoleName",
            "user" => "UserName",
            _ => "GroupName",
        };
        if let Some(fields) = answer.as_object_mut() {
            fields.insert(member.to_owned(), json!(holder.name()));
        }
        Ok(answer)
    })
}

async fn delete<H: Holder, I: Named>(call: &Authorized<I>, access: &Access) -> Answer {
    let change = access.change(call.caller().account(), |edit| {
        let mut holder = H::clone(H::of(edit.account(), call.holder())?);
        holder.check_modifiable()?;
        holder.inline_mut().remove(call.policy()).ok_or_else(|| no_such::<H>(call.policy()))?;
        edit.put(holder)?;
        Ok(json!({}))
    });
    change.await
}

async fn list<H: Holder, I: Listed>(call: &Authorized<I>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let names = H::of(account, call.holder())?.inline().keys().map(|name| (name.clone(), json!(name)));
        call.page().list("PolicyNames", names.collect())
    })
}
