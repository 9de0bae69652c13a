//! For tests only: a disk under SQLite that fails, stalls and loses power when it is told to.
//!
//! Owns a SQLite file layer (`VFS`) that passes everything on to the system's, after it has counted and, where a test
//! asked for it, refused. Beside each file it keeps what would be there after a loss of power: what was written and
//! then made durable by an `fsync` that succeeded. Refuses to know what the files mean.
#![allow(clippy::disallowed_methods, reason = "the crate stands in for the disk")]

mod disk;
mod shadow;
mod vfs;

pub use disk::{Counts, Disk, Fault, How, On};
