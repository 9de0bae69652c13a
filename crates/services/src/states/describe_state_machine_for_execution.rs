//! DescribeStateMachineForExecution: the revision that an execution runs.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};

use super::StatesError;
use super::arn::ExecutionArn;
use super::describe_state_machine::revision_fields;
use super::encryption::with_execution_data;
use super::record::{Kept, Revision};
use super::rights::on_execution;
use crate::{Operation, Services};

pub(crate) struct DescribeStateMachineForExecution;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    execution_arn: String,
    included_data: Option<String>,
}

impl Operation for DescribeStateMachineForExecution {
    const NAME: &'static str = "DescribeStateMachineForExecution";
    type Input = Input;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &Input, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let arn = ExecutionArn::parse(&input.execution_arn)?;
        let needs = on_execution("states:DescribeStateMachineForExecution", &arn, at).await?;
        with_execution_data(needs, &arn, input.included_data.as_deref(), at).await
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StatesError> {
        ExecutionArn::parse(&call.execution_arn)?.check_standard()?;
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        let machine = engine.machine_for_execution(&call.execution_arn).await?;
        let revision = Revision {
            revision_id: machine.revision_id.clone(),
            definition: machine.definition.to_string(),
            role_arn: machine.role_arn.clone(),
            logging: machine.logging.clone(),
            tracing: machine.tracing.clone(),
            encryption: machine.encryption.clone(),
            updated: machine.updated,
            snapshot: Kept::default(),
        };
        let mut fields = revision_fields(&revision, call.included_data.as_deref() != Some("METADATA_ONLY"));
        fields.insert("stateMachineArn".to_owned(), json!(machine.arn));
        fields.insert("name".to_owned(), json!(machine.name));
        fields.insert("updateDate".to_owned(), json!(machine.updated.epoch_seconds()));
        Ok(Value::Object(fields))
    }
}
