//! Timers of the executions in memory. Those of sleeping executions are in the store's due index.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use stepward_types::Timestamp;

/// Below this many timers nobody looks for cancelled ones.
const SWEPT_MIN: usize = 4_096;

/// What is due, earliest first. A cancelled timer stays until it is due or swept away: whoever is told of it knows no
/// such timer.
pub(crate) struct Timers<T: Ord> {
    heap: BinaryHeap<Reverse<(Timestamp, T)>>,
    sweep_at: usize,
}

impl<T: Ord> Default for Timers<T> {
    fn default() -> Self {
        Self { heap: BinaryHeap::new(), sweep_at: SWEPT_MIN }
    }
}

impl<T: Ord> Timers<T> {
    pub(crate) fn set(&mut self, due: Timestamp, what: T) {
        self.heap.push(Reverse((due, what)));
    }

    /// Whether there are so many that cancelled ones should be swept away.
    pub(crate) fn is_crowded(&self) -> bool {
        self.heap.len() > self.sweep_at
    }

    /// Keeps only timers that somebody still knows.
    pub(crate) fn sweep(&mut self, is_known: impl Fn(Timestamp, &T) -> bool) {
        self.heap.retain(|Reverse((due, what))| is_known(*due, what));
        self.heap.shrink_to(self.heap.len() * 2);
        self.sweep_at = SWEPT_MIN.max(self.heap.len() * 2);
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
    fn cancelled_timers_are_swept_away() {
        let mut timers = Timers::default();
        for number in 0..10_000 {
            timers.set(Timestamp::from_millis(number), number);
        }
        assert!(timers.is_crowded());
        timers.sweep(|_, number| number % 1_000 == 0);
        assert!(!timers.is_crowded());
        assert_eq!(timers.heap.len(), 10);
    }

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
