//! Aliases: names that lead executions to one version, or to two by weight.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};

use super::StatesError;
use super::arn::StateMachineArn;
use super::page::Page;
use super::record::{AliasRecord, Route, StateMachineRecord};
use super::rights::on_machine;
use crate::time::now;
use crate::{Operation, Services};

/// AWS quota.
const ALIASES_MAX: usize = 100;
/// AWS: what is said of an alias that is not there.
const MISSING: &str = "Request references a resource that does not exist.";

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoutingItem {
    state_machine_version_arn: String,
    weight: u32,
}

/// The machine that the routes lead to, and the routes.
fn check_routes(items: &[RoutingItem]) -> Result<(StateMachineArn, Vec<Route>), StatesError> {
    let received: Vec<&str> = items.iter().map(|item| item.state_machine_version_arn.as_str()).collect();
    let received = received.join(", ");
    let arns: Vec<StateMachineArn> = items
        .iter()
        .map(|item| StateMachineArn::parse(&item.state_machine_version_arn))
        .collect::<Result<_, _>>()?;
    let mut routes = Vec::new();
    for (arn, item) in arns.iter().zip(items) {
        let version = arn.version().ok_or_else(|| {
            let text = format!(
                "Routing configuration must contain state machine version ARNs. Received: [{received}]"
            );
            StatesError::Validation(text)
        })?;
        routes.push(Route { version, weight: item.weight });
    }
    check_distinct(&arns, &routes, &received)?;
    let weights: Vec<u32> = items.iter().map(|item| item.weight).collect();
    if weights.iter().sum::<u32>() != 100 {
        let text = format!("Sum of routing configuration weights must equal 100. Received: {weights:?}");
        return Err(StatesError::Validation(text));
    }
    let first = arns
        .into_iter()
        .next()
        .ok_or_else(|| StatesError::Validation("No routing configuration.".to_owned()))?;
    Ok((first, routes))
}

fn check_distinct(arns: &[StateMachineArn], routes: &[Route], received: &str) -> Result<(), StatesError> {
    if let [first, second] = arns
        && first.unqualified != second.unqualified
    {
        let text = "Routing configuration must contain versions of the same state machine.".to_owned();
        return Err(StatesError::Validation(text));
    }
    match routes {
        [first, second] if first.version == second.version => Err(StatesError::Validation(format!(
            "Routing configuration must contain distinct state machine version ARNs. Received: [{received}]"
        ))),
        _ => Ok(()),
    }
}

fn check_versions_exist(record: &StateMachineRecord, routes: &[Route]) -> Result<(), StatesError> {
    if routes.iter().all(|route| record.version(route.version).is_some()) {
        return Ok(());
    }
    Err(StatesError::ResourceNotFound(MISSING.to_owned()))
}

pub(crate) struct CreateStateMachineAlias;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateInput {
    name: String,
    description: Option<String>,
    routing_configuration: Vec<RoutingItem>,
}

impl Operation for CreateStateMachineAlias {
    const NAME: &'static str = "CreateStateMachineAlias";
    type Input = CreateInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &CreateInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let Some(first) = input.routing_configuration.first() else {
            return Err(StatesError::Validation("No routing configuration.".to_owned()));
        };
        let mut arn = StateMachineArn::parse(&first.state_machine_version_arn)?;
        arn.qualifier = Some(input.name.clone());
        on_machine("states:CreateStateMachineAlias", &arn, at).await
    }

    async fn handle(call: Authorized<CreateInput>, at: &Services) -> Result<Value, StatesError> {
        let (arn, routes) = check_routes(&call.routing_configuration)?;
        let at_time = now();
        let alias = AliasRecord {
            name: call.name.clone(),
            description: call.description.clone(),
            routes,
            created: at_time,
            updated: at_time,
        };
        let create = |record: Option<StateMachineRecord>| {
            let Some(mut record) = record else {
                return Err(StatesError::ResourceNotFound(MISSING.to_owned()));
            };
            check_versions_exist(&record, &alias.routes)?;
            if let Some(existing) = record.alias(&alias.name) {
                return repeat(existing, &alias, &arn).map(|answer| (None, answer));
            }
            if record.aliases.len() >= ALIASES_MAX {
                let text = format!("A state machine can have at most {ALIASES_MAX} aliases.");
                return Err(StatesError::ServiceQuotaExceeded(text));
            }
            let answer = created(&alias, &arn);
            record.aliases.push(alias);
            Ok((Some(record), answer))
        };
        at.states.change(&arn.account, &arn.name, create).await
    }
}

// AWS: the same alias again is answered as the first time; the text names the routing even where the description differs.
fn repeat(existing: &AliasRecord, wanted: &AliasRecord, arn: &StateMachineArn) -> Result<Value, StatesError> {
    if existing.routes == wanted.routes && existing.description == wanted.description {
        return Ok(created(existing, arn));
    }
    Err(StatesError::Conflict(
        "Failed to create alias because an alias with the same name and a different routing configuration already \
         exists."
            .to_owned(),
    ))
}

fn created(alias: &AliasRecord, arn: &StateMachineArn) -> Value {
    json!({
        "stateMachineAliasArn": arn.with_qualifier(&alias.name),
        "creationDate": alias.created.epoch_seconds(),
    })
}

pub(crate) struct UpdateStateMachineAlias;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateInput {
    state_machine_alias_arn: String,
    description: Option<String>,
    routing_configuration: Option<Vec<RoutingItem>>,
}

