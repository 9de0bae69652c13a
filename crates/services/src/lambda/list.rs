//! ListFunctions.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};

use super::configuration::shown;
use super::error::LambdaError;
use crate::{Operation, Services};

/// AWS: a page has at most 50 functions.
const PAGE_MAX: usize = 50;

pub(crate) struct ListFunctions;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    max_items: Option<usize>,
    marker: Option<String>,
}

impl Operation for ListFunctions {
    const NAME: &'static str = "ListFunctions";
    type Input = Input;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(_: &Input, _: &Authenticated, _: &Services) -> Result<Needs, LambdaError> {
        Ok(Needs::one("lambda:ListFunctions", "*"))
    }

    /// The marker is the name of the last function of the page before.
    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, LambdaError> {
        let size = call.max_items.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX);
        let account = call.caller().account();
        let mut records = at.functions.list(account, call.marker.as_deref(), size + 1).await?;
        let has_more = records.len() > size;
        records.truncate(size);
        let next = records.last().filter(|_| has_more).map(|record| record.name.clone());
        let functions: Vec<Value> =
            records.iter().map(|record| shown(record, &record.latest, (&record.arn, "$LATEST"))).collect();
        Ok(json!({"Functions": functions, "NextMarker": next}))
    }
}
