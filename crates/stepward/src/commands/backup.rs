//! `stepward backup`: a consistent copy while the server runs.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;

#[derive(Args)]
pub(crate) struct Backup {
    /// Folder of the server's data.
    #[arg(long, env = "STEPWARD_DATA_DIR", default_value = "stepward-data")]
    data_dir: PathBuf,
    /// File to write; it must not exist.
    file: PathBuf,
}

pub(crate) fn run(backup: &Backup) -> Result<ExitCode> {
    if backup.file.exists() {
        bail!("'{}' exists already; name a new file", backup.file.display());
    }
    stepward_store::copy(&backup.data_dir, &backup.file)
        .with_context(|| format!("'{}' could not be copied", backup.data_dir.display()))?;
    println!("{} bytes in {}", std::fs::metadata(&backup.file)?.len(), backup.file.display());
    Ok(ExitCode::SUCCESS)
}
