//! Words that mark a broken boundary: who may say them is written here.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Finding, shown};

/// (what is written, the crates that may write it, why nobody else may)
const RESERVED: [(&str, &[&str], &str); 3] = [
    ("ErrorResponse xmlns", &["wire"], "only wire knows envelopes"),
    ("x-amzn-errortype", &["wire"], "only wire knows envelopes"),
    ("rusqlite::", &["store", "testkit"], "only store knows the database"),
];

/// Module files that hide what they hold behind a name that says nothing.
const EMPTY_NAMES: [&str; 4] = ["mod.rs", "utils.rs", "helpers.rs", "common.rs"];

pub(super) fn check(root: &Path, sources: &[PathBuf]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in sources.iter().filter(|path| !path.starts_with(root.join("crates/xtask"))) {
        let place = shown(root, path);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if EMPTY_NAMES.contains(&name.as_ref()) {
            findings.push(Finding(format!("{place}: the name says nothing; name the subject")));
        }
        let room = place.split('/').nth(1).unwrap_or_default();
        let text = std::fs::read_to_string(path)?;
        for (word, rooms, reason) in RESERVED {
            if text.contains(word) && !rooms.contains(&room) && !place.contains("/tests") {
                findings.push(Finding(format!("{place}: says `{word}`, but {reason}")));
            }
        }
    }
    Ok(findings)
}
