//! `stepward restore`: a folder for a server from a copy that `stepward backup` made.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use super::backup::data_folder;

const MASTER_KEY: &str = "master.key";
const MASTER_KEY_BYTES: usize = 32;

#[derive(Args)]
pub(crate) struct Restore {
    /// Configuration file that may name the folder; `stepward.toml` is read if it is there.
    #[arg(long, env = "STEPWARD_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of the server's data, which must have no store. [default: stepward-data]
    #[arg(long, env = "STEPWARD_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// The `master.key` of the folder that the copy was made of; not needed when it lies in the new folder.
    #[arg(long)]
    master_key: Option<PathBuf>,
    /// File that `stepward backup` wrote.
    file: PathBuf,
}

pub(crate) fn run(restore: &Restore) -> Result<ExitCode> {
    let data_dir = data_folder(restore.data_dir.as_deref(), restore.config.as_deref())?;
    let key = master_key(restore.master_key.as_deref(), &data_dir)?;
    // First the key: a server that finds the store alone would make another one, and open no secret of the copy.
    if let Some(key) = key {
        let place = data_dir.join(MASTER_KEY);
        write_key(&place, &key).with_context(|| format!("'{}' cannot be written", place.display()))?;
    }
    stepward_store::restore(&restore.file, &data_dir)
        .with_context(|| format!("'{}' could not be restored", restore.file.display()))?;
    println!("'{}' is the store of {}", restore.file.display(), data_dir.display());
    Ok(ExitCode::SUCCESS)
}

/// Writes the key all at once: half a key would keep the right one from being written the next time.
fn write_key(place: &Path, key: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let partial = place.with_extension("key.partial");
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.create(true).truncate(true).write(true).mode(0o600).open(&partial)?;
    file.write_all(key)?;
    file.sync_all()?;
    std::fs::rename(&partial, place)
}

/// The key that is to be put into the folder; `None` when it lies there. Without it no secret of the copy could be
/// read, access keys among them.
fn master_key(given: Option<&Path>, data_dir: &Path) -> Result<Option<Vec<u8>>> {
    let place = data_dir.join(MASTER_KEY);
    let Some(given) = given else {
        if !place.exists() {
            bail!(
                "the secrets in the copy need the master key of the folder it was made of: name it with --master-key"
            );
        }
        return Ok(None);
    };
    let key = std::fs::read(given).with_context(|| format!("'{}' cannot be read", given.display()))?;
    if key.len() != MASTER_KEY_BYTES {
        bail!("'{}' has {} bytes; a master key has {MASTER_KEY_BYTES}", given.display(), key.len());
    }
    match std::fs::read(&place) {
        Ok(there) if there == key => Ok(None),
        Ok(_) => bail!("'{}' is another master key; name a folder without one", place.display()),
        Err(_) => Ok(Some(key)),
    }
}
