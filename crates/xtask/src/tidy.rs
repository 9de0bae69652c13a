//! `cargo xtask tidy`: the rules of the house that no lint can hold. Runs as a test, too.

mod arrows;
mod sizes;
mod words;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::project::root;

/// One broken rule: where, and what would be right.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding(pub(crate) String);

pub(crate) fn run() -> Result<()> {
    let findings = check(&root())?;
    for Finding(text) in &findings {
        println!("tidy: {text}");
    }
    if findings.is_empty() {
        println!("tidy: the architecture holds");
        return Ok(());
    }
    bail!("{} rules are broken", findings.len())
}

fn check(root: &Path) -> Result<Vec<Finding>> {
    let sources = sources(&root.join("crates"))?;
    let mut findings = arrows::check(root)?;
    findings.extend(sizes::check(root, &sources)?);
    findings.extend(words::check(root, &sources)?);
    findings.sort();
    Ok(findings)
}

/// Every Rust file below `folder`, build output excepted.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() && !path.ends_with("target") {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// `path` as it is written in findings.
fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_architecture_holds() {
        assert_eq!(check(&root()).unwrap(), []);
    }
}
