//! DescribeStateMachine: the latest revision, a version, or what an alias names.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use stepward_access::{Authenticated, Authorized, Needs};

use super::StatesError;
use super::arn::StateMachineArn;
use super::encryption::with_data;
use super::record::{Revision, StateMachineRecord};
use super::rights::on_machine;
use crate::{Operation, Services};

pub(crate) struct DescribeStateMachine;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    state_machine_arn: String,
    included_data: Option<String>,
}

impl Operation for DescribeStateMachine {
    const NAME: &'static str = "DescribeStateMachine";
    type Input = Input;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &Input, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let arn = StateMachineArn::parse(&input.state_machine_arn)?;
        let needs = on_machine("states:DescribeStateMachine", &arn, at).await?;
        let record = at.states.find(&arn.account, &arn.name).await?;
        Ok(with_data(needs, record.as_deref(), input.included_data.as_deref()))
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StatesError> {
        let arn = StateMachineArn::parse(&call.state_machine_arn)?;
        let missing = || StatesError::StateMachineDoesNotExist(call.state_machine_arn.clone());
        let record = at.states.find(&arn.account, &arn.name).await?.ok_or_else(missing)?;
        let with_data = call.included_data.as_deref() != Some("METADATA_ONLY");
        if arn.qualifier.is_none() {
            return Ok(describe(&record, &record.revision, with_data, None));
        }
        let number = match arn.version() {
            Some(number) => Some(number),
            None => {
                arn.qualifier.as_deref().and_then(|name| record.alias(name)).and_then(|alias| alias.route(0))
            }
        };
        let version = number.and_then(|number| record.version(number)).ok_or_else(missing)?;
        let mut described = describe(&record, &version.revision, with_data, version.description.as_deref());
        if let Some(fields) = described.as_object_mut() {
            fields.insert("stateMachineArn".to_owned(), json!(format!("{}:{}", record.arn, version.number)));
            fields.insert("creationDate".to_owned(), json!(version.created.epoch_seconds()));
        }
        Ok(described)
    }
}

fn describe(
    record: &StateMachineRecord,
    revision: &Revision,
    with_data: bool,
    description: Option<&str>,
) -> Value {
    let mut fields = revision_fields(revision, with_data);
    fields.insert("stateMachineArn".to_owned(), json!(record.arn));
    fields.insert("name".to_owned(), json!(record.name));
    fields.insert("status".to_owned(), json!(if record.is_deleting { "DELETING" } else { "ACTIVE" }));
    fields.insert("type".to_owned(), json!(record.machine_type));
    fields.insert("creationDate".to_owned(), json!(record.created.epoch_seconds()));
    if let Some(description) = description {
        fields.insert("description".to_owned(), json!(description));
    }
    Value::Object(fields)
}

/// The members that DescribeStateMachine and DescribeStateMachineForExecution share.
pub(crate) fn revision_fields(revision: &Revision, with_data: bool) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("roleArn".to_owned(), json!(revision.role_arn));
    fields.insert("loggingConfiguration".to_owned(), revision.logging.clone());
    fields.insert("tracingConfiguration".to_owned(), revision.tracing.clone());
    fields.insert("encryptionConfiguration".to_owned(), revision.encryption.clone());
    if let Some(id) = &revision.revision_id {
        fields.insert("revisionId".to_owned(), json!(id));
    }
    if with_data {
        fields.insert("definition".to_owned(), json!(revision.definition));
        let references = stepward_asl::variable_references(&revision.definition);
        if !references.is_empty() {
            fields.insert("variableReferences".to_owned(), json!(references));
        }
    }
    fields
}
