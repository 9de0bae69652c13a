//! `cargo xtask console`: the browser console, built and tried.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::project::{build_stepward, root, succeed};

const NODE_MAJOR_MIN: u32 = 20;
const CHROMIUM: &str = "/usr/bin/chromium";
/// Written last, with the lock file it was made from: an interrupted installation is made anew.
const STAMP: &str = "node_modules/.stepward-lock.json";

/// Builds the console into `console/dist`, from which the next build of the product embeds it.
pub(crate) fn build() -> Result<()> {
    require_node()?;
    install()?;
    println!("Building the console …");
    succeed(&mut npm(&["run", "--silent", "build"]))
}

/// The tests of a console that has been built: its own, then walks in a real browser against the real binary.
pub(crate) fn test() -> Result<()> {
    succeed(&mut npm(&["run", "--silent", "test"]))?;
    require_chromium()?;
    let binary = build_stepward("dev")?;
    succeed(npm(&["run", "--silent", "e2e"]).env("STEPWARD_BINARY", binary).env("CHROMIUM", CHROMIUM))
}

/// Draws every page into `docs/screenshots`.
pub(crate) fn screenshots() -> Result<()> {
    build()?;
    require_chromium()?;
    let binary = build_stepward("dev")?;
    succeed(npm(&["run", "--silent", "screenshots"]).env("STEPWARD_BINARY", binary).env("CHROMIUM", CHROMIUM))
}

/// Fails, saying what is needed, where the console cannot be built: the product is then built without it.
pub(crate) fn require_node() -> Result<()> {
    match node_major() {
        Some(major) if major >= NODE_MAJOR_MIN => Ok(()),
        Some(major) => bail!("the console needs Node.js {NODE_MAJOR_MIN} or newer; this is Node.js {major}"),
        None => bail!("the console needs Node.js {NODE_MAJOR_MIN} or newer, with npm"),
    }
}

fn node_major() -> Option<u32> {
    let output = Command::new("node").arg("--version").stderr(Stdio::null()).output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

/// `npm ci`, unless what is installed was installed from this very lock file.
fn install() -> Result<()> {
    let lock = std::fs::read_to_string(folder().join("package-lock.json"))?;
    let stamp = folder().join(STAMP);
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("Installing what the console is built with …");
    succeed(&mut npm(&["ci", "--no-fund", "--no-audit", "--loglevel=error"]))?;
    std::fs::write(&stamp, lock).with_context(|| stamp.display().to_string())
}

/// Debian's Chromium; as root it is installed when it is missing.
fn require_chromium() -> Result<()> {
    if Path::new(CHROMIUM).exists() {
        return Ok(());
    }
    if !is_root() {
        bail!("the browser tests need Chromium at {CHROMIUM} (Debian: apt-get install chromium)");
    }
    println!("Installing Chromium …");
    let quiet = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
        succeed(&mut command)
    };
    quiet(&["update", "-qq"])?;
    quiet(&["install", "-y", "-qq", "--no-install-recommends", "chromium"])
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.starts_with(b"0\n"))
}

fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(folder());
    command
}

fn folder() -> PathBuf {
    root().join("console")
}
