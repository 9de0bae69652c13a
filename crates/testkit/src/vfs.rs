//! SQLite's file layer with a disk of this crate in it: five functions of each file and one of the layer are ours,
//! all others are the system's own.

use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use rusqlite::ffi;

use crate::disk::{Disk, How, On};

pub(crate) const NAME: &str = "stepward-disk";
const C_NAME: &CStr = c"stepward-disk";

static DISKS: Mutex<Vec<Disk>> = Mutex::new(Vec::new());
/// Open files by the address of SQLite's structure.
static FILES: Mutex<BTreeMap<usize, Open>> = Mutex::new(BTreeMap::new());

/// An open file on a disk of ours.
#[derive(Clone)]
struct Open {
    disk: Disk,
    path: PathBuf,
    /// The system's functions for it.
    methods: &'static ffi::sqlite3_io_methods,
}

/// Puts a disk under its folder, and the file layer into SQLite when it is not there yet.
pub(crate) fn register(disk: &Disk) {
    lock(&DISKS).push(disk.clone());
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: the default layer lives as long as the process; the copy is leaked, so it does, too. A copy of the
        // system's layer works on the system's own files: their size and layout are not changed.
        unsafe {
            ffi::sqlite3_initialize();
            let system = ffi::sqlite3_vfs_find(std::ptr::null());
            let mut ours = *system;
            ours.pNext = std::ptr::null_mut();
            ours.zName = C_NAME.as_ptr();
            ours.xOpen = Some(open);
            ours.xDelete = Some(delete);
            ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 0);
        }
    });
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

fn disk_of(path: &Path) -> Option<Disk> {
    lock(&DISKS).iter().rev().find(|disk| path.starts_with(&disk.folder)).cloned()
}

fn file(file: *mut ffi::sqlite3_file) -> Option<Open> {
    lock(&FILES).get(&(file as usize)).cloned()
}

/// # Safety
/// `name` is null or a text that ends with a zero.
unsafe fn path_of(name: *const c_char) -> Option<PathBuf> {
    if name.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    let name = unsafe { CStr::from_ptr(name) };
    Some(PathBuf::from(name.to_string_lossy().into_owned()))
}

/// The system's layer.
fn system() -> *mut ffi::sqlite3_vfs {
    // SAFETY: SQLite was initialized when ours was registered.
    unsafe { ffi::sqlite3_vfs_find(std::ptr::null()) }
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    opened: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite's arguments are passed on as they came; a file that was opened has a table of functions that
    // lives as long as the process, and ours is leaked.
    unsafe {
        let system = system();
        let Some(open) = (*system).xOpen else { return ffi::SQLITE_CANTOPEN };
        let code = open(system, name, opened, flags, out);
        if code != ffi::SQLITE_OK || (*opened).pMethods.is_null() {
            return code;
        }
        let Some(path) = path_of(name) else { return code };
        let Some(disk) = disk_of(&path) else { return code };
        disk.opened(&path);
        let methods: &'static ffi::sqlite3_io_methods = &*(*opened).pMethods;
        let mut ours = *methods;
        ours.xClose = Some(close);
        ours.xRead = Some(read);
        ours.xWrite = Some(write);
        ours.xTruncate = Some(truncate);
        ours.xSync = Some(sync);
        (*opened).pMethods = Box::leak(Box::new(ours));
        lock(&FILES).insert(opened as usize, Open { disk, path, methods });
        code
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: SQLite's arguments are passed on as they came.
    unsafe {
        if let Some(path) = path_of(name)
            && let Some(disk) = disk_of(&path)
        {
            disk.deleted(&path);
        }
        let system = system();
        (*system).xDelete.map_or(ffi::SQLITE_IOERR_DELETE, |delete| delete(system, name, sync_folder))
    }
}

unsafe extern "C" fn close(closed: *mut ffi::sqlite3_file) -> c_int {
    let Some(open) = lock(&FILES).remove(&(closed as usize)) else { return ffi::SQLITE_IOERR_CLOSE };
    // SAFETY: the system's own function for the file, which it made.
    unsafe {
        (*closed).pMethods = open.methods;
        open.methods.xClose.map_or(ffi::SQLITE_IOERR_CLOSE, |close| close(closed))
    }
}

unsafe extern "C" fn read(
    from: *mut ffi::sqlite3_file,
    bytes: *mut c_void,
    length: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let Some(open) = file(from) else { return ffi::SQLITE_IOERR_READ };
    let Some(system) = open.methods.xRead else { return ffi::SQLITE_IOERR_READ };
    if open.disk.begin(On::Read, &open.path).is_some() {
        return ffi::SQLITE_IOERR_READ;
    }
    // SAFETY: the system's own function for the file, with SQLite's arguments.
    unsafe { system(from, bytes, length, offset) }
}

unsafe extern "C" fn write(
    to: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    length: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    let Some(open) = file(to) else { return ffi::SQLITE_IOERR_WRITE };
    let Some(system) = open.methods.xWrite else { return ffi::SQLITE_IOERR_WRITE };
    let how = open.disk.begin(On::Write, &open.path);
    let (length, code) = match how {
        None => (length, ffi::SQLITE_OK),
        Some(How::Short) => (length / 2, ffi::SQLITE_FULL),
        Some(How::Full) => return ffi::SQLITE_FULL,
        Some(How::Broken) => return ffi::SQLITE_IOERR_WRITE,
    };
    // SAFETY: `bytes` are at least `length` bytes of SQLite's; the function is the system's own for the file.
    unsafe {
        let written = system(to, bytes, length, offset);
        if written != ffi::SQLITE_OK {
            return written;
        }
        let bytes = std::slice::from_raw_parts(bytes.cast::<u8>(), usize::try_from(length).unwrap_or(0));
        open.disk.note(&open.path, |shadow| shadow.write(usize::try_from(offset).unwrap_or(0), bytes));
    }
    code
}

unsafe extern "C" fn truncate(cut: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    let Some(open) = file(cut) else { return ffi::SQLITE_IOERR_TRUNCATE };
    let Some(system) = open.methods.xTruncate else { return ffi::SQLITE_IOERR_TRUNCATE };
    if open.disk.begin(On::Truncate, &open.path).is_some() {
        return ffi::SQLITE_IOERR_TRUNCATE;
    }
    // SAFETY: the system's own function for the file.
    let code = unsafe { system(cut, size) };
    if code == ffi::SQLITE_OK {
        open.disk.note(&open.path, |shadow| shadow.truncate(usize::try_from(size).unwrap_or(0)));
    }
    code
}

unsafe extern "C" fn sync(synced: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    let Some(open) = file(synced) else { return ffi::SQLITE_IOERR_FSYNC };
    let Some(system) = open.methods.xSync else { return ffi::SQLITE_IOERR_FSYNC };
    if open.disk.begin(On::Sync, &open.path).is_some() {
        open.disk.note(&open.path, crate::shadow::Shadow::not_synced);
        return ffi::SQLITE_IOERR_FSYNC;
    }
    // SAFETY: the system's own function for the file.
    let code = unsafe { system(synced, flags) };
    if code == ffi::SQLITE_OK {
        open.disk.note(&open.path, crate::shadow::Shadow::synced);
    }
    code
}
