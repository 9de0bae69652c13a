//! JSONata as Step Functions uses it: strings `{% … %}` anywhere in a field, `$states`, variables, six functions more.

mod functions;

use std::collections::HashMap;

use serde_json::{Map, Value};
use stepward_jsonata::{Budget, Expression, Host, HostFunction, References, Value as Data};

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
    Expression(Box<Compiled>),
}

#[derive(Clone, Debug)]
struct Compiled {
    source: String,
    expression: Expression,
    references: References,
    /// Which fields of `$states` have to be made for it.
    states: Uses,
}

/// One expression of a field.
#[derive(Clone, Copy, Debug)]
pub struct JsonataPart<'a> {
    /// Without the delimiters.
    pub source: &'a str,
    /// What it refers to.
    pub references: &'a References,
}

/// Which fields of `$states` an expression reads.
#[derive(Clone, Copy, Debug, Default)]
struct Uses {
    any: bool,
    input: bool,
    result: bool,
    error_output: bool,
    context: bool,
}

/// The text between `{%` and `%}`, when a string is an expression.
pub fn jsonata_source(text: &str) -> Option<&str> {
    text.strip_prefix("{%")?.strip_suffix("%}").map(str::trim)
}

impl JsonataTemplate {
    /// Parses a field; the errors name the part by its path below the field.
    pub fn parse(value: &Value) -> Result<Self, Vec<TemplateError>> {
        let mut errors = Vec::new();
        let node = node(value, &mut String::new(), 0, &mut errors);
        if errors.is_empty() { Ok(Self(node)) } else { Err(errors) }
    }

    /// The field's value; `field` is its name, for messages.
    pub fn evaluate(&self, scope: &JsonataScope<'_>, field: &str) -> Result<Value, QueryError> {
        self.0.evaluate(scope).map_err(|failed| failed.told(field))
    }

    /// Its expressions, each with its path below the field.
    pub fn parts(&self) -> Vec<(String, JsonataPart<'_>)> {
        let mut found = Vec::new();
        self.0.collect(&mut String::new(), &mut found);
        found
    }

    /// Whether the context object has to be made for it.
    pub fn reads_context(&self) -> bool {
        self.parts_any(|compiled| compiled.states.context)
    }

    fn parts_any(&self, is_so: fn(&Compiled) -> bool) -> bool {
        let mut open = vec![&self.0];
        while let Some(node) = open.pop() {
            match node {
                Node::Literal(_) => {}
                Node::Array(items) => open.extend(items),
                Node::Object(fields) => open.extend(fields.iter().map(|(_, node)| node)),
                Node::Expression(compiled) if is_so(compiled) => return true,
                Node::Expression(_) => {}
            }
        }
        false
    }
}

fn node(value: &Value, path: &mut String, depth: usize, errors: &mut Vec<TemplateError>) -> Node {
    if depth > DEPTH_MAX {
        let reason = "it is nested too deeply".to_owned();
        errors.push(TemplateError { field: path.clone(), reason });
        return Node::Literal(Value::Null);
    }
    match value {
        Value::String(text) => match jsonata_source(text) {
            Some(source) => match Compiled::parse(source) {
                Ok(compiled) => Node::Expression(Box::new(compiled)),
                Err(error) => {
                    errors.push(TemplateError { field: path.clone(), reason: error.message() });
                    Node::Literal(Value::Null)
                }
            },
            None => Node::Literal(value.clone()),
        },
        Value::Array(items) if has_expression(value) => {
            let nodes = items.iter().enumerate().map(|(at, item)| {
                below(path, &format!("[{at}]"), |path| node(item, path, depth + 1, errors))
            });
            Node::Array(nodes.collect())
        }
        Value::Object(fields) if has_expression(value) => {
            let nodes = fields.iter().map(|(name, value)| {
                let node = below(path, &format!("/{name}"), |path| node(value, path, depth + 1, errors));
                (name.clone(), node)
            });
            Node::Object(nodes.collect())
        }
        literal => Node::Literal(literal.clone()),
    }
}

/// Whether there is an expression in a value. The depth is bounded by the JSON parser.
fn has_expression(value: &Value) -> bool {
    match value {
        Value::String(text) => jsonata_source(text).is_some(),
        Value::Array(items) => items.iter().any(has_expression),
        Value::Object(fields) => fields.values().any(has_expression),
        _ => false,
    }
}

/// Does something one level further down.
fn below<T>(path: &mut String, step: &str, something: impl FnOnce(&mut String) -> T) -> T {
    let length = path.len();
    path.push_str(step);
    let result = something(path);
    path.truncate(length);
    result
}

impl Compiled {
    fn parse(source: &str) -> Result<Self, stepward_jsonata::Error> {
        let expression = Expression::compile(source)?;
        let references = expression.references();
        let states = Uses::of(&references);
        Ok(Self { source: source.to_owned(), expression, references, states })
    }
}

