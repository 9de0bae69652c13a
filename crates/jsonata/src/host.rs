//! What an evaluation gets from outside.

use crate::error::Error;
use crate::value::Value;

/// A function that the host adds.
pub type HostFunction = fn(&dyn Host, &[Value]) -> Result<Value, Error>;

/// The time, randomness, and further functions.
pub trait Host {
    /// The time of `$now()` and `$millis()`, in milliseconds since 1970: one time for a whole evaluation.
    fn now_ms(&self) -> i64;

    /// The next random number from 0 up to, but not including, 1.
    fn random(&self) -> f64;

    /// How long the evaluation has taken, for hosts that have a clock.
    fn elapsed_ms(&self) -> u64 {
        0
    }

    /// A function of the host's own, by its name without `$`; it hides a built-in one.
    fn function(&self, _name: &str) -> Option<HostFunction> {
        None
    }

    /// Whether a built-in function does not exist here.
    fn is_forbidden(&self, _name: &str) -> bool {
        false
    }
}
