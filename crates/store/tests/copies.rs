//! Backups, made of a store in use, and what is restored of them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on fails"
)]
#![allow(clippy::disallowed_methods, reason = "copies are files")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use stepward_store::{EntityWrite, Store, StoreError, backup, restore};
use stepward_testkit::{Disk, Fault, How, On};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_has_all_that_was_acknowledged_before_it_and_nothing_by_halves() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = Store::open(folder.path()).unwrap();
    let (written, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let load = {
        let (store, written, stop) = (Arc::clone(&store), Arc::clone(&written), Arc::clone(&stop));
        tokio::spawn(async move {
            while !stop.load(Ordering::SeqCst) {
                let number = written.load(Ordering::SeqCst) + 1;
                // Two entities in one write: a copy has both or neither.
                let pair = ["a", "b"]
                    .map(|half| EntityWrite::put("k", "1", &format!("{number:06}{half}"), vec![7; 900]));
                store.write(pair.to_vec()).await.unwrap();
                written.store(number, Ordering::SeqCst);
            }
        })
    };
    while written.load(Ordering::SeqCst) < 50 {
        tokio::task::yield_now().await;
    }
    let before = written.load(Ordering::SeqCst);
    let file = target.path().join("copy");
    backup(folder.path(), &file).unwrap();
    stop.store(true, Ordering::SeqCst);
    load.await.unwrap();
    let restored = target.path().join("data");
    restore(&file, &restored).unwrap();
    let copy = Store::open(&restored).unwrap();
    let entities = copy.all("k").await.unwrap().len() as u64;
    assert!(entities >= before * 2 && entities.is_multiple_of(2), "{entities} of {before} pairs");
    assert!(copy.get("k", "1", &format!("{before:06}b")).await.unwrap().is_some());
}

#[tokio::test]
async fn a_backup_that_fails_leaves_nothing_and_overwrites_nothing() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let disk = Disk::under(target.path());
    let source = Disk::under(folder.path());
    let store = Store::open_through(folder.path(), Some(Disk::VFS)).unwrap();
    store.write(vec![EntityWrite::put("k", "1", "a", vec![7; 100_000])]).await.unwrap();
    disk.fail(Fault { on: On::Write, how: How::Full, file: ".partial", after: 3, times: 1 });
    let file = target.path().join("copy");
    assert!(matches!(store.backup(&file).await, Err(StoreError::Full)));
    assert_eq!(std::fs::read_dir(target.path()).unwrap().count(), 0);
    store.backup(&file).await.unwrap();
    assert!(matches!(store.backup(&file).await, Err(StoreError::Exists(_))));
    assert_eq!(source.counts().failed, 0);
}

#[test]
fn only_a_whole_store_of_a_known_version_is_restored_and_only_where_there_is_none() {
    let (folder, target) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(Store::open(folder.path()).unwrap());
    let file = target.path().join("copy");
    backup(folder.path(), &file).unwrap();
    assert!(matches!(restore(&file, folder.path()), Err(StoreError::Exists(_))));
    let bytes = std::fs::read(&file).unwrap();
    let other = target.path().join("other");
    let empty = target.path().join("empty");
    for broken in [&b"no database at all"[..], &bytes[..bytes.len() / 2], &[]] {
        std::fs::write(&other, broken).unwrap();
        let refused = restore(&other, &empty).unwrap_err();
        assert!(matches!(refused, StoreError::NoStore(_)), "{refused:?}");
    }
    let log = |path: &std::path::Path| std::path::PathBuf::from(format!("{}-wal", path.display()));
    // What a lost store has left is not the copy's, and a store that is open is more than its file.
    let lost = target.path().join("lost");
    std::fs::create_dir(&lost).unwrap();
    std::fs::write(log(&lost.join("stepward.db")), b"of another store").unwrap();
    assert!(
        matches!(restore(&file, &lost), Err(StoreError::Exists(left)) if left.ends_with("stepward.db-wal"))
    );
    std::fs::write(&other, &bytes).unwrap();
    std::fs::write(log(&other), b"not in the file yet").unwrap();
    assert!(matches!(restore(&other, &empty), Err(StoreError::NoStore(_))));
    rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(restore(&file, &empty), Err(StoreError::Newer { found: 99, .. })));
    assert!(matches!(restore(&target.path().join("missing"), &empty), Err(StoreError::Io(_))));
    assert!(!empty.exists());
}
