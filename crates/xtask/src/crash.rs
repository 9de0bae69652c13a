//! `cargo xtask crash`: kills a server again and again while it works, and checks that nothing is lost.

use std::process::Command;

use anyhow::Result;

use crate::project::{build_stepward, root, succeed};
use crate::python;

/// `arguments` go to `bench/crash.py`: `--rounds`, `--seed`, `--seconds`.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let python = python::interpreter()?;
    let binary = build_stepward("dev")?;
    let script = root().join("bench/crash.py");
    succeed(Command::new(python).arg(script).arg("--server").arg(binary).args(arguments))
}
