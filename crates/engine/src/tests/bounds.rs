//! Whatever waits is bounded by number and by bytes, and nothing of it is lost.

use std::sync::Arc;

use serde_json::{Value, json};
use stepward_testkit::Disk;

use super::house::{ACCOUNT, House, callback, chain, request, snapshot, task};
use crate::{EngineConfig, ExecutionStatus, StartError, TokenError};

/// How often a test lets everything else run before it looks.
const TURNS: usize = 2_000;
/// AWS: an inline Map has so many iterations under way.
const TASKS: usize = 40;

fn small() -> EngineConfig {
    EngineConfig { shards: 1, queue_max: 8, ..EngineConfig::default() }
}

async fn turns() {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
}

/// A Map whose every item is a task.
fn map_of(name: &str) -> Value {
    let mut each = task();
    each["Parameters"]["Payload.$"] = json!("$");
    let map = json!({"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": chain(&[(name, each)])});
    chain(&[("Map", map)])
}

/// Branches whose states have names that no other branch has.
fn numbered(branches: Vec<Value>) -> Vec<Value> {
    let rename = |(number, branch): (usize, Value)| {
        let text = branch.to_string().replace("\"Gate\"", &format!("\"Gate{number}\""));
        serde_json::from_str(&text).unwrap()
    };
    branches.into_iter().enumerate().map(rename).collect()
}

fn items(count: usize) -> String {
    json!({"items": (0..count).collect::<Vec<_>>()}).to_string()
}

