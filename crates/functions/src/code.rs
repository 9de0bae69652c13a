//! Code packages: checked, unpacked aside, and moved into place as a whole.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use zip::ZipArchive;

/// AWS: the unpacked code of a function is at most 250 MiB.
const UNPACKED_BYTES_MAX: u64 = 250 * 1_024 * 1_024;
const ENTRIES_MAX: usize = 50_000;

/// Code that is ready to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledCode {
    pub folder: PathBuf,
    /// Bytes of the package.
    pub size: u64,
}

/// Why a package is refused. Nothing of it stays.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    #[error("Could not unzip uploaded file. Please check your file, then try to upload again.")]
    NotAZip,
    #[error("the package holds '{0}', which would lie outside of the function's folder")]
    Escapes(String),
    #[error("the package holds '{0}', which is a link")]
    Link(String),
    #[error("Unzipped size must be smaller than {UNPACKED_BYTES_MAX} bytes")]
    TooLarge,
    #[error("the package holds more than {ENTRIES_MAX} files")]
    TooMany,
    #[error("the package could not be unpacked")]
    Io(#[from] std::io::Error),
}

/// Tells those apart who unpack the same package at the same time: none takes another's files away.
static INSTALLS: AtomicU64 = AtomicU64::new(0);

/// Unpacks a package into `folder/name`; one that is there already is the same code.
pub(crate) fn install(folder: &Path, name: &str, package: &[u8]) -> Result<InstalledCode, CodeError> {
    let size = u64::try_from(package.len()).unwrap_or(u64::MAX);
    let place = folder.join(name);
    if place.is_dir() {
        return Ok(InstalledCode { folder: place, size });
    }
    let mut archive = ZipArchive::new(Cursor::new(package)).map_err(|_| CodeError::NotAZip)?;
    check(&mut archive)?;
    std::fs::create_dir_all(folder)?;
    let number = INSTALLS.fetch_add(1, Ordering::Relaxed);
    let aside = folder.join(format!(".{name}.{}.{number}", std::process::id()));
    let _ = std::fs::remove_dir_all(&aside);
    let unpacked = unpack(&mut archive, &aside).and_then(|()| {
        std::fs::rename(&aside, &place)?;
        Ok(std::fs::File::open(folder)?.sync_all()?)
    });
    if let Err(error) = unpacked {
        let _ = std::fs::remove_dir_all(&aside);
        // Somebody else installed the same code meanwhile.
        if !place.is_dir() {
            return Err(error);
        }
    }
    Ok(InstalledCode { folder: place, size })
}

fn check(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), CodeError> {
    if archive.len() > ENTRIES_MAX {
        return Err(CodeError::TooMany);
    }
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|_| CodeError::NotAZip)?;
        let name = entry.name().to_owned();
        if entry.enclosed_name().is_none() || name.contains('\\') || name.starts_with('/') {
            return Err(CodeError::Escapes(name));
        }
        if entry.is_symlink() {
            return Err(CodeError::Link(name));
        }
        total = total.saturating_add(entry.size());
        if total > UNPACKED_BYTES_MAX {
            return Err(CodeError::TooLarge);
        }
    }
    Ok(())
}

fn unpack(archive: &mut ZipArchive<Cursor<&[u8]>>, folder: &Path) -> Result<(), CodeError> {
    std::fs::create_dir_all(folder)?;
    let mut left = UNPACKED_BYTES_MAX;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|_| CodeError::NotAZip)?;
        let Some(name) = entry.enclosed_name() else {
            return Err(CodeError::Escapes(entry.name().to_owned()));
        };
        let place = folder.join(name);
        if entry.is_dir() {
            std::fs::create_dir_all(&place)?;
            continue;
        }
        if let Some(parent) = place.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let mode = entry.unix_mode().unwrap_or(0o644);
        // The stated size may lie: what is really written counts.
        let mut file = std::fs::File::create(&place)?;
        let written =
            std::io::copy(&mut entry.by_ref().take(left + 1), &mut file).map_err(|_| CodeError::NotAZip)?;
        left = left.checked_sub(written).ok_or(CodeError::TooLarge)?;
        set_mode(&file, mode)?;
        // A package that is in place is taken to be whole: it has to be so after a loss of power, too.
        file.sync_all()?;
    }
    sync_folders(folder)?;
    Ok(())
}

fn sync_folders(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    std::fs::File::open(folder)?.sync_all()
}

/// Readable, and executable where the package says so; never more.
fn set_mode(file: &std::fs::File, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = if mode & 0o111 == 0 { 0o644 } else { 0o755 };
    file.set_permissions(std::fs::Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use zip::write::{SimpleFileOptions, ZipWriter};

    fn package(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn a_package_is_unpacked_once() {
        let folder = tempfile::tempdir().unwrap();
        let package = package(&[("index.py", "x"), ("lib/a.py", "y")]);
        let code = install(folder.path(), "sha", &package).unwrap();
        assert_eq!(std::fs::read_to_string(code.folder.join("lib/a.py")).unwrap(), "y");
        assert_eq!(install(folder.path(), "sha", &package).unwrap(), code);
    }

    #[test]
    fn what_would_escape_is_refused_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["../evil.py", "/etc/evil", "a/../../evil"] {
            let refused =
                install(&folder.path().join("code"), "sha", &package(&[("ok.py", "x"), (name, "y")]));
            assert!(matches!(refused, Err(CodeError::Escapes(_))), "{name}");
        }
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
        let package = writer.finish().unwrap().into_inner();
        assert!(matches!(install(&folder.path().join("code"), "sha", &package), Err(CodeError::Link(_))));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_no_zip_is_refused_in_the_words_of_aws() {
        let folder = tempfile::tempdir().unwrap();
        let error = install(folder.path(), "sha", b"not a zip").unwrap_err();
        assert_eq!(
            error.to_string(),
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        );
    }
}
