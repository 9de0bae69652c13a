//! Constraints of the model, and AWS's sentences about what breaks them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use regex_lite::Regex;
use serde_json::Value;
use stepward_models::{Kind, Service, Shape, ShapeId};

use crate::error::ApiError;
use crate::path::Path;

/// AWS stops listing after a few; so do we.
const ERRORS_MAX: usize = 20;
/// Texts that are too long and longer than this are not matched: what is wrong with them is said.
const MATCHED_BYTES_MAX: usize = 65_536;
/// No value is nested deeper.
const DEPTH_MAX: usize = 64;

/// Checks a value against its shape; AWS names every violation in one text.
pub(crate) fn check(service: &Service, shape: ShapeId, value: &Value) -> Result<(), ApiError> {
    let mut checker = Checker { service, found: Vec::new() };
    checker.check(shape, value, &Path::Root, 0);
    let found = checker.found;
    if found.is_empty() {
        return Ok(());
    }
    let noun = if found.len() == 1 { "error" } else { "errors" };
    let text = format!("{} validation {noun} detected: {}", found.len(), found.join("; "));
    Err(ApiError::new("ValidationException", text))
}

struct Checker<'a> {
    service: &'a Service,
    found: Vec<String>,
}

impl Checker<'_> {
    fn check(&mut self, shape: ShapeId, value: &Value, path: &Path<'_>, depth: usize) {
        if self.found.len() >= ERRORS_MAX || depth > DEPTH_MAX {
            return;
        }
        let shape = self.service.shape(shape);
        match (&shape.kind, value) {
            (Kind::Structure { members, required, .. }, Value::Object(fields)) => {
                for member in members {
                    let path = Path::Member(path, &member.name);
                    match fields.get(&member.name) {
                        Some(value) => self.check(member.shape, value, &path, depth + 1),
                        None if required.contains(&member.name) => {
                            self.found.push(violation("null", &path, "Member must not be null"));
                        }
                        None => {}
                    }
                }
            }
            (Kind::List { member }, Value::Array(items)) => {
                self.check_length(shape, items.len(), || shown(shape, value), path);
                for (at, item) in items.iter().enumerate() {
                    self.check(member.shape, item, &Path::Item(path, at), depth + 1);
                }
            }
            (Kind::Map { value: member, key }, Value::Object(fields)) => {
                self.check_length(shape, fields.len(), || shown(shape, value), path);
                for (name, item) in fields {
                    let text = Value::String(name.clone());
                    self.check(key.shape, &text, &Path::Key(path, name), depth + 1);
                    self.check(member.shape, item, &Path::Value(path, name), depth + 1);
                }
            }
            (_, value) => self.check_scalar(shape, value, path),
        }
    }

    fn check_scalar(&mut self, shape: &Shape, value: &Value, path: &Path<'_>) {
        match value {
            Value::String(text) => self.check_text(shape, text, path),
            Value::Number(number) => {
                let number = number.as_f64().unwrap_or_default();
                let shown = value.to_string();
                if let Some(min) = shape.constraints.min.filter(|min| number < *min) {
                    let rule = format!("Member must have value greater than or equal to {min}");
                    self.found.push(violation_of(&shown, path, &rule));
                }
                if let Some(max) = shape.constraints.max.filter(|max| number > *max) {
                    let rule = format!("Member must have value less than or equal to {max}");
                    self.found.push(violation_of(&shown, path, &rule));
                }
            }
            _ => {}
        }
    }

    fn check_text(&mut self, shape: &Shape, text: &str, path: &Path<'_>) {
        let shown = if shape.is_sensitive { "***Sensitive Data***" } else { text };
        if matches!(shape.kind, Kind::String | Kind::Blob) {
            let length =
                if matches!(shape.kind, Kind::Blob) { text.len() / 4 * 3 } else { text.chars().count() };
            self.check_length(shape, length, || format!("'{shown}'"), path);
        }
        if !shape.constraints.values.is_empty() && !shape.constraints.values.iter().any(|value| value == text)
        {
            let values = enum_order(self.service, shape).join(", ");
            self.found.push(violation_of(
                shown,
                path,
                &format!("Member must satisfy enum value set: [{values}]"),
            ));
        }
        #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
        let is_matched = text.len() <= MATCHED_BYTES_MAX
            || shape.constraints.max.is_none_or(|max| text.len() as f64 <= max * 4.0);
        if let Some(pattern) = shape.constraints.pattern.as_ref().filter(|_| is_matched)
            && !pattern_matches(pattern, text)
        {
            let rule = format!("Member must satisfy regular expression pattern: {pattern}");
            self.found.push(violation_of(shown, path, &rule));
        }
    }

    fn check_length(&mut self, shape: &Shape, length: usize, shown: impl Fn() -> String, path: &Path<'_>) {
        #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
        let length = length as f64;
        if let Some(min) = shape.constraints.min.filter(|min| length < *min) {
            let rule = format!("Member must have length greater than or equal to {min}");
            self.found.push(violation(&shown(), path, &rule));
        }
        if let Some(max) = shape.constraints.max.filter(|max| length > *max) {
            let rule = format!("Member must have length less than or equal to {max}");
            self.found.push(violation(&shown(), path, &rule));
        }
    }
}

fn violation_of(value: &str, path: &Path<'_>, rule: &str) -> String {
    violation(&format!("'{value}'"), path, rule)
}

fn violation(value: &str, path: &Path<'_>, rule: &str) -> String {
    let path = path.in_message();
    format!("Value {value} at '{path}' failed to satisfy constraint: {rule}")
}

fn shown(shape: &Shape, value: &Value) -> String {
    if shape.is_sensitive { "'***Sensitive Data***'".to_owned() } else { format!("'{value}'") }
}

// AWS lists the values of this enum in an order of its own, as recorded.
fn enum_order(service: &Service, shape: &Shape) -> Vec<String> {
    if service.name == "stepfunctions" && shape.name == "ExecutionStatus" {
        let order = ["SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"];
        return order.map(str::to_owned).to_vec();
    }
    shape.constraints.values.clone()
}

static PATTERNS: OnceLock<Mutex<HashMap<String, Option<Arc<Regex>>>>> = OnceLock::new();

/// Whether the whole text matches. A pattern that cannot be compiled here refuses nothing.
fn pattern_matches(pattern: &str, text: &str) -> bool {
    // The alias rule looks ahead for one character that is no digit, which the linear engine cannot.
    if pattern == r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$" {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        return !text.is_empty()
            && text.bytes().all(is_allowed)
            && !text.bytes().all(|byte| byte.is_ascii_digit());
    }
    compiled(pattern).is_none_or(|compiled| compiled.is_match(text))
}

/// The lock is let go before anything is matched: a long text of one caller keeps no other waiting.
fn compiled(pattern: &str) -> Option<Arc<Regex>> {
    let patterns = PATTERNS.get_or_init(Mutex::default);
    let mut patterns = patterns.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = patterns.get(pattern) {
        return known.clone();
    }
    let compiled = Regex::new(&format!("^(?:{pattern})$")).ok().map(Arc::new);
    patterns.insert(pattern.to_owned(), compiled.clone());
    compiled
}
