//! `cargo xtask test`: every test of the project, after installing what the tests need.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::project::{build_stepward, cargo, root, succeed};
use crate::{conformance, console, python, tidy};

/// Runs the Rust tests, the architecture check, the end-to-end tests and, where the recorded cases lie beside
/// the checkout, their replay. All of them run; the first failure is named at the end.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    if let Some(unknown) = arguments.first() {
        bail!("`cargo xtask test` takes no argument, but was given '{unknown}'");
    }
    let python = python::interpreter()?;
    // First, so that the binary is built once, with the console in it.
    let console = console::require_node().map(|()| console::build());
    let mut parts: Vec<(&str, Result<()>)> = vec![
        ("Rust tests", rust_tests()),
        ("architecture", tidy::run()),
        ("end-to-end tests", end_to_end(&python)),
        ("recorded cases", conformance::check_passing()),
    ];
    let missing = match console {
        Ok(built) => {
            parts.push(("console", built.and_then(|()| console::test())));
            None
        }
        Err(missing) => Some(missing),
    };
    println!("\nSummary of cargo xtask test:");
    if let Some(missing) = missing {
        println!("  SKIPPED console: {missing:#}");
    }
    let mut failed = Vec::new();
    for (name, outcome) in parts {
        match outcome {
            Ok(()) => println!("  passed  {name}"),
            Err(error) => {
                println!("  FAILED  {name}: {error:#}");
                failed.push(name);
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
}

fn rust_tests() -> Result<()> {
    if has_nextest() {
        succeed(&mut cargo(&["nextest", "run", "--workspace", "--no-fail-fast"]))?;
        return succeed(&mut cargo(&["test", "--workspace", "--doc", "--quiet"]));
    }
    succeed(&mut cargo(&["test", "--workspace", "--no-fail-fast"]))
}

fn has_nextest() -> bool {
    let mut probe = cargo(&["nextest", "--version"]);
    probe.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn end_to_end(python: &std::path::Path) -> Result<()> {
    let binary = build_stepward("dev")?;
    let pytest =
        ["-m", "pytest", "tests/e2e", "-q", "--color=no", "-p", "no:cacheprovider", "--timeout", "300"];
    // Modules do not know of each other; within one, tests may share a server.
    let side_by_side = ["--numprocesses", "auto", "--maxprocesses", "4", "--dist", "loadfile"];
    succeed(
        Command::new(python)
            .args(pytest)
            .args(side_by_side)
            .env("STEPWARD_BINARY", binary)
            .current_dir(root()),
    )
}
