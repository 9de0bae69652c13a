//! The commands of the command line, one file each.

pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod decisions;
pub(crate) mod explain;
pub(crate) mod jsonata;
pub(crate) mod policy;
pub(crate) mod restore;
pub(crate) mod run;
mod sarif;
pub(crate) mod serve;
pub(crate) mod validate;

use std::io::BufRead as _;

use anyhow::Result;
use serde_json::{Value, json};

/// Runs a batch: a JSON object a line on standard input, an answer a line on standard output, in the same order.
pub(crate) fn batch(answer: impl Fn(&Value) -> Value) -> Result<()> {
    use std::io::Write as _;
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let request = serde_json::from_str::<Value>(&line)
            .or_else(|_| serde_json::from_str(&without_half_pairs(&line)));
        let answered = match request {
            Ok(request) => answer(&request),
            // The other lines are answered all the same.
            Err(error) => {
                json!({"id": null, "error": format!("line {} of the input is not JSON: {error}", number + 1)})
            }
        };
        writeln!(output, "{answered}")?;
    }
    Ok(output.flush()?)
}

/// Halves of surrogate pairs, which are no characters, as the character that stands for them.
fn without_half_pairs(line: &str) -> String {
    let is_half = |text: &str| {
        text.get(2..4)
            .is_some_and(|start| ('8'..='f').any(|digit| start.eq_ignore_ascii_case(&format!("d{digit}"))))
    };
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("\\u") {
        let (before, from) = rest.split_at(at);
        clean.push_str(before);
        let escape = from.get(..6).unwrap_or(from);
        let pair =
            from.get(..12).filter(|pair| serde_json::from_str::<Value>(&format!("\"{pair}\"")).is_ok());
        let taken = match pair {
            Some(pair) if is_half(escape) => {
                clean.push_str(pair);
                pair.len()
            }
            _ => {
                clean.push_str(if is_half(escape) { "\\ufffd" } else { escape });
                escape.len()
            }
        };
        rest = from.get(taken..).unwrap_or_default();
    }
    clean + rest
}
