//! Replays what AWS was recorded to answer. The recordings are not part of the project: where they do not lie
//! beside the checkout, there is nothing to replay and the project's own golden cases stand alone.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::project::{build_stepward, root, target_dir};
use crate::python;

/// The cases that passed before; a case that stands here and fails is a regression. It only grows.
const PASSING: &str = "tests/conformance-passing.txt";

fn recordings() -> Option<PathBuf> {
    let folder = root().parent()?.join("shared/conformance");
    folder.join("replay.py").exists().then_some(folder)
}

/// `cargo xtask conformance [--update] [AREA …]`: prints the passing count; `--update` adds new passes to the list.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let Some(folder) = recordings() else { bail!("no recordings lie beside the checkout") };
    let update = arguments.iter().any(|argument| argument == "--update");
    let areas: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    let passed = replay(&folder, &areas)?;
    if update {
        let mut all = known()?;
        all.extend(passed);
        let lines: Vec<&str> = all.iter().map(String::as_str).collect();
        std::fs::write(root().join(PASSING), lines.join("\n") + "\n")?;
        println!("{PASSING} now lists {} cases", all.len());
    }
    Ok(())
}

/// Fails if a case that is listed as passing does not pass.
pub(crate) fn check_passing() -> Result<()> {
    let Some(folder) = recordings() else {
        println!("No recordings lie beside the checkout: nothing to replay.");
        return Ok(());
    };
    let passed = replay(&folder, &[])?;
    let lost: Vec<String> = known()?.into_iter().filter(|case| !passed.contains(case)).collect();
    if lost.is_empty() {
        return Ok(());
    }
    // A busy machine can make one case miss its deadline: only a case that fails twice has regressed.
    let again = replay(&folder, &lost.iter().collect::<Vec<_>>())?;
    let lost: Vec<String> = lost.into_iter().filter(|case| !again.contains(case)).collect();
    if !lost.is_empty() {
        bail!("{} cases that passed before fail now:\n    {}", lost.len(), lost.join("\n    "));
    }
    Ok(())
}

fn known() -> Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join(PASSING)).unwrap_or_default();
    Ok(text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

fn replay(folder: &std::path::Path, areas: &[&String]) -> Result<BTreeSet<String>> {
    let python = python::interpreter()?;
    let binary = build_stepward("dev")?;
    let results = target_dir().join("conformance.jsonl");
    let mut server = Command::new(&python);
    server.arg(root().join("tests/e2e/with_server.py")).arg(&binary).arg("--dev").arg("--");
    server
        .arg(&python)
        .arg(folder.join("replay.py"))
        .args(["--endpoint", "{endpoint}", "--json"])
        .arg(&results);
    server.args(areas);
    let _ = std::fs::remove_file(&results);
    server.status().context("could not start the replay")?;
    passed_cases(&std::fs::read_to_string(&results).context("the replay wrote no results")?)
}

fn passed_cases(results: &str) -> Result<BTreeSet<String>> {
    let mut passed = BTreeSet::new();
    for line in results.lines() {
        let case: Value = serde_json::from_str(line).context("a line of the replay's results")?;
        if case.get("passed").and_then(Value::as_bool) == Some(true) {
            passed.extend(case.get("id").and_then(Value::as_str).map(str::to_owned));
        }
    }
    Ok(passed)
}
