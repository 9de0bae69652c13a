//! Sets of characters, and which letters are the same when case does not count.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A set of units, as sorted ranges, or all others.
#[derive(Clone, Debug, Default)]
pub(super) struct Class {
    pub(super) ranges: Vec<(u16, u16)>,
    pub(super) is_negated: bool,
}

/// `\d`, `\w` or `\s`, or, as capital letters, all others. Nothing for other letters.
pub(super) fn named(letter: u16) -> Option<Vec<(u16, u16)>> {
    let small = u8::try_from(letter).ok()?.to_ascii_lowercase();
    let ranges: Vec<(u16, u16)> = match small {
        b'd' => vec![(0x30, 0x39)],
        b'w' => vec![(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)],
        b's' => vec![
            (0x09, 0x0d),
            (0x20, 0x20),
            (0xa0, 0xa0),
            (0x1680, 0x1680),
            (0x2000, 0x200a),
            (0x2028, 0x2029),
            (0x202f, 0x202f),
            (0x205f, 0x205f),
            (0x3000, 0x3000),
            (0xfeff, 0xfeff),
        ],
        _ => return None,
    };
    Some(if letter == u16::from(small) { ranges } else { others(&ranges) })
}

/// All units that are in none of the sorted ranges.
fn others(ranges: &[(u16, u16)]) -> Vec<(u16, u16)> {
    let mut found = Vec::new();
    let mut from = 0_u16;
    for (first, last) in ranges {
        if *first > from {
            found.push((from, first - 1));
        }
        from = last.saturating_add(1);
    }
    found.push((from, u16::MAX));
    found
}

pub(super) fn is_word(unit: u16) -> bool {
    u8::try_from(unit).is_ok_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

pub(super) fn is_line_end(unit: u16) -> bool {
    matches!(unit, 0x0a | 0x0d | 0x2028 | 0x2029)
}

impl Class {
    /// Puts the ranges in order and joins those that touch.
    pub(super) fn sort(&mut self) {
        self.ranges.sort_unstable();
        self.ranges.dedup_by(|next, before| {
            let touches = next.0 <= before.1.saturating_add(1);
            if touches {
                before.1 = before.1.max(next.1);
            }
            touches
        });
    }

    pub(super) fn contains(&self, unit: u16, ignores_case: bool) -> bool {
        let has = |unit: u16| {
            let behind = self.ranges.partition_point(|(first, _)| *first <= unit);
            self.ranges.get(behind.wrapping_sub(1)).is_some_and(|(_, last)| unit <= *last)
        };
        let is_in = has(unit)
            || ignores_case && {
                let folded = fold(unit);
                has(folded) || SAME.get(&folded).is_some_and(|same| same.iter().any(|unit| has(*unit)))
            };
        is_in != self.is_negated
    }
}

/// The one unit that stands for all of the same letter: the capital one, where that is a single unit and does not turn
/// a letter outside of ASCII into one of ASCII.
pub(super) fn fold(unit: u16) -> u16 {
    if let Ok(byte) = u8::try_from(unit)
        && byte.is_ascii()
    {
        return u16::from(byte.to_ascii_uppercase());
    }
    let Some(letter) = char::from_u32(unit.into()) else { return unit };
    let mut upper = letter.to_uppercase();
    match (upper.next().and_then(|upper| u16::try_from(u32::from(upper)).ok()), upper.next()) {
        (Some(upper), None) if upper >= 0x80 => upper,
        _ => unit,
    }
}

/// Units that fold to another, by what they fold to.
static SAME: LazyLock<HashMap<u16, Vec<u16>>> = LazyLock::new(|| {
    let mut same: HashMap<u16, Vec<u16>> = HashMap::new();
    for unit in 0..=u16::MAX {
        let folded = fold(unit);
        if folded != unit {
            same.entry(folded).or_default().push(unit);
        }
    }
    same
});
