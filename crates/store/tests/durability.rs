//! What the store promises: all or nothing, in order, there again after it was closed.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on fails"
)]

use stepward_store::{
    EntityWrite, EventRow, ExecutionChange, ExecutionFilter, ExecutionInsert, ExecutionUpdate, Listed, Store,
    StoreError,
};
use stepward_testkit::Disk;

fn start(id: i64, arn: &str) -> ExecutionChange {
    let insert = ExecutionInsert {
        arn: arn.to_owned(),
        account: "123456789012".to_owned(),
        machine: "machine".to_owned(),
        qualifier: None,
        started_ms: id,
        record: b"record".to_vec(),
    };
    let events = Some(EventRow { first: 1, last: 2, body: b"one two".to_vec() });
    ExecutionChange { id, insert: Some(insert), update: None, events, entities: Vec::new() }
}

fn end(id: i64) -> ExecutionChange {
    let update = ExecutionUpdate { status: "SUCCEEDED", stopped_ms: Some(9), wake_ms: None, record: None };
    let events = Some(EventRow { first: 3, last: 3, body: b"three".to_vec() });
    ExecutionChange { id, insert: None, update: Some(update), events, entities: Vec::new() }
}

#[tokio::test]
async fn what_was_written_is_there_after_closing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.write(vec![EntityWrite::put("iam.role", "1", "a", b"x".to_vec())]).await.unwrap();
    let id = store.next_execution();
    store.commit(vec![start(id, "arn")]).await.unwrap();
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.get("iam.role", "1", "a").await.unwrap(), Some(b"x".to_vec()));
    assert_eq!(store.execution("arn").await.unwrap().unwrap().status, "RUNNING");
    assert!(store.next_execution() > id);
}

#[tokio::test]
async fn a_write_that_is_refused_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.write(vec![EntityWrite::insert("k", "1", "a", b"1".to_vec())]).await.unwrap();
    let both = vec![
        EntityWrite::put("k", "1", "b", b"2".to_vec()),
        EntityWrite::insert("k", "1", "a", b"2".to_vec()),
    ];
    assert!(matches!(store.write(both).await, Err(StoreError::Exists(key)) if key == "a"));
    assert_eq!(store.get("k", "1", "b").await.unwrap(), None);
    assert_eq!(store.get("k", "1", "a").await.unwrap(), Some(b"1".to_vec()));
}

#[tokio::test]
async fn many_callers_share_commits_and_each_gets_its_answer() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let writes: Vec<_> = (0..500)
        .map(|number| {
            let store = std::sync::Arc::clone(&store);
            // Every number comes twice: one of the two is refused.
            let key = format!("{:03}", number / 2);
            tokio::spawn(async move {
                store.write(vec![EntityWrite::insert("k", "1", &key, vec![])]).await.is_ok()
            })
        })
        .collect();
    let mut accepted = 0;
    for write in writes {
        accepted += u32::from(write.await.unwrap());
    }
    assert_eq!(accepted, 250);
    assert_eq!(store.list("k", "1", "", None, 1_000).await.unwrap().len(), 250);
}

#[tokio::test]
async fn lists_are_paged_in_the_order_of_keys() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    for key in ["a/1", "a/2", "a/3", "b/1"] {
        store.write(vec![EntityWrite::put("k", "1", key, vec![])]).await.unwrap();
    }
    let keys = |entities: Vec<stepward_store::Entity>| {
        entities.into_iter().map(|entity| entity.key).collect::<Vec<_>>()
    };
    assert_eq!(keys(store.list("k", "1", "a/", None, 2).await.unwrap()), ["a/1", "a/2"]);
    assert_eq!(keys(store.list("k", "1", "a/", Some("a/2"), 2).await.unwrap()), ["a/3"]);
    assert_eq!(keys(store.list("k", "2", "", None, 2).await.unwrap()), Vec::<String>::new());
}

