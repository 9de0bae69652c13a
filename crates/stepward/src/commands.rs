//! The commands of the command line, one file each.

pub(crate) mod backup;
pub(crate) mod policy;
pub(crate) mod serve;
pub(crate) mod validate;

use std::io::BufRead as _;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// Runs a batch: a JSON object a line on standard input, an answer a line on standard output, in the same order.
pub(crate) fn batch(answer: impl Fn(&Value) -> Value) -> Result<()> {
    use std::io::Write as _;
    let mut output = std::io::BufWriter::new(std::io::stdout().lock());
    for (number, line) in std::io::stdin().lock().lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let request: Value =
            serde_json::from_str(&line).with_context(|| format!("line {} of the input is not JSON", number + 1))?;
        writeln!(output, "{}", answer(&request))?;
    }
    Ok(output.flush()?)
}
