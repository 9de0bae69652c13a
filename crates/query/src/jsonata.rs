//! JSONata as Step Functions uses it: strings `{% … %}` anywhere in a field, `$states`, variables, six functions more.

mod functions;

use std::collections::HashMap;

use serde_json::{Map, Value};
use stepward_jsonata::{Budget, Expression, Host, HostFunction, Value as Data};

use crate::error::{QueryError, TemplateError};
use crate::payload::Payload;
use crate::seed::Seed;
use crate::variables::Variables;

/// No field is nested deeper.
const DEPTH_MAX: usize = 100;
/// Stands in for AWS's limit of one second: this crate has no clock.
const STEPS_MAX: u64 = 5_000_000;
/// AWS publishes no number.
const BYTES_MAX: usize = 128 * 1_024 * 1_024;

/// What expressions read.
#[derive(Clone, Copy)]
pub struct JsonataScope<'a> {
    /// `$states.input`
    pub input: &'a Payload,
    /// `$states.result`, of a task, Parallel or Map that succeeded.
    pub result: Option<&'a Payload>,
    /// `$states.errorOutput`, in a catcher.
    pub error_output: Option<&'a Payload>,
    /// `$states.context`
    pub context: &'a Value,
    pub variables: &'a Variables,
    /// Milliseconds since 1970.
    pub now_ms: i64,
    pub seed: &'a Seed,
}

/// A parsed field.
#[derive(Clone, Debug)]
pub struct JsonataTemplate(Node);

#[derive(Clone, Debug)]
enum Node {
    /// Nothing inside is an expression.
    Literal(Value),
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    Expression {
        source: String,
        expression: Expression,
    },
}

/// The text between `{%` and `%}`, when a string is an expression.
pub fn jsonata_source(text: &str) -> Option<&str> {
    text.strip_prefix("{%")?.strip_suffix("%}").map(str::trim)
}

impl JsonataTemplate {
    /// Parses a field; the error names the part by its path below the field.
    pub fn parse(value: &Value) -> Result<Self, TemplateError> {
        node(value, "", 0).map(Self)
    }

    /// The field's value; `field` is its name, for messages.
    pub fn evaluate(&self, scope: &JsonataScope<'_>, field: &str) -> Result<Value, QueryError> {
        self.0.evaluate(scope, field)
    }
}

fn node(value: &Value, path: &str, depth: usize) -> Result<Node, TemplateError> {
    if depth > DEPTH_MAX {
        return Err(TemplateError { field: path.to_owned(), reason: "it is nested too deeply".to_owned() });
    }
    match value {
        Value::String(text) => match jsonata_source(text) {
            Some(source) => {
                let refused = |error: stepward_jsonata::Error| TemplateError {
                    field: path.to_owned(),
                    reason: error.to_string(),
                };
                let expression = Expression::compile(source).map_err(refused)?;
                Ok(Node::Expression { source: source.to_owned(), expression })
            }
            None => Ok(Node::Literal(value.clone())),
        },
        Value::Array(items) => {
            let nodes =
                items.iter().enumerate().map(|(at, item)| node(item, &format!("{path}[{at}]"), depth + 1));
            let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
            let is_literal = nodes.iter().all(|node| matches!(node, Node::Literal(_)));
            Ok(if is_literal { Node::Literal(value.clone()) } else { Node::Array(nodes) })
        }
        Value::Object(fields) => {
            let nodes = fields
                .iter()
                .map(|(name, value)| Ok((name.clone(), node(value, &format!("{path}/{name}"), depth + 1)?)));
            let nodes = nodes.collect::<Result<Vec<_>, TemplateError>>()?;
            let is_literal = nodes.iter().all(|(_, node)| matches!(node, Node::Literal(_)));
            Ok(if is_literal { Node::Literal(value.clone()) } else { Node::Object(nodes) })
        }
        scalar => Ok(Node::Literal(scalar.clone())),
    }
}

impl Node {
    fn evaluate(&self, scope: &JsonataScope<'_>, field: &str) -> Result<Value, QueryError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Array(items) => {
                let evaluated = items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| item.evaluate(scope, &format!("{field}[{at}]")));
                evaluated.collect::<Result<_, _>>().map(Value::Array)
            }
            Self::Object(fields) => {
                let mut filled = Map::with_capacity(fields.len());
                for (name, node) in fields {
                    filled.insert(name.clone(), node.evaluate(scope, &format!("{field}/{name}"))?);
                }
                Ok(Value::Object(filled))
            }
            Self::Expression { source, expression } => {
                run(expression, scope).map_err(|what| failed(source, field, &what))
            }
        }
    }
}

// AWS: the recorded words.
fn failed(source: &str, field: &str, what: &str) -> QueryError {
    QueryError {
        error: "States.QueryEvaluationError".to_owned(),
        cause: format!("The JSONata expression '{source}' specified for the field '{field}' {what}"),
        location: Some(field.to_owned()),
    }
}

