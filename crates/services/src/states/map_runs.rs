//! Map Runs: of a Distributed Map state in an execution, told from its journal.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_asl::{ItemCounts, MapRunLimits};

use super::StatesError;
use super::arn::{ExecutionArn, MapRunArn, StateMachineArn};
use super::page::Page;
use super::rights::on_execution;
use crate::{Operation, Services};

pub(crate) struct DescribeMapRun;
pub(crate) struct ListMapRuns;
pub(crate) struct UpdateMapRun;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DescribeInput {
    map_run_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateInput {
    map_run_arn: String,
    max_concurrency: Option<u32>,
    tolerated_failure_percentage: Option<f64>,
    tolerated_failure_count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListInput {
    execution_arn: String,
    max_results: Option<usize>,
    next_token: Option<String>,
}

pub(crate) fn missing(arn: &str) -> StatesError {
    StatesError::ResourceNotFound(format!("Resource not found: '{arn}'"))
}

/// A right on a Map Run, which carries the tags of its state machine.
pub(crate) async fn on_map_run(action: &str, text: &str, at: &Services) -> Result<Needs, StatesError> {
    let arn = MapRunArn::parse(text)?;
    let machine = StateMachineArn::parse(&arn.state_machine)?;
    let record = at.states.find(&machine.account, &machine.name).await?;
    let tags = record.map(|record| record.tags.clone()).unwrap_or_default();
    Ok(Needs::one(action, text).resource_account(&arn.account).resource_tags(&tags))
}

impl Operation for DescribeMapRun {
    const NAME: &'static str = "DescribeMapRun";
    type Input = DescribeInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &DescribeInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        on_map_run("states:DescribeMapRun", &input.map_run_arn, at).await
    }

    async fn handle(call: Authorized<DescribeInput>, at: &Services) -> Result<Value, StatesError> {
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        let found = engine.map_run(&call.map_run_arn).await.map_err(StatesError::fault)?;
        let found = found.ok_or_else(|| missing(&call.map_run_arn))?;
        let map_run = &found.map_run;
        let redriven = map_run.redriven.map(|at| at.epoch_seconds());
        Ok(json!({
            "mapRunArn": map_run.arn,
            "executionArn": found.execution_arn,
            "status": map_run.status.as_str(),
            "startDate": map_run.started.epoch_seconds(),
            "stopDate": map_run.stopped.map(|at| at.epoch_seconds()),
            "maxConcurrency": map_run.max_concurrency,
            "toleratedFailurePercentage": map_run.tolerated_failure_percentage,
            "toleratedFailureCount": map_run.tolerated_failure_count,
            "itemCounts": counts(&map_run.items),
            // Without ItemBatcher a child execution has one item.
            "executionCounts": counts(&map_run.items),
            "redriveCount": map_run.redrive_count,
            "redriveDate": redriven,
        }))
    }
}

fn counts(items: &ItemCounts) -> Value {
    json!({
        "pending": items.pending,
        "running": items.running,
        "succeeded": items.succeeded,
        "failed": items.failed,
        "timedOut": 0,
        "aborted": items.aborted,
        "total": items.total,
        "resultsWritten": 0,
        "failuresNotRedrivable": 0,
        "pendingRedrive": 0,
    })
}

impl Operation for UpdateMapRun {
    const NAME: &'static str = "UpdateMapRun";
    type Input = UpdateInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &UpdateInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        on_map_run("states:UpdateMapRun", &input.map_run_arn, at).await
    }

    async fn handle(call: Authorized<UpdateInput>, at: &Services) -> Result<Value, StatesError> {
        let limits = MapRunLimits {
            max_concurrency: call.max_concurrency,
            // No Map has more items than that.
            tolerated_failure_count: call
                .tolerated_failure_count
                .map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
            tolerated_failure_percentage: call.tolerated_failure_percentage,
        };
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        if engine.map_run(&call.map_run_arn).await.map_err(StatesError::fault)?.is_none() {
            return Err(missing(&call.map_run_arn));
        }
        if limits == MapRunLimits::default() {
            return Err(StatesError::Validation(
                "Either the maxConcurrency, the toleratedFailurePercentage, or the toleratedFailureCount must be \
                 specified"
                    .to_owned(),
            ));
        }
        if engine.update_map_run(&call.map_run_arn, limits).await? {
            return Ok(json!({}));
        }
        Err(StatesError::Validation("A Map Run can be updated only while it is running".to_owned()))
    }
}

impl Operation for ListMapRuns {
    const NAME: &'static str = "ListMapRuns";
    type Input = ListInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &ListInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        on_execution("states:ListMapRuns", &ExecutionArn::parse(&input.execution_arn)?, at).await
    }

    /// Newest first.
    async fn handle(call: Authorized<ListInput>, at: &Services) -> Result<Value, StatesError> {
        let arn = ExecutionArn::parse(&call.execution_arn)?;
        arn.check_standard()?;
        let page = Page::new(call.max_results, call.next_token.as_deref())?;
        let skipped: usize = page.number()?.unwrap_or(0);
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        let map_runs = engine.map_runs(&call.execution_arn).await?;
        let shown = map_runs.iter().rev().enumerate().skip(skipped).take(page.size + 1).collect();
        let (shown, next) = page.cut(shown, |(index, _)| (index + 1).to_string());
        let shown = shown.iter().map(|(_, map_run)| {
            json!({
                "executionArn": call.execution_arn,
                "mapRunArn": map_run.arn,
                "stateMachineArn": arn.state_machine,
                "startDate": map_run.started.epoch_seconds(),
                "stopDate": map_run.stopped.map(|at| at.epoch_seconds()),
            })
        });
        Ok(next.into_answer("mapRuns", shown.collect()))
    }
}
