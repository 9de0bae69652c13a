//! `stepward backup`: a consistent copy while the server runs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::config::Config;
use crate::settings::DATA_DIR;

#[derive(Args)]
pub(crate) struct Backup {
    /// Configuration file that may name the folder; `stepward.toml` is read if it is there.
    #[arg(long, env = "STEPWARD_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of the server's data. [default: stepward-data]
    #[arg(long, env = "STEPWARD_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// File to write; it must not exist.
    file: PathBuf,
}

pub(crate) fn run(backup: &Backup) -> Result<ExitCode> {
    if backup.file.exists() {
        bail!("'{}' exists already; name a new file", backup.file.display());
    }
    let data_dir = data_folder(backup.data_dir.as_deref(), backup.config.as_deref())?;
    stepward_store::backup(&data_dir, &backup.file)
        .with_context(|| format!("'{}' could not be copied", data_dir.display()))?;
    println!("{} bytes in {}", std::fs::metadata(&backup.file)?.len(), backup.file.display());
    println!(
        "Secrets in it open with {} only: keep a copy of that, too, elsewhere",
        data_dir.join("master.key").display()
    );
    Ok(ExitCode::SUCCESS)
}

/// The folder of the server's data, as `serve` finds it.
pub(crate) fn data_folder(given: Option<&Path>, config: Option<&Path>) -> Result<PathBuf> {
    Ok(match given {
        Some(folder) => folder.to_owned(),
        None => Config::read(config)?.data_dir.unwrap_or_else(|| DATA_DIR.into()),
    })
}
