//! `stepward jsonata`: expressions evaluated on the command line.

use std::collections::HashMap;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use anyhow::{Context as _, Result};
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
    /// Print the expression in one form, without comments, instead of evaluating it.
    #[arg(long, conflicts_with_all = ["batch", "file"])]
    print: bool,
}

pub(crate) fn run(jsonata: &Jsonata) -> Result<ExitCode> {
    if jsonata.batch {
        super::batch(answer)?;
        return Ok(ExitCode::SUCCESS);
    }
    let expression = jsonata.expression.as_deref().unwrap_or_default();
    let outcome = if jsonata.print {
        stepward_jsonata::canonical(expression)
    } else {
        let data = input(jsonata.file.as_deref())?;
        evaluate(expression, data.as_ref(), &HashMap::new(), (None, None))
            .map(|value| value.map_or_else(|| "(undefined)".to_owned(), |value| format!("{value:#}")))
    };
    match outcome {
        Ok(shown) => println!("{shown}"),
        Err(error) => {
            let has_colors = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            eprintln!("{}", shown(expression, &error, has_colors));
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The input: a file, or what is piped in. Nothing when there is neither.
fn input(file: Option<&Path>) -> Result<Option<Value>> {
    let text = match file {
        Some(file) => std::fs::read_to_string(file).with_context(|| file.display().to_string())?,
        None if std::io::stdin().is_terminal() => return Ok(None),
        None => std::io::read_to_string(std::io::stdin())?,
    };
    if file.is_none() && text.trim().is_empty() {
        return Ok(None);
    }
    serde_json::from_str(&text).context("the input is not JSON").map(Some)
}

/// The error under the token that it is about.
fn shown(expression: &str, error: &Error, has_colors: bool) -> String {
    let renderer = if has_colors { Renderer::styled() } else { Renderer::plain() };
    let (code, message) = (error.code(), error.message());
    let title = Level::ERROR.primary_title(&message).id(code);
    let Some(position) = error.position() else {
        return renderer.render(&[annotate_snippets::Group::with_title(title)]);
    };
    let annotation = AnnotationKind::Primary.span(span(expression, error, position));
    renderer.render(&[title.element(Snippet::source(expression).annotation(annotation))])
}

/// The token in bytes: positions are where it ends, in units of UTF-16.
fn span(expression: &str, error: &Error, position: usize) -> std::ops::Range<usize> {
    let mut units = 0;
    let before = expression.chars().take_while(|letter| {
        units += letter.len_utf16();
        units <= position
    });
    let end: usize = before.map(char::len_utf8).sum();
    let token = error.token();
    let length = token
        .as_ref()
        .and_then(Value::as_str)
        .filter(|token| !token.is_empty() && expression.get(..end).is_some_and(|text| text.ends_with(*token)))
        .map(str::len);
    let last = expression.get(..end).and_then(|text| text.chars().next_back()).map_or(0, char::len_utf8);
    end.saturating_sub(length.unwrap_or(last))..end
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

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(expression: &str) -> String {
        let error = evaluate(expression, None, &HashMap::new(), (None, None)).unwrap_err();
        shown(expression, &error, false)
    }

    #[test]
    fn an_error_stands_under_its_token() {
        let shown = refused("$uppercase(\"é😀\") and 1 + \"x\"");
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(
            lines[0],
            "error[T2002]: The right side of the \"and\" operator must evaluate to a number"
        );
        assert!(lines[lines.len() - 1].trim_end().ends_with("^^^"), "{shown}");
    }

    #[test]
    fn an_expression_that_ends_too_early_is_pointed_at_behind_its_end() {
        assert!(refused("1 +").contains("S0207"));
        assert!(refused("").contains("S0207"));
    }
}
