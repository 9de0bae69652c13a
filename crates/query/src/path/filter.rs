//! Filters: `[?(@.price < 10 && @.tags anyof ['a'])]`.

use regex_lite::Regex;
use serde_json::Value;

use super::JsonPath;
use super::parse::Reader;
use crate::error::PathError;

/// A condition on a node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    Any(Vec<Filter>),
    All(Vec<Filter>),
    Not(Box<Filter>),
    Exists(Operand),
    Compare(Operand, Comparison, Operand),
    Matches(Operand, Pattern),
}

/// What is compared.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    /// A path from the node (`@`) or from the root (`$`).
    Path {
        path: JsonPath,
        from_root: bool,
    },
    Value(Value),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    SubsetOf,
    AnyOf,
    NoneOf,
    Size,
    Empty,
    Contains,
}

/// A regular expression with its text, which is what makes two of them equal.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    text: String,
    regex: Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

const COMPARISONS: [(&str, Comparison); 14] = [
    ("==", Comparison::Equal),
    ("!=", Comparison::NotEqual),
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
    ("nin", Comparison::NotIn),
    ("in", Comparison::In),
    ("subsetof", Comparison::SubsetOf),
    ("anyof", Comparison::AnyOf),
    ("noneof", Comparison::NoneOf),
    ("size", Comparison::Size),
    ("empty", Comparison::Empty),
    ("contains", Comparison::Contains),
];

pub(super) fn read(reader: &mut Reader<'_>) -> Result<Filter, PathError> {
    let mut any = vec![read_all(reader)?];
    while skip_and_take(reader, "||") {
        any.push(read_all(reader)?);
    }
    Ok(single(any, Filter::Any))
}

fn read_all(reader: &mut Reader<'_>) -> Result<Filter, PathError> {
    let mut all = vec![read_one(reader)?];
    while skip_and_take(reader, "&&") {
        all.push(read_one(reader)?);
    }
    Ok(single(all, Filter::All))
}

fn single(mut filters: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match (filters.pop(), filters.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            filters.extend(last);
            join(filters)
        }
    }
}

fn skip_and_take(reader: &mut Reader<'_>, expected: &str) -> bool {
    reader.skip_space();
    reader.take(expected)
}

fn read_one(reader: &mut Reader<'_>) -> Result<Filter, PathError> {
    reader.skip_space();
    if reader.take("!") {
        return reader.nested(read_one).map(|filter| Filter::Not(Box::new(filter)));
    }
    if reader.take("(") {
        let filter = reader.nested(read)?;
        reader.skip_space();
        return if reader.take(")") { Ok(filter) } else { Err(reader.unexpected()) };
    }
    let left = read_operand(reader)?;
    reader.skip_space();
    if reader.take("=~") {
        reader.skip_space();
        return Ok(Filter::Matches(left, read_pattern(reader)?));
    }
    let found = COMPARISONS.iter().find(|(text, _)| {
        let is_word = text.chars().all(char::is_alphabetic);
        let rest = reader.rest();
        rest.starts_with(text)
            && (!is_word || rest.get(text.len()..).is_some_and(|rest| rest.starts_with([' ', '['])))
    });
    let Some((text, comparison)) = found else { return Ok(Filter::Exists(left)) };
    reader.take(text);
    reader.skip_space();
    Ok(Filter::Compare(left, *comparison, read_operand(reader)?))
}

fn read_operand(reader: &mut Reader<'_>) -> Result<Operand, PathError> {
    match reader.peek() {
        Some('@') => reader.path('@').map(|path| Operand::Path { path, from_root: false }),
        Some('$') => reader.path('$').map(|path| Operand::Path { path, from_root: true }),
        _ => read_value(reader).map(Operand::Value),
    }
}

fn read_value(reader: &mut Reader<'_>) -> Result<Value, PathError> {
    if matches!(reader.peek(), Some('\'' | '"')) {
        return reader.quoted().map(Value::String);
    }
    if reader.take("[") {
        let mut items = Vec::new();
        loop {
            reader.skip_space();
            if reader.take("]") {
                return Ok(Value::Array(items));
            }
            items.push(reader.nested(read_value)?);
            reader.skip_space();
            if !reader.take(",") && reader.peek() != Some(']') {
                return Err(reader.unexpected());
            }
        }
    }
    let word = reader.take_while(|character| character.is_alphanumeric() || "+-._".contains(character));
    match serde_json::from_str(word) {
        Ok(value) => Ok(value),
        // AWS: a text needs no quotation marks.
        Err(_) if word.starts_with(char::is_alphabetic) => Ok(Value::from(word)),
        Err(_) => Err(reader.unexpected()),
    }
}

