//! Lowering the rules of Choice.

use serde_json::Value;

use super::QueryLanguage;
use super::source::{Problems, Source};
use super::state::{Comparison, Condition, Operand, Operator, Order, Test};

/// No rule nests combinators deeper: the JSON parser refuses deeper documents before.
const DEPTH_MAX: u32 = 128;

pub(super) fn condition(problems: &mut Problems, rule: &Source<'_>) -> Option<Condition> {
    if rule.language == QueryLanguage::Jsonata {
        if rule.get("Condition").is_none() {
            problems.add("These fields are required: [Condition]", &*rule.location);
        }
        return problems.jsonata(rule, "Condition").map(Condition::Jsonata);
    }
    nested(problems, rule, 0)
}

fn nested(problems: &mut Problems, rule: &Source<'_>, depth: u32) -> Option<Condition> {
    if depth > DEPTH_MAX {
        problems.add("The rule is nested too deeply", &*rule.location);
        return None;
    }
    let mut all = |name: &str| -> Option<Vec<Condition>> {
        rule.objects(name).iter().map(|inner| nested(problems, inner, depth + 1)).collect()
    };
    if rule.get("And").is_some() {
        return all("And").map(Condition::And);
    }
    if rule.get("Or").is_some() {
        return all("Or").map(Condition::Or);
    }
    if let Some(inner) = rule.object("Not") {
        return nested(problems, &inner, depth + 1).map(|inner| Condition::Not(Box::new(inner)));
    }
    comparison(problems, rule).map(|comparison| Condition::Compare(Box::new(comparison)))
}

fn comparison(problems: &mut Problems, rule: &Source<'_>) -> Option<Comparison> {
    let found = rule.fields.iter().find_map(|(name, operand)| Some((name, operand, operator(name)?)));
    let Some((name, operand, (operator, is_path))) = found else {
        problems.add("A Choice rule needs a comparison operator", &*rule.location);
        return None;
    };
    if rule.get("Variable").is_none() {
        problems.add("These fields are required: [Variable]", &*rule.location);
    }
    let variable = problems.path(rule, "Variable")?;
    let operand =
        if is_path { Operand::Path(problems.path(rule, name)?) } else { Operand::Literal(operand.clone()) };
    if let (Operand::Literal(literal), false) = (&operand, is_path) {
        check_type(problems, rule, name, operator, literal);
    }
    Some(Comparison { variable, operator, operand })
}

fn check_type(problems: &mut Problems, rule: &Source<'_>, name: &str, operator: Operator, literal: &Value) {
    let (is_right, expected) = match operator {
        Operator::Boolean | Operator::Is(_) => (literal.is_boolean(), "Boolean"),
        Operator::Numeric(_) => (literal.is_number(), "Number"),
        Operator::String(_) | Operator::StringMatches => (literal.is_string(), "String"),
        Operator::Timestamp(_) => (literal.is_string(), "Timestamp"),
    };
    if !is_right {
        problems.add(format!("Expected value of type {expected}"), rule.at(name));
    }
}

/// An operator by its name, and whether its operand is a path.
fn operator(name: &str) -> Option<(Operator, bool)> {
    let test = match name {
        "IsBoolean" => Some(Test::Boolean),
        "IsNull" => Some(Test::Null),
        "IsNumeric" => Some(Test::Numeric),
        "IsPresent" => Some(Test::Present),
        "IsString" => Some(Test::String),
        "IsTimestamp" => Some(Test::Timestamp),
        _ => None,
    };
    if let Some(test) = test {
        return Some((Operator::Is(test), false));
    }
    let (name, is_path) = name.strip_suffix("Path").map_or((name, false), |name| (name, true));
    let operator = match name {
        "BooleanEquals" => Operator::Boolean,
        "StringMatches" if !is_path => Operator::StringMatches,
        _ => {
            if let Some(rest) = name.strip_prefix("Numeric") {
                Operator::Numeric(order(rest)?)
            } else if let Some(rest) = name.strip_prefix("String") {
                Operator::String(order(rest)?)
            } else {
                Operator::Timestamp(order(name.strip_prefix("Timestamp")?)?)
            }
        }
    };
    Some((operator, is_path))
}

fn order(name: &str) -> Option<Order> {
    match name {
        "Equals" => Some(Order::Equals),
        "GreaterThan" => Some(Order::GreaterThan),
        "GreaterThanEquals" => Some(Order::GreaterThanEquals),
        "LessThan" => Some(Order::LessThan),
        "LessThanEquals" => Some(Order::LessThanEquals),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_thirty_nine_comparisons() {
        let orders = ["Equals", "GreaterThan", "GreaterThanEquals", "LessThan", "LessThanEquals"];
        let ordered = ["Numeric", "String", "Timestamp"].iter().flat_map(|kind| {
            orders.iter().flat_map(move |order| [format!("{kind}{order}"), format!("{kind}{order}Path")])
        });
        let others = [
            "BooleanEquals",
            "BooleanEqualsPath",
            "StringMatches",
            "IsBoolean",
            "IsNull",
            "IsNumeric",
            "IsPresent",
            "IsString",
            "IsTimestamp",
        ];
        let all: Vec<String> = ordered.chain(others.map(str::to_owned)).collect();
        assert_eq!(all.len(), 39);
        assert!(all.iter().all(|name| operator(name).is_some()));
        for name in ["Next", "Variable", "StringMatchesPath", "IsPresentPath", "Equals"] {
            assert_eq!(operator(name), None, "{name}");
        }
    }
}
