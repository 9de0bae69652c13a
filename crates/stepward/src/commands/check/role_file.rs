//! A role as it stands in a file: the forms in which people have one.
//!
//! A policy document alone; what `policy generate` writes; `{"arn", "policies", "permissionsBoundary", "trustPolicy"}`; or
//! a role as `aws iam get-account-authorization-details` tells it (`RoleDetailList`). Managed policies of AWS are known by
//! their ARN; the documents of others must be given. `"serviceControlPolicies"` (a list for each level of the organization,
//! from the root) and `"resourcePolicies"` (by the resource's ARN) count where they are given.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use stepward_advisor::{NamedPolicy, Role};

#[derive(Default)]
pub(super) struct RoleFile {
    pub(super) arn: Option<String>,
    pub(super) policies: Vec<NamedPolicy>,
    pub(super) boundary: Option<NamedPolicy>,
    pub(super) trust: Option<Value>,
    pub(super) service_control: Vec<Vec<NamedPolicy>>,
    pub(super) of_resources: Vec<(String, NamedPolicy)>,
}

impl RoleFile {
    pub(super) fn read(file: &str) -> Result<Self> {
        let text = super::read(file)?;
        let value: Value = serde_json::from_str(&text).with_context(|| format!("{file} is not JSON"))?;
        Self::of(&value).with_context(|| file.to_owned())
    }

    fn of(value: &Value) -> Result<Self> {
        if value.get("Statement").is_some() {
            let policy = NamedPolicy { name: "policy".to_owned(), arn: None, document: value.clone() };
            return Ok(Self { policies: vec![policy], ..Self::default() });
        }
        let value = of_details(value)?;
        let lists = ["policies", "RolePolicyList", "managedPolicyArns", "AttachedManagedPolicies"];
        let listed = lists.iter().filter_map(|name| value.get(name)?.as_array()).flatten();
        // What `policy generate` writes.
        let all: Vec<&Value> = listed.chain(value.get("policy")).collect();
        let has_any = lists.iter().chain(&["policy"]).any(|name| value.get(name).is_some());
        if !has_any {
            bail!("there is neither \"policies\" nor a policy's \"Statement\" in it")
        }
        let policies = all.into_iter().enumerate().map(|(index, policy)| named(policy, index));
        let boundary = value.get("permissionsBoundary").or_else(|| value.get("PermissionsBoundary"));
        let trust = value.get("trustPolicy").or_else(|| value.get("AssumeRolePolicyDocument"));
        Ok(Self {
            arn: text(value, &["arn", "Arn"]).map(str::to_owned),
            policies: policies.collect::<Result<_>>()?,
            boundary: boundary.map(|boundary| named(boundary, 0)).transpose()?,
            trust: trust.map(document).transpose()?,
            service_control: levels(value)?,
            of_resources: of_resources(value)?,
        })
    }

    /// The role, called after the file when nothing says its ARN.
    pub(super) fn role(self, file: &str, account: &str) -> Result<Role> {
        let stem = crate::commands::policy::name_of(Path::new(file));
        let arn = self.arn.unwrap_or_else(|| format!("arn:aws:iam::{account}:role/{stem}"));
        let mut role = Role::new(&arn, self.policies, self.boundary, self.trust)
            .and_then(|role| role.in_organization(&self.service_control));
        for (resource, policy) in &self.of_resources {
            role = role.and_then(|role| role.beside(resource, policy));
        }
        role.with_context(|| format!("{file} holds a policy that is wrong"))
    }
}

/// The only role of an account's details, or the value itself.
fn of_details(value: &Value) -> Result<&Value> {
    match value.get("RoleDetailList").and_then(Value::as_array).map(Vec::as_slice) {
        None => Ok(value),
        Some([one]) => Ok(one),
        Some(roles) => bail!("it holds {} roles: give one", roles.len()),
    }
}

