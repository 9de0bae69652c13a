//! Runtimes: which program runs a function.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// What runs a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// `python3.12` and its kin.
    Python(String),
    /// `nodejs22.x` and its kin.
    Node(String),
    /// `provided.*`: the function's own `bootstrap`.
    Provided(String),
}

/// Why a runtime cannot be used here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuntimeError {
    #[error("'{0}' is not a runtime that runs here: python3.*, nodejs*.x and provided.* do")]
    Unknown(String),
    #[error("no program on this machine runs '{runtime}': {program} was not found")]
    Missing { runtime: String, program: String },
}

impl Runtime {
    pub fn parse(name: &str) -> Result<Self, RuntimeError> {
        if name.starts_with("python3.") {
            return Ok(Self::Python(name.to_owned()));
        }
        if name.starts_with("nodejs") && name.ends_with(".x") {
            return Ok(Self::Node(name.to_owned()));
        }
        if name.starts_with("provided") {
            return Ok(Self::Provided(name.to_owned()));
        }
        Err(RuntimeError::Unknown(name.to_owned()))
    }

    pub fn name(&self) -> &str {
        match self {
            Self::Python(name) | Self::Node(name) | Self::Provided(name) => name,
        }
    }
}

/// How to start a worker.
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// Whether it is our own bootstrap that answers in frames; all others speak HTTP.
    pub(crate) has_frames: bool,
    /// Where it and its libraries are.
    pub(crate) folders: Vec<PathBuf>,
}

const PYTHON_BOOTSTRAP: &str = include_str!("bootstrap/bootstrap.py");
const NODE_BOOTSTRAP: &str = include_str!("bootstrap/bootstrap.mjs");

/// The program of a function's runtime; the embedded bootstraps are written into `folder` on first use.
pub(crate) fn program(
    runtime: &Runtime,
    spec: (&str, &Path, u32),
    folder: &Path,
) -> Result<Program, RuntimeError> {
    let (handler, code, memory_mib) = spec;
    let missing = |program: &str| RuntimeError::Missing {
        runtime: runtime.name().to_owned(),
        program: program.to_owned(),
    };
    match runtime {
        Runtime::Python(version) => {
            let (python, folders) =
                interpreter(&[version, "python3"], PYTHON_PLACES).ok_or_else(|| missing("python3"))?;
            if has_awslambdaric(&python) {
                let arguments = vec!["-m".to_owned(), "awslambdaric".to_owned(), handler.to_owned()];
                return Ok(Program { path: python, arguments, has_frames: false, folders });
            }
            let bootstrap = write_bootstrap(folder, "bootstrap.py", PYTHON_BOOTSTRAP)
                .map_err(|_| missing("the bootstrap"))?;
            let arguments = vec![bootstrap, handler.to_owned()];
            Ok(Program { path: python, arguments, has_frames: true, folders })
        }
        Runtime::Node(_) => {
            let (node, folders) = interpreter(&["node"], NODE_PLACES).ok_or_else(|| missing("node"))?;
            let bootstrap = write_bootstrap(folder, "bootstrap.mjs", NODE_BOOTSTRAP)
                .map_err(|_| missing("the bootstrap"))?;
            let memory = format!("--max-old-space-size={}", (memory_mib * 9 / 10).max(64));
            let arguments = vec![memory, bootstrap, handler.to_owned()];
            Ok(Program { path: node, arguments, has_frames: false, folders })
        }
        Runtime::Provided(_) => Ok(Program {
            path: code.join("bootstrap"),
            arguments: Vec::new(),
            has_frames: false,
            folders: Vec::new(),
        }),
    }
}

static WRITERS: AtomicU64 = AtomicU64::new(0);

fn write_bootstrap(folder: &Path, name: &str, content: &str) -> std::io::Result<String> {
    std::fs::create_dir_all(folder)?;
    let place = folder.join(name);
    if std::fs::read_to_string(&place).is_ok_and(|written| written == content) {
        return Ok(place.to_string_lossy().into_owned());
    }
    // Functions that start at the same time write aside of each other.
    let writer = WRITERS.fetch_add(1, Ordering::Relaxed);
    let aside = folder.join(format!(".{name}.{}.{writer}", std::process::id()));
    std::fs::write(&aside, content)?;
    std::fs::rename(&aside, &place)?;
    Ok(place.to_string_lossy().into_owned())
}

/// A program, and the folders where it and its libraries are.
type Interpreter = (PathBuf, Vec<PathBuf>);

static FOUND: OnceLock<Mutex<HashMap<String, Option<Interpreter>>>> = OnceLock::new();

/// What prints an interpreter's path, then its folders, a line each.
const PYTHON_PLACES: &str =
    "import sys; print(sys.executable, sys.prefix, sys.base_prefix, *filter(None, sys.path), sep=chr(10))";
const NODE_PLACES: &str = "console.log(process.execPath)";

/// The first of the programs that is there, as itself and not as a wrapper that chooses one.
fn interpreter(names: &[&str], print_places: &str) -> Option<Interpreter> {
    let found = FOUND.get_or_init(Mutex::default);
    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
    names.iter().find_map(|name| {
        let ask = || {
            let option = if *name == "node" { "-e" } else { "-c" };
            let output = std::process::Command::new(name).args([option, print_places]).output().ok()?;
            let printed = String::from_utf8(output.stdout).ok()?;
            let mut places = printed.lines().map(|line| PathBuf::from(line.trim()));
            let path = places.next().filter(|path| output.status.success() && path.is_absolute())?;
            let mut folders: Vec<PathBuf> = places.filter(|place| place.is_absolute()).collect();
            folders.extend([path.clone()].into_iter().chain(path.ancestors().nth(2).map(Path::to_owned)));
            Some((path, folders))
        };
        found.entry((*name).to_owned()).or_insert_with(ask).clone()
    })
}

static RICS: OnceLock<Mutex<HashMap<PathBuf, bool>>> = OnceLock::new();

fn has_awslambdaric(python: &Path) -> bool {
    let known = RICS.get_or_init(Mutex::default);
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    *known.entry(python.to_owned()).or_insert_with(|| {
        let output =
            std::process::Command::new(python).args(["-c", "import awslambdaric, runtime_client"]).output();
        output.is_ok_and(|output| output.status.success())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_start_together_all_find_their_bootstrap() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..50 {
            let place = folder.path().join(round.to_string());
            std::thread::scope(|scope| {
                let starts: Vec<_> = (0..8)
                    .map(|_| scope.spawn(|| write_bootstrap(&place, "bootstrap.py", PYTHON_BOOTSTRAP)))
                    .collect();
                for start in starts {
                    let written = start.join().unwrap().unwrap();
                    assert_eq!(std::fs::read_to_string(written).unwrap(), PYTHON_BOOTSTRAP);
                }
            });
        }
    }
}
