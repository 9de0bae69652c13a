//! Actions of a statement: `service:Action` with wildcards, whatever the case.

use crate::context::Context;
use crate::pattern::{Pattern, Syntax};

/// One entry of Action or NotAction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActionPattern(Pattern);

impl ActionPattern {
    pub(crate) fn new(text: &str) -> Self {
        Self(Pattern::new(text, Syntax { wildcards: true, variables: false, segments: false }))
    }

    pub(crate) fn matches(&self, action: &str) -> bool {
        // No variables in actions: the context is never read.
        self.0.matches(action, EMPTY.get_or_init(Context::new), true)
    }

    /// What every action that matches starts with, whatever its case, and whether nothing may follow.
    pub(crate) fn start(&self) -> (&str, bool) {
        self.0.start()
    }

    pub(crate) fn text(&self) -> &str {
        self.0.text()
    }
}

static EMPTY: std::sync::OnceLock<Context> = std::sync::OnceLock::new();
