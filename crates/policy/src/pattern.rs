//! Texts with wildcards and policy variables: compiled once, matched without regular expressions.

use crate::context::Context;

/// A compiled text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: String,
    parts: Vec<Part>,
    has_variables: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    /// Any number of characters; `crosses` whether colons are among them.
    Star {
        crosses: bool,
    },
    /// One character.
    One,
    Variable {
        key: String,
        default: Option<String>,
    },
}

/// What the special characters of a text mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Syntax {
    pub(crate) wildcards: bool,
    /// Policy variables: only in policies of version 2012-10-17.
    pub(crate) variables: bool,
    /// A `*` inside a segment stays inside it; at the segment's end it crosses colons (AWS: Resource element).
    pub(crate) segments: bool,
}

impl Pattern {
    pub(crate) fn new(text: &str, syntax: Syntax) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let after = rest.get(character.len_utf8()..).unwrap_or_default();
            if syntax.variables
                && let Some((part, after)) = variable(rest)
            {
                push(&mut parts, part);
                rest = after;
                continue;
            }
            rest = after;
            let part = match character {
                '*' if syntax.wildcards => {
                    let ends_segment = after.is_empty() || after.starts_with([':', '*']);
                    Part::Star { crosses: !syntax.segments || ends_segment }
                }
                '?' if syntax.wildcards => Part::One,
                literal => Part::Literal(literal.to_string()),
            };
            push(&mut parts, part);
        }
        let has_variables = parts.iter().any(|part| matches!(part, Part::Variable { .. }));
        Self { text: text.to_owned(), parts, has_variables }
    }

    /// The text as it stands in the policy.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The condition keys that its variables read.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable { key, .. } => Some(key.as_str()),
            _ => None,
        })
    }

    /// Whether it is the text itself, without wildcards or variables.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether the whole of `text` matches; a variable without a value matches nothing.
    pub(crate) fn matches(&self, text: &str, context: &Context, fold_case: bool) -> bool {
        if self.has_variables {
            return self.resolved(context).is_some_and(|parts| match_parts(&parts, text, fold_case));
        }
        match_parts(&self.parts, text, fold_case)
    }

    /// The text with its variables filled in, for patterns without wildcards.
    pub(crate) fn value(&self, context: &Context) -> Option<String> {
        let parts = self.resolved(context)?;
        let texts = parts.iter().map(|part| match part {
            Part::Literal(text) => text.as_str(),
            Part::Star { .. } => "*",
            Part::One => "?",
            Part::Variable { .. } => "",
        });
        Some(texts.collect())
    }

    fn resolved(&self, context: &Context) -> Option<Vec<Part>> {
        let mut resolved = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            let part = match part {
                Part::Variable { key, default } => {
                    // AWS: only keys with a single value can be used as variables.
                    let value = context.lower(key).and_then(|values| match values {
                        [value] => Some(value.clone()),
                        _ => None,
                    });
                    Part::Literal(value.or_else(|| default.clone())?)
                }
                part => part.clone(),
            };
            push(&mut resolved, part);
        }
        Some(resolved)
    }
}

fn push(parts: &mut Vec<Part>, part: Part) {
    match (parts.last_mut(), part) {
        (Some(Part::Literal(last)), Part::Literal(more)) => last.push_str(&more),
        (Some(Part::Star { crosses }), Part::Star { crosses: more }) => *crosses |= more,
        (_, part) => parts.push(part),
    }
}

/// `${key}`, `${key, 'default'}`, `${*}`, `${?}` or `${$}` at the start of the text, and what follows it.
fn variable(text: &str) -> Option<(Part, &str)> {
    let inner = text.strip_prefix("${")?;
    let (inner, after) = inner.split_once('}')?;
    if matches!(inner, "*" | "?" | "$") {
        return Some((Part::Literal(inner.to_owned()), after));
    }
    let (key, default) = match inner.split_once(',') {
        Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\'').to_owned())),
        None => (inner.trim(), None),
    };
    Some((Part::Variable { key: key.to_ascii_lowercase(), default }, after))
}

fn match_parts(parts: &[Part], text: &str, fold_case: bool) -> bool {
    match parts {
        [] => text.is_empty(),
        [Part::Literal(literal)] => same(literal, text, fold_case),
        [Part::Star { crosses: true }] => true,
        [Part::Literal(prefix), Part::Star { crosses: true }] => {
            text.get(..prefix.len()).is_some_and(|start| same(prefix, start, fold_case))
        }
        parts if parts.iter().all(|part| !matches!(part, Part::Star { crosses: false })) => {
            match_crossing(parts, text, fold_case)
        }
        parts => match_bounded(parts, text, fold_case),
    }
}

fn same(left: &str, right: &str, fold_case: bool) -> bool {
    if fold_case { left.eq_ignore_ascii_case(right) } else { left == right }
}

