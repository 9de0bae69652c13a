//! The Map Runs of an execution, as the API tells of them: followed beside the fold of its events.
//!
//! Keeps nothing that the events do not tell. Map Runs inside child executions are not told of.

use std::sync::Arc;

use stepward_types::Timestamp;

use crate::event::{Event, HistoryEventBody};
use crate::run::{FrameId, Run, RunStatus};

/// Where a Map Run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapRunStatus {
    Running,
    Succeeded,
    Failed,
    Aborted,
}

impl MapRunStatus {
    /// The API's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Aborted => "ABORTED",
        }
    }
}

/// How many items are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ItemCounts {
    pub pending: u32,
    pub running: u32,
    pub succeeded: u32,
    pub failed: u32,
    pub aborted: u32,
    pub total: u32,
}

/// A Map Run at the last event that was followed.
#[derive(Clone, Debug, PartialEq)]
pub struct MapRun {
    pub arn: Arc<str>,
    pub status: MapRunStatus,
    pub started: Timestamp,
    pub stopped: Option<Timestamp>,
    /// 0 for no limit.
    pub max_concurrency: u32,
    pub tolerated_failure_count: u32,
    pub tolerated_failure_percentage: f64,
    pub items: ItemCounts,
    pub redrive_count: u32,
    pub redriven: Option<Timestamp>,
}

/// Follows the Map Runs of one execution.
#[derive(Debug, Default)]
pub struct MapRuns {
    followed: Vec<(FrameId, MapRun)>,
}

impl MapRuns {
    /// Takes an event that [`crate::evolve`] is about to apply to the run.
    pub fn follow(&mut self, run: &Run, event: &Event) {
        let Some(event) = event.history() else { return };
        let at = event.timestamp;
        match &event.body {
            HistoryEventBody::MapRunStarted { map_run_arn } => {
                let mut started = MapRun {
                    arn: Arc::clone(map_run_arn),
                    status: MapRunStatus::Running,
                    started: at,
                    stopped: None,
                    max_concurrency: 0,
                    tolerated_failure_count: 0,
                    tolerated_failure_percentage: 0.0,
                    items: ItemCounts::default(),
                    redrive_count: 0,
                    redriven: None,
                };
                look(run, event.frame, &mut started);
                self.followed.push((event.frame, started));
            }
            HistoryEventBody::MapRunSucceeded => self.end(run, event.frame, MapRunStatus::Succeeded, at),
            HistoryEventBody::MapRunFailed(_) => self.end(run, event.frame, MapRunStatus::Failed, at),
            HistoryEventBody::MapRunAborted => self.end(run, event.frame, MapRunStatus::Aborted, at),
            HistoryEventBody::ExecutionRedriven { .. } => self.redrive(run, at),
            body if body.is_end() => self.abort(run, at),
            _ => {}
        }
    }

    /// The Map Runs in the order in which they started, as they are after the last event.
    pub fn finish(self, run: &Run) -> Vec<MapRun> {
        let finished = self.followed.into_iter().map(|(frame, mut map_run)| {
            if map_run.status == MapRunStatus::Running {
                look(run, frame, &mut map_run);
            }
            map_run
        });
        finished.collect()
    }

    fn end(&mut self, run: &Run, frame: FrameId, status: MapRunStatus, at: Timestamp) {
        // A frame has one Map Run after the other: the latest is meant.
        let Some((_, map_run)) = self.followed.iter_mut().rev().find(|(of, _)| *of == frame) else { return };
        look(run, frame, map_run);
        (map_run.status, map_run.stopped) = (status, Some(at));
    }

    /// The execution is over: what still ran was aborted.
    fn abort(&mut self, run: &Run, at: Timestamp) {
        let running = self.followed.iter_mut().filter(|(_, map_run)| map_run.status == MapRunStatus::Running);
        for (frame, map_run) in running {
            look(run, *frame, map_run);
            map_run.items.aborted += std::mem::take(&mut map_run.items.running);
            (map_run.status, map_run.stopped) = (MapRunStatus::Aborted, Some(at));
        }
    }

    /// Those that did not succeed, and whose state the execution is still in, go on.
    fn redrive(&mut self, run: &Run, at: Timestamp) {
        for (frame, map_run) in &mut self.followed {
            let is_over = matches!(map_run.status, MapRunStatus::Failed | MapRunStatus::Aborted);
            if is_over && run.map_run_of(*frame) == Some(&map_run.arn) && run.status() != RunStatus::Running {
                (map_run.status, map_run.stopped) = (MapRunStatus::Running, None);
                map_run.redrive_count += 1;
                map_run.redriven = Some(at);
            }
        }
    }
}

/// Takes limits and counts from the frame's iterations, if it still has them.
fn look(run: &Run, frame: FrameId, map_run: &mut MapRun) {
    let Some(children) = run.frame(frame).and_then(|frame| frame.children.as_ref()) else { return };
    let Some(map) = &children.map else { return };
    let succeeded = children.results.iter().flatten().count();
    let succeeded = u32::try_from(succeeded).unwrap_or(u32::MAX);
    map_run.max_concurrency = map.max_concurrency;
    map_run.tolerated_failure_count = map.tolerated_failure_count.unwrap_or_default();
    map_run.tolerated_failure_percentage = map.tolerated_failure_percentage.unwrap_or_default();
    map_run.items = ItemCounts {
        pending: map.length.saturating_sub(children.next_index),
        running: children.running,
        succeeded,
        failed: children.failed,
        aborted: children.ended.saturating_sub(children.failed).saturating_sub(succeeded),
        total: map.length,
    };
}
