//! Splitting expressions at their top level: outside of quotes, parentheses, brackets and braces.

/// The parts between separators that stand at the top level of an expression.
pub(crate) fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    each_outside(text, |at, character, depth| {
        if depth == 0 && character == separator {
            parts.push(text.get(start..at).unwrap_or_default().trim());
            start = at + character.len_utf8();
        }
    });
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts
}

/// The text inside of parentheses that enclose all of it, or the text.
pub(crate) fn unwrapped(text: &str) -> &str {
    let text = text.trim();
    let Some(inside) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) else { return text };
    let mut is_whole = true;
    let mut open = 0_usize;
    each_outside(inside, |_, character, _| match character {
        '(' => open += 1,
        ')' if open == 0 => is_whole = false,
        ')' => open -= 1,
        _ => {}
    });
    if is_whole && open == 0 { unwrapped(inside) } else { text }
}

/// A text in single, double or back quotes that is the whole expression, without its quotes.
pub(crate) fn quoted(text: &str) -> Option<&str> {
    let text = text.trim();
    let quote = text.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
    let inside = text.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                characters.next()?;
            }
            other if other == quote => return None,
            _ => {}
        }
    }
    Some(inside)
}

/// The `$names` outside of quotes, each with what follows it.
pub(crate) fn names(text: &str) -> Vec<(&str, &str)> {
    let mut starts = Vec::new();
    each_outside(text, |at, character, _| {
        if character == '$' {
            starts.push(at);
        }
    });
    let named = starts.into_iter().map(|at| {
        let rest = text.get(at + 1..).unwrap_or_default();
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
        rest.split_at(end)
    });
    named.collect()
}

fn each_outside(text: &str, mut visit: impl FnMut(usize, char, usize)) {
    let mut quote = None;
    let mut depth = 0_usize;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (Some(_), '\\') => {
                characters.next();
            }
            (Some(open), character) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(character),
            (None, '(' | '[' | '{') => {
                visit(at, character, depth);
                depth += 1;
            }
            (None, ')' | ']' | '}') => {
                depth = depth.saturating_sub(1);
                visit(at, character, depth);
            }
            (None, _) => visit(at, character, depth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_top_level_is_split() {
        assert_eq!(split("'a&b' & $f(x & y) & z", '&'), ["'a&b'", "$f(x & y)", "z"]);
        assert_eq!(split("", '&'), [""]);
        assert_eq!(split("'it\\'s', b", ','), ["'it\\'s'", "b"]);
    }

    #[test]
    fn parentheses_around_all_of_it_are_taken_off() {
        assert_eq!(unwrapped("((a & b))"), "a & b");
        assert_eq!(unwrapped("(a) & (b)"), "(a) & (b)");
    }

    #[test]
    fn names_are_found_outside_of_quotes() {
        assert_eq!(names("$a & '$b' & $c.d"), [("a", " & '$b' & $c.d"), ("c", ".d")]);
        assert_eq!(quoted("'a' & 'b'"), None);
        assert_eq!(quoted(" 'a' "), Some("a"));
    }
}
