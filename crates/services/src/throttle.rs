//! How many calls an account may make: AWS's token buckets, one for each operation.
//!
//! Off unless the operator switches it on. A call that finds its bucket empty is answered `ThrottlingException`.

mod buckets;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use stepward_wire::ApiError;

/// Buckets in memory. Beyond it full ones are forgotten, which makes no difference to anyone.
const BUCKETS_MAX: usize = 100_000;

/// How many calls may come at once, and how many more each second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub size: u32,
    pub refill: u32,
}

/// What the operator says of rates.
#[derive(Clone, Debug, Default)]
pub struct ThrottleConfig {
    pub is_on: bool,
    /// Other rates than AWS's, by operation.
    pub rates: BTreeMap<String, Rate>,
}

/// A rate for something that is no operation with one.
#[derive(Debug, thiserror::Error)]
#[error("'{name}' is no operation of Step Functions with a rate; these are: {known}")]
pub struct UnknownRate {
    name: String,
    known: String,
}

/// The buckets of all accounts.
#[derive(Default)]
pub(crate) struct Throttle {
    rates: BTreeMap<&'static str, Rate>,
    buckets: Mutex<HashMap<String, Vec<(&'static str, Bucket)>>>,
    throttled: AtomicU64,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Throttle {
    /// The Region decides which of AWS's numbers hold.
    pub(crate) fn new(config: &ThrottleConfig, region: &str) -> Result<Self, UnknownRate> {
        let mut rates = buckets::of_region(region);
        for (name, rate) in &config.rates {
            let Some((known, _)) = rates.get_key_value(name.as_str()) else {
                let known = rates.keys().copied().collect::<Vec<_>>().join(", ");
                return Err(UnknownRate { name: name.clone(), known });
            };
            rates.insert(known, *rate);
        }
        let rates = if config.is_on { rates } else { BTreeMap::new() };
        Ok(Self { rates, ..Self::default() })
    }

    /// Refuses a start that the account makes too soon after others. Express state machines have a bucket of their own.
    pub(crate) fn admit_start(&self, account: &str, is_express: bool) -> Result<(), ApiError> {
        self.admit(account, if is_express { buckets::EXPRESS_START } else { buckets::START })
    }

    /// Whether anything is limited.
    pub(crate) fn is_on(&self) -> bool {
        !self.rates.is_empty()
    }

    /// Takes a token of the account, or refuses the call.
    pub(crate) fn admit(&self, account: &str, operation: &str) -> Result<(), ApiError> {
        if self.rates.is_empty() || self.take(account, operation, Instant::now()) {
            return Ok(());
        }
        self.throttled.fetch_add(1, Ordering::Relaxed);
        Err(ApiError::new("ThrottlingException", "Rate exceeded"))
    }

    /// How many calls were refused.
    pub(crate) fn throttled(&self) -> u64 {
        self.throttled.load(Ordering::Relaxed)
    }

    fn take(&self, account: &str, operation: &str, now: Instant) -> bool {
        let Some((name, rate)) = self.rates.get_key_value(operation) else { return true };
        let mut accounts = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= BUCKETS_MAX && !accounts.contains_key(account) {
            accounts.retain(|_, buckets| {
                buckets.iter().any(|(name, bucket)| {
                    self.rates.get(name).is_some_and(|rate| !bucket.is_full(*rate, now))
                })
            });
        }
        let buckets = accounts.entry(account.to_owned()).or_default();
        match buckets.iter_mut().find(|(known, _)| known == name) {
            Some((_, bucket)) => bucket.take(*rate, now),
            None => {
                let mut bucket = Bucket { tokens: f64::from(rate.size), filled: now };
                let is_taken = bucket.take(*rate, now);
                buckets.push((name, bucket));
                is_taken
            }
        }
    }
}

impl Bucket {
    fn level(&self, rate: Rate, now: Instant) -> f64 {
        let gained = now.saturating_duration_since(self.filled).as_secs_f64() * f64::from(rate.refill);
        (self.tokens + gained).min(f64::from(rate.size))
    }

    fn is_full(&self, rate: Rate, now: Instant) -> bool {
        self.level(rate, now) >= f64::from(rate.size)
    }

    fn take(&mut self, rate: Rate, now: Instant) -> bool {
        self.tokens = self.level(rate, now);
        self.filled = now;
        let has_one = self.tokens >= 1.0;
        if has_one {
            self.tokens -= 1.0;
        }
        has_one
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn throttle(rates: &[(&str, u32, u32)]) -> Throttle {
        let rates = rates
            .iter()
            .map(|(name, size, refill)| ((*name).to_owned(), Rate { size: *size, refill: *refill }));
        Throttle::new(&ThrottleConfig { is_on: true, rates: rates.collect() }, "us-east-1").unwrap()
    }

    #[test]
    fn a_bucket_gives_what_it_holds_and_then_what_is_refilled() {
        let throttle = throttle(&[("StopExecution", 2, 1)]);
        let start = Instant::now();
        let take = |seconds: u64| throttle.take("1", "StopExecution", start + Duration::from_secs(seconds));
        assert_eq!([take(0), take(0), take(0)], [true, true, false]);
        assert_eq!([take(1), take(1)], [true, false]);
        assert_eq!([take(60), take(60), take(60)], [true, true, false]);
    }

    #[test]
    fn accounts_and_operations_have_buckets_of_their_own() {
        let throttle = throttle(&[("StopExecution", 1, 1), ("ListExecutions", 1, 1)]);
        let now = Instant::now();
        assert!(throttle.take("1", "StopExecution", now));
        assert!(throttle.take("2", "StopExecution", now));
        assert!(throttle.take("1", "ListExecutions", now));
        assert!(!throttle.take("1", "StopExecution", now));
    }

    #[test]
    fn nothing_is_limited_unless_it_is_switched_on() {
        let throttle = Throttle::new(&ThrottleConfig::default(), "us-east-1").unwrap();
        assert!((0..10_000).all(|_| throttle.admit("1", "TestState").is_ok()));
    }

    #[test]
    fn a_rate_for_no_operation_is_refused_with_those_that_are() {
        let rates = BTreeMap::from([("StartMachine".to_owned(), Rate { size: 1, refill: 1 })]);
        let error = Throttle::new(&ThrottleConfig { is_on: true, rates }, "us-east-1").err().unwrap();
        assert!(error.to_string().starts_with("'StartMachine' is no operation"), "{error}");
        assert!(error.to_string().contains("StopExecution"), "{error}");
    }
}
