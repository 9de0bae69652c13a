//! Lists what `cargo xtask console` built, so that it is embedded. Nothing built: an empty list.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a build script reads files and the environment, and speaks to cargo on standard output"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    // Asked when it runs: a script that was compiled for another checkout may be used again.
    let own = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?;
    let built = Path::new(&own).join("../../console/dist").canonicalize()?;
    println!("cargo::rerun-if-changed={}", built.display());
    println!("cargo::rerun-if-changed=build.rs");
    let mut list = String::from("&[\n");
    for file in compressed_files(&built)? {
        let path = file.strip_prefix(&built)?.with_extension("");
        let tag = checksum(&std::fs::read(&file)?);
        writeln!(list, "    (\"/{}\", include_bytes!({file:?}), \"\\\"{tag:016x}\\\"\"),", path.display())?;
    }
    list.push_str("]\n");
    let output = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    std::fs::write(PathBuf::from(output).join("files.rs"), list)?;
    Ok(())
}

/// Every `.gz` below `folder`, sorted.
fn compressed_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "gz") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// FNV-1a: tells one build of a file from another, and nothing more.
fn checksum(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
