//! Texts with wildcards and policy variables: compiled once, matched without regular expressions.
//!
//! Matching allocates nothing, whatever the pattern: variables are read from the context where they stand.

mod matching;

use crate::context::Context;
use matching::Matcher;

/// A compiled text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: String,
    parts: Vec<Part>,
    has_variables: bool,
    /// Some wildcard must not cross a colon.
    is_bounded: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    /// Any number of characters; `crosses` whether colons are among them.
    Star {
        crosses: bool,
    },
    /// One character; `crosses` whether it may be a colon.
    One {
        crosses: bool,
    },
    Variable {
        /// In lower case.
        key: String,
        /// As it is written.
        name: String,
        default: Option<String>,
    },
}

/// What the special characters of a text mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Syntax {
    pub(crate) wildcards: bool,
    /// Policy variables: only in policies of version 2012-10-17.
    pub(crate) variables: bool,
    /// An ARN of the Resource element: see [`Place`].
    pub(crate) segments: bool,
}

/// Where in an ARN the reading is (AWS: Resource element). Before the fifth colon a wildcard stays inside its segment,
/// except a `*` that ends it, and policy variables are plain text; the resource's own part has neither limit.
struct Place {
    segments: bool,
    colons: usize,
}

impl Place {
    fn is_before_resource(&self) -> bool {
        self.segments && self.colons < 5
    }
}

impl Pattern {
    pub(crate) fn new(text: &str, syntax: Syntax) -> Self {
        let mut parts = Vec::new();
        let mut place = Place { segments: syntax.segments, colons: 0 };
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let after = rest.get(character.len_utf8()..).unwrap_or_default();
            if syntax.variables
                && !place.is_before_resource()
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
                    Part::Star { crosses: !place.is_before_resource() || ends_segment }
                }
                '?' if syntax.wildcards => Part::One { crosses: !place.is_before_resource() },
                literal => {
                    place.colons += usize::from(literal == ':');
                    Part::Literal(literal.to_string())
                }
            };
            push(&mut parts, part);
        }
        let has_variables = parts.iter().any(|part| matches!(part, Part::Variable { .. }));
        let is_bounded = parts.iter().any(|part| matches!(part, Part::Star { crosses: false }));
        Self { text: text.to_owned(), parts, has_variables, is_bounded }
    }

    /// The text as it stands in the policy.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The condition keys that its variables read, as they are written.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable { name, .. } => Some(name.as_str()),
            _ => None,
        })
    }

    /// What every text that matches starts with, and whether nothing may follow.
    pub(crate) fn start(&self) -> (&str, bool) {
        match self.parts.as_slice() {
            [] => ("", true),
            [Part::Literal(text)] => (text, true),
            [Part::Literal(text), ..] => (text, false),
            _ => ("", false),
        }
    }

    /// Whether the whole of `text` matches; a variable without a value matches nothing.
    pub(crate) fn matches(&self, text: &str, context: &Context, fold_case: bool) -> bool {
        if self.has_variables && !self.is_resolvable(context) {
            return false;
        }
        let matcher = Matcher { context, fold_case };
        if self.is_bounded {
            matcher.matches_bounded(&self.parts, text)
        } else {
            matcher.matches_crossing(&self.parts, text)
        }
    }

    /// Whether the text, with its variables filled in, is `text`, whatever the case of any letter.
    pub(crate) fn equals_folded(&self, text: &str, context: &Context) -> bool {
        if self.has_variables && !self.is_resolvable(context) {
            return false;
        }
        let own = self.parts.iter().map(|part| part.text(context).unwrap_or_default());
        own.flat_map(str::chars).flat_map(char::to_lowercase).eq(text.chars().flat_map(char::to_lowercase))
    }

    fn is_resolvable(&self, context: &Context) -> bool {
        self.parts.iter().all(|part| !matches!(part, Part::Variable { .. }) || part.text(context).is_some())
    }
}

impl Part {
    /// The text that it stands for.
    fn text<'a>(&'a self, context: &'a Context) -> Option<&'a str> {
        match self {
            Self::Literal(text) => Some(text),
            // AWS: only keys with a single value can be used as variables.
            Self::Variable { key, default, .. } => match context.lower(key) {
                Some([value]) => Some(value),
                _ => default.as_deref(),
            },
            Self::Star { .. } | Self::One { .. } => None,
        }
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
    Some((Part::Variable { key: key.to_ascii_lowercase(), name: key.to_owned(), default }, after))
}

#[cfg(test)]
mod tests;
