//! Matching of a text against the parts of a pattern, in time of their product at most.

use super::Part;
use crate::context::Context;

/// Texts up to this length are matched on the stack; AWS's ARNs are shorter.
const STACK_BYTES: usize = 2_048;

pub(super) struct Matcher<'a> {
    pub(super) context: &'a Context,
    pub(super) fold_case: bool,
}

impl Matcher<'_> {
    /// Every star crosses: the leftmost match of what lies between two stars is as good as any.
    pub(super) fn matches_crossing(&self, parts: &[Part], text: &str) -> bool {
        let mut rest = text;
        let mut part = 0;
        // Where to go on when what follows the last star does not match: one character further.
        let mut star: Option<(usize, &str)> = None;
        loop {
            let advanced = match parts.get(part) {
                None if rest.is_empty() => return true,
                None => None,
                Some(Part::Star { .. }) if part + 1 == parts.len() => return true,
                Some(Part::Star { .. }) => {
                    star = Some((part, rest));
                    Some(rest)
                }
                Some(single) => self.after(single, rest),
            };
            if let Some(after) = advanced {
                rest = after;
                part += 1;
                continue;
            }
            let Some((star_part, from)) = star else { return false };
            let Some(skipped) = from.chars().next() else { return false };
            rest = from.get(skipped.len_utf8()..).unwrap_or_default();
            star = Some((star_part, rest));
            part = star_part + 1;
        }
    }

    /// Some star must not cross a colon: all positions that each part can end at are followed at once.
    pub(super) fn matches_bounded(&self, parts: &[Part], text: &str) -> bool {
        if text.len() < STACK_BYTES {
            return self.follow(parts, text, &mut [false; STACK_BYTES], &mut [false; STACK_BYTES]);
        }
        let size = text.len() + 1;
        self.follow(parts, text, &mut vec![false; size], &mut vec![false; size])
    }

    fn follow(&self, parts: &[Part], text: &str, starts: &mut [bool], ends: &mut [bool]) -> bool {
        let (mut starts, mut ends) = (starts, ends);
        if let Some(first) = starts.first_mut() {
            *first = true;
        }
        for part in parts {
            ends.fill(false);
            match part {
                Part::Star { crosses } => spread(starts, ends, text, *crosses),
                single => self.step(single, starts, ends, text),
            }
            std::mem::swap(&mut starts, &mut ends);
        }
        starts.get(text.len()).copied().unwrap_or(false)
    }

    fn step(&self, single: &Part, starts: &[bool], ends: &mut [bool], text: &str) {
        for (at, _) in starts.iter().enumerate().take(text.len() + 1).filter(|(_, is_start)| **is_start) {
            let rest = text.get(at..).unwrap_or_default();
            if let Some(after) = self.after(single, rest)
                && let Some(end) = ends.get_mut(text.len() - after.len())
            {
                *end = true;
            }
        }
    }

    /// What follows in the text after a literal, a variable or a single character.
    fn after<'a>(&self, part: &Part, text: &'a str) -> Option<&'a str> {
        if let Part::One { crosses } = part {
            let character = text.chars().next().filter(|character| *crosses || *character != ':')?;
            return text.get(character.len_utf8()..);
        }
        let literal = part.text(self.context)?;
        let (start, after) = text.split_at_checked(literal.len())?;
        let is_same = if self.fold_case { start.eq_ignore_ascii_case(literal) } else { start == literal };
        is_same.then_some(after)
    }
}

fn spread(starts: &[bool], ends: &mut [bool], text: &str, crosses: bool) {
    let mut is_reached = false;
    for (at, end) in ends.iter_mut().enumerate().take(text.len() + 1) {
        is_reached |= starts.get(at).copied().unwrap_or(false);
        *end = is_reached && text.is_char_boundary(at);
        if !crosses && text.as_bytes().get(at) == Some(&b':') {
            is_reached = false;
        }
    }
}
