//! Nothing leaves before its commit, whatever the disk does.

use std::sync::Arc;

use serde_json::json;
use stepward_testkit::{Disk, Fault, How, On};

use super::crash::everything;
use super::house::{ACCOUNT, House, chain, task};
use crate::{EngineConfig, ExecutionStatus, PollError, StartError};

fn syncs_fail(times: u64) -> Fault {
    Fault { on: On::Sync, how: How::Broken, file: "-wal", after: 0, times }
}

async fn until_held(disk: &Disk) {
    while disk.held() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn neither_an_answer_nor_a_task_leaves_before_its_commit_is_durable() {
    let (house, disk) = House::on_disk(EngineConfig::default()).await;
    let house = Arc::new(house);
    disk.hold();
    let starting = {
        let house = Arc::clone(&house);
        tokio::spawn(async move { house.start(&chain(&[("Work", task())]), "one", "{}").await })
    };
    until_held(&disk).await;
    assert!(!starting.is_finished());
    assert_eq!(*house.script.performed.lock().unwrap(), [""; 0]);
    disk.release();
    let started = starting.await.unwrap().unwrap();
    house.end_of(&started.arn, 1).await;
    assert_eq!(*house.script.performed.lock().unwrap(), ["Work"]);
}

#[tokio::test]
async fn a_start_whose_fsync_fails_is_refused_and_its_task_is_never_performed() {
    let (house, disk) = House::on_disk(EngineConfig::default()).await;
    let work = chain(&[("Work", task())]);
    house.start(&chain(&[("First", json!({"Type": "Pass"}))]), "first", "{}").await.unwrap();
    disk.fail(syncs_fail(1));
    let refused = house.start(&work, "one", "{}").await.unwrap_err();
    assert!(matches!(refused, StartError::Fault(_)), "{refused:?}");
    assert_eq!(*house.script.performed.lock().unwrap(), [""; 0]);
    // The name is free, and the disk works again.
    let started = house.start(&work, "one", "{}").await.unwrap();
    house.end_of(&started.arn, 1).await;
    assert_eq!(*house.script.performed.lock().unwrap(), ["Work"]);
}

#[tokio::test]
async fn whichever_commit_of_an_execution_fails_it_comes_to_the_same_end_and_no_task_is_performed_twice() {
    let (twin, _) = House::on_disk(EngineConfig::default()).await;
    let started = twin.start(&everything(), "one", "{}").await.unwrap();
    let end = twin.end_of(&started.arn, 5_000).await;
    let mut performed = twin.script.performed.lock().unwrap().clone();
    performed.sort();
    let mut types = twin.types(&started.arn).await;
    types.sort();
    for after in 0.. {
        let (house, disk) = House::on_disk(EngineConfig::default()).await;
        let started = house.start(&everything(), "one", "{}").await.unwrap();
        // The disk is full for a while, or its fsyncs fail.
        let on = if after % 2 == 0 { On::Sync } else { On::Write };
        disk.fail(Fault { on, how: How::Full, file: "-wal", after, times: 3 });
        let again = house.end_of(&started.arn, 5_000).await;
        assert_eq!((again.status, &again.output), (end.status, &end.output), "after {after}");
        let mut seen = house.types(&started.arn).await;
        seen.sort();
        assert_eq!(seen, types, "after {after}");
        let mut done = house.script.performed.lock().unwrap().clone();
        done.sort();
        assert_eq!(done, performed, "after {after}");
        if disk.counts().failed == 0 {
            assert!(after > 10);
            break;
        }
    }
}

#[tokio::test]
async fn a_disk_that_stalls_fills_the_queue_and_what_was_taken_is_answered_when_it_goes_on() {
    let config = EngineConfig { shards: 1, queue_max: 4, ..EngineConfig::default() };
    let (house, disk) = House::on_disk(config).await;
    let house = Arc::new(house);
    let definition = chain(&[("A", json!({"Type": "Pass"}))]);
    house.start(&definition, "first", "{}").await.unwrap();
    disk.hold();
    let mut starts = Vec::new();
    // More than the queue and the commits on their way have room for.
    let throttled = loop {
        let (one, definition) = (Arc::clone(&house), definition.clone());
        let name = starts.len().to_string();
        starts.push(tokio::spawn(async move { one.start(&definition, &name, "{}").await }));
        tokio::task::yield_now().await;
        let Some(refused) = starts.iter().position(tokio::task::JoinHandle::is_finished) else { continue };
        break starts.remove(refused).await.unwrap().unwrap_err();
    };
    assert!(matches!(throttled, StartError::Throttled), "{throttled:?}");
    // Reads do not wait for the disk.
    let first = house
        .engine
        .describe_execution(&format!(
            "{}:first",
            super::house::MACHINE.replace(":stateMachine:", ":execution:")
        ))
        .await;
    assert_eq!(first.unwrap().status, ExecutionStatus::Succeeded);
    disk.release();
    for start in starts {
        match start.await.unwrap() {
            Ok(started) => {
                let status = house.engine.describe_execution(&started.arn).await.unwrap().status;
                assert_eq!(status, ExecutionStatus::Succeeded);
            }
            Err(refused) => assert!(matches!(refused, StartError::Throttled), "{refused:?}"),
        }
    }
}

#[tokio::test]
async fn a_task_whose_start_could_not_be_written_goes_to_the_next_worker() {
    let (house, disk) = House::on_disk(EngineConfig::default()).await;
    let activity = "arn:aws:states:us-east-1:123456789012:activity:a";
    let state = json!({"Type": "Task", "Resource": activity});
    let started = house.start(&chain(&[("Act", state)]), "one", "{}").await.unwrap();
    house.until(&started.arn, "ActivityScheduled").await;
    disk.fail(syncs_fail(1));
    let refused = house.engine.activity_task(activity, None).await.unwrap_err();
    assert!(matches!(refused, PollError::Fault(_)), "{refused:?}");
    house.clock.advance(10_000);
    let task = house.engine.activity_task(activity, None).await.unwrap().unwrap();
    house.engine.task_succeeded(ACCOUNT, &task.token, "2").await.unwrap();
    house.end_of(&started.arn, 1).await;
    let types = house.types(&started.arn).await;
    assert_eq!(types[2..5], ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]);
}
