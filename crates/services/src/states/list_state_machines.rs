//! ListStateMachines: in the order of their names, a page at a time.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};

use super::StatesError;
use super::page::Page;
use crate::{Operation, Services};

pub(crate) struct ListStateMachines;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    max_results: Option<usize>,
    next_token: Option<String>,
}

impl Operation for ListStateMachines {
    const NAME: &'static str = "ListStateMachines";
    type Input = Input;
    type Output = Value;
    type Error = StatesError;

    async fn needs(_: &Input, caller: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let resource = format!("arn:aws:states:{}:{}:stateMachine:*", at.region, caller.account());
        Ok(Needs::one("states:ListStateMachines", resource))
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StatesError> {
        let page = Page::new(call.max_results, call.next_token.as_deref())?;
        let account = call.caller().account();
        let records = at.states.list(account, page.after.as_deref(), page.size + 1).await?;
        let (records, next) = page.cut(records, |record| record.name.clone());
        let machines: Vec<Value> = records
            .iter()
            .map(|record| {
                json!({
                    "stateMachineArn": record.arn,
                    "name": record.name,
                    "type": record.machine_type,
                    "creationDate": record.created.epoch_seconds(),
                })
            })
            .collect();
        Ok(next.into_answer("stateMachines", machines))
    }
}
