//! Lowering the rules of Choice.

use super::QueryLanguage;
use super::source::{Given, Problems, Source};
use super::state::{Comparison, Condition, Operand, Operator, Order, Test};

/// The condition of a rule; nothing when it is not sound, which is told elsewhere. The depth of a rule is bounded by the
/// JSON parser.
pub(super) fn condition(problems: &mut Problems, rule: &Source<'_>) -> Option<Condition> {
    if rule.language == QueryLanguage::Jsonata {
        return problems.jsonata(rule, "Condition", Given::Nothing).map(Condition::Jsonata);
    }
    let mut all = |name: &str| -> Option<Vec<Condition>> {
        rule.objects(name).iter().map(|inner| condition(problems, inner)).collect()
    };
    if rule.get("And").is_some() {
        return all("And").map(Condition::And);
    }
    if rule.get("Or").is_some() {
        return all("Or").map(Condition::Or);
    }
    if let Some(inner) = rule.object("Not") {
        return condition(problems, &inner).map(|inner| Condition::Not(Box::new(inner)));
    }
    comparison(problems, rule).map(|comparison| Condition::Compare(Box::new(comparison)))
}

fn comparison(problems: &mut Problems, rule: &Source<'_>) -> Option<Comparison> {
    let mut operators =
        rule.fields.iter().filter_map(|(name, operand)| Some((name, operand, operator(name)?)));
    let (name, operand, (operator, is_path)) = operators.next()?;
    let variable = problems.path(rule, "Variable")?;
    let operand =
        if is_path { Operand::Path(problems.path(rule, name)?) } else { Operand::Literal(operand.clone()) };
    Some(Comparison { variable, operator, operand })
}

/// An operator by its name, and whether its operand is a path.
pub(super) fn operator(name: &str) -> Option<(Operator, bool)> {
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
