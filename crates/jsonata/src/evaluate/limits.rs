//! What an evaluation may use: steps, memory, time.

use super::{Evaluator, MOVES_PER_STEP, STEPS_PER_CHECK};
use crate::error::Error;
use crate::regex::{BYTES_PER_BRANCH, Found, Limits, Pattern};

impl Evaluator<'_> {
    /// Counts bytes of new values against the budget.
    pub(crate) fn spend(&mut self, bytes: usize) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.budget.bytes { Err(Error::new("U1002")) } else { Ok(()) }
    }

    #[inline]
    pub(crate) fn step(&mut self) -> Result<(), Error> {
        self.steps += 1;
        if self.steps < self.steps_checked { Ok(()) } else { self.check_limits() }
    }

    /// Counts steps that were taken elsewhere.
    pub(crate) fn take_steps(&mut self, count: u64) -> Result<(), Error> {
        self.steps = self.steps.saturating_add(count);
        if self.steps < self.steps_checked { Ok(()) } else { self.check_limits() }
    }

    #[cold]
    fn check_limits(&mut self) -> Result<(), Error> {
        if self.steps > self.budget.steps {
            return Err(Error::new("U1003"));
        }
        self.steps_checked = (self.budget.steps.saturating_add(1)).min(self.steps + STEPS_PER_CHECK);
        if self.budget.time_ms.is_some_and(|limit| self.host.elapsed_ms() > limit) {
            // The reference's code for it is that of the depth, with another sentence.
            return Err(Error::custom("U1001", "Expression evaluation timeout: Check for infinite loop"));
        }
        Ok(())
    }

    /// Looks for a regular expression, within what is left of the budget.
    pub(crate) fn find(
        &mut self,
        pattern: &Pattern,
        text: &[u16],
        from: usize,
    ) -> Result<Option<Found>, Error> {
        let branches_max = self.budget.bytes.saturating_sub(self.bytes) / BYTES_PER_BRANCH;
        let mut tick = |moves: u32| self.take_steps(u64::from(moves / MOVES_PER_STEP) + 1);
        pattern.find(text, from, &mut Limits { tick: &mut tick, branches_max })
    }
}