impl Uses {
    fn of(references: &References) -> Self {
        let is_states = |name: &String| name == "states";
        let reads = |field: &str| references.fields.iter().any(|(name, of)| is_states(name) && of == field);
        let is_whole = references.whole.iter().any(is_states);
        Self {
            any: references.variables.iter().any(is_states),
            input: is_whole || reads("input"),
            result: is_whole || reads("result"),
            error_output: is_whole || reads("errorOutput"),
            context: is_whole || reads("context"),
        }
    }
}

/// An expression that has no value, and where in its field it stands: the last step first.
struct Failed<'a> {
    source: &'a str,
    what: String,
    place: Vec<String>,
}

impl Failed<'_> {
    // AWS: the recorded words.
    fn told(self, field: &str) -> QueryError {
        let place = self.place.iter().rev().fold(field.to_owned(), |place, step| place + step);
        let (source, what) = (self.source, self.what);
        QueryError {
            error: "States.QueryEvaluationError".to_owned(),
            cause: format!("The JSONata expression '{source}' specified for the field '{place}' {what}"),
            location: Some(place),
        }
    }

    fn below(mut self, step: String) -> Self {
        self.place.push(step);
        self
    }
}

impl Node {
    fn evaluate(&self, scope: &JsonataScope<'_>) -> Result<Value, Failed<'_>> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Array(items) => {
                let evaluated = items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| item.evaluate(scope).map_err(|failed| failed.below(format!("[{at}]"))));
                evaluated.collect::<Result<_, _>>().map(Value::Array)
            }
            Self::Object(fields) => {
                let mut filled = Map::with_capacity(fields.len());
                for (name, node) in fields {
                    let value = node.evaluate(scope).map_err(|failed| failed.below(format!("/{name}")))?;
                    filled.insert(name.clone(), value);
                }
                Ok(Value::Object(filled))
            }
            Self::Expression(compiled) => run(compiled, scope).map_err(|what| Failed {
                source: &compiled.source,
                what,
                place: Vec::new(),
            }),
        }
    }

    fn collect<'a>(&'a self, path: &mut String, found: &mut Vec<(String, JsonataPart<'a>)>) {
        match self {
            Self::Literal(_) => {}
            Self::Array(items) => items
                .iter()
                .enumerate()
                .for_each(|(at, item)| below(path, &format!("[{at}]"), |path| item.collect(path, found))),
            Self::Object(fields) => fields
                .iter()
                .for_each(|(name, node)| below(path, &format!("/{name}"), |path| node.collect(path, found))),
            Self::Expression(compiled) => {
                let Compiled { source, references, .. } = &**compiled;
                found.push((path.clone(), JsonataPart { source, references }));
            }
        }
    }
}

fn run(compiled: &Compiled, scope: &JsonataScope<'_>) -> Result<Value, String> {
    let expression = &compiled.expression;
    let mut bindings = HashMap::new();
    if compiled.states.any {
        bindings.insert("states".to_owned(), states(scope, compiled.states));
    }
    for name in &compiled.references.variables {
        if let Some(value) = scope.variables.get(name) {
            bindings.insert(name.clone(), Data::from(value.value()));
        }
    }
    let host = StatesHost { now_ms: scope.now_ms, seed: scope.seed };
    let budget = Budget { steps: STEPS_MAX, bytes: BYTES_MAX, ..Budget::default() };
    let result = expression.evaluate(&Data::Undefined, &bindings, &host, &budget);
    let result = result.map_err(|error| match error.code() {
        // AWS: limits are told without a code, and after a colon. Our steps stand in for AWS's time.
        "U1003" => "threw an error during evaluation: Expression evaluation timeout".to_owned(),
        "U1001" | "U1002" => {
            let message = error.message();
            let sentence = message.split(':').next().unwrap_or_default();
            format!("threw an error during evaluation: {sentence}")
        }
        _ => format!("threw an error during evaluation. {error}"),
    })?;
    match result {
        None => Err("returned nothing (undefined).".to_owned()),
        Some(value) if value.has_function() => Err("returned an unsupported result type.".to_owned()),
        Some(value) => value.to_json().ok_or_else(|| "returned an unsupported result type.".to_owned()),
    }
}

fn states(scope: &JsonataScope<'_>, uses: Uses) -> Data {
    let mut fields = Map::new();
    let mut put = |name: &str, is_used: bool, value: Option<&Value>| {
        if let Some(value) = value.filter(|_| is_used) {
            fields.insert(name.to_owned(), value.clone());
        }
    };
    put("input", uses.input, Some(scope.input.value()));
    put("result", uses.result, scope.result.map(Payload::value));
    put("errorOutput", uses.error_output, scope.error_output.map(Payload::value));
    put("context", uses.context, Some(scope.context));
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
        let template = JsonataTemplate::parse(value).map_err(|errors| format!("{errors:?}"))?;
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
                "threw an error during evaluation: Stack overflow error",
            ),
        ] {
            let expected =
                format!("The JSONata expression '{source}' specified for the field 'Output/x' {what}");
            assert_eq!(evaluate(&json!({"x": format!("{{% {source} %}}")})), Err(expected));
        }
    }
}
