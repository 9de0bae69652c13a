//! What is recorded of a run: AWS's history events, and bookkeeping that the API hides.
//!
//! A history event keeps a little more than the API shows (which frame it concerns, what a Task resolved to), so that
//! folding the events gives back the whole run.

mod api;
mod body;
mod codec;

use serde::{Deserialize, Serialize};
use stepward_types::Timestamp;

pub use body::{
    Assigned, ErrorDetails, EvaluationFailed, ExecutionStarted, HistoryEventBody, IterationEnd,
    MapStateStarted, StateExited, StateType, TaskEnd, TaskLabel, TaskScheduled,
};
pub use codec::{DecodeError, decode_events, encode_events};

use crate::command::MapRunLimits;
use crate::run::FrameId;

/// One record of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Event {
    /// An event as `GetExecutionHistory` shows it.
    #[serde(rename = "H")]
    History(HistoryEvent),
    /// An event of a child execution of a Distributed Map, which the parent's history does not show. Its id is not one
    /// of the history's.
    #[serde(rename = "C")]
    Child(HistoryEvent),
    /// Bookkeeping that the API hides; it has no id of its own.
    #[serde(rename = "P")]
    Private(Bookkeeping),
}

impl Event {
    /// The event of the execution's history, unless this is something that the history does not show.
    pub fn history(&self) -> Option<&HistoryEvent> {
        match self {
            Self::History(event) => Some(event),
            Self::Child(_) | Self::Private(_) => None,
        }
    }
}

/// One event of an execution's history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HistoryEvent {
    /// From 1, without gaps.
    #[serde(rename = "i")]
    pub id: u64,
    /// The causal predecessor; 0 for the first two events.
    #[serde(rename = "p")]
    pub previous_event_id: u64,
    /// When it happened.
    #[serde(rename = "t")]
    pub timestamp: Timestamp,
    /// The frame it happened in: not shown by the API.
    #[serde(rename = "f")]
    pub(crate) frame: FrameId,
    /// What happened.
    #[serde(rename = "b")]
    pub body: HistoryEventBody,
}

impl HistoryEvent {
    /// The frame it happened in, for [`crate::Run::trail`].
    pub fn frame(&self) -> FrameId {
        self.frame
    }
}

/// What has to be remembered but is no event of AWS's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Bookkeeping {
    /// A Wait state waits until `due`.
    Waiting {
        /// The frame that waits.
        frame: FrameId,
        /// When it goes on.
        due: Timestamp,
    },
    /// A Wait is over.
    WaitEnded {
        /// The frame that waited.
        frame: FrameId,
    },
    /// A retrier matched: the state runs again at `due`.
    RetryScheduled {
        /// The frame whose state is retried.
        frame: FrameId,
        /// Index into the state's `Retry`.
        retrier: u32,
        /// When it runs again.
        due: Timestamp,
    },
    /// The delay of a retry is over.
    RetryStarted {
        /// The frame whose state runs again.
        frame: FrameId,
    },
    /// A branch or an iteration stopped because a sibling failed or the execution ended.
    FrameAborted {
        /// The frame that stopped.
        frame: FrameId,
    },
    /// A branch ended with an output.
    BranchEnded {
        /// The frame that ended.
        frame: FrameId,
    },
    /// A state of this frame failed and nothing caught it.
    FrameFailed {
        /// The frame that failed.
        frame: FrameId,
    },
    /// The limits of a Map Run were changed.
    MapRunUpdated {
        /// The frame whose state has the Map Run.
        frame: FrameId,
        /// The new ones.
        limits: MapRunLimits,
    },
}
