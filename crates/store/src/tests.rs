//! What happens when the disk does not do what it should.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use super::*;

fn entity(key: &str, bytes: usize) -> Vec<EntityWrite> {
    vec![EntityWrite::put("k", "1", key, vec![7; bytes])]
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_answers_reads() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.limit_bytes(Some(160_000)).await.unwrap();
    store.write(entity("before", 10)).await.unwrap();
    let refused = store.write(entity("large", 1_000_000)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Full), "{refused:?}");
    assert_eq!(store.get("k", "1", "large").await.unwrap(), None);
    assert_eq!(store.get("k", "1", "before").await.unwrap(), Some(vec![7; 10]));
    // There is room for what is small: the store goes on.
    store.write(entity("after", 10)).await.unwrap();
    store.limit_bytes(None).await.unwrap();
    store.write(entity("large", 1_000_000)).await.unwrap();
    assert_eq!(store.list("k", "1", "", None, 9).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_commit_that_fails_tells_every_caller_that_shared_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    store.limit_bytes(Some(160_000)).await.unwrap();
    let writes: Vec<_> = (0..50)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.write(entity(&number.to_string(), 10_000)).await })
        })
        .collect();
    let mut kept = 0;
    for write in writes {
        match write.await.unwrap() {
            Ok(()) => kept += 1,
            Err(error) => assert!(matches!(error, StoreError::Full), "{error:?}"),
        }
    }
    assert_eq!(store.list("k", "1", "", None, 100).await.unwrap().len(), kept);
}