#[tokio::test]
async fn executions_are_listed_newest_first_and_events_by_id() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.commit((1..=5).map(|id| start(id, &format!("arn{id}"))).collect::<Vec<_>>()).await.unwrap();
    store.commit(vec![end(2)]).await.unwrap();
    let filter = |status: Option<&str>, before| ExecutionFilter {
        of: Listed::Machine("machine".to_owned()),
        status: status.map(str::to_owned),
        before,
        limit: 3,
    };
    let ids = |rows: Vec<stepward_store::ExecutionRow>| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(store.executions(filter(None, None)).await.unwrap()), [5, 4, 3]);
    assert_eq!(ids(store.executions(filter(None, Some(3))).await.unwrap()), [2, 1]);
    assert_eq!(ids(store.executions(filter(Some("SUCCEEDED"), None)).await.unwrap()), [2]);
    assert_eq!(ids(store.executions(filter(Some("RUNNING"), Some(5))).await.unwrap()), [4, 3, 1]);
    assert_eq!(ids(store.executions(filter(Some("FAILED"), None)).await.unwrap()), [0; 0]);
    assert_eq!(store.awake_executions(0, 10).await.unwrap(), [1, 3, 4, 5]);
    assert_eq!(store.open_by_account().await.unwrap(), [("123456789012".to_owned(), 4)]);
    assert_eq!(store.last_event(2).await.unwrap(), 3);
    assert_eq!(store.count_open("machine").await.unwrap(), 4);
    let firsts = |rows: Vec<EventRow>| rows.iter().map(|row| row.first).collect::<Vec<_>>();
    assert_eq!(firsts(store.events(2, 1, u64::MAX).await.unwrap()), [1, 3]);
    assert_eq!(firsts(store.events(2, 3, 3).await.unwrap()), [3]);
    let first = store.events_after(2, (0, 0), 1).await.unwrap();
    let rest = store.events_after(2, first[0].0, 9).await.unwrap();
    assert_eq!((first[0].1.first, rest.len(), rest[0].1.first), (1, 1, 3));
}

#[tokio::test]
async fn one_folder_serves_one_server() {
    let folder = tempfile::tempdir().unwrap();
    let _store = Store::open(folder.path()).unwrap();
    assert!(matches!(Store::open(folder.path()), Err(StoreError::InUse(_))));
}

#[tokio::test]
async fn a_new_execution_whose_arn_exists_is_refused_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.commit(vec![start(1, "arn1"), start(2, "arn1"), start(3, "arn3")]).await.unwrap(), [2]);
    assert_eq!(store.execution_by_id(2).await.unwrap(), None);
    assert_eq!(store.events(2, 0, u64::MAX).await.unwrap(), []);
    assert_eq!(store.execution("arn3").await.unwrap().unwrap().id, 3);
}

#[tokio::test]
async fn sleeping_executions_are_found_by_when_they_are_due() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let asleep = |id, wake| {
        let update =
            ExecutionUpdate { status: "RUNNING", stopped_ms: None, wake_ms: Some(wake), record: None };
        ExecutionChange { update: Some(update), ..start(id, &format!("arn{id}")) }
    };
    store.commit(vec![asleep(1, 30), asleep(2, 10), asleep(3, 10), asleep(4, 20)]).await.unwrap();
    assert_eq!(store.due((0, 0), 20, 2).await.unwrap(), [(10, 2), (10, 3)]);
    assert_eq!(store.due((10, 3), 20, 2).await.unwrap(), [(20, 4)]);
    assert!(store.awake_executions(0, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn old_closed_executions_are_removed_and_their_numbers_not_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.commit((1..=4).map(|id| start(id, &format!("arn{id}"))).collect::<Vec<_>>()).await.unwrap();
    store.commit(vec![end(1), end(3), end(4)]).await.unwrap();
    let found = store.stopped_before(0, 10, 100).await.unwrap();
    assert_eq!((found.ids.as_slice(), found.next), ([1, 3].as_slice(), Some(3)));
    store.remove(found.ids).await.unwrap();
    assert_eq!(store.execution("arn1").await.unwrap(), None);
    assert_eq!(store.events(1, 0, u64::MAX).await.unwrap(), []);
    assert_eq!(store.stopped_before(3, 10, 100).await.unwrap().next, None);
    drop(store);
    assert_eq!(Store::open(folder.path()).unwrap().next_execution(), 5);
}

#[tokio::test]
async fn a_page_of_a_long_history_reads_its_own_part_only_in_either_direction() {
    let folder = tempfile::tempdir().unwrap();
    let batch = |id: u64| {
        let events = EventRow { first: id, last: id, body: vec![7; 500] };
        ExecutionChange { events: Some(events), insert: None, ..end(1) }
    };
    let store = Store::open(folder.path()).unwrap();
    let history: Vec<_> = std::iter::once(start(1, "arn")).chain((3..=25_000).map(batch)).collect();
    store.commit(history).await.unwrap();
    drop(store);
    // What the bodies alone fill, be it in the file or still in its log.
    let pages = 25_000 * 500 / 4_096;
    for (from, to) in [(1, 100), (12_000, 12_099), (24_901, 25_000)] {
        // A fresh store has nothing in memory: every page of the file that it looks at is read.
        let disk = Disk::under(folder.path());
        let store = Store::open_through(folder.path(), Some(Disk::VFS)).unwrap();
        assert_eq!(store.last_event(1).await.unwrap(), 25_000);
        let before = disk.counts().reads;
        let page = store.events(1, from, to).await.unwrap();
        assert_eq!((page.first().unwrap().first, page.last().unwrap().last), (from, to));
        let reads = disk.counts().reads - before;
        assert!(reads * 20 < pages, "{reads} reads for {from} to {to} of {pages} pages");
    }
}
