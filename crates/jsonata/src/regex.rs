//! Regular expressions with JavaScript's semantics.

use std::sync::Arc;

/// A compiled regular expression. Cloning shares.
#[derive(Clone)]
pub struct Pattern {
    source: Arc<str>,
    regex: Arc<regress::Regex>,
}

/// A match: where, what, and the groups.
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) groups: Vec<Option<String>>,
}

impl Pattern {
    pub(crate) fn compile(source: &str, flags: &str) -> Option<Self> {
        let regex = regress::Regex::with_flags(source, flags).ok()?;
        Some(Self { source: source.into(), regex: Arc::new(regex) })
    }

    /// The first match at or after an offset in bytes.
    pub(crate) fn find(&self, text: &str, from: usize) -> Option<Found> {
        let found = self.regex.find_from(text, from).next()?;
        let range = found.range();
        let groups = found
            .captures
            .iter()
            .map(|group| group.as_ref().and_then(|range| text.get(range.clone())).map(str::to_owned));
        Some(Found { start: range.start, end: range.end, groups: groups.collect() })
    }
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "/{}/", self.source)
    }
}
