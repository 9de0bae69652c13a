//! Everything about an account's identities and their policies in one answer.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Access, Account, Authorized, Group, Link, Links, ManagedPolicy, Role, Table, User};

use super::Answer;
use super::document::url_encoded;
use super::instance_profiles;
use super::page::{Paging, Section, rest, sorted_out};
use super::policies::AWS_PREFIX;
use super::policy_usage::merged;
use super::policy_versions::all_with_documents;
use super::shapes;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    filter: Vec<String>,
    #[serde(flatten)]
    page: Paging,
}

operation!(GetAccountAuthorizationDetails(Input): |_, asked| asked.any() => details);

/// The lists of the answer.
const LISTS: [&str; 4] = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];

async fn details(call: &Authorized<Input>, access: &Access) -> Answer {
    access.read(call.caller().account(), |account| {
        let page = call.page.sections("Items", sections(account, &call.filter, access))?;
        Ok(sorted_out(page, "Items", &LISTS))
    })
}

/// What is answered, in this order; what is not wanted is an empty list, so that markers mean the same.
fn sections<'a>(account: &'a Account, filter: &'a [String], access: &'a Access) -> Vec<Section<'a>> {
    let [users, groups, roles, policies] = LISTS;
    let links = account.links();
    let wanted = |kind: &str, section: Section<'a>| -> Section<'a> {
        match filter.is_empty() || filter.iter().any(|wanted| wanted == kind) {
            true => section,
            false => Box::new(|_| Box::new(std::iter::empty())),
        }
    };
    vec![
        wanted("User", table(&account.users, users, user)),
        wanted("Group", table(&account.groups, groups, group)),
        wanted("Role", table(&account.roles, roles, |each| role(each, account, access))),
        wanted("LocalManagedPolicy", table(&account.policies, policies, |each| local_policy(each, links))),
        wanted(
            "AWSManagedPolicy",
            Box::new(move |after| {
                let used = merged(
                    links.targets(Link::Attached, AWS_PREFIX, after),
                    links.targets(Link::Boundary, AWS_PREFIX, after),
                );
                Box::new(used.filter_map(move |arn| {
                    Some((arn.to_owned(), json!([policies, aws_policy(arn, links)?])))
                }))
            }),
        ),
    ]
}

fn table<'a, T>(table: &'a Table<T>, list: &'static str, show: impl Fn(&T) -> Value + 'a) -> Section<'a> {
    Box::new(move |after| Box::new(rest(table, after, move |each| Some(json!([list, show(each)])))))
}

fn aws_policy(arn: &str, links: &Links) -> Option<Value> {
    let policy = stepward_models::managed_policy(arn)?;
    let version = json!({
        "VersionId": policy.version, "IsDefaultVersion": true,
        "Document": url_encoded(&policy.document.to_string()),
    });
    Some(shapes::with(shapes::aws_policy(&policy, links), "PolicyVersionList", Some(json!([version]))))
}

fn inline(policies: &BTreeMap<String, String>) -> Value {
    let shown = |(name, document): (&String, &String)| json!({"PolicyName": name, "PolicyDocument": url_encoded(document)});
    policies.iter().map(shown).collect()
}

fn user(user: &User) -> Value {
    let value = json!({
        "Path": user.path, "UserName": user.name, "UserId": user.id, "Arn": user.arn,
        "CreateDate": shapes::date(user.created), "UserPolicyList": inline(&user.inline), "GroupList": user.groups,
        "AttachedManagedPolicies": shapes::attached(&user.attached),
    });
    shapes::with_tags(shapes::with_boundary(value, user.boundary.as_ref()), &user.tags)
}

fn group(group: &Group) -> Value {
    let value = shapes::with(shapes::group(group), "GroupPolicyList", Some(inline(&group.inline)));
    shapes::with(value, "AttachedManagedPolicies", Some(json!(shapes::attached(&group.attached))))
}

fn role(role: &Role, account: &Account, access: &Access) -> Value {
    let profiles = instance_profiles::of(account, role, None);
    let profiles: Vec<Value> =
        profiles.map(|profile| shapes::instance_profile(profile, account, access)).collect();
    let value = json!({
        "Path": role.path, "RoleName": role.name, "RoleId": role.id, "Arn": role.arn,
        "CreateDate": shapes::date(role.created),
        "AssumeRolePolicyDocument": url_encoded(&access.show_principals(&role.trust)),
        "InstanceProfileList": profiles, "RolePolicyList": inline(&role.inline),
        "AttachedManagedPolicies": shapes::attached(&role.attached),
    });
    let value = shapes::with(value, "RoleLastUsed", Some(shapes::role_last_used(role, access)));
    shapes::with_tags(shapes::with_boundary(value, role.boundary.as_ref()), &role.tags)
}

fn local_policy(policy: &ManagedPolicy, links: &Links) -> Value {
    let value = shapes::policy_in_list(policy, links);
    let value = shapes::with(value, "Description", policy.description.as_ref().map(|text| json!(text)));
    shapes::with(value, "PolicyVersionList", Some(json!(all_with_documents(policy))))
}