/// A policy: its document, with or without a name beside it, or the ARN of one of AWS's.
fn named(value: &Value, index: usize) -> Result<NamedPolicy> {
    let names = ["name", "PolicyName"];
    let arn = value
        .as_str()
        .filter(|text| text.starts_with("arn:"))
        .or_else(|| text(value, &["arn", "PolicyArn", "PermissionsBoundaryArn"]));
    let has_document = ["document", "PolicyDocument", "Statement"].iter().any(|key| value.get(key).is_some());
    if let (Some(arn), false) = (arn, has_document) {
        let Some(policy) = stepward_models::managed_policy(arn) else {
            bail!("{arn} is not one of AWS's managed policies: give its document in \"document\"")
        };
        let name = arn.rsplit('/').next().unwrap_or(arn).to_owned();
        return Ok(NamedPolicy { name, arn: Some(arn.to_owned()), document: policy.document.clone() });
    }
    let name = text(value, &names).map_or_else(|| format!("policy {index}"), str::to_owned);
    Ok(NamedPolicy { name, arn: arn.map(str::to_owned), document: document(value)? })
}

/// Service control policies: a list for each level; a level of one policy may stand without its list.
fn levels(value: &Value) -> Result<Vec<Vec<NamedPolicy>>> {
    let levels = value.get("serviceControlPolicies").and_then(Value::as_array);
    let level = |level: &Value| match level.as_array() {
        Some(policies) => policies.iter().enumerate().map(|(index, policy)| named(policy, index)).collect(),
        None => Ok(vec![named(level, 0)?]),
    };
    levels.into_iter().flatten().map(level).collect()
}

fn of_resources(value: &Value) -> Result<Vec<(String, NamedPolicy)>> {
    let policies = value.get("resourcePolicies").and_then(Value::as_object);
    let policy = |(arn, policy): (&String, &Value)| {
        let name = format!("resource policy of {arn}");
        Ok((arn.clone(), NamedPolicy { name, arn: None, document: document(policy)? }))
    };
    policies.into_iter().flatten().map(policy).collect()
}

/// A document alone, with its name beside it, or as a text.
fn document(value: &Value) -> Result<Value> {
    let inner = value.get("document").or_else(|| value.get("PolicyDocument")).unwrap_or(value);
    let Some(text) = inner.as_str() else { return Ok(inner.clone()) };
    serde_json::from_str(text).context("a policy's document is not JSON")
}

fn text<'a>(value: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| value.get(name)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn statement() -> Value {
        json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"})
    }

    #[test]
    fn a_role_as_aws_tells_it_is_read_with_its_managed_policies() {
        let inline = json!({"Version": "2012-10-17", "Statement": statement()}).to_string();
        let details = json!({"RoleDetailList": [{
            "Arn": "arn:aws:iam::123456789012:role/R",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
            "RolePolicyList": [{"PolicyName": "Inline", "PolicyDocument": inline}],
            "AttachedManagedPolicies": [
                {"PolicyName": "AmazonSQSFullAccess", "PolicyArn": "arn:aws:iam::aws:policy/AmazonSQSFullAccess"},
            ],
            "PermissionsBoundary": {
                "PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": "arn:aws:iam::aws:policy/PowerUserAccess",
            },
        }]});
        let file = RoleFile::of(&details).unwrap();
        let names: Vec<&str> = file.policies.iter().map(|policy| policy.name.as_str()).collect();
        assert_eq!(names, ["Inline", "AmazonSQSFullAccess"]);
        assert_eq!(file.policies[0].document["Statement"], statement());
        assert_eq!(file.boundary.as_ref().unwrap().name, "PowerUserAccess");
        assert_eq!(file.role("x.json", "1").unwrap().arn(), "arn:aws:iam::123456789012:role/R");
    }

    #[test]
    fn a_managed_policy_that_nobody_knows_is_named() {
        let value = json!({"managedPolicyArns": ["arn:aws:iam::123456789012:policy/Own"]});
        let error = RoleFile::of(&value).err().unwrap().to_string();
        assert!(error.contains("arn:aws:iam::123456789012:policy/Own"), "{error}");
        assert!(RoleFile::of(&json!({"name": "x"})).is_err());
    }
}
