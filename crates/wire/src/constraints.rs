//! Constraints of the model, and AWS's sentences about what breaks them.

mod iam;
mod pattern;

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
    // AWS: IAM does not repeat what it was sent.
    let tells_values = service.name != "iam";
    let mut checker = Checker { service, tells_values, found: Vec::new(), found_by_iam: Vec::new() };
    checker.check(shape, value, &Path::Root, 0);
    let found = checker.found;
    if found.is_empty() {
        return match checker.found_by_iam.into_iter().next() {
            Some(text) => Err(ApiError::new("ValidationException", text)),
            None => Ok(()),
        };
    }
    let noun = if found.len() == 1 { "error" } else { "errors" };
    let text = format!("{} validation {noun} detected: {}", found.len(), found.join("; "));
    Err(ApiError::new("ValidationException", text))
}

struct Checker<'a> {
    service: &'a Service,
    tells_values: bool,
    found: Vec<String>,
    /// What IAM looks at itself, once the rest is right: it tells of the first.
    found_by_iam: Vec<String>,
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
                            self.violated("null", &path, "Member must not be null");
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
                    self.violated(&format!("'{shown}'"), path, &rule);
                }
                if let Some(max) = shape.constraints.max.filter(|max| number > *max) {
                    let rule = format!("Member must have value less than or equal to {max}");
                    self.violated(&format!("'{shown}'"), path, &rule);
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
            let rule = format!("Member must satisfy enum value set: [{values}]");
            self.violated(&format!("'{shown}'"), path, &rule);
        }
        #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
        let is_matched = text.len() <= MATCHED_BYTES_MAX
            || shape.constraints.max.is_none_or(|max| text.len() as f64 <= max * 4.0);
        if let Some(pattern) = shape.constraints.pattern.as_ref().filter(|_| is_matched) {
            self.check_pattern(pattern, (text, shown), path);
        }
    }

    fn check_pattern(&mut self, pattern: &str, (text, shown): (&str, &str), path: &Path<'_>) {
        let own = if self.service.name == "iam" { iam::rule_of(pattern) } else { None };
        match own {
            Some(rule) if !rule.is_kept(pattern, text) => {
                self.found_by_iam.push(rule.sentence(&path.in_message()));
            }
            None if !pattern::matches(pattern, text) => {
                let rule = format!("Member must satisfy regular expression pattern: {pattern}");
                self.violated(&format!("'{shown}'"), path, &rule);
            }
            _ => {}
        }
    }

    fn violated(&mut self, value: &str, path: &Path<'_>, rule: &str) {
        let path = path.in_message();
        let value = if self.tells_values { format!(" {value}") } else { String::new() };
        self.found.push(format!("Value{value} at '{path}' failed to satisfy constraint: {rule}"));
    }

    fn check_length(&mut self, shape: &Shape, length: usize, shown: impl Fn() -> String, path: &Path<'_>) {
        #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
        let length = length as f64;
        if let Some(min) = shape.constraints.min.filter(|min| length < *min) {
            let rule = format!("Member must have length greater than or equal to {min}");
            self.violated(&shown(), path, &rule);
        }
        if let Some(max) = shape.constraints.max.filter(|max| length > *max) {
            let rule = format!("Member must have length less than or equal to {max}");
            self.violated(&shown(), path, &rule);
        }
    }
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
