//! What the store promises when the disk does not do what it should: nothing that was refused is kept, nothing that
//! was acknowledged is lost, reads go on, and so do writes once the disk does.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on fails"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use stepward_store::{EntityWrite, Store, StoreError};
use stepward_testkit::{Disk, Fault, How, On};

/// A store on a disk of its own.
struct House {
    folder: tempfile::TempDir,
    disk: Disk,
    store: Arc<Store>,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::under(folder.path());
        Self::on(folder, disk)
    }

    fn on(folder: tempfile::TempDir, disk: Disk) -> Self {
        let store = Store::open_through(folder.path(), Some(Disk::VFS)).unwrap();
        Self { folder, disk, store }
    }

    async fn write(&self, key: &str, bytes: usize) -> Result<(), StoreError> {
        self.store.write(vec![EntityWrite::put("k", "1", key, vec![7; bytes])]).await
    }

    async fn keys(&self) -> Vec<String> {
        keys(&self.store).await
    }

    /// What a store has that is opened after a loss of power.
    async fn keys_after_power_loss(&self, seed: u64) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        self.disk.lose_power(folder.path(), seed);
        let store = Store::open(folder.path()).unwrap();
        assert_sound(folder.path());
        keys(&store).await
    }

    /// The same store after the process was killed.
    fn killed(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let disk = self.disk.kill(folder.path());
        Self::on(folder, disk)
    }
}

async fn keys(store: &Store) -> Vec<String> {
    store.list("k", "1", "", None, 10_000).await.unwrap().into_iter().map(|entity| entity.key).collect()
}

/// SQLite finds nothing wrong with the file.
fn assert_sound(folder: &Path) {
    let connection = rusqlite::Connection::open(folder.join("stepward.db")).unwrap();
    let found: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(found, "ok");
}

fn once(on: On, how: How, after: u64) -> Fault {
    Fault { on, how, file: "", after, times: 1 }
}

#[tokio::test]
async fn whichever_operation_of_a_commit_fails_the_commit_is_refused_and_the_next_one_succeeds() {
    for how in [How::Broken, How::Full, How::Short] {
        let house = House::new();
        house.write("before", 10).await.unwrap();
        let mut acknowledged = vec!["before".to_owned()];
        for after in 0.. {
            house.disk.fail(once(On::Any, how, after));
            let key = format!("try{after:03}");
            let outcome = house.write(&key, 20_000).await;
            if outcome.is_ok() {
                acknowledged.push(key);
                // The commit needs no more operations than that.
                assert!(after > 5, "{after}");
                break;
            }
            // What is refused is not there, and what was there is.
            assert_eq!(house.keys().await, acknowledged, "{how:?} {after}: {outcome:?}");
            house.disk.heal();
            let key = format!("healed{after:03}");
            house.write(&key, 20_000).await.unwrap();
            acknowledged.push(key);
            acknowledged.sort();
            assert_eq!(house.keys().await, acknowledged, "{how:?} {after}");
            assert_eq!(house.keys_after_power_loss(after).await, acknowledged, "{how:?} {after}");
        }
        assert_sound(house.folder.path());
    }
}

#[tokio::test]
async fn a_full_disk_is_called_that_and_a_broken_one_is_not() {
    let house = House::new();
    house.disk.fail(once(On::Write, How::Full, 0));
    assert!(matches!(house.write("a", 10).await, Err(StoreError::Full)));
    house.disk.fail(once(On::Write, How::Broken, 0));
    assert!(matches!(house.write("a", 10).await, Err(StoreError::Commit(_))));
}

#[tokio::test]
async fn nothing_is_acknowledged_before_it_would_survive_a_loss_of_power() {
    let house = House::new();
    for number in 0..20_u64 {
        house.write(&format!("{number:02}"), 3_000).await.unwrap();
        let there = house.keys_after_power_loss(number).await;
        assert_eq!(there.len() as u64, number + 1, "{there:?}");
    }
}

#[tokio::test]
async fn a_write_waits_for_a_slow_fsync_and_reads_do_not() {
    let house = House::new();
    house.write("before", 10).await.unwrap();
    house.disk.hold();
    let store = Arc::clone(&house.store);
    let write =
        tokio::spawn(async move { store.write(vec![EntityWrite::put("k", "1", "slow", vec![])]).await });
    while house.disk.held() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(house.keys().await, ["before"]);
    assert!(!write.is_finished());
    assert_eq!(house.keys_after_power_loss(0).await, ["before"]);
    house.disk.release();
    write.await.unwrap().unwrap();
    assert_eq!(house.keys().await, ["before", "slow"]);
}

