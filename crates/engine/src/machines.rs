//! Checked machines by snapshot: parsed once, stored before the first execution refers to them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use stepward_asl::{Machine, MachineType, TaskResource};
use stepward_integrations::{check_optimized_arguments, check_sdk_arguments};
use stepward_store::{EntityWrite, Store};

use crate::MachineSnapshot;
use crate::error::{Fault, StartError};

const KIND: &str = "engine.machine";
/// How many machines stay parsed that no execution in memory runs.
const CACHED_MAX: usize = 10_000;

/// A snapshot with the machine that its definition means.
pub(crate) struct CheckedMachine {
    pub(crate) id: String,
    pub(crate) snapshot: Arc<MachineSnapshot>,
    pub(crate) machine: Machine,
    /// What every execution of it carries, shared.
    pub(crate) arn: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) role_arn: Arc<str>,
    pub(crate) region: Arc<str>,
    /// Whether its executions are logged.
    pub(crate) keeps_log: bool,
}

/// How many revisions of a state machine start executions side by side.
const GIVEN_MAX: usize = 8;

/// A snapshot as it was given.
type Given = (Arc<MachineSnapshot>, Arc<CheckedMachine>);

#[derive(Default)]
pub(crate) struct Machines {
    by_id: Mutex<HashMap<String, Arc<CheckedMachine>>>,
    /// The snapshots that callers gave last, by the state machine: spares hashing the definition at each start.
    given: Mutex<HashMap<String, Vec<Given>>>,
}

impl Machines {
    /// The machine of a snapshot; stores it when no execution has run it yet.
    pub(crate) async fn given(
        &self,
        snapshot: &Arc<MachineSnapshot>,
        store: &Store,
    ) -> Result<Arc<CheckedMachine>, StartError> {
        if let Some(machine) = self.given_before(snapshot) {
            return Ok(machine);
        }
        let bytes = serde_json::to_vec(snapshot.as_ref()).map_err(Fault::new)?;
        let id = MachineSnapshot::id(&bytes);
        let known = lock(&self.by_id).get(&id).map(Arc::clone);
        let machine = match known {
            Some(machine) => machine,
            None => {
                let machine =
                    Arc::new(check(id.clone(), Arc::clone(snapshot)).map_err(StartError::Definition)?);
                if !snapshot.is_express {
                    store.write(vec![EntityWrite::put(KIND, snapshot.account(), &id, bytes)]).await?;
                }
                self.remember(Arc::clone(&machine));
                machine
            }
        };
        self.remember_given(snapshot, &machine);
        Ok(machine)
    }

    fn given_before(&self, snapshot: &Arc<MachineSnapshot>) -> Option<Arc<CheckedMachine>> {
        let given = lock(&self.given);
        let mut of_machine = given.get(&snapshot.arn)?.iter();
        of_machine
            .find(|(known, _)| Arc::ptr_eq(known, snapshot) || known == snapshot)
            .map(|(_, machine)| Arc::clone(machine))
    }

    fn remember_given(&self, snapshot: &Arc<MachineSnapshot>, machine: &Arc<CheckedMachine>) {
        let mut given = lock(&self.given);
        if given.len() >= CACHED_MAX {
            given.clear();
        }
        let of_machine = given.entry(snapshot.arn.clone()).or_default();
        if of_machine.len() >= GIVEN_MAX {
            of_machine.remove(0);
        }
        of_machine.push((Arc::clone(snapshot), Arc::clone(machine)));
    }

    /// The machine of a stored execution.
    pub(crate) async fn stored(
        &self,
        id: &str,
        account: &str,
        store: &Store,
    ) -> Result<Arc<CheckedMachine>, Fault> {
        if let Some(machine) = lock(&self.by_id).get(id) {
            return Ok(Arc::clone(machine));
        }
        let bytes =
            store.get(KIND, account, id).await?.ok_or_else(|| Fault::new(format!("no machine '{id}'")))?;
        let snapshot: MachineSnapshot = serde_json::from_slice(&bytes).map_err(Fault::new)?;
        let machine = Arc::new(check(id.to_owned(), Arc::new(snapshot)).map_err(Fault::new)?);
        self.remember(Arc::clone(&machine));
        Ok(machine)
    }

    fn remember(&self, machine: Arc<CheckedMachine>) {
        let mut by_id = lock(&self.by_id);
        if by_id.len() >= CACHED_MAX {
            by_id.clear();
        }
        by_id.insert(machine.id.clone(), machine);
    }
}

fn check(id: String, snapshot: Arc<MachineSnapshot>) -> Result<CheckedMachine, String> {
    let machine_type = if snapshot.is_express { MachineType::Express } else { MachineType::Standard };
    let (machine, diagnostics) = Machine::parse(&snapshot.definition, machine_type);
    match machine {
        Some(machine) => Ok(CheckedMachine {
            id,
            arn: snapshot.arn.as_str().into(),
            name: snapshot.name.as_str().into(),
            role_arn: snapshot.role_arn.as_str().into(),
            region: snapshot.region().into(),
            keeps_log: snapshot.keeps_log(),
            snapshot,
            machine: machine.with_task_check(check_arguments),
        }),
        None => Err(diagnostics.first().map_or_else(String::new, |diagnostic| diagnostic.message.clone())),
    }
}

/// AWS: arguments that a service has no use for fail the state before its task is scheduled.
pub fn check_arguments(resource: &TaskResource, arguments: &Value) -> Option<String> {
    match resource {
        TaskResource::Optimized { service, action, .. } => {
            check_optimized_arguments(service, action, arguments)
        }
        TaskResource::AwsSdk { service, action, .. } => check_sdk_arguments(service, action, arguments),
        TaskResource::LambdaFunction(_) | TaskResource::Activity(_) => None,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
