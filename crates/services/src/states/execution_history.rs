//! GetExecutionHistory: a page at a time, both ways.

use serde::Deserialize;
use serde_json::Value;
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_engine::HistoryRequest;

use super::StatesError;
use super::arn::ExecutionArn;
use super::encryption::with_execution_data;
use super::page::Page;
use super::rights::on_execution;
use crate::{Operation, Services};

pub(crate) struct GetExecutionHistory;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    execution_arn: String,
    max_results: Option<usize>,
    #[serde(default)]
    reverse_order: bool,
    next_token: Option<String>,
    include_execution_data: Option<bool>,
}

impl Operation for GetExecutionHistory {
    const NAME: &'static str = "GetExecutionHistory";
    type Input = Input;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &Input, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let arn = ExecutionArn::parse(&input.execution_arn)?;
        let needs = on_execution("states:GetExecutionHistory", &arn, at).await?;
        with_execution_data(needs, &arn, None, at).await
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StatesError> {
        ExecutionArn::parse(&call.execution_arn)?.check_standard()?;
        let page = Page::new(call.max_results, call.next_token.as_deref())?;
        let request = HistoryRequest {
            arn: call.execution_arn.clone(),
            from: page.number()?,
            limit: page.size,
            is_reverse: call.reverse_order,
            includes_data: call.include_execution_data.unwrap_or(true),
        };
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        let history = engine.execution_history(request).await?;
        Ok(Page::next(history.next).into_answer("events", history.events))
    }
}
