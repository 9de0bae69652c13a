//! CheckDefinition: a definition against the role that it has or will have.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_advisor::{Against, NamedPolicy, Report, Role, check};
use stepward_integrations::FunctionArn;
use stepward_wire::ApiError;

use super::definition::{Asked, find, settings};
use super::role::{document, invalid_policy, role, role_arn};
use crate::lambda::resource_policy;
use crate::{Operation, Services};

pub(crate) struct CheckDefinition;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    definition: Option<String>,
    state_machine_arn: Option<String>,
    #[serde(rename = "type")]
    machine_type: Option<String>,
    state_machine_name: Option<String>,
    /// ARN or name; the state machine's own when none is given.
    role: Option<String>,
    /// Roles that states name in their `Credentials`.
    #[serde(default)]
    other_roles: Vec<String>,
    /// Documents in place of a role.
    #[serde(default)]
    policies: Vec<String>,
    permissions_boundary: Option<String>,
    trust_policy: Option<String>,
    /// A list for each level of the organization, from its root.
    #[serde(default)]
    service_control_policies: Vec<Vec<String>>,
    /// By the ARN of the resource; those of functions on this server are known.
    #[serde(default)]
    resource_policies: BTreeMap<String, String>,
    tracing_configuration: Option<Value>,
    logging_configuration: Option<Value>,
}

impl Operation for CheckDefinition {
    const NAME: &'static str = "CheckDefinition";
    type Input = Input;
    type Output = Value;
    type Error = ApiError;

    async fn needs(input: &Input, caller: &Authenticated, at: &Services) -> Result<Needs, ApiError> {
        let machine = input.state_machine_arn.as_deref().unwrap_or("*");
        let mut needs = Needs::one("stepward:CheckDefinition", machine);
        // What a role may do is told: the caller must be let see each role that is read.
        for name in input.role.iter().chain(&input.other_roles) {
            needs = needs.and("stepward:CheckDefinition", role_arn(at, caller.account(), name));
        }
        Ok(needs)
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, ApiError> {
        let account = call.caller().account();
        let asked = Asked {
            definition: call.definition.as_deref(),
            state_machine_arn: call.state_machine_arn.as_deref(),
            machine_type: call.machine_type.as_deref(),
            name: call.state_machine_name.as_deref(),
            account,
        };
        let found = find(&asked, at).await?;
        let execution_role = match call.role.as_ref().or(found.role_arn.as_ref()) {
            Some(name) if call.policies.is_empty() => role(at, account, name)?,
            _ => given(&call)?,
        };
        let execution_role = surrounded(execution_role, &call)?;
        let others = call.other_roles.iter().map(|name| role(at, account, name));
        let others = others.collect::<Result<Vec<Role>, _>>()?;
        let is_told = call.tracing_configuration.is_some() || call.logging_configuration.is_some();
        let told = is_told
            .then(|| settings(call.tracing_configuration.as_ref(), call.logging_configuration.as_ref()));
        let settings = found.settings.or(told);
        let against = Against { role: &execution_role, others: &others, settings };
        let report = check(&found.definition, &against);
        let known = beside_functions(&execution_role, &report, at).await?;
        let report =
            known.map_or(report, |role| check(&found.definition, &Against { role: &role, ..against }));
        Ok(report.to_json())
    }
}

/// The role with the policies of the request that others keep: of the organization, and of resources.
fn surrounded(role: Role, call: &Authorized<Input>) -> Result<Role, ApiError> {
    let level = |(index, level): (usize, &Vec<String>)| {
        let named = |text: &String| document(&format!("serviceControlPolicies[{index}]"), text);
        level.iter().map(named).collect::<Result<Vec<_>, _>>()
    };
    let levels = call.service_control_policies.iter().enumerate().map(level);
    let levels = levels.collect::<Result<Vec<_>, _>>()?;
    let mut role = role.in_organization(&levels).map_err(|error| invalid_policy(&error))?;
    for (arn, text) in &call.resource_policies {
        let policy = document(&format!("resource policy of {arn}"), text)?;
        role = role.beside(arn, &policy).map_err(|error| invalid_policy(&error))?;
    }
    Ok(role)
}

/// The role beside the functions of this server that it calls and that have policies of their own, if there are any.
async fn beside_functions(role: &Role, report: &Report, at: &Services) -> Result<Option<Role>, ApiError> {
    let calls = report.states.iter().flat_map(|state| &state.calls);
    let arns: BTreeSet<&str> = calls.map(|call| call.resource.as_str()).collect();
    let mut known = None;
    for text in arns.into_iter().filter(|arn| arn.contains(":function:") && !arn.contains('*')) {
        let Some(arn) = FunctionArn::parse(text, at.region.as_str(), "") else { continue };
        let Some(document) = resource_policy(&arn, at).await? else { continue };
        let policy = NamedPolicy { name: "function policy".to_owned(), arn: None, document };
        let before = known.unwrap_or_else(|| role.clone());
        known = Some(before.beside(text, &policy).map_err(|error| invalid_policy(&error))?);
    }
    Ok(known)
}

/// The role of the documents in the request.
fn given(call: &Authorized<Input>) -> Result<Role, ApiError> {
    if call.policies.is_empty() {
        let text = "Give a role, policies, or a state machine that has a role.";
        return Err(ApiError::new("ValidationException", text));
    }
    let named = |(index, text): (usize, &String)| document(&format!("policies[{index}]"), text);
    let policies = call.policies.iter().enumerate().map(named).collect::<Result<Vec<_>, _>>()?;
    let boundary = call.permissions_boundary.as_deref().map(|text| document("permissionsBoundary", text));
    let trust = call.trust_policy.as_deref().map(|text| document("trustPolicy", text)).transpose()?;
    let arn = match call.role.as_deref() {
        Some(arn) if arn.starts_with("arn:") => arn.to_owned(),
        name => format!("arn:aws:iam::{}:role/{}", call.caller().account(), name.unwrap_or("role")),
    };
    Role::new(&arn, policies, boundary.transpose()?, trust.map(|trust| trust.document))
        .map_err(|error| invalid_policy(&error))
}
