//! How many executions of each account are open (AWS: 1,000,000 per account and Region).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

#[derive(Default)]
pub(crate) struct OpenExecutions {
    by_account: Mutex<HashMap<String, u64>>,
}

impl OpenExecutions {
    /// Counts what the store holds at the start.
    pub(crate) fn new(counts: Vec<(String, u64)>) -> Self {
        Self { by_account: Mutex::new(counts.into_iter().collect()) }
    }

    /// Counts one more, unless the account has as many as it may.
    pub(crate) fn add(&self, account: &str, max: u64) -> bool {
        let mut by_account = self.by_account.lock().unwrap_or_else(PoisonError::into_inner);
        match by_account.get_mut(account) {
            Some(count) if *count >= max => false,
            Some(count) => {
                *count += 1;
                true
            }
            None => {
                by_account.insert(account.to_owned(), 1);
                max > 0
            }
        }
    }

    /// Those of all accounts.
    pub(crate) fn sum(&self) -> u64 {
        self.by_account.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    pub(crate) fn remove(&self, account: &str) {
        let mut by_account = self.by_account.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_account.get_mut(account) {
            *count = count.saturating_sub(1);
        }
    }
}
