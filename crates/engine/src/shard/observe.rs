//! Tells the observer what an execution did, once it is durable.

use super::commit::Observed;
use super::live::Live;
use crate::shared::Shared;
use crate::{ExecutionDescription, ExecutionStatus, News};

/// Called before the effects of the decision are carried out.
pub(super) fn tell(shared: &Shared, live: &Live, observed: Observed) {
    if observed.is_start {
        shared.metrics.started(live.is_express());
    } else if observed.is_redrive {
        shared.metrics.redriven();
    }
    let Some(observer) = &shared.config.observer else { return };
    if !observed.events.is_empty() {
        observer.recorded(News {
            machine: live.machine.snapshot.clone(),
            execution_arn: live.arn.clone(),
            redrive_count: live.record.redrive_count,
            events: observed.events,
        });
    }
    // AWS: only Standard executions emit events of their status.
    if live.is_express() || !observer.wants_changes() {
        return;
    }
    let machine = &live.machine.snapshot;
    let begins = observed.is_start || observed.is_redrive;
    let ends = observed.ends;
    if begins {
        let description = live.describe(shared.clock.now());
        observer.changed(machine, if ends { as_it_began(description) } else { description });
    }
    if ends {
        observer.changed(machine, live.describe(shared.clock.now()));
    }
}

/// An execution that began and ended in one decision, as it was in between.
fn as_it_began(mut description: ExecutionDescription) -> ExecutionDescription {
    description.status = ExecutionStatus::Running;
    (description.stopped, description.output) = (None, None);
    (description.error, description.cause) = (None, None);
    description.redrive_status_reason =
        crate::record::not_redrivable(ExecutionStatus::Running, None, description.started);
    description.redrive_status = crate::record::redrive_status(description.redrive_status_reason);
    description
}
