//! No execution waits for another to be done: in the order of commits, and without a clock.

use std::sync::Arc;

use serde_json::{Value, json};

use super::house::{House, chain, request, snapshot, task};
use crate::{EngineConfig, ExecutionStatus};

async fn one_shard() -> Arc<House> {
    Arc::new(House::with(EngineConfig { shards: 1, ..EngineConfig::default() }).await)
}

/// Three tasks, each of which needs a commit before and after it.
fn short() -> Value {
    chain(&[("One", task()), ("Two", task()), ("Three", task())])
}

fn map() -> Value {
    let map = json!({"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": chain(&[("Each", task())])});
    chain(&[("Map", map)])
}

#[tokio::test]
async fn a_map_of_thousands_takes_turns_with_the_others_of_its_shard() {
    let house = one_shard().await;
    let items = json!({"items": (0..3_000).collect::<Vec<_>>()}).to_string();
    let busy = house.start(&map(), "busy", &items).await.unwrap();
    let short = house.start(&short(), "short", "{}").await.unwrap();
    assert_eq!(house.end_of(&short.arn, 1).await.status, ExecutionStatus::Succeeded);
    let still = house.engine.describe_execution(&busy.arn).await.unwrap();
    assert_eq!(still.status, ExecutionStatus::Running);
    assert_eq!(house.end_of(&busy.arn, 1).await.status, ExecutionStatus::Succeeded);
    // Between two commits of the one there are few of the other, and the most of the other come later.
    let (short, busy) = (house.commits(&short.arn).await, house.commits(&busy.arn).await);
    let between = |from: i64, to: i64| busy.iter().filter(|commit| (from..to).contains(*commit)).count();
    for pair in short.windows(2) {
        assert!(between(pair[0], pair[1]) <= 8, "{short:?} {busy:?}");
    }
    assert!(between(short[short.len() - 1], i64::MAX) > busy.len() / 2, "{short:?} {busy:?}");
}

#[tokio::test]
async fn an_execution_that_never_rests_lets_the_others_of_its_shard_end() {
    let house = one_shard().await;
    // Express: no limit of events ends it, nothing that it does is written.
    let again = json!({"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": true, "Next": "Rest"}], "Default": "Again"});
    let forever = json!({"StartAt": "Again", "States": {"Again": again, "Rest": {"Type": "Succeed"}}});
    let mut chatty = request(&forever, "chatty", "{}");
    chatty.machine = Arc::new(snapshot(&forever, true));
    house.engine.start_execution(chatty).await.unwrap();
    let short = house.start(&short(), "short", "{}").await.unwrap();
    assert_eq!(house.end_of(&short.arn, 0).await.status, ExecutionStatus::Succeeded);
    assert_eq!(house.engine.counts().express.succeeded, 0);
    // AWS: it may run for five minutes.
    house.clock.advance(300_001);
    while house.engine.counts().express.timed_out == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_shard_full_of_timers_that_are_due_at_once_serves_the_others_between_them() {
    let house = one_shard().await;
    let nap = chain(&[("Nap", json!({"Type": "Wait", "Seconds": 30})), ("Work", task())]);
    let starts: Vec<_> = (0..3_000)
        .map(|number| {
            let (house, nap) = (Arc::clone(&house), nap.clone());
            tokio::spawn(async move { house.start(&nap, &format!("nap{number}"), "{}").await.unwrap().arn })
        })
        .collect();
    let mut naps = Vec::new();
    for start in starts {
        naps.push(start.await.unwrap());
    }
    // The first start of a state machine waits until that is stored; the one that counts does not.
    house.start(&short(), "first", "{}").await.unwrap();
    house.clock.advance(30_000);
    let short = house.start(&short(), "short", "{}").await.unwrap();
    assert_eq!(house.end_of(&short.arn, 0).await.status, ExecutionStatus::Succeeded);
    let began = house.commits(&short.arn).await[0];
    let mut woken_before = 0;
    for arn in &naps {
        assert_eq!(house.end_of(arn, 0).await.status, ExecutionStatus::Succeeded);
        // The first commit is the start, the second is what the timer led to.
        woken_before += usize::from(house.commits(arn).await[1] < began);
    }
    // A few turns' worth of timers, not all of them.
    assert!(woken_before <= 1_024, "{woken_before}");
}
