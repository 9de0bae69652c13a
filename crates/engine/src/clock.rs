//! Time and randomness, which the pure crates are given as arguments.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use stepward_types::Timestamp;

/// A wait that ends.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where time and randomness come from: the system's, or a test's.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// Ends at the time, or at once when it has passed.
    fn sleep_until(&self, due: Timestamp) -> Sleep;
    /// Bytes that nobody can guess.
    fn random(&self) -> [u8; 32];
}

/// The clock and the random numbers of the operating system.
#[derive(Debug, Default)]
pub struct SystemClock;

impl SystemClock {
    pub fn new() -> Self {
        Self
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn sleep_until(&self, due: Timestamp) -> Sleep {
        let wait = u64::try_from(due.millis().saturating_sub(self.now().millis())).unwrap_or_default();
        Box::pin(tokio::time::sleep(Duration::from_millis(wait)))
    }

    fn random(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        stepward_access::fill(&mut bytes);
        bytes
    }
}

/// A UUID for a new execution, in the order of time (version 7): names that come one after the other lie beside each
/// other in the store's index, and a commit touches few pages of it.
pub(crate) fn ordered_uuid(clock: &dyn Clock) -> String {
    let mut bytes = clock.random();
    let millis = clock.now().millis().to_be_bytes();
    for (byte, of_time) in bytes.iter_mut().zip(millis.iter().skip(2)) {
        *byte = *of_time;
    }
    uuid_text(&bytes, 0x70)
}

/// A random UUID (version 4).
pub(crate) fn uuid(clock: &dyn Clock) -> String {
    uuid_of(&clock.random())
}

/// A UUID (version 4) of the first 16 of the given bytes.
pub(crate) fn uuid_of(bytes: &[u8; 32]) -> String {
    uuid_text(bytes, 0x40)
}

fn uuid_text(bytes: &[u8; 32], version: u8) -> String {
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().take(16).enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let byte = match index {
            6 => (byte & 0x0f) | version,
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        };
        for nibble in [byte >> 4, byte & 0x0f] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
    text
}
