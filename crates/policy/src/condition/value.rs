//! Values of conditions: compiled once for their operator.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use stepward_types::Timestamp;

use super::operator::{Base, Order};
use crate::context::Context;
use crate::pattern::{Pattern, Syntax};

/// What a key is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expected {
    text: String,
    form: Form,
}

#[derive(Clone, Debug, PartialEq)]
enum Form {
    /// Equal text, after variables are filled in.
    Text {
        pattern: Pattern,
        fold_case: bool,
    },
    Like(Pattern),
    /// The six components of an ARN, each with wildcards of its own.
    Arn(Vec<Pattern>),
    Number(Order, f64),
    /// Milliseconds since 1970.
    Date(Order, i64),
    Bool(bool),
    Binary(Vec<u8>),
    Ip {
        address: IpAddr,
        bits: u32,
    },
    /// A value that its operator cannot read matches nothing.
    Unreadable,
}

impl Expected {
    pub(crate) fn compile(base: Base, text: &str, variables: bool) -> Self {
        Self { text: text.to_owned(), form: form(base, text, variables).unwrap_or(Form::Unreadable) }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        let patterns: &[Pattern] = match &self.form {
            Form::Text { pattern, .. } | Form::Like(pattern) => std::slice::from_ref(pattern),
            Form::Arn(patterns) => patterns,
            _ => &[],
        };
        patterns.iter().flat_map(Pattern::keys).map(str::to_owned).collect()
    }

    pub(crate) fn matches(&self, value: &str, context: &Context) -> bool {
        match &self.form {
            Form::Text { pattern, fold_case } => text_matches(pattern, *fold_case, value, context),
            Form::Like(pattern) => pattern.matches(value, context, false),
            Form::Arn(patterns) => {
                let parts: Vec<&str> = value.splitn(6, ':').collect();
                parts.len() == patterns.len()
                    && parts.iter().zip(patterns).all(|(part, pattern)| pattern.matches(part, context, false))
            }
            Form::Number(order, expected) => {
                let ordering =
                    value.trim().parse::<f64>().ok().and_then(|number| number.partial_cmp(expected));
                ordering.is_some_and(|ordering| order.holds(ordering))
            }
            Form::Date(order, expected) => date(value).is_some_and(|given| order.holds(given.cmp(expected))),
            Form::Bool(expected) => boolean(value) == Some(*expected),
            Form::Binary(expected) => STANDARD.decode(value).is_ok_and(|given| given == *expected),
            Form::Ip { address, bits } => {
                value.parse().is_ok_and(|given| is_in_network(given, *address, *bits))
            }
            Form::Unreadable => false,
        }
    }
}

fn form(base: Base, text: &str, variables: bool) -> Option<Form> {
    let syntax = Syntax { wildcards: false, variables, segments: false };
    Some(match base {
        Base::StringEquals => Form::Text { pattern: Pattern::new(text, syntax), fold_case: false },
        Base::StringEqualsIgnoreCase => Form::Text { pattern: Pattern::new(text, syntax), fold_case: true },
        Base::StringLike => Form::Like(Pattern::new(text, Syntax { wildcards: true, ..syntax })),
        Base::Arn => Form::Arn(arn(text, Syntax { wildcards: true, ..syntax })?),
        Base::Number(order) => Form::Number(order, text.trim().parse().ok()?),
        Base::Date(order) => Form::Date(order, date(text)?),
        Base::Bool => Form::Bool(boolean(text)?),
        Base::Binary => Form::Binary(STANDARD.decode(text).ok()?),
        Base::Ip => network(text)?,
        Base::Null => return None,
    })
}

fn text_matches(pattern: &Pattern, fold_case: bool, value: &str, context: &Context) -> bool {
    let same = |expected: &str| {
        if fold_case { expected.to_lowercase() == value.to_lowercase() } else { expected == value }
    };
    match pattern.literal() {
        Some(literal) => same(literal),
        None => pattern.value(context).is_some_and(|expected| same(&expected)),
    }
}

// AWS: each of the six components is compared on its own, so a `*` never reaches into the next one. A lone `*`
// stands for any ARN.
fn arn(text: &str, syntax: Syntax) -> Option<Vec<Pattern>> {
    if text == "*" {
        return Some(vec![Pattern::new("*", syntax); 6]);
    }
    let parts: Vec<&str> = split_outside_variables(text);
    (parts.len() == 6).then(|| parts.into_iter().map(|part| Pattern::new(part, syntax)).collect())
}

/// Splits at the first five colons; those inside `${…}` belong to the variable.
fn split_outside_variables(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut in_variable = false;
    for (at, character) in text.char_indices() {
        match character {
            '{' if text.get(..at).is_some_and(|before| before.ends_with('$')) => in_variable = true,
            '}' => in_variable = false,
            ':' if !in_variable && parts.len() < 5 => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// W3C's profile of ISO 8601, from the year alone to fractions of a second; or seconds since 1970.
fn date(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>()
        && (text.len() != 4 || text.contains('.'))
    {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of any date fit")]
        return Some((seconds * 1_000.0) as i64);
    }
    let full = match text.len() {
        4 => format!("{text}-01-01T00:00:00Z"),
        7 => format!("{text}-01T00:00:00Z"),
        10 => format!("{text}T00:00:00Z"),
        17 if text.ends_with('Z') => format!("{}:00Z", text.get(..16)?),
        _ => text.to_owned(),
    };
    Timestamp::parse_rfc3339(&full).ok().map(Timestamp::millis)
}

fn network(text: &str) -> Option<Form> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let bits_max = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(bits_max);
    (bits <= bits_max).then_some(Form::Ip { address, bits })
}

fn is_in_network(given: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (given, network) {
        (IpAddr::V4(given), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            u32::from(given) & mask == u32::from(network) & mask
        }
        (IpAddr::V6(given), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            u128::from(given) & mask == u128::from(network) & mask
        }
        _ => false,
    }
}