fn read_pattern(reader: &mut Reader<'_>) -> Result<Pattern, PathError> {
    if !reader.take("/") {
        return Err(reader.unexpected());
    }
    let mut text = String::new();
    loop {
        text.push_str(reader.take_while(|character| character != '/' && character != '\\'));
        if reader.take("\\/") {
            text.push('/');
        } else if reader.take("\\") {
            text.push('\\');
        } else if reader.take("/") {
            break;
        } else {
            return Err(reader.unexpected());
        }
    }
    let flags = reader.take_while(|character| character == 'i');
    let flags = if flags.is_empty() { "" } else { "(?i)" };
    let regex = Regex::new(&format!("{flags}^(?:{text})$"));
    let regex = regex.map_err(|_| PathError(format!("'{text}' is not a regular expression")))?;
    Ok(Pattern { text, regex })
}

impl Operand {
    fn value(&self, node: &Value, root: &Value) -> Option<Value> {
        match self {
            Self::Value(value) => Some(value.clone()),
            Self::Path { path, from_root } => path.find(if *from_root { root } else { node }).ok(),
        }
    }
}

impl Filter {
    /// Whether the node is taken.
    pub(super) fn accepts(&self, node: &Value, root: &Value) -> bool {
        match self {
            Self::Any(filters) => filters.iter().any(|filter| filter.accepts(node, root)),
            Self::All(filters) => filters.iter().all(|filter| filter.accepts(node, root)),
            Self::Not(filter) => !filter.accepts(node, root),
            Self::Exists(operand) => match operand.value(node, root) {
                Some(Value::Array(items)) => {
                    !items.is_empty() || !matches!(operand, Operand::Path { path, .. } if !path.is_definite())
                }
                found => found.is_some(),
            },
            Self::Compare(left, comparison, right) => {
                match (left.value(node, root), right.value(node, root)) {
                    (Some(left), Some(right)) => comparison.holds(&left, &right),
                    (None, Some(_)) | (Some(_), None) => *comparison == Comparison::NotEqual,
                    (None, None) => *comparison == Comparison::Equal,
                }
            }
            Self::Matches(operand, pattern) => {
                let value = operand.value(node, root);
                value.as_ref().and_then(Value::as_str).is_some_and(|text| pattern.regex.is_match(text))
            }
        }
    }
}

impl Comparison {
    fn holds(self, left: &Value, right: &Value) -> bool {
        let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let has = |items: &[Value], wanted: &Value| items.iter().any(|item| equal(item, wanted));
        let order = || order(left, right);
        match self {
            Self::Equal => equal(left, right),
            Self::NotEqual => !equal(left, right),
            Self::Less => order().is_some_and(std::cmp::Ordering::is_lt),
            Self::LessOrEqual => order().is_some_and(std::cmp::Ordering::is_le),
            Self::Greater => order().is_some_and(std::cmp::Ordering::is_gt),
            Self::GreaterOrEqual => order().is_some_and(std::cmp::Ordering::is_ge),
            Self::In => has(&items(right), left),
            Self::NotIn => !has(&items(right), left),
            Self::SubsetOf => items(left).iter().all(|item| has(&items(right), item)),
            Self::AnyOf => items(left).iter().any(|item| has(&items(right), item)),
            Self::NoneOf => !items(left).iter().any(|item| has(&items(right), item)),
            Self::Size => {
                length(left)
                    == length(right).or_else(|| right.as_u64().and_then(|size| usize::try_from(size).ok()))
            }
            Self::Empty => (length(left) == Some(0)) == right.as_bool().unwrap_or(true),
            Self::Contains => match (left, right) {
                (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
                (left, right) => has(&items(left), right),
            },
        }
    }
}

fn length(value: &Value) -> Option<usize> {
    match value {
        Value::Array(items) => Some(items.len()),
        Value::String(text) => Some(text.chars().count()),
        _ => None,
    }
}

/// Numbers are equal by value: 1 and 1.0 are one number.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        _ => left == right,
    }
}

fn order(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64()?.partial_cmp(&right.as_f64()?),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => None,
    }
}
