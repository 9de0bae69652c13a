//! Activities: what is kept of them, and the operations that make, describe, list and delete them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_store::{EntityWrite, Store};
use stepward_types::Timestamp;

use super::StatesError;
use super::arn::ActivityArn;
use super::encryption::{Encrypted, with_key};
use super::name::check_name;
use super::page::Page;
use super::rights::on_activity;
use super::settings::check_encryption;
use super::tags::{Tag, to_map};
use crate::time::now;
use crate::{Operation, Services};

const KIND: &str = "states.activity";

/// An activity as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ActivityRecord {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) created: Timestamp,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) encryption: Value,
}

/// The activities of every account.
#[derive(Clone)]
pub struct Activities {
    store: Arc<Store>,
}

impl Activities {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self { store }
    }

    pub(crate) async fn find(&self, arn: &ActivityArn) -> Result<Option<ActivityRecord>, StatesError> {
        let bytes = self.store.get(KIND, &arn.account, &arn.name).await.map_err(StatesError::fault)?;
        bytes.map(|bytes| serde_json::from_slice(&bytes).map_err(StatesError::fault)).transpose()
    }

    pub(crate) async fn put(&self, arn: &ActivityArn, record: &ActivityRecord) -> Result<(), StatesError> {
        let bytes = serde_json::to_vec(record).map_err(StatesError::fault)?;
        let write = EntityWrite::put(KIND, &arn.account, &arn.name, bytes);
        self.store.write(vec![write]).await.map_err(StatesError::fault)
    }
}

pub(crate) struct CreateActivity;
pub(crate) struct DescribeActivity;
pub(crate) struct ListActivities;
pub(crate) struct DeleteActivity;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateInput {
    name: String,
    #[serde(default)]
    tags: Vec<Tag>,
    encryption_configuration: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActivityInput {
    activity_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListInput {
    max_results: Option<usize>,
    next_token: Option<String>,
}

fn arn_of(name: &str, caller: &Authenticated, at: &Services) -> ActivityArn {
    let account = caller.account().to_owned();
    let text = format!("arn:aws:states:{}:{account}:activity:{name}", at.region);
    ActivityArn { text, account, name: name.to_owned() }
}

impl Operation for CreateActivity {
    const NAME: &'static str = "CreateActivity";
    type Input = CreateInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &CreateInput, caller: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let arn = arn_of(&input.name, caller, at);
        let needs = Needs::one("states:CreateActivity", &arn.text).request_tags(&to_map(&input.tags)?);
        let encryption = input.encryption_configuration.as_ref();
        Ok(with_key(needs, encryption, Encrypted::Activity(&arn.text), &["kms:DescribeKey"]))
    }

    /// AWS: the same name again is answered as the first time; another encryption is a conflict.
    async fn handle(call: Authorized<CreateInput>, at: &Services) -> Result<Value, StatesError> {
        check_name(&call.name)?;
        let encryption = check_encryption(call.encryption_configuration.as_ref())?;
        let arn = arn_of(&call.name, call.caller(), at);
        let record = match at.activities.find(&arn).await? {
            Some(existing) if existing.encryption != encryption => {
                return Err(StatesError::ActivityAlreadyExists(arn.text));
            }
            Some(existing) => existing,
            None => {
                let tags = to_map(&call.tags)?;
                let (name, text) = (call.name.clone(), arn.text.clone());
                let record = ActivityRecord { name, arn: text, created: now(), tags, encryption };
                at.activities.put(&arn, &record).await?;
                record
            }
        };
        Ok(json!({"activityArn": record.arn, "creationDate": record.created.epoch_seconds()}))
    }
}

impl Operation for DescribeActivity {
    const NAME: &'static str = "DescribeActivity";
    type Input = ActivityInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &ActivityInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        on_activity("states:DescribeActivity", &ActivityArn::parse(&input.activity_arn)?, at).await
    }

    async fn handle(call: Authorized<ActivityInput>, at: &Services) -> Result<Value, StatesError> {
        let arn = ActivityArn::parse(&call.activity_arn)?;
        let record = at.activities.find(&arn).await?.ok_or(StatesError::ActivityDoesNotExist(arn.text))?;
        Ok(json!({
            "activityArn": record.arn,
            "name": record.name,
            "creationDate": record.created.epoch_seconds(),
            "encryptionConfiguration": record.encryption,
        }))
    }
}

impl Operation for ListActivities {
    const NAME: &'static str = "ListActivities";
    type Input = ListInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(_: &ListInput, caller: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        Ok(Needs::one("states:ListActivities", &arn_of("*", caller, at).text))
    }

    async fn handle(call: Authorized<ListInput>, at: &Services) -> Result<Value, StatesError> {
        let page = Page::new(call.max_results, call.next_token.as_deref())?;
        let account = call.caller().account();
        let rows = at.store.list(KIND, account, "", page.after.as_deref(), page.size + 1).await;
        let (rows, next) = page.cut(rows.map_err(StatesError::fault)?, |row| row.key.clone());
        let mut shown = Vec::with_capacity(rows.len());
        for row in rows {
            let record: ActivityRecord = serde_json::from_slice(&row.value).map_err(StatesError::fault)?;
            shown.push(json!({
                "activityArn": record.arn,
                "name": record.name,
                "creationDate": record.created.epoch_seconds(),
            }));
        }
        Ok(next.into_answer("activities", shown))
    }
}

impl Operation for DeleteActivity {
    const NAME: &'static str = "DeleteActivity";
    type Input = ActivityInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &ActivityInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        on_activity("states:DeleteActivity", &ActivityArn::parse(&input.activity_arn)?, at).await
    }

    /// AWS: deleting what is not there succeeds.
    async fn handle(call: Authorized<ActivityInput>, at: &Services) -> Result<Value, StatesError> {
        let arn = ActivityArn::parse(&call.activity_arn)?;
        let write = EntityWrite::delete(KIND, &arn.account, &arn.name);
        at.store.write(vec![write]).await.map_err(StatesError::fault)?;
        Ok(json!({}))
    }
}
