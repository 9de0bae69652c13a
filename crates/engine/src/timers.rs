//! Timers of the executions in memory. Those of sleeping executions are in the store's due index.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use stepward_types::Timestamp;

/// What is due, earliest first. A cancelled timer stays until it is due: whoever is told of it knows no such timer.
pub(crate) struct Timers<T: Ord> {
    heap: BinaryHeap<Reverse<(Timestamp, T)>>,
}

impl<T: Ord> Default for Timers<T> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new() }
    }
}

impl<T: Ord> Timers<T> {
    pub(crate) fn set(&mut self, due: Timestamp, what: T) {
        self.heap.push(Reverse((due, what)));
    }

    /// When the earliest is due.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse((due, _))| *due)
    }

    /// Takes one that is due.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<T> {
        if self.next()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse((_, what))| what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_come_when_due_and_in_order() {
        let at = Timestamp::from_millis;
        let mut timers = Timers::default();
        for (due, what) in [(30, "c"), (10, "a"), (20, "b")] {
            timers.set(at(due), what);
        }
        assert_eq!(timers.next(), Some(at(10)));
        assert_eq!(timers.pop_due(at(9)), None);
        assert_eq!(
            [timers.pop_due(at(25)), timers.pop_due(at(25)), timers.pop_due(at(25))],
            [Some("a"), Some("b"), None]
        );
    }
}
