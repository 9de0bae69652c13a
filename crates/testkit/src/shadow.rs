//! What of a file would be there after a loss of power.

use std::path::Path;
use std::time::SystemTime;

/// A file as the disk has it, and what was written to it since but never made durable.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shadow {
    durable: Vec<u8>,
    pending: Vec<Change>,
    /// When this crate's file layer changed the file last.
    changed: Option<SystemTime>,
}

#[derive(Clone, Debug)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate(usize),
}

impl Shadow {
    /// A file that lies there already: all of it is durable, as far as anybody can know.
    pub(crate) fn of(path: &Path) -> Self {
        Self { durable: std::fs::read(path).unwrap_or_default(), pending: Vec::new(), changed: changed(path) }
    }

    /// Takes a file over that somebody wrote past this layer, which makes durable what it writes.
    pub(crate) fn look_again(&mut self, path: &Path) {
        if changed(path) != self.changed {
            *self = Self::of(path);
        }
    }

    /// Notes that the file was changed by this layer.
    pub(crate) fn touched(&mut self, path: &Path) {
        self.changed = changed(path);
    }

    pub(crate) fn write(&mut self, offset: usize, bytes: &[u8]) {
        self.pending.push(Change::Write { offset, bytes: bytes.to_vec() });
    }

    pub(crate) fn truncate(&mut self, bytes: usize) {
        self.pending.push(Change::Truncate(bytes));
    }

    /// An `fsync` that succeeded.
    pub(crate) fn synced(&mut self) {
        for change in std::mem::take(&mut self.pending) {
            change.apply(&mut self.durable);
        }
    }

    /// An `fsync` that failed. As on Linux what could not be written is not tried again: it looks written as long as
    /// the machine runs, and is gone afterwards.
    pub(crate) fn not_synced(&mut self) {
        self.pending.clear();
    }

    /// The file after a loss of power: of what was not made durable, each write may have reached the disk or not.
    pub(crate) fn after_power_loss(&self, mut has_reached: impl FnMut() -> bool) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        for change in &self.pending {
            if has_reached() {
                change.apply(&mut bytes);
            }
        }
        bytes
    }
}

impl Change {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => {
                let end = offset + bytes.len();
                if file.len() < end {
                    file.resize(end, 0);
                }
                file[*offset..end].copy_from_slice(bytes);
            }
            Self::Truncate(bytes) => file.truncate(*bytes),
        }
    }
}

fn changed(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|file| file.modified()).ok()
}
