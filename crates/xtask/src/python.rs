//! The Python virtual environment of the end-to-end tests and the demo: boto3, the AWS CLI, awslambdaric, pytest.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::project::{root, succeed, target_dir};

const REQUIREMENTS: &str = "tests/e2e/requirements.txt";
/// Written last, with the requirements it was made from: an interrupted installation is made anew.
const STAMP: &str = "stepward-requirements.txt";

/// The interpreter of the environment, which is made on the first call and whenever the requirements change.
pub(crate) fn interpreter() -> Result<PathBuf> {
    let folder = target_dir().join("python");
    let python = folder.join("bin/python");
    let wanted = std::fs::read_to_string(root().join(REQUIREMENTS)).context(REQUIREMENTS)?;
    let stamp = folder.join(STAMP);
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) && python.exists() {
        return Ok(python);
    }
    println!("Installing {REQUIREMENTS} into a virtual environment …");
    succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))
        .context("Python 3 with its venv module is needed (Debian: apt-get install python3-venv)")?;
    let pip =
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS];
    succeed(Command::new(&python).args(pip).current_dir(root()))?;
    std::fs::write(&stamp, wanted)?;
    Ok(python)
}
