//! Map Runs. No Distributed Map runs here yet, so that none is ever found: the answers are those of AWS for a Map
//! Run that does not exist.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};

use super::StatesError;
use super::arn::{ExecutionArn, states_arn};
use super::rights::on_execution;
use crate::{Operation, Services};

pub(crate) struct DescribeMapRun;
pub(crate) struct ListMapRuns;
pub(crate) struct UpdateMapRun;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MapRunInput {
    map_run_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListInput {
    execution_arn: String,
}

fn missing(arn: &str) -> StatesError {
    StatesError::ResourceNotFound(format!("Resource not found: '{arn}'"))
}

impl Operation for DescribeMapRun {
    const NAME: &'static str = "DescribeMapRun";
    type Input = MapRunInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &MapRunInput, _: &Authenticated, _: &Services) -> Result<Needs, StatesError> {
        Ok(Needs::one("states:DescribeMapRun", states_arn(&input.map_run_arn)?))
    }

    async fn handle(call: Authorized<MapRunInput>, _: &Services) -> Result<Value, StatesError> {
        Err(missing(&call.map_run_arn))
    }
}

impl Operation for UpdateMapRun {
    const NAME: &'static str = "UpdateMapRun";
    type Input = MapRunInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &MapRunInput, _: &Authenticated, _: &Services) -> Result<Needs, StatesError> {
        Ok(Needs::one("states:UpdateMapRun", states_arn(&input.map_run_arn)?))
    }

    async fn handle(call: Authorized<MapRunInput>, _: &Services) -> Result<Value, StatesError> {
        Err(missing(&call.map_run_arn))
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

    async fn handle(call: Authorized<ListInput>, at: &Services) -> Result<Value, StatesError> {
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        engine.describe_execution(&call.execution_arn).await?;
        Ok(json!({"mapRuns": []}))
    }
}
