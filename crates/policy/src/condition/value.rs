//! Values of conditions: compiled once for their operator, compared without allocating.

use std::cmp::Ordering;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::date::date;
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
    /// Equal text, or text with wildcards; after variables are filled in.
    Text(Pattern),
    /// Equal text, whatever its case.
    Folded(Pattern),
    /// The six components of an ARN, each with wildcards of its own.
    Arn(Vec<Pattern>),
    Number(Order, Number),
    /// Milliseconds since 1970.
    Date(Order, i64),
    Bool(Pattern),
    /// Base64: equal bytes have equal texts.
    Binary(String),
    Ip {
        address: IpAddr,
        bits: u32,
    },
    /// Whether the key must be absent.
    Absent(bool),
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
            Form::Text(pattern) | Form::Folded(pattern) | Form::Bool(pattern) => {
                std::slice::from_ref(pattern)
            }
            Form::Arn(patterns) => patterns,
            _ => &[],
        };
        patterns.iter().flat_map(Pattern::keys).map(str::to_owned).collect()
    }

    /// Whether Null accepts a key that is absent or present.
    pub(crate) fn accepts_absence(&self, is_absent: bool) -> bool {
        self.form == Form::Absent(is_absent)
    }

    pub(crate) fn matches(&self, value: &str, context: &Context) -> bool {
        match &self.form {
            Form::Text(pattern) => pattern.matches(value, context, false),
            Form::Folded(pattern) => pattern.equals_folded(value, context),
            Form::Arn(patterns) => arn_matches(patterns, value, context),
            Form::Number(order, expected) => {
                let ordering = number(value).and_then(|given| given.compare(*expected));
                ordering.is_some_and(|ordering| order.holds(ordering))
            }
            Form::Date(order, expected) => date(value).is_some_and(|given| order.holds(given.cmp(expected))),
            Form::Bool(pattern) => boolean(value).is_some() && pattern.matches(value, context, true),
            Form::Binary(expected) => expected == value,
            Form::Ip { address, bits } => {
                value.parse().is_ok_and(|given| is_in_network(given, *address, *bits))
            }
            Form::Absent(_) | Form::Unreadable => false,
        }
    }
}

fn form(base: Base, text: &str, variables: bool) -> Option<Form> {
    let syntax = Syntax { wildcards: false, variables, segments: false };
    Some(match base {
        Base::StringEquals => Form::Text(Pattern::new(text, syntax)),
        Base::StringEqualsIgnoreCase => Form::Folded(Pattern::new(text, syntax)),
        Base::StringLike => Form::Text(Pattern::new(text, Syntax { wildcards: true, ..syntax })),
        Base::Arn => Form::Arn(arn(text, Syntax { wildcards: true, ..syntax })?),
        Base::Number(order) => Form::Number(order, number(text)?),
        Base::Date(order) => Form::Date(order, date(text)?),
        Base::Bool => {
            let has_variable = variables && text.contains("${");
            (has_variable || boolean(text).is_some()).then(|| Form::Bool(Pattern::new(text, syntax)))?
        }
        Base::Binary => Form::Binary(STANDARD.decode(text).is_ok().then(|| text.to_owned())?),
        Base::Ip => network(text)?,
        Base::Null => Form::Absent(boolean(text)?),
    })
}

fn arn_matches(patterns: &[Pattern], value: &str, context: &Context) -> bool {
    let mut parts = value.splitn(6, ':');
    let all =
        patterns.iter().all(|pattern| parts.next().is_some_and(|part| pattern.matches(part, context, false)));
    all && parts.next().is_none()
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

/// A number: whole numbers are exact, whatever their size.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Number {
    Whole(i128),
    Decimal(f64),
}

impl Number {
    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(left), Self::Whole(right)) => Some(left.cmp(&right)),
            (left, right) => left.decimal().partial_cmp(&right.decimal()),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "compared with a decimal, which is not more precise")]
    fn decimal(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Decimal(decimal) => decimal,
        }
    }
}

fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    let is_numeric = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let whole = text.parse().map(Number::Whole).ok();
    whole.or_else(|| text.parse().map(Number::Decimal).ok()).filter(|_| is_numeric)
}

fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    text.eq_ignore_ascii_case("false").then_some(false)
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
