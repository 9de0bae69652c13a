//! Patterns with `*` and `?`, compared as sets of texts.

/// Whether every text of `inner` is a text of `outer`; `*` and `?` of `inner` are only covered by wildcards.
pub(crate) fn covers(outer: &str, inner: &str) -> bool {
    let outer: Vec<char> = outer.chars().collect();
    let inner: Vec<char> = inner.chars().collect();
    // reached[i]: the first i characters of `outer` cover what was read of `inner`.
    let mut reached = start(&outer);
    for &character in &inner {
        let mut next = vec![false; outer.len() + 1];
        for (index, _) in reached.iter().enumerate().filter(|(_, is)| **is) {
            match outer.get(index) {
                Some('*') => set(&mut next, index),
                Some('?') if character != '*' => set(&mut next, index + 1),
                Some(&own) if own == character && own != '*' => set(&mut next, index + 1),
                _ => {}
            }
        }
        skip_stars(&outer, &mut next);
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

/// Whether the whole text is of the pattern; wildcards of the text are plain characters.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let mut reached = start(&pattern);
    for character in text.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for (index, _) in reached.iter().enumerate().filter(|(_, is)| **is) {
            match pattern.get(index) {
                Some('*') => set(&mut next, index),
                Some(&own) if own == '?' || own == character => set(&mut next, index + 1),
                _ => {}
            }
        }
        skip_stars(&pattern, &mut next);
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

/// Whether some text is of both patterns.
pub(crate) fn meets(left: &str, right: &str) -> bool {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let width = right.len() + 1;
    let mut seen = vec![false; (left.len() + 1) * width];
    let mut open = vec![(0_usize, 0_usize)];
    while let Some((at, other)) = open.pop() {
        if at > left.len() || other > right.len() || seen.get(at * width + other).copied().unwrap_or(true) {
            continue;
        }
        set(&mut seen, at * width + other);
        match (left.get(at), right.get(other)) {
            (None, None) => return true,
            (Some('*'), Some('*')) => open.extend([(at + 1, other), (at, other + 1)]),
            (Some('*'), Some(_)) => open.extend([(at + 1, other), (at, other + 1)]),
            (Some(_), Some('*')) => open.extend([(at, other + 1), (at + 1, other)]),
            (Some('*'), None) => open.push((at + 1, other)),
            (None, Some('*')) => open.push((at, other + 1)),
            (Some(mine), Some(theirs)) if mine == theirs || *mine == '?' || *theirs == '?' => {
                open.push((at + 1, other + 1));
            }
            _ => {}
        }
    }
    false
}

fn start(pattern: &[char]) -> Vec<bool> {
    let mut reached = vec![false; pattern.len() + 1];
    set(&mut reached, 0);
    skip_stars(pattern, &mut reached);
    reached
}

fn skip_stars(pattern: &[char], reached: &mut [bool]) {
    for (index, character) in pattern.iter().enumerate() {
        if *character == '*' && reached.get(index).copied().unwrap_or_default() {
            set(reached, index + 1);
        }
    }
}

fn set(flags: &mut [bool], index: usize) {
    if let Some(flag) = flags.get_mut(index) {
        *flag = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_is_inside_of_it() {
        for (outer, inner, expected) in [
            ("*", "a*b", true),
            ("a*", "ab*", true),
            ("a*", "a", true),
            ("ab*", "a*", false),
            ("a?c", "abc", true),
            ("a?c", "a*c", false),
            ("a*c", "a?c", true),
            ("arn:*:x", "arn:aws:*:x", true),
            ("a", "b", false),
            ("", "", true),
        ] {
            assert_eq!(covers(outer, inner), expected, "{outer} {inner}");
        }
    }

    #[test]
    fn a_text_matches_a_pattern_as_a_whole() {
        for (pattern, text, expected) in [
            ("get*", "getobject", true),
            ("get", "getobject", false),
            ("?et*t", "getobject", true),
            ("*", "", true),
            ("a?", "a*", true),
            ("a", "?", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn patterns_meet_when_a_text_is_of_both() {
        for (left, right, expected) in [
            ("a*", "*b", true),
            ("a*c", "a?d", false),
            ("table/x*", "table/*y", true),
            ("table/x", "table/*", true),
            ("function:a", "function:b*", false),
            ("*", "", true),
            ("arn:*:s3:::*/*", "arn:aws:s3:::bucket", false),
            ("arn:*:s3:::*", "arn:aws:s3:*", true),
            ("a", "ab", false),
        ] {
            assert_eq!(meets(left, right), expected, "{left} {right}");
            assert_eq!(meets(right, left), expected, "{right} {left}");
        }
    }
}