impl Operation for UpdateStateMachineAlias {
    const NAME: &'static str = "UpdateStateMachineAlias";
    type Input = UpdateInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &UpdateInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        on_machine(
            "states:UpdateStateMachineAlias",
            &StateMachineArn::parse(&input.state_machine_alias_arn)?,
            at,
        )
        .await
    }

    async fn handle(call: Authorized<UpdateInput>, at: &Services) -> Result<Value, StatesError> {
        let arn = StateMachineArn::parse(&call.state_machine_alias_arn)?;
        if call.description.is_none() && call.routing_configuration.is_none() {
            let text = "Either the description or the routing configuration must be specified".to_owned();
            return Err(StatesError::Validation(text));
        }
        let routes =
            call.routing_configuration.as_deref().map(check_routes).transpose()?.map(|(_, routes)| routes);
        let description = call.description.clone();
        let update = |record: Option<StateMachineRecord>| {
            let missing = || StatesError::ResourceNotFound(MISSING.to_owned());
            let mut record = record.ok_or_else(missing)?;
            check_versions_exist(&record, routes.as_deref().unwrap_or_default())?;
            let name = arn.qualifier.as_deref().unwrap_or_default();
            let alias = record.aliases.iter_mut().find(|alias| alias.name == name).ok_or_else(missing)?;
            alias.description = description.or(alias.description.take());
            alias.routes = routes.unwrap_or(std::mem::take(&mut alias.routes));
            alias.updated = now();
            let answer = json!({"updateDate": alias.updated.epoch_seconds()});
            Ok((Some(record), answer))
        };
        at.states.change(&arn.account, &arn.name, update).await
    }
}

pub(crate) struct DescribeStateMachineAlias;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AliasInput {
    state_machine_alias_arn: String,
}

impl Operation for DescribeStateMachineAlias {
    const NAME: &'static str = "DescribeStateMachineAlias";
    type Input = AliasInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &AliasInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        on_machine(
            "states:DescribeStateMachineAlias",
            &StateMachineArn::parse(&input.state_machine_alias_arn)?,
            at,
        )
        .await
    }

    async fn handle(call: Authorized<AliasInput>, at: &Services) -> Result<Value, StatesError> {
        let arn = StateMachineArn::parse(&call.state_machine_alias_arn)?;
        let record = at.states.find(&arn.account, &arn.name).await?;
        let name = arn.qualifier.as_deref().unwrap_or_default();
        let alias = record.as_ref().and_then(|record| record.alias(name));
        let alias = alias.ok_or_else(|| StatesError::ResourceNotFound(MISSING.to_owned()))?;
        let routes: Vec<Value> = alias
            .routes
            .iter()
            .map(|route| json!({"stateMachineVersionArn": arn.with_qualifier(route.version), "weight": route.weight}))
            .collect();
        Ok(json!({
            "stateMachineAliasArn": arn.with_qualifier(&alias.name),
            "name": alias.name,
            "description": alias.description,
            "routingConfiguration": routes,
            "creationDate": alias.created.epoch_seconds(),
            "updateDate": alias.updated.epoch_seconds(),
        }))
    }
}

pub(crate) struct DeleteStateMachineAlias;

impl Operation for DeleteStateMachineAlias {
    const NAME: &'static str = "DeleteStateMachineAlias";
    type Input = AliasInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &AliasInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        on_machine(
            "states:DeleteStateMachineAlias",
            &StateMachineArn::parse(&input.state_machine_alias_arn)?,
            at,
        )
        .await
    }

    /// AWS: deleting what is not there succeeds.
    async fn handle(call: Authorized<AliasInput>, at: &Services) -> Result<Value, StatesError> {
        let arn = StateMachineArn::parse(&call.state_machine_alias_arn)?;
        let delete = |record: Option<StateMachineRecord>| {
            let Some(mut record) = record else { return Ok((None, json!({}))) };
            record.aliases.retain(|alias| Some(&alias.name) != arn.qualifier.as_ref());
            Ok((Some(record), json!({})))
        };
        at.states.change(&arn.account, &arn.name, delete).await
    }
}

pub(crate) struct ListStateMachineAliases;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListInput {
    state_machine_arn: String,
    max_results: Option<usize>,
    next_token: Option<String>,
}

impl Operation for ListStateMachineAliases {
    const NAME: &'static str = "ListStateMachineAliases";
    type Input = ListInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &ListInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        on_machine("states:ListStateMachineAliases", &StateMachineArn::parse(&input.state_machine_arn)?, at)
            .await
    }

    /// In the order of their making; with a version's ARN, only those that lead to it.
    async fn handle(call: Authorized<ListInput>, at: &Services) -> Result<Value, StatesError> {
        let arn = StateMachineArn::parse(&call.state_machine_arn)?;
        let page = Page::new(call.max_results, call.next_token.as_deref())?;
        let start: usize = page.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(0);
        let record = at.states.find(&arn.account, &arn.name).await?;
        let record =
            record.ok_or_else(|| StatesError::StateMachineDoesNotExist(call.state_machine_arn.clone()))?;
        let leads = |alias: &AliasRecord| {
            arn.version().is_none_or(|version| alias.routes.iter().any(|route| route.version == version))
        };
        let aliases = record.aliases.iter().filter(|alias| leads(alias)).enumerate().skip(start);
        let (aliases, next) = page.cut(aliases.take(page.size + 1).collect(), |(at, _)| (at + 1).to_string());
        let shown = aliases.iter().map(|(_, alias)| created(alias, &arn));
        Ok(next.into_answer("stateMachineAliases", shown.collect()))
    }
}
