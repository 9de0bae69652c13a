//! Patterns with `*` and `?`: whether a text matches one, and whether some text matches two.

/// Whether the whole text matches the pattern.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    // Wildcards of the text are plain characters here: a text that is one more pattern would meet it, too.
    let text: Vec<char> = text.chars().collect();
    let mut reached = vec![false; text.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for wanted in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        let mut is_before = false;
        for (at, place) in next.iter_mut().enumerate() {
            let here = reached.get(at).copied().unwrap_or(false);
            if wanted == '*' {
                is_before |= here;
                *place = is_before;
            } else {
                let before = at.checked_sub(1);
                let is_reached = before.and_then(|at| reached.get(at)).copied().unwrap_or(false);
                let given = before.and_then(|at| text.get(at));
                *place = is_reached && (wanted == '?' || given == Some(&wanted));
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

/// Whether some text matches both patterns.
pub(super) fn meet(left: &str, right: &str) -> bool {
    let right: Vec<char> = right.chars().collect();
    // What of `right` can be used up by each start of `left`.
    let mut reached = spread(vec![true], &right);
    for wanted in left.chars() {
        let mut next = vec![false; right.len() + 1];
        for at in 0..=right.len() {
            if !reached.get(at).copied().unwrap_or(false) {
                continue;
            }
            let given = right.get(at);
            // A star of `right` takes in the character and stays.
            let stays = given == Some(&'*') || wanted == '*';
            let goes_on = match (wanted, given) {
                (_, None) => false,
                ('*' | '?', Some(_)) | (_, Some('*' | '?')) => true,
                (wanted, Some(given)) => wanted == *given,
            };
            if let (true, Some(place)) = (stays, next.get_mut(at)) {
                *place = true;
            }
            if let (true, Some(place)) = (goes_on, next.get_mut(at + 1)) {
                *place = true;
            }
        }
        if wanted == '*' {
            // It takes in any number of characters.
            let first = next.iter().position(|is_reached| *is_reached).unwrap_or(next.len());
            next.iter_mut().skip(first).for_each(|place| *place = true);
        }
        reached = spread(next, &right);
    }
    reached.get(right.len()).copied().unwrap_or(false)
}

/// A star of `right` can also be nothing.
fn spread(mut reached: Vec<bool>, right: &[char]) -> Vec<bool> {
    reached.resize(right.len() + 1, false);
    for (at, given) in right.iter().enumerate() {
        if *given == '*'
            && reached.get(at) == Some(&true)
            && let Some(next) = reached.get_mut(at + 1)
        {
            *next = true;
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_matches_a_pattern_as_a_whole() {
        for (pattern, text, expected) in [
            ("get*", "getobject", true),
            ("get", "getobject", false),
            ("?et*t", "getobject", true),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn two_patterns_meet_where_some_text_matches_both() {
        for (left, right, expected) in [
            ("arn:*:states:*:*:stateMachine:*", "arn:aws:states:us-east-1:1:stateMachine:a", true),
            ("arn:*:states:*:*:stateMachine:*", "arn:aws:lambda:us-east-1:1:function:a", false),
            ("arn:*:s3:::*/*", "arn:aws:s3:::bucket/*", true),
            ("arn:*:s3:::*/*", "arn:aws:s3:::bucket", false),
            ("arn:*:s3:::*", "arn:aws:s3:*", true),
            ("a*c", "ab*", true),
            ("a*c", "b*", false),
            ("*", "*", true),
            ("", "*", true),
            ("a?", "*b", true),
            ("a", "ab", false),
        ] {
            assert_eq!(meet(left, right), expected, "{left} {right}");
            assert_eq!(meet(right, left), expected, "{right} {left}");
        }
    }
}
