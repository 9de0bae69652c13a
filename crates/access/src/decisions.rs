//! The decision log: the latest decisions in memory, with the reasons of denials.

mod filter;
mod keeper;
mod pack;

use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex};

use foldhash::fast::FixedState;
use serde_json::{Value, json};
use stepward_policy::{Context, Effect, Explanation};
use stepward_types::Timestamp;

use crate::authorize::{Asked, Denied};

pub use filter::DecisionFilter;
pub(crate) use keeper::Keeper;
use keeper::Waits;

/// Kept of each: a flood of allowed calls must not wash the denials away.
const DECISIONS_MAX: usize = 5_000;
/// How many different allowed calls are looked among for one that is like a new one.
const PLACES: u64 = 256;

/// A decision that was made. What can be found out from the request is, when it is asked for: most decisions are
/// never looked at.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Counts up from 1 since the start of the server.
    pub number: u64,
    pub effect: Effect,
    /// The statement that allowed or denied it: its policy and its place there, and its Sid.
    pub statement: Option<String>,
    pub(crate) asked: Asked,
    pub(crate) denied: Option<Denied>,
}

impl Recorded {
    /// Whether another allowed call differs in nothing but its time. Calls for tasks never do: each has a cause of its
    /// own.
    fn is_like(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.asked, &other.asked);
        let (facts, other_facts) = (&ours.caller.facts, &theirs.caller.facts);
        Arc::ptr_eq(&ours.caller.caller, &theirs.caller.caller)
            && ours.need.action == theirs.need.action
            && ours.need.resource == theirs.need.resource
            && ours.need.keys == theirs.need.keys
            && ours.need.resource_tags == theirs.need.resource_tags
            && facts.origin == other_facts.origin
            && facts.user_agent == other_facts.user_agent
            && facts.region == other_facts.region
            && self.statement == other.statement
    }

    /// Where one like it would be.
    fn place(&self) -> usize {
        let hash = FixedState::default().hash_one((self.action(), self.resource()));
        usize::try_from(hash % PLACES).unwrap_or_default()
    }

    pub fn at(&self) -> Timestamp {
        self.asked.caller.facts.now
    }

    /// Account of the caller.
    pub fn account(&self) -> &str {
        self.asked.caller.account()
    }

    /// ARN of the caller.
    pub fn principal(&self) -> &str {
        self.asked.caller.caller.arn()
    }

    pub fn action(&self) -> &str {
        &self.asked.need.action
    }

    pub fn resource(&self) -> &str {
        &self.asked.need.resource
    }

    /// The task that it was for.
    pub fn cause(&self) -> Option<&Cause> {
        self.asked.caller.facts.cause.as_deref()
    }

    /// AWS's sentence; empty when allowed.
    pub fn text(&self) -> &str {
        self.denied.as_ref().map_or("", Denied::text)
    }

    /// Every statement with its reason; only for denials.
    pub fn explanation(&self) -> Option<&Arc<Explanation>> {
        self.denied.as_ref().and_then(Denied::shared_explanation)
    }

    /// The first value of a condition key that came with the right.
    fn key(&self, name: &str) -> Option<&str> {
        let keys = &self.asked.need.keys;
        let (_, values) = keys.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        values.first().map(String::as_str)
    }

    /// Every condition key of the request.
    pub fn context(&self) -> Context {
        self.asked.context()
    }
}

/// The state of an execution that a call is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    pub execution_arn: String,
    pub state_name: String,
}

/// The latest decisions.
#[derive(Default)]
pub struct Decisions {
    log: Mutex<Log>,
    keeper: Keeper,
}

#[derive(Default)]
struct Log {
    last: u64,
    denials: u64,
    allowed: VecDeque<Arc<Recorded>>,
    denied: VecDeque<Arc<Recorded>>,
    /// Allowed calls that wait to be kept, by what they ask: most calls are like one that was made a moment ago.
    alike: HashMap<usize, (Waits, Arc<Recorded>)>,
}

impl Decisions {
    pub(crate) fn record(&self, mut recorded: Recorded) {
        let Ok(mut log) = self.log.lock() else { return };
        log.last += 1;
        recorded.number = log.last;
        let is_allowed = recorded.effect == Effect::Allowed;
        log.denials += u64::from(!is_allowed);
        let place = (is_allowed && recorded.cause().is_none()).then(|| recorded.place());
        if let Some((waits, like)) = place.and_then(|place| log.alike.get(&place))
            && like.is_like(&recorded)
            && self.keeper.repeat(*waits)
        {
            return;
        }
        let kept = if is_allowed { &mut log.allowed } else { &mut log.denied };
        if kept.len() >= DECISIONS_MAX {
            kept.pop_front();
        }
        let recorded = Arc::new(recorded);
        kept.push_back(Arc::clone(&recorded));
        if let (Some(waits), Some(place)) = (self.keeper.add(&recorded), place) {
            log.alike.insert(place, (waits, recorded));
        }
    }

    /// Numbers go on after those that were kept before the server started.
    pub(crate) fn start_after(&self, number: u64) {
        if let Ok(mut log) = self.log.lock() {
            log.last = number;
        }
    }

    pub(crate) fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    /// Decisions that fit, newest first.
    pub fn list(&self, filter: &DecisionFilter) -> Vec<Arc<Recorded>> {
        let Ok(log) = self.log.lock() else { return Vec::new() };
        let latest = |kept: &VecDeque<Arc<Recorded>>| -> Vec<Arc<Recorded>> {
            kept.iter()
                .rev()
                .filter(|recorded| filter.fits(recorded))
                .take(filter.limit)
                .map(Arc::clone)
                .collect()
        };
        let mut found = latest(&log.allowed);
        found.append(&mut latest(&log.denied));
        found.sort_by_key(|recorded| std::cmp::Reverse(recorded.number));
        found.truncate(filter.limit);
        found
    }

    /// How many decisions there were since the start of the server, and how many of them were denials.
    pub fn counts(&self) -> (u64, u64) {
        self.log.lock().map_or((0, 0), |log| (log.last, log.denials))
    }
}

impl Recorded {
    /// The decision as programs read it.
    pub fn to_json(&self) -> Value {
        let decision = match self.effect {
            Effect::Allowed => "Allowed",
            Effect::ImplicitlyDenied => "ImplicitlyDenied",
            Effect::ExplicitlyDenied => "ExplicitlyDenied",
        };
        let context: serde_json::Map<String, Value> =
            self.context().iter().map(|(key, values)| (key.to_owned(), json!(values))).collect();
        let mut value = json!({
            "number": self.number,
            "at": self.at().to_rfc3339_millis(),
            "account": self.account(),
            "principal": self.principal(),
            "action": self.action(),
            "resource": self.resource(),
            "decision": decision,
            "context": context,
        });
        if let (Some(explanation), Some(fields)) = (self.explanation(), value.as_object_mut()) {
            fields.insert("message".to_owned(), json!(self.text()));
            fields.insert("explanation".to_owned(), json!(explanation.to_string()));
            fields.insert("statements".to_owned(), explanation.reasons());
            if let Some(fix) = explanation.fix() {
                fields.insert("fix".to_owned(), fix);
            }
        }
        value
    }
}
