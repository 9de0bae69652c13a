//! DynamoDB's expressions, as far as rights depend on them: which attributes they name, and which value a key must have.

use serde_json::Value;

use crate::rights::{list, text};

/// AWS: these are no attributes unless they are written as placeholders.
const WORDS: [&str; 18] = [
    "add",
    "and",
    "asc",
    "between",
    "delete",
    "desc",
    "in",
    "not",
    "or",
    "remove",
    "set",
    "if_not_exists",
    "list_append",
    "attribute_exists",
    "attribute_not_exists",
    "attribute_type",
    "begins_with",
    "contains",
];
const EXPRESSIONS: [&str; 5] = [
    "ProjectionExpression",
    "UpdateExpression",
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
];
/// Members whose keys are attributes.
const BY_ATTRIBUTE: [&str; 8] = [
    "Key",
    "Item",
    "Expected",
    "AttributeUpdates",
    "KeyConditions",
    "QueryFilter",
    "ScanFilter",
    "ExclusiveStartKey",
];

/// The names of the attributes that a request touches: `dynamodb:Attributes`.
pub(super) fn attributes(input: &Value) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for member in BY_ATTRIBUTE {
        let fields = input.get(member).and_then(Value::as_object);
        names.extend(fields.into_iter().flat_map(|fields| fields.keys().cloned()));
    }
    names.extend(list(input, "AttributesToGet").filter_map(Value::as_str).map(str::to_owned));
    for expression in EXPRESSIONS.iter().filter_map(|name| text(input, name)) {
        names.extend(words(expression).filter_map(|word| named(word, input)));
    }
    // What is declared may be used where we do not see it.
    let declared = input.get("ExpressionAttributeNames").and_then(Value::as_object);
    let declared = declared.into_iter().flat_map(|names| names.values()).filter_map(Value::as_str);
    names.extend(declared.map(str::to_owned));
    names.sort();
    names.dedup();
    names
}

/// The value that an expression or a condition of before asks of an attribute: `name = :value`.
pub(super) fn equals(input: &Value, attribute: &str) -> Option<String> {
    // Of both, which services refuse, somebody may take the other.
    if input.get("KeyConditions").is_some() && text(input, "KeyConditionExpression").is_some() {
        return None;
    }
    let condition = input.get("KeyConditions").and_then(|conditions| conditions.get(attribute));
    if let Some(condition) = condition.filter(|condition| text(condition, "ComparisonOperator") == Some("EQ"))
    {
        return list(condition, "AttributeValueList").next().and_then(scalar);
    }
    let expression = text(input, "KeyConditionExpression")?;
    let tokens: Vec<&str> = tokens(expression).collect();
    tokens.windows(3).find_map(|window| {
        let [left, "=", right] = window else { return None };
        let (name, value) = if left.starts_with(':') { (right, left) } else { (left, right) };
        let is_meant = named(name, input).as_deref() == Some(attribute);
        is_meant.then(|| scalar(input.get("ExpressionAttributeValues")?.get(value)?)).flatten()
    })
}

/// The text of a scalar attribute value: `{"S": "x"}`, `{"N": "1"}`, `{"B": "…"}`.
pub(super) fn scalar(value: &Value) -> Option<String> {
    ["S", "N", "B"].iter().find_map(|kind| text(value, kind)).map(str::to_owned)
}

/// The attribute that a word of an expression means, or the first part of a path.
fn named(word: &str, input: &Value) -> Option<String> {
    let first = word.split(['.', '[']).next().unwrap_or(word);
    if first.starts_with('#') {
        return text(input.get("ExpressionAttributeNames")?, first).map(str::to_owned);
    }
    let is_word = WORDS.iter().any(|known| known.eq_ignore_ascii_case(first));
    (!is_word && !first.is_empty()).then(|| first.to_owned())
}

/// What could be an attribute: no values, numbers, signs.
fn words(expression: &str) -> impl Iterator<Item = &str> {
    tokens(expression).filter(|token| {
        token.starts_with(|first: char| first.is_alphabetic() || matches!(first, '_' | '#'))
            && !token.eq_ignore_ascii_case("size")
    })
}

fn tokens(expression: &str) -> impl Iterator<Item = &str> {
    let is_sign = |letter: char| letter.is_whitespace() || "(),=<>+".contains(letter);
    expression.split_inclusive(is_sign).flat_map(move |part| {
        let sign = part.char_indices().next_back().filter(|(_, letter)| is_sign(*letter));
        let (word, sign) = sign.map_or((part, ""), |(at, _)| part.split_at_checked(at).unwrap_or((part, "")));
        [word, sign.trim()].into_iter().filter(|token| !token.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_attribute_of_an_expression_is_named() {
        let check = |input: Value, expected: &[&str]| assert_eq!(attributes(&input), expected, "{input}");
        check(
            json!({"UpdateExpression": "SET salary=:x, #b = if_not_exists(c, :y) REMOVE d.e[0] ADD f :z",
            "ExpressionAttributeNames": {"#b": "bonus"}}),
            &["bonus", "c", "d", "f", "salary"],
        );
        check(
            json!({"FilterExpression": "(a<:x AND NOT contains(b,:y)) OR size(c) BETWEEN :l AND :h"}),
            &["a", "b", "c"],
        );
        check(json!({"ProjectionExpression": "id, address.street"}), &["address", "id"]);
        check(
            json!({"Key": {"id": {}}, "AttributeUpdates": {"x": {}}, "AttributesToGet": ["y"]}),
            &["id", "x", "y"],
        );
    }

    #[test]
    fn a_key_has_the_value_that_a_condition_asks_of_it() {
        let input = |condition: &str| {
            json!({"KeyConditionExpression": condition,
            "ExpressionAttributeNames": {"#k": "id"}, "ExpressionAttributeValues": {":v": {"S": "ada"}, ":w": {"N": "1"}}})
        };
        for condition in [
            "id = :v",
            "(id=:v)",
            "#k=:v and s > :w",
            "s > :w\nAND :v = id",
            "begins_with(s, :w) AND (#k = :v)",
        ] {
            assert_eq!(equals(&input(condition), "id").as_deref(), Some("ada"), "{condition}");
        }
        assert_eq!(equals(&input("other = :v"), "id"), None);
        let old = json!({"KeyConditions": {"id": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "ada"}]}}});
        assert_eq!(equals(&old, "id").as_deref(), Some("ada"));
    }
}
