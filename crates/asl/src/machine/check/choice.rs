//! The rules of a Choice state.

use super::fields::value;
use super::{Kind, Roots, wrong_language};
use crate::machine::QueryLanguage;
use crate::machine::choice::operator;
use crate::machine::source::{Problems, Source};
use crate::machine::state::Operator;

/// What a rule may be, in AWS's order.
const FORMS: [&str; 5] = ["And", "Or", "Not", "Variable", "Condition"];

/// Checks the rules of a Choice state, whatever is nested in them.
pub(in crate::machine) fn rules(problems: &mut Problems, state: &Source<'_>) {
    for source in state.objects("Choices") {
        if source.get("Next").is_none() {
            problems.add("These fields are required: [Next]", source.place());
        }
        rule(problems, &source, true);
    }
}

/// The depth is bounded by the JSON parser.
fn rule(problems: &mut Problems, source: &Source<'_>, is_outermost: bool) {
    let mut operators = Vec::new();
    for (name, found) in source.fields {
        let Some((kind, language)) = kind_of(name, is_outermost) else {
            problems.add(format!("Field '{name}' is not supported"), source.place());
            continue;
        };
        if operator(name).is_some() {
            operators.push(name.as_str());
        }
        match language.filter(|language| *language != source.language) {
            Some(language) => problems.add(wrong_language(name, language), source.place()),
            None => value(problems, source, name, (found, kind)),
        }
    }
    form(problems, source, &operators);
    let nested = source.objects("And").into_iter().chain(source.objects("Or")).chain(source.object("Not"));
    nested.for_each(|inner| rule(problems, &inner, false));
}

/// A rule is one thing, and a comparison compares once.
fn form(problems: &mut Problems, source: &Source<'_>, operators: &[&str]) {
    if FORMS.iter().filter(|form| source.get(form).is_some()).count() != 1 {
        let message =
            format!("The object must have only one of the following fields, [{}]", FORMS.join(", "));
        problems.add(message, source.place());
    } else if source.get("Variable").is_some() {
        match operators {
            [_] => {}
            [] => problems.add(
                "This object should have only one of the following fields: [StringEquals, NumericEquals, \
                 BooleanEquals, IsPresent and the other comparison operators]",
                source.place(),
            ),
            several => {
                let message =
                    format!("There should only be one of the following fields: [{}]", several.join(", "));
                problems.add(message, source.place());
            }
        }
    }
}

fn kind_of(name: &str, is_outermost: bool) -> Option<(Kind, Option<QueryLanguage>)> {
    use QueryLanguage::{JsonPath, Jsonata};
    Some(match name {
        "Comment" => (Kind::Text, None),
        "Next" if is_outermost => (Kind::Text, None),
        "Assign" if is_outermost => (Kind::Open, None),
        "Output" if is_outermost => (Kind::Any, Some(Jsonata)),
        "Condition" if is_outermost => (Kind::Condition, Some(Jsonata)),
        "Variable" => (Kind::Reference(Roots::Any), Some(JsonPath)),
        "And" | "Or" => (Kind::Scopes, Some(JsonPath)),
        "Not" => (Kind::Open, Some(JsonPath)),
        name => {
            let (operator, is_path) = operator(name)?;
            let kind = if is_path { Kind::Reference(Roots::Any) } else { operand(operator) };
            (kind, Some(JsonPath))
        }
    })
}

fn operand(operator: Operator) -> Kind {
    match operator {
        Operator::Boolean | Operator::Is(_) => Kind::Flag,
        Operator::Numeric(_) => Kind::Number,
        Operator::String(_) | Operator::StringMatches => Kind::Text,
        Operator::Timestamp(_) => Kind::Timestamp,
    }
}