async fn until_held(disk: &Disk) {
    while disk.held() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn outcomes_of_tasks_wait_with_their_tasks_while_the_disk_is_stuck_and_all_of_them_count() {
    let (house, disk) = House::on_disk(small()).await;
    let started = house.start(&map_of("Gate"), "one", &items(TASKS)).await.unwrap();
    house.until_performed(TASKS).await;
    disk.hold();
    house.script.gate.add_permits(TASKS);
    until_held(&disk).await;
    turns().await;
    let shard = house.engine.handle();
    // The queue is full, and the disk has one commit.
    assert_eq!(shard.own_room.taken(), 8);
    // Whoever calls meanwhile has a room of his own.
    assert_eq!(shard.api_room.taken(), 0);
    disk.release();
    let end = house.end_of(&started.arn, 1).await;
    assert_eq!(end.status, ExecutionStatus::Succeeded, "{end:#?}");
    let outputs: Vec<Value> = serde_json::from_str(end.output.as_deref().unwrap()).unwrap();
    let expected: Vec<_> = (0..TASKS).map(|number| json!({"FunctionName": "f", "Payload": number})).collect();
    assert_eq!(outputs, expected);
    assert_eq!(house.script.performed.lock().unwrap().len(), TASKS);
    assert_eq!(shard.own_room.taken(), 0);
}

#[tokio::test]
async fn what_comes_together_is_committed_together() {
    let (house, disk) = House::on_disk(EngineConfig { shards: 1, ..EngineConfig::default() }).await;
    let branches: Vec<_> = (0..TASKS).map(|_| chain(&[("Gate", task())])).collect();
    let split = chain(&[("Split", json!({"Type": "Parallel", "Branches": numbered(branches)}))]);
    for (definition, name, count) in [(map_of("Gate"), "map", 4 * TASKS), (split, "parallel", TASKS)] {
        let started = house.start(&definition, name, &items(count)).await.unwrap();
        for round in 1..=count / TASKS {
            house.until_performed(round * TASKS).await;
            // All outcomes come while the first one is on its way to the disk.
            disk.hold();
            house.script.gate.add_permits(TASKS);
            until_held(&disk).await;
            turns().await;
            disk.release();
        }
        let end = house.end_of(&started.arn, 1).await;
        assert_eq!(end.status, ExecutionStatus::Succeeded, "{end:#?}");
        let commits = house.commits(&started.arn).await.len();
        assert!(commits <= 2 + 4 * count / TASKS, "{name}: {commits} commits for {count} tasks");
        let types = house.types(&started.arn).await;
        assert_eq!(types.iter().filter(|event| *event == "TaskSucceeded").count(), count);
        house.script.performed.lock().unwrap().clear();
    }
}

#[tokio::test]
async fn calls_for_one_execution_that_is_being_written_are_throttled_and_those_that_were_taken_are_answered()
{
    let (house, disk) = House::on_disk(small()).await;
    let house = Arc::new(house);
    house.start(&chain(&[("Callback", callback())]), "one", "{}").await.unwrap();
    let token = house.token().await;
    turns().await;
    disk.hold();
    let ending = {
        let (one, token) = (Arc::clone(&house), Arc::clone(&token));
        tokio::spawn(async move { one.engine.task_succeeded(ACCOUNT, &token, "1").await })
    };
    until_held(&disk).await;
    let mut beats = Vec::new();
    let refused = loop {
        let (one, token) = (Arc::clone(&house), Arc::clone(&token));
        beats.push(tokio::spawn(async move { one.engine.task_heartbeat(ACCOUNT, &token).await }));
        tokio::task::yield_now().await;
        assert!(beats.len() < 1_000);
        let Some(refused) = beats.iter().position(tokio::task::JoinHandle::is_finished) else { continue };
        break beats.remove(refused).await.unwrap().unwrap_err();
    };
    assert!(matches!(refused, TokenError::Throttled), "{refused:?}");
    assert!(!ending.is_finished());
    // Those that come after the release would find room.
    while beats.iter().filter(|beat| !beat.is_finished()).count() > 8 {
        tokio::task::yield_now().await;
    }
    disk.release();
    ending.await.unwrap().unwrap();
    let mut taken = 0;
    for beat in beats {
        match beat.await.unwrap().unwrap_err() {
            TokenError::Throttled => {}
            // Nobody was told before it was durable that the task is over.
            TokenError::TimedOut => taken += 1,
            error => panic!("{error:?}"),
        }
    }
    assert_eq!(taken, 8);
}

#[tokio::test]
async fn a_queue_is_full_by_bytes_before_it_is_by_number() {
    let config = EngineConfig { shards: 1, queue_bytes_max: 100_000, ..EngineConfig::default() };
    let (house, disk) = House::on_disk(config).await;
    let house = Arc::new(house);
    let definition = chain(&[("A", json!({"Type": "Pass"}))]);
    house.start(&definition, "first", "{}").await.unwrap();
    disk.hold();
    let large = format!("\"{}\"", "x".repeat(60_000));
    let mut starts = Vec::new();
    let throttled = loop {
        let (one, definition, large) = (Arc::clone(&house), definition.clone(), large.clone());
        let name = starts.len().to_string();
        starts.push(tokio::spawn(async move { one.start(&definition, &name, &large).await }));
        turns().await;
        let Some(refused) = starts.iter().position(tokio::task::JoinHandle::is_finished) else { continue };
        break starts.remove(refused).await.unwrap().unwrap_err();
    };
    assert!(matches!(throttled, StartError::Throttled), "{throttled:?}");
    // Commits on their way hold some; far fewer than the queue takes of small ones.
    assert!(starts.len() < 200, "{}", starts.len());
    disk.release();
    for start in starts {
        let started = start.await.unwrap().unwrap();
        let described = house.engine.describe_execution(&started.arn).await.unwrap();
        assert_eq!(described.output.as_deref(), Some(large.as_str()));
    }
}

#[tokio::test]
async fn no_more_express_executions_run_than_memory_has_room_for() {
    let house = House::with(EngineConfig { express_max: 2, ..EngineConfig::default() }).await;
    let definition = chain(&[("Gate", task())]);
    let start = |name: &str| {
        let mut request = request(&definition, name, "{}");
        request.machine = Arc::new(snapshot(&definition, true));
        request
    };
    for name in ["one", "two"] {
        house.engine.start_execution(start(name)).await.unwrap();
    }
    let refused = house.engine.start_execution(start("three")).await.unwrap_err();
    assert!(matches!(refused, StartError::Throttled), "{refused:?}");
    house.script.gate.add_permits(1);
    while house.engine.counts().express.succeeded < 1 {
        tokio::task::yield_now().await;
    }
    turns().await;
    house.engine.start_execution(start("three")).await.unwrap();
}
