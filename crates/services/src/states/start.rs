//! Which revision an execution runs: the latest, a version, or the one that an alias draws.

use stepward_asl::JsonMistake;
use stepward_engine::{MachineSnapshot, StartError, StartRequest};

use super::StatesError;
use super::arn::StateMachineArn;
use super::name::check_name;
use super::record::{Revision, StateMachineRecord};
use crate::Services;

/// AWS: an execution's input has at most 256 KiB.
const INPUT_BYTES_MAX: usize = 262_144;

/// AWS: what is said of text without anything in it.
const NO_JSON: &str = "Invalid execution input.";

/// What a caller says of an execution to start.
pub(crate) struct Wanted<'a> {
    pub(crate) state_machine_arn: &'a str,
    pub(crate) name: Option<&'a str>,
    pub(crate) input: Option<&'a str>,
    pub(crate) trace_header: Option<&'a str>,
}

/// The start as the engine takes it, and whether the machine is an Express one.
pub(crate) async fn request(wanted: &Wanted<'_>, at: &Services) -> Result<(StartRequest, bool), StatesError> {
    let arn = StateMachineArn::parse(wanted.state_machine_arn)?;
    let missing = || StatesError::StateMachineDoesNotExist(wanted.state_machine_arn.to_owned());
    if let Some(name) = wanted.name {
        check_name(name)?;
    }
    let input = wanted.input.unwrap_or("{}");
    check_input(input)?;
    let record = at.states.find(&arn.account, &arn.name).await?.ok_or_else(missing)?;
    if record.is_deleting {
        return Err(StatesError::StateMachineDeleting(record.arn.clone()));
    }
    let (revision, version, alias) = chosen(&record, &arn).ok_or_else(missing)?;
    let is_express = record.machine_type == "EXPRESS";
    let request = StartRequest {
        machine: revision.snapshot.of(|| snapshot(&record, revision)),
        version_arn: version.map(|number| arn.with_qualifier(number)),
        alias_arn: alias.map(|name| arn.with_qualifier(name)),
        name: wanted.name.map(str::to_owned),
        input: input.to_owned(),
        trace_header: wanted.trace_header.map(str::to_owned),
    };
    Ok((request, is_express))
}

type Chosen<'a> = (&'a Revision, Option<u64>, Option<&'a str>);

fn chosen<'a>(record: &'a StateMachineRecord, arn: &StateMachineArn) -> Option<Chosen<'a>> {
    let Some(qualifier) = &arn.qualifier else { return Some((&record.revision, None, None)) };
    if let Some(number) = arn.version() {
        return Some((&record.version(number)?.revision, Some(number), None));
    }
    let alias = record.alias(qualifier)?;
    let number = alias.route(drawn())?;
    Some((&record.version(number)?.revision, Some(number), Some(&alias.name)))
}

/// A number from 0 to 99.
fn drawn() -> u32 {
    let mut byte = [0_u8; 4];
    let _ = ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut byte);
    u32::from_le_bytes(byte) % 100
}

fn snapshot(record: &StateMachineRecord, revision: &Revision) -> MachineSnapshot {
    MachineSnapshot {
        arn: record.arn.clone(),
        name: record.name.clone(),
        definition: revision.definition.as_str().into(),
        role_arn: revision.role_arn.clone(),
        is_express: record.machine_type == "EXPRESS",
        revision_id: revision.revision_id.clone(),
        updated: revision.updated,
        logging: revision.logging.clone(),
        tracing: revision.tracing.clone(),
        encryption: revision.encryption.clone(),
    }
}

fn check_input(input: &str) -> Result<(), StatesError> {
    if input.len() > INPUT_BYTES_MAX {
        return Err(StatesError::InvalidExecutionInput(format!(
            "The input is larger than the maximum of {INPUT_BYTES_MAX} bytes."
        )));
    }
    if serde_json::from_str::<serde::de::IgnoredAny>(input).is_ok() {
        return Ok(());
    }
    let mistake = JsonMistake::of(input).map(|mistake| mistake.reason);
    Err(StatesError::InvalidExecutionInput(mistake.unwrap_or_else(|| NO_JSON.to_owned())))
}

impl From<StartError> for StatesError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::AlreadyExists(arn) => Self::ExecutionAlreadyExists(arn),
            StartError::InvalidInput(text) => Self::InvalidExecutionInput(text),
            StartError::LimitExceeded => Self::ExecutionLimitExceeded,
            StartError::Definition(text) => Self::InvalidDefinition(text),
            StartError::Throttled => Self::Throttling,
            StartError::Fault(fault) => Self::fault(fault),
        }
    }
}
