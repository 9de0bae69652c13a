//! What an evaluation may use.

/// Bounds of an evaluation. What exceeds one ends with `U1001` (depth, and time with another sentence), `U1002` (memory)
/// or `U1003` (steps).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How deep evaluation may nest.
    pub depth: usize,
    /// How many nodes may be evaluated.
    pub steps: u64,
    /// How many bytes of values may be made.
    pub bytes: usize,
    /// How long it may take, as the host counts; `None` leaves it to the steps.
    pub time_ms: Option<u64>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { depth: 500, steps: 20_000_000, bytes: 1_024 * 1_024 * 1_024, time_ms: None }
    }
}
