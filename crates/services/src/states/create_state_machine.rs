//! CreateStateMachine: checks the definition, that the caller may hand the role over, and that the role lets
//! Step Functions assume it for this very state machine.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_types::Timestamp;

use super::StatesError;
use super::arn::StateMachineArn;
use super::definition::check_definition;
use super::encryption::{Encrypted, WRITE, with_key};
use super::name::check_name;
use super::record::{Kept, Revision, StateMachineRecord};
use super::resources::check_managed_rules;
use super::rights::{check_logging_rights, check_role_trust, pass_role};
use super::settings::{self, Settings};
use super::tags::{Tag, to_map};
use crate::time::now;
use crate::{Operation, Services};

pub(crate) struct CreateStateMachine;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    name: String,
    definition: String,
    role_arn: String,
    #[serde(rename = "type")]
    machine_type: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    publish: bool,
    version_description: Option<String>,
    logging_configuration: Option<Value>,
    tracing_configuration: Option<Value>,
    encryption_configuration: Option<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    state_machine_arn: String,
    creation_date: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_machine_version_arn: Option<String>,
}

impl Operation for CreateStateMachine {
    const NAME: &'static str = "CreateStateMachine";
    type Input = Input;
    type Output = Output;
    type Error = StatesError;

    async fn needs(input: &Input, caller: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let arn = arn(&input.name, caller, at);
        let tags = to_map(&input.tags)?;
        let needs = Needs::one("states:CreateStateMachine", &arn).request_tags(&tags);
        let needs = if input.publish { needs.and("states:PublishStateMachineVersion", &arn) } else { needs };
        let needs = pass_role(needs, &input.role_arn, &arn);
        let encryption = input.encryption_configuration.as_ref();
        Ok(with_key(needs, encryption, Encrypted::Machine(&arn), &WRITE))
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Output, StatesError> {
        check_name(&call.name)?;
        if call.version_description.is_some() && !call.publish {
            return Err(StatesError::Validation(
                "Version description can only be set when publish is true".to_owned(),
            ));
        }
        let settings = settings_of(&call)?;
        let machine_type = call.machine_type.clone().unwrap_or_else(|| "STANDARD".to_owned());
        check_definition(&call.definition, &machine_type)?;
        let arn = arn(&call.name, call.caller(), at);
        check_role_trust(&call.role_arn, &arn, call.caller().account(), at)?;
        check_logging_rights(&settings.logging, &call.role_arn, &arn, call.caller().account(), at).await?;
        check_managed_rules(at, &call.definition, &call.role_arn, &arn)?;
        let record = new_record(&call, arn, machine_type, settings, to_map(&call.tags)?, now());
        let account = call.caller().account().to_owned();
        let (publish, description) = (call.publish, call.version_description.clone());
        at.states
            .change(&account, &call.name, |existing| create(existing, record, publish, description))
            .await
    }
}

fn arn(name: &str, caller: &Authenticated, at: &Services) -> String {
    format!("arn:aws:states:{}:{}:stateMachine:{name}", at.region, caller.account())
}

fn settings_of(input: &Input) -> Result<Settings, StatesError> {
    settings::check(
        input.logging_configuration.as_ref(),
        input.tracing_configuration.as_ref(),
        input.encryption_configuration.as_ref(),
    )
}

fn new_record(
    input: &Input,
    arn: String,
    machine_type: String,
    settings: Settings,
    tags: BTreeMap<String, String>,
    now: Timestamp,
) -> StateMachineRecord {
    let revision = Revision {
        revision_id: None,
        definition: input.definition.clone(),
        role_arn: input.role_arn.clone(),
        logging: settings.logging,
        tracing: settings.tracing,
        encryption: settings.encryption,
        updated: now,
        snapshot: Kept::default(),
    };
    StateMachineRecord {
        arn,
        name: input.name.clone(),
        machine_type,
        created: now,
        is_deleting: false,
        revision,
        tags,
        next_version: 1,
        versions: Vec::new(),
        aliases: Vec::new(),
    }
}

type Change = (Option<StateMachineRecord>, Output);

fn create(
    existing: Option<StateMachineRecord>,
    mut record: StateMachineRecord,
    publish: bool,
    description: Option<String>,
) -> Result<Change, StatesError> {
    let Some(existing) = existing else {
        let version = publish.then(|| record.publish(description, record.created).number);
        let output = output(&record, version)?;
        return Ok((Some(record), output));
    };
    if existing.is_deleting {
        return Err(StatesError::StateMachineDeleting(existing.arn));
    }
    let published = publish
        .then(|| {
            existing.versions.iter().find(|version| {
                version.revision.definition == record.revision.definition
                    && version.description == description
            })
        })
        .flatten();
    let is_same = is_repeat(&existing, &record) && publish == published.is_some();
    if !is_same {
        return Err(StatesError::StateMachineAlreadyExists(existing.arn));
    }
    let output = output(&existing, published.map(|version| version.number))?;
    Ok((None, output))
}

// AWS: a repeat is recognised by name, definition, type and configurations; a different role or tags are not applied.
fn is_repeat(existing: &StateMachineRecord, wanted: &StateMachineRecord) -> bool {
    let (old, new) = (&existing.revision, &wanted.revision);
    existing.machine_type == wanted.machine_type
        && old.definition == new.definition
        && old.logging == new.logging
        && old.tracing == new.tracing
        && old.encryption == new.encryption
}

fn output(record: &StateMachineRecord, version: Option<u64>) -> Result<Output, StatesError> {
    let arn = StateMachineArn::parse(&record.arn)?;
    Ok(Output {
        state_machine_arn: record.arn.clone(),
        creation_date: record.created.epoch_seconds(),
        state_machine_version_arn: version.map(|number| arn.with_qualifier(number)),
    })
}