fn run(expression: &Expression, scope: &JsonataScope<'_>) -> Result<Value, String> {
    let mut bindings = HashMap::new();
    for name in expression.variables() {
        if name == "states" {
            bindings.insert(name.to_owned(), states(scope));
        } else if let Some(value) = scope.variables.get(name) {
            bindings.insert(name.to_owned(), Data::from(value.value()));
        }
    }
    let host = StatesHost { now_ms: scope.now_ms, seed: scope.seed };
    let budget = Budget { steps: STEPS_MAX, bytes: BYTES_MAX, ..Budget::default() };
    let result = expression.evaluate(&Data::Undefined, &bindings, &host, &budget);
    let result = result.map_err(|error| match error.code.as_str() {
        // AWS: limits are told without a code.
        "U1001" | "U1002" => {
            let sentence = error.message.split(':').next().unwrap_or_default().to_owned();
            format!("threw an error during evaluation. {sentence}")
        }
        _ => format!("threw an error during evaluation. {error}"),
    })?;
    match result {
        None => Err("returned nothing (undefined).".to_owned()),
        Some(value) if value.has_function() => Err("returned an unsupported result type.".to_owned()),
        Some(value) => value.to_json().ok_or_else(|| "returned an unsupported result type.".to_owned()),
    }
}

fn states(scope: &JsonataScope<'_>) -> Data {
    let mut fields = Map::new();
    fields.insert("input".to_owned(), scope.input.value().clone());
    if let Some(result) = scope.result {
        fields.insert("result".to_owned(), result.value().clone());
    }
    if let Some(error) = scope.error_output {
        fields.insert("errorOutput".to_owned(), error.value().clone());
    }
    fields.insert("context".to_owned(), scope.context.clone());
    Data::from(&Value::Object(fields))
}

/// The time, randomness and functions of Step Functions.
struct StatesHost<'a> {
    now_ms: i64,
    seed: &'a Seed,
}

impl Host for StatesHost<'_> {
    fn now_ms(&self) -> i64 {
        self.now_ms
    }

    fn random(&self) -> f64 {
        self.seed.fraction()
    }

    fn function(&self, name: &str) -> Option<HostFunction> {
        functions::named(name)
    }

    // AWS: `$parse` takes the place of `$eval`.
    fn is_forbidden(&self, name: &str) -> bool {
        name == "eval"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn evaluate(value: &Value) -> Result<Value, String> {
        let template = JsonataTemplate::parse(value).map_err(|error| error.to_string())?;
        let (input, context) =
            (Payload::new(json!({"n": 2, "list": [1, 2, 3]})), json!({"State": {"Name": "S"}}));
        let mut variables = Variables::default();
        variables.assign("v".into(), Payload::new(json!(40)));
        let seed = Seed::new(1);
        let scope = JsonataScope {
            input: &input,
            result: None,
            error_output: None,
            context: &context,
            variables: &variables,
            now_ms: 0,
            seed: &seed,
        };
        template.evaluate(&scope, "Output").map_err(|error| error.cause)
    }

    #[test]
    fn expressions_are_evaluated_wherever_they_stand() {
        let field = json!({"sum": "{% $states.input.n + $v %}", "l": ["{% $states.context.State.Name %}", "{%no%} "], "k": 1});
        assert_eq!(evaluate(&field), Ok(json!({"sum": 42, "l": ["S", "{%no%} "], "k": 1})));
    }

    #[test]
    fn step_functions_adds_functions_and_takes_eval_away() {
        for (source, expected) in [
            ("$partition([1,2,3], 2)", json!([[1, 2], [3]])),
            ("$range(1, 5, 2)", json!([1, 3, 5])),
            ("$hash('input data', 'SHA-1')", json!("aaff4a450a104cd177d28d18d74485e8cae074b7")),
            ("$parse('{\"a\": [1]}').a[0]", json!(1)),
            ("$random(7) = $random(7)", json!(true)),
            ("$length($uuid())", json!(36)),
            ("$exists($eval)", json!(false)),
        ] {
            assert_eq!(evaluate(&json!(format!("{{% {source} %}}"))), Ok(expected), "{source}");
        }
    }

    #[test]
    fn what_fails_is_told_in_the_recorded_words() {
        for (source, what) in [
            ("$nothing", "returned nothing (undefined)."),
            ("$nothing()", "threw an error during evaluation. T1006: Attempted to invoke a non-function"),
            ("$sum", "returned an unsupported result type."),
            (
                "($f := function($n) { $f($n) + 1 }; $f(1))",
                "threw an error during evaluation. Stack overflow error",
            ),
        ] {
            let expected =
                format!("The JSONata expression '{source}' specified for the field 'Output/x' {what}");
            assert_eq!(evaluate(&json!({"x": format!("{{% {source} %}}")})), Err(expected));
        }
    }
}
