//! The disk of one folder, as a test sees it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::shadow::Shadow;
use crate::vfs;

/// What SQLite asks of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    Read,
    Write,
    Sync,
    Truncate,
    /// Whichever comes that changes something.
    Any,
}

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `EIO`: nothing is done.
    Broken,
    /// `ENOSPC`: nothing is done.
    Full,
    /// Half of the bytes are written, then `ENOSPC`.
    Short,
}

/// Operations that fail.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub on: On,
    pub how: How,
    /// The end of the names of the files that it concerns: `-wal` is SQLite's log, an empty one all files.
    pub file: &'static str,
    /// How many such operations still succeed before.
    pub after: u64,
    /// How many fail then.
    pub times: u64,
}

/// What was done, whether it succeeded or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub reads: u64,
    pub writes: u64,
    pub syncs: u64,
    pub truncates: u64,
    /// How many operations failed because a test wanted it.
    pub failed: u64,
}

/// The disk under a folder. Everything works until a test says otherwise.
#[derive(Clone)]
pub struct Disk {
    pub(crate) folder: PathBuf,
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Default)]
struct State {
    fault: Option<Fault>,
    is_held: bool,
    waiting: usize,
    counts: Counts,
    files: BTreeMap<PathBuf, Shadow>,
}

impl Disk {
    /// The name by which SQLite finds the file layer of this crate.
    pub const VFS: &'static str = vfs::NAME;

    /// Puts a disk under a folder, before anything in it is opened with `VFS`.
    pub fn under(folder: &Path) -> Self {
        Self::with(folder, BTreeMap::new())
    }

    fn with(folder: &Path, files: BTreeMap<PathBuf, Shadow>) -> Self {
        let state = State { files, ..State::default() };
        let disk = Self {
            folder: folder.canonicalize().expect("the folder is there"),
            state: Arc::new((Mutex::new(state), Condvar::new())),
        };
        vfs::register(&disk);
        disk
    }

    /// Lets operations fail from now on.
    pub fn fail(&self, fault: Fault) {
        self.state().fault = Some(fault);
    }

    /// Lets everything work again.
    pub fn heal(&self) {
        self.state().fault = None;
    }

    /// Lets every `fsync` wait until `release`.
    pub fn hold(&self) {
        self.state().is_held = true;
    }

    pub fn release(&self) {
        self.state().is_held = false;
        self.state.1.notify_all();
    }

    /// How many `fsync`s wait for `release`.
    pub fn held(&self) -> usize {
        self.state().waiting
    }

    pub fn counts(&self) -> Counts {
        self.state().counts
    }

    /// Copies what a loss of power now would leave into another folder. Of what was written but not made durable
    /// each write has reached the disk or not, as the seed has it; 0 is: none.
    pub fn lose_power(&self, to: &Path, seed: u64) {
        let mut random = seed;
        for (path, shadow) in &self.state().files {
            let bytes = shadow.after_power_loss(|| seed != 0 && next(&mut random).is_multiple_of(2));
            std::fs::write(to.join(path.file_name().expect("a file")), bytes).expect("the copy is written");
        }
    }

    /// Copies what the end of the process now would leave into another folder, with a disk under it: files as they
    /// look, though not all of it might be durable.
    pub fn kill(&self, to: &Path) -> Self {
        let to = to.canonicalize().expect("the folder is there");
        let mut files = BTreeMap::new();
        for (path, shadow) in &self.state().files {
            let copy = to.join(path.file_name().expect("a file"));
            if std::fs::copy(path, &copy).is_ok() {
                let mut shadow = shadow.clone();
                shadow.touched(&copy);
                files.insert(copy, shadow);
            }
        }
        Self::with(&to, files)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an operation; says how it is to fail, if it is.
    pub(crate) fn begin(&self, on: On, path: &Path) -> Option<How> {
        let mut state = self.state();
        if on == On::Sync {
            while state.is_held {
                state.waiting += 1;
                state = self.state.1.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.waiting -= 1;
            }
        }
        match on {
            On::Read => state.counts.reads += 1,
            On::Write => state.counts.writes += 1,
            On::Sync => state.counts.syncs += 1,
            On::Truncate => state.counts.truncates += 1,
            On::Any => {}
        }
        let fault = state.fault.as_mut()?;
        let is_meant = fault.on == on || fault.on == On::Any && on != On::Read;
        if !is_meant || !path.to_string_lossy().ends_with(fault.file) || fault.times == 0 {
            return None;
        }
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        fault.times -= 1;
        let how = fault.how;
        state.counts.failed += 1;
        Some(how)
    }

    pub(crate) fn opened(&self, path: &Path) {
        let mut state = self.state();
        match state.files.get_mut(path) {
            Some(shadow) => shadow.look_again(path),
            None => drop(state.files.insert(path.to_owned(), Shadow::of(path))),
        }
    }

    pub(crate) fn deleted(&self, path: &Path) {
        self.state().files.remove(path);
    }

    pub(crate) fn note(&self, path: &Path, note: impl FnOnce(&mut Shadow)) {
        if let Some(shadow) = self.state().files.get_mut(path) {
            note(shadow);
            shadow.touched(path);
        }
    }
}

/// The next number of a sequence that its seed decides (splitmix64).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