#[tokio::test]
async fn a_failed_fsync_acknowledges_nothing_and_is_not_believed_when_it_succeeds_later() {
    for seed in 0..8 {
        let house = House::new();
        house.write("a", 10).await.unwrap();
        house.disk.fail(once(On::Sync, How::Broken, 0));
        house.write("b", 30_000).await.unwrap_err();
        assert_eq!(house.keys().await, ["a"]);
        // The disk works again, but what it was given before is not on it.
        house.write("c", 10).await.unwrap();
        assert_eq!(house.keys_after_power_loss(seed).await, ["a", "c"]);
    }
}

#[tokio::test]
async fn a_log_that_only_looks_durable_is_made_so_when_the_store_is_opened_again() {
    let house = House::new();
    house.write("a", 10).await.unwrap();
    house.disk.fail(once(On::Sync, How::Broken, 0));
    house.write("b", 30_000).await.unwrap_err();
    // The process dies; the machine goes on. The log looks complete, but the disk never got its end.
    let house = house.killed();
    house.write("c", 10).await.unwrap();
    let there = house.keys().await;
    assert!(there.contains(&"a".to_owned()) && there.contains(&"c".to_owned()), "{there:?}");
    assert_eq!(house.keys_after_power_loss(0).await, there);
}

#[tokio::test]
async fn a_log_that_cannot_be_moved_into_the_file_stays_and_writes_go_on() {
    // More than the checkpointer lets grow, and more than the writer does.
    for (how, megabytes) in [(How::Full, 20), (How::Broken, 70)] {
        let house = House::new();
        house.disk.fail(Fault { on: On::Any, how, file: "stepward.db", after: 0, times: u64::MAX });
        for number in 0..megabytes {
            house.write(&format!("{number:02}"), 1_000_000).await.unwrap();
        }
        while house.disk.counts().failed == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(house.keys().await.len(), megabytes);
        house.disk.heal();
        house.write("after", 10).await.unwrap();
        assert_eq!(house.keys_after_power_loss(3).await.len(), megabytes + 1);
    }
}

#[tokio::test]
async fn a_disk_that_is_full_from_any_write_on_refuses_by_that_name_reads_and_goes_on_when_there_is_space() {
    for after in 0.. {
        let house = House::new();
        house.write("before", 10).await.unwrap();
        let how = if after % 2 == 0 { How::Full } else { How::Short };
        house.disk.fail(Fault { on: On::Write, how, file: "", after, times: u64::MAX });
        let mut acknowledged = vec!["before".to_owned()];
        for number in 0..4 {
            let key = format!("full{number}");
            match house.write(&key, 20_000).await {
                Ok(()) => acknowledged.push(key),
                Err(error) => assert!(matches!(error, StoreError::Full), "{after}: {error:?}"),
            }
            assert_eq!(house.keys().await, acknowledged, "{after}");
        }
        let is_over = house.disk.counts().failed == 0;
        house.disk.heal();
        house.write("healed", 20_000).await.unwrap();
        acknowledged.push("healed".to_owned());
        assert_eq!(house.keys().await, acknowledged, "{after}");
        assert_eq!(house.keys_after_power_loss(after).await, acknowledged, "{after}");
        if is_over {
            assert!(after > 20, "{after}");
            break;
        }
    }
}

