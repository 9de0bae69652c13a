//! Which crate may use which: the arrows go down only, and pure crates use pure crates only.

use std::path::Path;

use anyhow::{Context, Result};

use super::Finding;

/// Every crate, from the bottom of the house up, and the crates it may use.
const ROOMS: [(&str, &[&str]); 18] = [
    ("types", &[]),
    ("jsonata", &[]),
    ("query", &["jsonata", "types"]),
    ("asl", &["query", "types"]),
    ("policy", &["types"]),
    ("sigv4", &["types"]),
    ("saml", &["types"]),
    ("models", &[]),
    ("wire", &["models", "types"]),
    ("advisor", &["asl", "query", "policy", "models", "types"]),
    ("store", &["asl", "types"]),
    ("access", &["policy", "sigv4", "store", "models", "types"]),
    ("functions", &["types"]),
    ("integrations", &["access", "functions", "policy", "store", "wire", "sigv4", "models", "types"]),
    ("engine", &["asl", "query", "integrations", "access", "store", "types"]),
    (
        "services",
        &[
            "engine",
            "asl",
            "query",
            "integrations",
            "functions",
            "access",
            "policy",
            "advisor",
            "store",
            "wire",
            "sigv4",
            "saml",
            "models",
            "types",
            "jsonata",
        ],
    ),
    ("console", &[]),
    (
        "stepward",
        &[
            "console",
            "services",
            "engine",
            "integrations",
            "functions",
            "access",
            "store",
            "advisor",
            "wire",
            "models",
            "sigv4",
            "policy",
            "asl",
            "query",
            "jsonata",
            "types",
        ],
    ),
];

/// Crates without clock, files, environment, network or randomness.
const PURE: [&str; 10] =
    ["types", "jsonata", "query", "asl", "policy", "sigv4", "saml", "models", "wire", "advisor"];

/// Libraries that bring the outside world along; no pure crate names one.
const IMPURE_LIBRARIES: [&str; 9] = [
    "tokio",
    "hyper",
    "hyper-util",
    "rusqlite",
    "rustix",
    "reqwest",
    "rand",
    "getrandom",
    "tracing-subscriber",
];

pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for entry in std::fs::read_dir(root.join("crates"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name == "xtask" || name == "testkit" {
            continue;
        }
        let Some((_, allowed)) = ROOMS.iter().find(|(room, _)| *room == name) else {
            findings.push(Finding(format!(
                "crates/{name}: the crate has no charter; add it to ARCHITECTURE.md and to tidy"
            )));
            continue;
        };
        let manifest = root.join("crates").join(&name).join("Cargo.toml");
        let manifest = std::fs::read_to_string(&manifest).with_context(|| manifest.display().to_string())?;
        findings.extend(check_manifest(&name, allowed, &manifest));
        if PURE.contains(&name.as_str()) {
            findings.extend(check_purity(root, &name)?);
        }
    }
    Ok(findings)
}

fn check_manifest(name: &str, allowed: &[&str], manifest: &str) -> Vec<Finding> {
    let dependencies = dependencies(manifest);
    let mut findings = Vec::new();
    for used in dependencies.iter().filter_map(|dependency| dependency.strip_prefix("stepward-")) {
        if !allowed.contains(&used) {
            findings.push(Finding(format!("crates/{name}: may not use {used}; it may use {allowed:?}")));
        }
    }
    if PURE.contains(&name) {
        let impure = dependencies.iter().filter(|dependency| IMPURE_LIBRARIES.contains(&dependency.as_str()));
        findings.extend(
            impure.map(|library| Finding(format!("crates/{name}: is pure and may not use {library}"))),
        );
    }
    findings
}

/// The names under `[dependencies]`; what tests use is not the product's structure.
fn dependencies(manifest: &str) -> Vec<String> {
    let section = manifest.lines().skip_while(|line| line.trim() != "[dependencies]").skip(1);
    let lines = section.take_while(|line| !line.trim_start().starts_with('['));
    lines
        .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split(['.', '=', ' ']).next().map(str::to_owned))
        .collect()
}

fn check_purity(root: &Path, name: &str) -> Result<Option<Finding>> {
    let library = std::fs::read_to_string(root.join("crates").join(name).join("src/lib.rs"))?;
    let is_held = library.contains("#![deny(clippy::disallowed_methods");
    Ok((!is_held).then(|| {
        Finding(format!(
            "crates/{name}/src/lib.rs: a pure crate switches on #![deny(clippy::disallowed_methods)]"
        ))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_that_goes_up_is_found() {
        let manifest = "[dependencies]\nstepward-engine.workspace = true\nserde = \"1\"\n";
        assert_eq!(
            check_manifest("asl", &["query", "types"], manifest),
            [Finding("crates/asl: may not use engine; it may use [\"query\", \"types\"]".to_owned())]
        );
    }

    #[test]
    fn a_pure_crate_with_a_runtime_is_found() {
        let manifest = "[dependencies]\ntokio.workspace = true\n\n[dev-dependencies]\nhyper = \"1\"\n";
        assert_eq!(
            check_manifest("policy", &["types"], manifest),
            [Finding("crates/policy: is pure and may not use tokio".to_owned())]
        );
    }

    #[test]
    fn a_room_only_uses_rooms_below_it() {
        for (at, (name, allowed)) in ROOMS.iter().enumerate() {
            for used in *allowed {
                // The store keeps the events of `asl` and the advisor reads it: both stand above it.
                let below = ROOMS.iter().take(at).any(|(room, _)| room == used);
                assert!(
                    below || (*name == "services" && *used == "jsonata"),
                    "{name} uses {used}, which is above it"
                );
            }
        }
    }
}
