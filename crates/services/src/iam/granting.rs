//! Which policies grant an identity the use of a service, and who holds a policy.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Account, Authorized, Entity as _, Group, Link, ManagedPolicy, Role, User};

use super::Answer;
use super::attachments::policy_exists;
use super::document::{find_document, grants};
use super::error::IamError;
use super::groups::members;
use super::page::Paging;
use super::shapes::policy_name;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GrantingInput {
    arn: String,
    service_namespaces: Vec<String>,
    marker: Option<String>,
}

operation!(ListPoliciesGrantingServiceAccess(GrantingInput): |input, asked| asked.identity(&input.arn) => list);

/// A user, role, group or policy that reports are about.
pub(crate) struct Subject {
    pub(crate) policies: Vec<Held>,
    /// Who acts with these policies.
    pub(crate) entities: Vec<Who>,
}

/// A policy that is held.
pub(crate) struct Held {
    name: String,
    /// None for an inline policy.
    arn: Option<String>,
    /// `USER`, `ROLE` or `GROUP`, and the name.
    holder: (&'static str, String),
    document: Value,
}

/// Somebody who calls services.
#[derive(Clone)]
pub(crate) struct Who {
    pub(crate) arn: String,
    pub(crate) name: String,
    /// `USER` or `ROLE`.
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) path: String,
}

async fn list(call: &Authorized<GrantingInput>, access: &Access) -> Answer {
    let subject = subject(call.caller().account(), &call.arn, access)?;
    let granting = |namespace: &String| {
        let policies = subject.policies.iter().filter(|held| held.grants(namespace)).map(Held::shown);
        let value = json!({"ServiceNamespace": namespace, "Policies": policies.collect::<Vec<_>>()});
        (namespace.clone(), value)
    };
    let page = Paging { marker: call.marker.clone(), max_items: None };
    page.list("PoliciesGrantingServiceAccess", call.service_namespaces.iter().map(granting).collect())
}

/// What an ARN names, with the policies that count for it.
pub(crate) fn subject(account: &str, arn: &str, access: &Access) -> Result<Subject, IamError> {
    let missing = || IamError::NoSuchEntity(format!("ARN {arn} does not exist."));
    access.read(account, |account| {
        if let Some(user) = account.user_by_arn(arn) {
            return Ok(Subject { policies: of_user(account, user), entities: vec![Who::user(user)] });
        }
        if let Some(role) = account.role_by_arn(arn) {
            let policies = held(account, ("ROLE", &role.name), &role.inline, &role.attached);
            return Ok(Subject { policies, entities: vec![Who::role(role)] });
        }
        let name = arn.rsplit('/').next().unwrap_or_default();
        if let Some(group) = account.find::<Group>(name).filter(|group| group.arn == arn) {
            let entities = members(account, group, None).map(|(_, user)| Who::user(user)).collect();
            return Ok(Subject { policies: of_group(account, group), entities });
        }
        if policy_exists(account, arn) {
            let policies = held(account, ("POLICY", name), &Default::default(), &[arn.to_owned()]);
            return Ok(Subject { policies, entities: holders(account, arn) });
        }
        Err(missing())
    })
}

fn of_user(account: &Account, user: &User) -> Vec<Held> {
    let mut policies = held(account, ("USER", &user.name), &user.inline, &user.attached);
    for group in user.groups.iter().filter_map(|name| account.find::<Group>(name)) {
        policies.extend(of_group(account, group));
    }
    policies
}

fn of_group(account: &Account, group: &Group) -> Vec<Held> {
    held(account, ("GROUP", &group.name), &group.inline, &group.attached)
}

fn held(
    account: &Account,
    (kind, name): (&'static str, &str),
    inline: &std::collections::BTreeMap<String, String>,
    attached: &[String],
) -> Vec<Held> {
    let own = inline.iter().map(|(policy, document)| Held {
        name: policy.clone(),
        arn: None,
        holder: (kind, name.to_owned()),
        document: parsed(document),
    });
    let managed = attached.iter().filter_map(|arn| {
        Some(Held {
            name: policy_name(arn).to_owned(),
            arn: Some(arn.clone()),
            holder: (kind, name.to_owned()),
            document: parsed(&find_document(account, arn)?),
        })
    });
    own.chain(managed).collect()
}

fn parsed(document: &str) -> Value {
    serde_json::from_str(document).unwrap_or_default()
}

/// The users and roles that a managed policy is attached to, directly or by a group.
fn holders(account: &Account, arn: &str) -> Vec<Who> {
    let mut users = BTreeSet::new();
    let mut roles = Vec::new();
    for (kind, key) in account.links().after(Link::Attached, arn, None) {
        match *kind {
            User::KIND => users.extend([key.as_ref()]),
            Group::KIND => {
                let group = account.groups.get(key.as_ref());
                users.extend(
                    group.into_iter().flat_map(|group| members(account, group, None)).map(|(key, _)| key),
                );
            }
            _ => roles.extend(account.roles.get(key.as_ref())),
        }
    }
    let users = users.into_iter().filter_map(|key| account.users.get(key));
    users.map(|user| Who::user(user)).chain(roles.into_iter().map(|role| Who::role(role))).collect()
}

impl Held {
    pub(crate) fn grants(&self, namespace: &str) -> bool {
        grants(&self.document, namespace)
    }

    // AWS: the entity is told of inline policies only.
    fn shown(&self) -> Value {
        match &self.arn {
            Some(arn) => json!({"PolicyName": self.name, "PolicyType": "MANAGED", "PolicyArn": arn}),
            None => json!({
                "PolicyName": self.name, "PolicyType": "INLINE",
                "EntityType": self.holder.0, "EntityName": self.holder.1,
            }),
        }
    }
}

impl Who {
    fn user(user: &User) -> Self {
        Self {
            arn: user.arn.clone(),
            name: user.name.clone(),
            kind: "USER",
            id: user.id.clone(),
            path: user.path.clone(),
        }
    }

    fn role(role: &Role) -> Self {
        Self {
            arn: role.arn.clone(),
            name: role.name.clone(),
            kind: "ROLE",
            id: role.id.clone(),
            path: role.path.clone(),
        }
    }
}

/// The tags of whatever an ARN names.
pub(crate) fn tags_of(account: &Account, arn: &str) -> stepward_access::Tags {
    let name = arn.rsplit('/').next().unwrap_or_default();
    let user = account.user_by_arn(arn).map(|user| user.tags.clone());
    let role = || account.role_by_arn(arn).map(|role| role.tags.clone());
    let policy = || {
        let found = account.find::<ManagedPolicy>(name).filter(|policy| policy.arn == arn);
        found.map(|policy| policy.tags.clone())
    };
    user.or_else(role).or_else(policy).unwrap_or_default()
}