#[tokio::test]
async fn a_store_that_is_opened_while_the_disk_is_full_is_read_or_refuses_and_loses_nothing() {
    for after in 0.. {
        let house = House::new();
        for number in 0..3 {
            house.write(&format!("{number}"), 20_000).await.unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let disk = house.disk.kill(folder.path());
        disk.fail(Fault { on: On::Write, how: How::Full, file: "", after, times: u64::MAX });
        match Store::open_through(folder.path(), Some(Disk::VFS)) {
            Ok(store) => assert_eq!(keys(&store).await, ["0", "1", "2"]),
            Err(error) => assert!(matches!(error, StoreError::Full), "{after}: {error:?}"),
        }
        let is_over = disk.counts().failed == 0;
        disk.heal();
        let house = House::on(folder, disk);
        assert_eq!(house.keys().await, ["0", "1", "2"]);
        house.write("3", 20_000).await.unwrap();
        if is_over {
            break;
        }
    }
}

#[tokio::test]
async fn what_comes_while_an_fsync_is_slow_shares_the_next_one() {
    let house = House::new();
    house.write("before", 10).await.unwrap();
    house.disk.hold();
    let write = |key: String| {
        let store = Arc::clone(&house.store);
        tokio::spawn(async move { store.write(vec![EntityWrite::put("k", "1", &key, vec![7; 100])]).await })
    };
    let mut writes = vec![write("first".to_owned())];
    while house.disk.held() == 0 {
        tokio::task::yield_now().await;
    }
    let before = house.disk.counts().syncs;
    writes.extend((0..200).map(|number| write(format!("{number:03}"))));
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    house.disk.release();
    for write in writes {
        write.await.unwrap().unwrap();
    }
    assert!(house.disk.counts().syncs <= before + 2, "{:?}", house.disk.counts());
    assert_eq!(house.keys().await.len(), 202);
}

#[tokio::test]
async fn what_waits_for_a_stuck_disk_is_bounded_by_its_bytes_and_none_of_it_is_lost() {
    const MEGABYTE: usize = 1024 * 1024;
    let house = House::new();
    house.write("before", 10).await.unwrap();
    house.disk.hold();
    let mut writes = Vec::new();
    let busy = loop {
        let (store, key) = (Arc::clone(&house.store), format!("{:03}", writes.len()));
        writes.push(tokio::spawn(async move {
            store.write(vec![EntityWrite::put("k", "1", &key, vec![7; 4 * MEGABYTE])]).await
        }));
        tokio::task::yield_now().await;
        assert!(writes.len() < 100);
        let Some(refused) = writes.iter().position(tokio::task::JoinHandle::is_finished) else { continue };
        break writes.remove(refused).await.unwrap().unwrap_err();
    };
    assert!(matches!(busy, StoreError::Busy), "{busy:?}");
    // 128 MiB.
    assert!((30..=33).contains(&writes.len()), "{}", writes.len());
    // Reads do not wait for it.
    assert_eq!(house.keys().await, ["before"]);
    house.disk.release();
    let taken = writes.len();
    for write in writes {
        write.await.unwrap().unwrap();
    }
    assert_eq!(house.keys().await.len(), taken + 1);
    house.write("after", 10).await.unwrap();
}

/// A sequence of numbers that its seed decides.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[tokio::test]
async fn whatever_happens_in_whichever_order_what_was_acknowledged_is_there() {
    for seed in 0..8 {
        let mut random = Random(seed);
        let mut house = House::new();
        // What every key must be, and what it may be, too: a write that was refused may have happened after a crash.
        let mut known: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for step in 0..60 {
            match random.below(10) {
                0 => house = house.killed(),
                1 => {
                    let folder = tempfile::tempdir().unwrap();
                    house.disk.lose_power(folder.path(), random.below(u64::from(u32::MAX)));
                    let disk = Disk::under(folder.path());
                    house = House::on(folder, disk);
                }
                2 | 3 => {
                    let on = [On::Write, On::Sync, On::Any, On::Truncate][random.below(4) as usize];
                    let how = [How::Broken, How::Full, How::Short][random.below(3) as usize];
                    let (after, times) = (random.below(12), 1 + random.below(3));
                    house.disk.fail(Fault { on, how, file: "", after, times });
                }
                _ => {
                    let (key, bytes) = (format!("{}", random.below(6)), 8 + random.below(20_000) as usize);
                    let mut value = vec![0; bytes];
                    value[..8].copy_from_slice(&u64::to_le_bytes(step));
                    match house.store.write(vec![EntityWrite::put("k", "1", &key, value)]).await {
                        Ok(()) => drop(known.insert(key, vec![step])),
                        Err(_) => known.entry(key).or_insert_with(|| vec![u64::MAX]).push(step),
                    }
                }
            }
            check(&house, &known, (seed, step)).await;
        }
        assert_sound(house.folder.path());
    }
}

async fn check(house: &House, known: &BTreeMap<String, Vec<u64>>, place: (u64, u64)) {
    for (key, may_be) in known {
        let found = house.store.get("k", "1", key).await.unwrap();
        let found = found.map_or(u64::MAX, |value| u64::from_le_bytes(value[..8].try_into().unwrap()));
        assert!(may_be.contains(&found), "seed and step {place:?}: {key} is {found}, not one of {may_be:?}");
    }
}
