//! `stepward jsonata`: expressions evaluated on the command line.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use serde_json::{Value, json};
use stepward_jsonata::{Budget, Error, Expression, Host, Value as Data};

#[derive(Args)]
pub(crate) struct Jsonata {
    /// The expression.
    #[arg(short, long, required_unless_present = "batch")]
    expression: Option<String>,
    /// A file with the JSON input; standard input when there is none.
    file: Option<PathBuf>,
    /// Read {"id", "expr", "data"?, "bindings"?, "timelimit_ms"?, "depth"?} lines from standard input and answer each
    /// with a line.
    #[arg(long)]
    batch: bool,
}

pub(crate) fn run(jsonata: &Jsonata) -> Result<ExitCode> {
    if jsonata.batch {
        super::batch(answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    let text = match &jsonata.file {
        Some(file) => std::fs::read_to_string(file).with_context(|| file.display().to_string())?,
        None => std::io::read_to_string(std::io::stdin())?,
    };
    let data: Value = serde_json::from_str(&text).context("the input is not JSON")?;
    let expression = jsonata.expression.as_deref().unwrap_or_default();
    let result = evaluate(expression, Some(&data), &HashMap::new(), (None, None));
    match result.map_err(|error| anyhow!("{error}"))? {
        Some(value) => println!("{value:#}"),
        None => println!("(undefined)"),
    }
    Ok(ExitCode::SUCCESS)
}

fn answer(request: &Value) -> Value {
    let id = request.get("id");
    let bindings = request.get("bindings").and_then(Value::as_object).into_iter().flatten();
    let bindings = bindings.map(|(name, value)| (name.clone(), Data::from(value))).collect();
    let number = |name: &str| request.get(name).and_then(Value::as_u64);
    let limits = (number("timelimit_ms"), number("depth"));
    let expression = request.get("expr").and_then(Value::as_str).unwrap_or_default();
    match evaluate(expression, request.get("data"), &bindings, limits) {
        Ok(Some(result)) => json!({"id": id, "result": result}),
        Ok(None) => json!({"id": id, "undefined": true}),
        Err(error) => {
            let told = json!({"code": error.code(), "message": error.message(), "position": error.position(), "token": error.token()});
            json!({"id": id, "error": told})
        }
    }
}

fn evaluate(
    expression: &str,
    data: Option<&Value>,
    bindings: &HashMap<String, Data>,
    (time_ms, depth): (Option<u64>, Option<u64>),
) -> Result<Option<Value>, Error> {
    let mut budget = Budget { time_ms, ..Budget::default() };
    if let Some(depth) = depth {
        budget.depth = usize::try_from(depth).unwrap_or(usize::MAX);
    }
    let input = data.map_or(Data::Undefined, Data::from);
    let host = Machine { started: Instant::now() };
    let result = Expression::compile(expression)?.evaluate(&input, bindings, &host, &budget)?;
    Ok(result.and_then(|result| result.to_json()))
}

/// This machine's clock, and a random number that follows from it.
struct Machine {
    started: Instant,
}

impl Host for Machine {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn random(&self) -> f64 {
        // Nothing secret depends on it: the nanoseconds that have passed are random enough.
        f64::from(self.started.elapsed().subsec_nanos() % 1_000_000) / 1_000_000.0
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
