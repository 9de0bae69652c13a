use serde_json::{Value, json};
use stepward_asl::{ItemCounts, MapRun, MapRunLimits, MapRunStatus};

use super::house::{House, chain, task};
use crate::ExecutionStatus;

/// A Distributed Map over the input, one item at a time, whose items run the state.
fn distributed(name: &str, state: Value) -> Value {
    let mut processor = chain(&[(name, state)]);
    processor["ProcessorConfig"] = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
    chain(&[("Each", json!({"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": processor}))])
}

async fn only(house: &House, execution: &str) -> MapRun {
    let mut map_runs = house.engine.map_runs(execution).await.unwrap();
    assert_eq!(map_runs.len(), 1);
    map_runs.remove(0)
}

#[tokio::test]
async fn a_map_run_that_succeeded_is_found_by_its_arn() {
    let house = House::new().await;
    let definition = distributed("A", json!({"Type": "Pass"}));
    let started = house.start(&definition, "one", "[1, 2]").await.unwrap();
    house.end_of(&started.arn, 1_000).await;
    let arn = only(&house, &started.arn).await.arn;
    let house = house.crash().await;
    let found = house.engine.map_run(&arn).await.unwrap().unwrap();
    assert_eq!((found.execution_arn, found.map_run.status), (started.arn, MapRunStatus::Succeeded));
    let items = ItemCounts { succeeded: 2, total: 2, ..ItemCounts::default() };
    assert_eq!((found.map_run.items, found.map_run.max_concurrency), (items, 1));
    assert!(house.engine.map_run(&format!("{arn}0")).await.unwrap().is_none());
}

#[tokio::test]
async fn a_map_run_is_updated_while_it_runs_and_no_longer() {
    let house = House::new().await;
    let started = house.start(&distributed("Hang", task()), "one", "[1, 2, 3]").await.unwrap();
    let running = ItemCounts { pending: 2, running: 1, total: 3, ..ItemCounts::default() };
    let map_run = only(&house, &started.arn).await;
    assert_eq!((map_run.items, map_run.status), (running, MapRunStatus::Running));
    let limits = MapRunLimits {
        max_concurrency: Some(2),
        tolerated_failure_percentage: Some(12.5),
        ..MapRunLimits::default()
    };
    assert!(house.engine.update_map_run(&map_run.arn, limits).await.unwrap());
    let updated = only(&house, &started.arn).await;
    assert_eq!((updated.items.running, updated.max_concurrency), (2, 2));
    assert!((updated.tolerated_failure_percentage - 12.5).abs() < f64::EPSILON);
    house.engine.stop_execution(&started.arn, None, None).await.unwrap();
    let aborted = only(&house, &started.arn).await;
    assert_eq!((aborted.status, aborted.items.aborted), (MapRunStatus::Aborted, 2));
    assert!(!house.engine.update_map_run(&map_run.arn, limits).await.unwrap());
}

#[tokio::test]
async fn a_map_run_that_failed_goes_on_after_a_redrive() {
    let house = House::new().await;
    let started = house.start(&distributed("Fails", task()), "one", "[1]").await.unwrap();
    assert_eq!(house.end_of(&started.arn, 1_000).await.status, ExecutionStatus::Failed);
    let failed = only(&house, &started.arn).await;
    assert_eq!((failed.status, failed.items.failed, failed.redrive_count), (MapRunStatus::Failed, 1, 0));
    house.engine.redrive_execution(&started.arn, None).await.unwrap();
    house.end_of(&started.arn, 1_000).await;
    let again = only(&house, &started.arn).await;
    assert_eq!((again.status, again.items.failed, again.redrive_count), (MapRunStatus::Failed, 1, 1));
    assert_eq!(again.arn, failed.arn);
}