/// Every star crosses: the leftmost match of what lies between two stars is as good as any.
fn match_crossing(parts: &[Part], text: &str, fold_case: bool) -> bool {
    let mut rest = text;
    let mut part = 0;
    // Where to go on when what follows the last star does not match: one character further.
    let mut star: Option<(usize, &str)> = None;
    loop {
        let advanced = match parts.get(part) {
            None if rest.is_empty() => return true,
            None => None,
            Some(Part::Star { .. }) => {
                star = Some((part, rest));
                Some(rest)
            }
            Some(single) => after(single, rest, fold_case),
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

/// What follows in the text after a literal or a single character.
fn after<'a>(part: &Part, text: &'a str, fold_case: bool) -> Option<&'a str> {
    match part {
        Part::Literal(literal) => {
            let start = text.get(..literal.len())?;
            same(literal, start, fold_case).then(|| text.get(literal.len()..).unwrap_or_default())
        }
        Part::One => text.chars().next().and_then(|character| text.get(character.len_utf8()..)),
        Part::Star { .. } | Part::Variable { .. } => None,
    }
}

/// Some star must not cross a colon: all positions that each part can end at are followed at once.
fn match_bounded(parts: &[Part], text: &str, fold_case: bool) -> bool {
    let mut starts = vec![false; text.len() + 1];
    if let Some(first) = starts.first_mut() {
        *first = true;
    }
    for part in parts {
        let mut ends = vec![false; text.len() + 1];
        match part {
            Part::Star { crosses } => spread(&starts, &mut ends, text, *crosses),
            single => {
                for (at, _) in starts.iter().enumerate().filter(|(_, is_start)| **is_start) {
                    let rest = text.get(at..).unwrap_or_default();
                    if let Some(after) = after(single, rest, fold_case)
                        && let Some(end) = ends.get_mut(text.len() - after.len())
                    {
                        *end = true;
                    }
                }
            }
        }
        starts = ends;
    }
    starts.last().copied().unwrap_or(false)
}

fn spread(starts: &[bool], ends: &mut [bool], text: &str, crosses: bool) {
    let mut is_reached = false;
    for (at, end) in ends.iter_mut().enumerate() {
        is_reached |= starts.get(at).copied().unwrap_or(false);
        *end = is_reached && text.is_char_boundary(at);
        if !crosses && text.as_bytes().get(at) == Some(&b':') {
            is_reached = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESOURCE: Syntax = Syntax { wildcards: true, variables: true, segments: true };
    const LIKE: Syntax = Syntax { wildcards: true, variables: true, segments: false };

    fn check(pattern: &str, syntax: Syntax, text: &str) -> bool {
        let context = Context::new().with("aws:username", "ada").with("s3:prefix", "a*b");
        Pattern::new(pattern, syntax).matches(text, &context, false)
    }

    #[test]
    fn a_star_inside_a_segment_stays_inside_it() {
        assert!(check(
            "arn:aws:lambda:us-*-1:1:function:f",
            RESOURCE,
            "arn:aws:lambda:us-east-1:1:function:f"
        ));
        assert!(!check("arn:aws:lambda:us*1:1:function:f", RESOURCE, "arn:aws:lambda:us:1:1:function:f"));
    }

    #[test]
    fn a_star_at_the_end_of_a_segment_crosses_colons() {
        assert!(check(
            "arn:aws:lambda:us-east-1:1:function:f*",
            RESOURCE,
            "arn:aws:lambda:us-east-1:1:function:f:live"
        ));
        assert!(check("arn:aws:lambda:*:f", RESOURCE, "arn:aws:lambda:us-east-1:1:function:f"));
        assert!(check(
            "arn:aws:states:*:111122223333:*",
            RESOURCE,
            "arn:aws:states:us-east-1:111122223333:stateMachine:a"
        ));
    }

    #[test]
    fn wildcards_match_as_in_a_shell() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*", "a", true),
            ("a*c", "abc", true),
            ("a*c", "abcd", false),
            ("*b*b", "abb", true),
            ("*b*b", "ab", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("?", "ä", true),
            ("a**b", "ab", true),
        ] {
            assert_eq!(check(pattern, LIKE, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn variables_are_literal_text_and_may_have_defaults() {
        assert!(check("home/${aws:username}/*", LIKE, "home/ada/x"));
        assert!(check("home/${AWS:UserName}", LIKE, "home/ada"));
        assert!(!check("home/${aws:nobody}", LIKE, "home/"));
        assert!(check("home/${aws:nobody, 'guest'}", LIKE, "home/guest"));
        assert!(check("${s3:prefix}", LIKE, "a*b"));
        assert!(!check("${s3:prefix}", LIKE, "axb"));
        assert!(check("${*}${?}${$}", LIKE, "*?$"));
    }
}
