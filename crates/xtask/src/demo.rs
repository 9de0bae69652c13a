//! `cargo xtask demo`: the main job, told as it runs.

use std::process::Command;

use anyhow::Result;

use crate::project::{build_stepward, root, succeed};
use crate::python;

/// Fails unless every step of the demo went as it was expected to.
pub(crate) fn run() -> Result<()> {
    let python = python::interpreter()?;
    let binary = build_stepward("dev")?;
    succeed(Command::new(python).arg(root().join("demo/main_job.py")).arg("--stepward").arg(binary))
}
