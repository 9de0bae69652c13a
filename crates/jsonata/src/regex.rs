//! Regular expressions with JavaScript's semantics, as it has them without the `u` flag: on units of UTF-16.
//!
//! A match is looked for by trying and going back, as JavaScript does it, but never without bounds: whoever asks says how
//! long it may take and how much it may remember.

mod class;
mod machine;
mod program;
mod syntax;

use std::ops::Range;
use std::sync::Arc;

use crate::error::Error;
use program::Program;

/// A compiled regular expression. Cloning shares.
#[derive(Clone)]
pub struct Pattern {
    source: Arc<str>,
    flags: Arc<str>,
    program: Arc<Program>,
}

/// A match: where, and the groups, in units of UTF-16.
pub(crate) struct Found {
    pub(crate) range: Range<usize>,
    pub(crate) groups: Vec<Option<Range<usize>>>,
}

/// What a search may use.
pub(crate) struct Limits<'a> {
    /// Told how many moves were made, again and again; its error ends the search.
    pub(crate) tick: &'a mut dyn FnMut(u32) -> Result<(), Error>,
    /// How many places to come back to may be remembered.
    pub(crate) branches_max: usize,
}

/// After so many moves the limits are looked at.
const MOVES_PER_TICK: u32 = 4_096;
/// What a place to come back to takes.
pub(crate) const BYTES_PER_BRANCH: usize = size_of::<machine::Undo>();

impl Pattern {
    /// Nothing when it is none, or nests too deeply.
    pub(crate) fn compile(source: &str, flags: &str) -> Option<Self> {
        let program = program::compile(&syntax::parse(source)?, flags.contains('i'), flags.contains('m'));
        Some(Self { source: source.into(), flags: flags.into(), program: Arc::new(program) })
    }

    /// The first match at or after a place.
    pub(crate) fn find(
        &self,
        text: &[u16],
        from: usize,
        limits: &mut Limits<'_>,
    ) -> Result<Option<Found>, Error> {
        machine::find(&self.program, text, from, limits)
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "/{}/{}", self.source, self.flags)
    }
}

#[cfg(test)]
mod tests;
