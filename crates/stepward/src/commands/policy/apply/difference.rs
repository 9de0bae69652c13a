//! The difference of two texts, line by line.

/// The lines of both, marked with `-`, `+` or a space.
pub(super) fn difference(before: &str, after: &str) -> Vec<String> {
    let left: Vec<&str> = before.lines().collect();
    let right: Vec<&str> = after.lines().collect();
    let longest = common(&left, &right);
    let (mut at, mut other) = (0, 0);
    let mut lines = Vec::new();
    for (index, partner) in longest.into_iter().chain([(left.len(), right.len())]) {
        lines.extend(left.get(at..index).unwrap_or_default().iter().map(|line| format!("- {line}")));
        lines.extend(right.get(other..partner).unwrap_or_default().iter().map(|line| format!("+ {line}")));
        lines.extend(left.get(index).map(|line| format!("  {line}")));
        (at, other) = (index + 1, partner + 1);
    }
    lines
}

/// The longest common lines: pairs of positions.
fn common(left: &[&str], right: &[&str]) -> Vec<(usize, usize)> {
    let width = right.len() + 1;
    let mut lengths = vec![0_usize; (left.len() + 1) * width];
    let length = |lengths: &[usize], at: usize, other: usize| {
        lengths.get(at * width + other).copied().unwrap_or_default()
    };
    for (at, line) in left.iter().enumerate().rev() {
        for (other, partner) in right.iter().enumerate().rev() {
            let best = if line == partner {
                length(&lengths, at + 1, other + 1) + 1
            } else {
                length(&lengths, at + 1, other).max(length(&lengths, at, other + 1))
            };
            if let Some(place) = lengths.get_mut(at * width + other) {
                *place = best;
            }
        }
    }
    let (mut at, mut other) = (0, 0);
    let mut pairs = Vec::new();
    while let (Some(line), Some(partner)) = (left.get(at), right.get(other)) {
        if line == partner {
            pairs.push((at, other));
            (at, other) = (at + 1, other + 1);
        } else if length(&lengths, at + 1, other) >= length(&lengths, at, other + 1) {
            at += 1;
        } else {
            other += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_went_and_came_are_marked() {
        assert_eq!(difference("a\nb\nc", "a\nx\nc"), ["  a", "- b", "+ x", "  c"]);
        assert_eq!(difference("", "a"), ["+ a"]);
        assert_eq!(difference("a", "a"), ["  a"]);
    }
}
