//! Payload templates: JSON in which keys that end with `.$` are expressions.

use serde_json::{Map, Value};

use crate::error::{QueryError, TemplateError};
use crate::expression::{Expression, Scope};

/// No template is nested deeper.
const DEPTH_MAX: usize = 100;

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template(Node);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    /// Nothing inside is dynamic.
    Literal(Value),
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    /// `field` is the key as it is written, with its `.$`.
    Dynamic {
        field: String,
        expression: Expression,
    },
}

impl Template {
    /// Parses a template; the errors name the keys whose values are no expressions.
    pub fn parse(value: &Value) -> Result<Self, Vec<TemplateError>> {
        let mut errors = Vec::new();
        let node = node(value, 0, &mut errors);
        if errors.is_empty() { Ok(Self(node)) } else { Err(errors) }
    }

    /// The template filled in.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, QueryError> {
        self.0.evaluate(scope)
    }

    /// Whether nothing in it is dynamic.
    pub fn literal(&self) -> Option<&Value> {
        match &self.0 {
            Node::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// The names of the variables that it reads.
    pub fn variables(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.0.collect(&mut found);
        found
    }
}

fn node(value: &Value, depth: usize, errors: &mut Vec<TemplateError>) -> Node {
    if depth > DEPTH_MAX {
        let reason = "it is nested too deeply".to_owned();
        errors.push(TemplateError { field: String::new(), reason });
        return Node::Literal(Value::Null);
    }
    match value {
        Value::Object(fields) if has_dynamic(value) => {
            Node::Object(fields.iter().map(|(key, value)| field(key, value, depth, errors)).collect())
        }
        Value::Array(items) if has_dynamic(value) => {
            Node::Array(items.iter().map(|item| node(item, depth + 1, errors)).collect())
        }
        literal => Node::Literal(literal.clone()),
    }
}

/// Whether there is an expression in a value. The depth is bounded by the JSON parser.
fn has_dynamic(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(key, value)| key.ends_with(".$") || has_dynamic(value)),
        Value::Array(items) => items.iter().any(has_dynamic),
        _ => false,
    }
}

fn field(key: &str, value: &Value, depth: usize, errors: &mut Vec<TemplateError>) -> (String, Node) {
    let Some(name) = key.strip_suffix(".$") else {
        return (key.to_owned(), node(value, depth + 1, errors));
    };
    let Some(expression) = value.as_str().and_then(|text| Expression::parse(text).ok()) else {
        // AWS's words; they do not tell where in the text the mistake is.
        let reason = format!(
            "The value for the field '{key}' must be a valid JSONPath or a valid intrinsic function call"
        );
        errors.push(TemplateError { field: key.to_owned(), reason });
        return (name.to_owned(), Node::Literal(Value::Null));
    };
    (name.to_owned(), Node::Dynamic { field: key.to_owned(), expression })
}

impl Node {
    fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, QueryError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Object(fields) => {
                let mut filled = Map::with_capacity(fields.len());
                for (name, node) in fields {
                    filled.insert(name.clone(), node.evaluate(scope)?);
                }
                Ok(Value::Object(filled))
            }
            Self::Array(items) => {
                items.iter().map(|item| item.evaluate(scope)).collect::<Result<_, _>>().map(Value::Array)
            }
            Self::Dynamic { field, expression } => {
                expression.evaluate(scope)?.map_err(|_| missing(field, expression, scope))
            }
        }
    }

    fn collect<'a>(&'a self, found: &mut Vec<&'a str>) {
        match self {
            Self::Literal(_) => {}
            Self::Object(fields) => fields.iter().for_each(|(_, node)| node.collect(found)),
            Self::Array(items) => items.iter().for_each(|node| node.collect(found)),
            Self::Dynamic { expression, .. } => found.extend(expression.variables()),
        }
    }
}

// AWS: the recorded text shows the whole input.
fn missing(field: &str, expression: &Expression, scope: &Scope<'_>) -> QueryError {
    QueryError::runtime(format!(
        "The JSONPath '{}' specified for the field '{field}' could not be found in the input '{}'",
        expression.text(),
        scope.input
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Seed, Variables};
    use serde_json::json;

    fn fill(template: &Value) -> Result<Value, String> {
        let template = Template::parse(template).map_err(|errors| format!("{errors:?}"))?;
        let (input, context) = (json!({"a": {"b": 1}, "list": [1, 2]}), json!({"Task": {"Token": "t"}}));
        let (variables, seed) = (Variables::default(), Seed::new(0));
        let scope = Scope { input: &input, context: &context, variables: &variables, seed: &seed };
        template.evaluate(&scope).map_err(|error| error.cause)
    }

    #[test]
    fn keys_with_the_suffix_are_filled_in_wherever_they_stand() {
        let template = json!({"x.$": "$.a.b", "y": {"z.$": "$$.Task.Token"}, "l": [{"n.$": "$.list[1]"}, "$.a"], "k": 1});
        let expected = json!({"x": 1, "y": {"z": "t"}, "l": [{"n": 2}, "$.a"], "k": 1});
        assert_eq!(fill(&template), Ok(expected));
    }

    #[test]
    fn a_path_that_finds_nothing_is_told_with_the_input() {
        assert_eq!(
            fill(&json!({"x.$": "$.no"})),
            Err("The JSONPath '$.no' specified for the field 'x.$' could not be found in the input \
                 '{\"a\":{\"b\":1},\"list\":[1,2]}'"
                .to_owned())
        );
    }

    #[test]
    fn a_key_with_the_suffix_needs_an_expression() {
        for value in [json!(1), json!("a"), json!("States.Nothing()"), json!("$.")] {
            let template = json!({"x.$": value, "y.$": value});
            let errors = Template::parse(&template).unwrap_err();
            assert_eq!(errors.iter().map(|error| &*error.field).collect::<Vec<_>>(), ["x.$", "y.$"]);
        }
    }
}
