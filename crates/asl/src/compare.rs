//! The comparisons of Choice rules.

use std::cmp::Ordering;

use serde_json::{Number, Value};
use stepward_types::Timestamp;

use crate::machine::{Operator, Order, Test};

/// Whether the comparison holds. Values of another type than the operator's never do.
pub(crate) fn holds(operator: Operator, value: &Value, operand: &Value) -> bool {
    match operator {
        Operator::Boolean => value.is_boolean() && value == operand,
        Operator::Is(test) => is(test, value) == operand.as_bool().unwrap_or(true),
        Operator::Numeric(order) => ordered(order, numbers(value, operand)),
        Operator::String(order) => ordered(order, strings(value, operand)),
        Operator::StringMatches => match (value.as_str(), operand.as_str()) {
            (Some(text), Some(pattern)) => matches(text, pattern),
            _ => false,
        },
        Operator::Timestamp(order) => ordered(order, timestamps(value, operand)),
    }
}

fn is(test: Test, value: &Value) -> bool {
    match test {
        Test::Boolean => value.is_boolean(),
        Test::Null => value.is_null(),
        Test::Numeric => value.is_number(),
        Test::Present => true,
        Test::String => value.is_string(),
        Test::Timestamp => timestamp(value).is_some(),
    }
}

fn ordered(order: Order, ordering: Option<Ordering>) -> bool {
    let Some(ordering) = ordering else { return false };
    match order {
        Order::Equals => ordering.is_eq(),
        Order::GreaterThan => ordering.is_gt(),
        Order::GreaterThanEquals => ordering.is_ge(),
        Order::LessThan => ordering.is_lt(),
        Order::LessThanEquals => ordering.is_le(),
    }
}

fn numbers(left: &Value, right: &Value) -> Option<Ordering> {
    let (Value::Number(left), Value::Number(right)) = (left, right) else { return None };
    match (left.as_i64(), right.as_i64()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => Number::as_f64(left)?.partial_cmp(&right.as_f64()?),
    }
}

/// AWS: Java's order, by UTF-16 code units.
fn strings(left: &Value, right: &Value) -> Option<Ordering> {
    Some(left.as_str()?.encode_utf16().cmp(right.as_str()?.encode_utf16()))
}

fn timestamps(left: &Value, right: &Value) -> Option<Ordering> {
    Some(timestamp(left)?.cmp(&timestamp(right)?))
}

fn timestamp(value: &Value) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(value.as_str()?).ok()
}

/// One character of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Glob {
    Any,
    Literal(char),
}

/// `*` matches any characters; `\*` is a star, `\\` a backslash.
fn matches(text: &str, pattern: &str) -> bool {
    let pattern = parse_pattern(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut at_text, mut at_pattern) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(character) = text.get(at_text) {
        match pattern.get(at_pattern) {
            Some(Glob::Any) => {
                retry = Some((at_text, at_pattern));
                at_pattern += 1;
            }
            Some(Glob::Literal(literal)) if literal == character => {
                at_text += 1;
                at_pattern += 1;
            }
            _ => {
                let Some((from_text, from_pattern)) = retry else { return false };
                at_text = from_text + 1;
                at_pattern = from_pattern + 1;
                retry = Some((at_text, from_pattern));
            }
        }
    }
    pattern.iter().skip(at_pattern).all(|glob| *glob == Glob::Any)
}

fn parse_pattern(pattern: &str) -> Vec<Glob> {
    let mut globs = Vec::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        globs.push(match character {
            '*' => Glob::Any,
            '\\' => Glob::Literal(characters.next().unwrap_or('\\')),
            other => Glob::Literal(other),
        });
    }
    globs
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_star_matches_any_characters_unless_escaped() {
        let cases = [
            ("log-1.txt", "log-*.txt", true),
            ("log-1.txt", "log-*", true),
            ("abcabd", "*abd", true),
            ("abc", "a*b*c*", true),
            ("a*c", r"a\*c", true),
            ("abc", r"a\*c", false),
            (r"a\c", r"a\\c", true),
            ("", "*", true),
            ("abc", "ab", false),
            ("ab", "abc", false),
        ];
        for (text, pattern, expected) in cases {
            assert_eq!(matches(text, pattern), expected, "{text} {pattern}");
        }
    }

    #[test]
    fn values_of_another_type_never_match() {
        let numeric = Operator::Numeric(Order::Equals);
        assert!(holds(numeric, &json!(1), &json!(1.0)));
        assert!(!holds(numeric, &json!("1"), &json!(1)));
        assert!(!holds(Operator::Boolean, &json!("true"), &json!(true)));
        assert!(!holds(Operator::String(Order::Equals), &json!(1), &json!("1")));
    }

    #[test]
    fn timestamps_are_compared_as_moments_and_strings_by_code_units() {
        let (utc, offset) = (json!("2026-03-14T01:59:00Z"), json!("2026-03-14T03:59:00+02:00"));
        assert!(holds(Operator::Timestamp(Order::Equals), &utc, &offset));
        assert!(!holds(Operator::Timestamp(Order::Equals), &json!("2026-03-14"), &utc));
        assert!(holds(Operator::String(Order::LessThan), &json!("\u{1F600}"), &json!("\u{FFFD}")));
        assert!(holds(Operator::Is(Test::Timestamp), &utc, &json!(true)));
        assert!(holds(Operator::Is(Test::Null), &json!(0), &json!(false)));
    }
}
