//! UpdateStateMachine: a new revision. Running executions keep the definition and the role they began with.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stepward_access::{Authenticated, Authorized, Needs};

use super::StatesError;
use super::arn::StateMachineArn;
use super::definition::check_definition;
use super::encryption::{Encrypted, WRITE, with_key};
use super::record::{Revision, StateMachineRecord};
use super::resources::check_managed_rules;
use super::rights::{check_logging_rights, check_role_trust, on_machine, pass_role};
use super::settings::{check_encryption, check_logging, check_tracing};
use crate::time::{new_id, now};
use crate::{Operation, Services};

pub(crate) struct UpdateStateMachine;

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    state_machine_arn: String,
    definition: Option<String>,
    role_arn: Option<String>,
    logging_configuration: Option<Value>,
    tracing_configuration: Option<Value>,
    encryption_configuration: Option<Value>,
    #[serde(default)]
    publish: bool,
    version_description: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    update_date: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_machine_version_arn: Option<String>,
}

impl Operation for UpdateStateMachine {
    const NAME: &'static str = "UpdateStateMachine";
    type Input = Input;
    type Output = Output;
    type Error = StatesError;

    async fn needs(input: &Input, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let arn = StateMachineArn::parse(&input.state_machine_arn)?;
        let needs = on_machine("states:UpdateStateMachine", &arn, at).await?;
        let needs = if input.publish {
            needs.and("states:PublishStateMachineVersion", &arn.unqualified)
        } else {
            needs
        };
        let needs = match &input.role_arn {
            Some(role) => pass_role(needs, role, &arn.unqualified),
            None => needs,
        };
        let record = at.states.find(&arn.account, &arn.name).await?;
        let current = record.as_ref().map(|record| &record.revision.encryption);
        let encryption = input.encryption_configuration.as_ref().or(current);
        Ok(with_key(needs, encryption, Encrypted::Machine(&arn.unqualified), &WRITE))
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Output, StatesError> {
        let arn = StateMachineArn::parse(&call.state_machine_arn)?;
        // AWS: a version cannot be updated; it is named as a machine that does not exist.
        if arn.qualifier.is_some() {
            return Err(StatesError::StateMachineDoesNotExist(call.state_machine_arn.clone()));
        }
        check_input(&call)?;
        let Some(existing) = at.states.find(&arn.account, &arn.name).await? else {
            return Err(StatesError::StateMachineDoesNotExist(call.state_machine_arn.clone()));
        };
        if let Some(definition) = &call.definition {
            check_definition(definition, &existing.machine_type)?;
        }
        if let Some(role) = &call.role_arn {
            check_role_trust(role, &arn.unqualified, &arn.account, at)?;
        }
        if call.role_arn.is_some() || call.logging_configuration.is_some() {
            let revised = revise(&existing.revision, &call)?;
            check_logging_rights(&revised.logging, &revised.role_arn, &arn.unqualified, &arn.account, at)
                .await?;
        }
        if call.definition.is_some() || call.role_arn.is_some() {
            let definition = call.definition.as_deref().unwrap_or(&existing.revision.definition);
            let role = call.role_arn.as_deref().unwrap_or(&existing.revision.role_arn);
            check_managed_rules(at, definition, role, &arn.unqualified)?;
        }
        let input = Input::clone(&call);
        at.states.change(&arn.account, &arn.name, |record| update(record, input)).await
    }
}

fn check_input(input: &Input) -> Result<(), StatesError> {
    if input.version_description.is_some() && !input.publish {
        return Err(StatesError::Validation(
            "Version description can only be set when publish is true".to_owned(),
        ));
    }
    let changes_something = input.definition.is_some()
        || input.role_arn.is_some()
        || input.logging_configuration.is_some()
        || input.tracing_configuration.is_some()
        || input.encryption_configuration.is_some();
    if changes_something || input.publish {
        return Ok(());
    }
    Err(StatesError::MissingRequiredParameter(
        "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified"
            .to_owned(),
    ))
}

fn update(
    record: Option<StateMachineRecord>,
    input: Input,
) -> Result<(Option<StateMachineRecord>, Output), StatesError> {
    let Some(mut record) = record else {
        return Err(StatesError::StateMachineDoesNotExist(input.state_machine_arn));
    };
    if record.is_deleting {
        return Err(StatesError::StateMachineDeleting(record.arn));
    }
    let revised = revise(&record.revision, &input)?;
    if !is_same(&revised, &record.revision) {
        record.revision = Revision { revision_id: Some(new_id()), updated: now(), ..revised };
    }
    let published = input.publish.then(|| record.publish(input.version_description, now()).number);
    let output = Output {
        update_date: record.revision.updated.epoch_seconds(),
        revision_id: record.revision.revision_id.clone(),
        state_machine_version_arn: published.map(|number| format!("{}:{number}", record.arn)),
    };
    Ok((Some(record), output))
}

fn revise(current: &Revision, input: &Input) -> Result<Revision, StatesError> {
    let mut revised = current.clone();
    if let Some(definition) = &input.definition {
        revised.definition.clone_from(definition);
    }
    if let Some(role) = &input.role_arn {
        revised.role_arn.clone_from(role);
    }
    if input.logging_configuration.is_some() {
        revised.logging = check_logging(input.logging_configuration.as_ref())?;
    }
    if input.tracing_configuration.is_some() {
        revised.tracing = check_tracing(input.tracing_configuration.as_ref());
    }
    if input.encryption_configuration.is_some() {
        revised.encryption = check_encryption(input.encryption_configuration.as_ref())?;
    }
    Ok(revised)
}

fn is_same(left: &Revision, right: &Revision) -> bool {
    left == right
}
