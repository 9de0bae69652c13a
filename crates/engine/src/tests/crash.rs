use serde_json::{Value, json};
use stepward_store::{
    EntityWrite, EventRow, ExecutionChange, ExecutionInsert, ExecutionRow, ExecutionUpdate,
};

use super::house::{ACCOUNT, House, MACHINE, callback, chain, task};
use crate::{ExecutionStatus, StartError, TokenError};

const DAY_MS: u64 = 86_400_000;

/// Every kind of state that waits for something.
pub(super) fn everything() -> Value {
    let retry = json!([{"ErrorEquals": ["Flaky"], "IntervalSeconds": 100, "MaxAttempts": 3}]);
    let mut flaky = task();
    flaky["Retry"] = retry;
    let mut fails = task();
    fails["Catch"] = json!([{"ErrorEquals": ["States.ALL"], "Next": "Split", "ResultPath": "$.caught"}]);
    let branch = |name: &str| {
        chain(&[(name, task()), (&format!("{name}Wait"), json!({"Type": "Wait", "Seconds": 30}))])
    };
    let parallel =
        json!({"Type": "Parallel", "Branches": [branch("Left"), branch("Right")], "ResultPath": "$.split"});
    let iterator = json!({"StartAt": "Each", "States": chain(&[("Each", task())])["States"]});
    let map = json!({"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": iterator, "MaxConcurrency": 2});
    chain(&[
        ("Nap", json!({"Type": "Wait", "Seconds": 3600})),
        ("FailsTwice", flaky),
        ("Back", json!({"Type": "Pass", "Result": {"items": [1, 2, 3]}})),
        ("Fails", fails),
        ("Split", parallel),
        ("Each3", map),
    ])
}

/// The batches of events of an execution, and its row and machine: what a store holds of it.
struct Recorded {
    row: ExecutionRow,
    batches: Vec<EventRow>,
    machines: Vec<stepward_store::Entity>,
}

async fn record(house: &House, arn: &str) -> Recorded {
    let row = house.store.execution(arn).await.unwrap().unwrap();
    let batches = house
        .store
        .events_after(row.id, (0, 0), 1_000)
        .await
        .unwrap()
        .into_iter()
        .map(|(_, batch)| batch)
        .collect();
    Recorded { row, batches, machines: house.store.all("engine.machine").await.unwrap() }
}

/// A house whose engine stopped after so many commits.
async fn stopped_after(recorded: &Recorded, commits: usize) -> House {
    let house = House::new().await;
    for machine in &recorded.machines {
        let write = EntityWrite::put("engine.machine", &machine.account, &machine.key, machine.value.clone());
        house.store.write(vec![write]).await.unwrap();
    }
    let insert = ExecutionInsert {
        arn: recorded.row.arn.clone(),
        account: ACCOUNT.to_owned(),
        machine: MACHINE.to_owned(),
        qualifier: None,
        started_ms: recorded.row.started_ms,
        record: recorded.row.record.clone(),
    };
    let update = ExecutionUpdate { status: "RUNNING", stopped_ms: None, wake_ms: None, record: None };
    let changes: Vec<_> = recorded.batches[..commits]
        .iter()
        .enumerate()
        .map(|(index, batch)| ExecutionChange {
            id: recorded.row.id,
            insert: (index == 0).then(|| insert.clone()),
            update: Some(update.clone()),
            events: Some(batch.clone()),
            entities: Vec::new(),
        })
        .collect();
    house.store.commit(changes).await.unwrap();
    house.crash().await
}

#[tokio::test]
async fn recovery_from_every_commit_gives_the_same_end() {
    let house = House::new().await;
    let started = house.start(&everything(), "one", "{}").await.unwrap();
    let end = house.end_of(&started.arn, 5_000).await;
    assert_eq!(end.status, ExecutionStatus::Succeeded, "{end:#?}");
    let mut types = house.types(&started.arn).await;
    types.sort();
    let recorded = record(&house, &started.arn).await;
    assert!(recorded.batches.len() > 10);
    for commits in 1..recorded.batches.len() {
        let house = stopped_after(&recorded, commits).await;
        let again = house.end_of(&started.arn, 5_000).await;
        assert_eq!((again.status, &again.output), (end.status, &end.output), "after {commits} commits");
        // Branches may take turns in another order.
        let mut seen = house.types(&started.arn).await;
        seen.sort();
        assert_eq!(seen, types, "after {commits} commits");
    }
}

#[tokio::test]
async fn a_year_of_waiting_sleeps_on_disk_and_survives_a_crash() {
    let house = House::new().await;
    let definition =
        chain(&[("Year", json!({"Type": "Wait", "Seconds": 31_536_000})), ("Done", json!({"Type": "Pass"}))]);
    let started = house.start(&definition, "one", "{}").await.unwrap();
    let row = house.store.execution(&started.arn).await.unwrap().unwrap();
    assert_eq!(row.wake_ms, Some(started.started.plus_millis(31_536_000_000).millis()));
    assert!(house.store.awake_executions(0, 10).await.unwrap().is_empty());
    let house = house.crash().await;
    let end = house.end_of(&started.arn, DAY_MS / 2).await;
    assert_eq!(end.status, ExecutionStatus::Succeeded);
    assert!(end.stopped.unwrap() >= started.started.plus_millis(31_536_000_000));
}

#[tokio::test]
async fn a_job_whose_id_was_recorded_is_looked_at_again_after_a_crash_and_not_submitted_again() {
    let house = House::new().await;
    let job = json!({"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {"JobName": "nightly"}});
    let started = house.start(&chain(&[("Job", job)]), "one", "{}").await.unwrap();
    house.until(&started.arn, "TaskSubmitted").await;
    let house = house.crash().await;
    let end = house.end_of(&started.arn, 1).await;
    // The second life was given the id that the first was answered.
    assert_eq!(end.output.as_deref(), Some("{\"JobId\":\"j-1\"}"));
    let submitted = house.types(&started.arn).await.iter().filter(|event| *event == "TaskSubmitted").count();
    assert_eq!((submitted, house.script.performed.lock().unwrap().len()), (1, 1));
}

#[tokio::test]
async fn a_sleeping_execution_is_stopped_and_told_of_its_token() {
    let house = House::new().await;
    let waits = chain(&[("Year", json!({"Type": "Wait", "Seconds": 31_536_000}))]);
    let started = house.start(&waits, "one", "{}").await.unwrap();
    house.engine.stop_execution(&started.arn, None, None).await.unwrap();
    assert_eq!(house.engine.describe_execution(&started.arn).await.unwrap().status, ExecutionStatus::Aborted);
    let called = house.start(&chain(&[("Callback", callback())]), "two", "{}").await.unwrap();
    let token = house.token().await;
    house.until(&called.arn, "TaskSubmitted").await;
    assert!(house.store.execution(&called.arn).await.unwrap().unwrap().wake_ms.is_some());
    house.engine.task_succeeded(ACCOUNT, &token, "1").await.unwrap();
    assert_eq!(house.end_of(&called.arn, 1).await.status, ExecutionStatus::Succeeded);
}

#[tokio::test]
async fn a_failed_execution_is_redriven_once_per_client_token() {
    let house = House::new().await;
    let started = house.start(&chain(&[("Fails", task())]), "one", "{}").await.unwrap();
    let end = house.end_of(&started.arn, 1).await;
    assert_eq!((end.status, end.redrive_status), (ExecutionStatus::Failed, "REDRIVABLE"));
    let first = house.engine.redrive_execution(&started.arn, Some("token")).await.unwrap();
    let end = house.end_of(&started.arn, 1).await;
    assert_eq!((end.redrive_count, end.redriven), (1, Some(first)));
    assert_eq!(house.engine.redrive_execution(&started.arn, Some("token")).await.unwrap(), first);
    assert_eq!(house.engine.describe_execution(&started.arn).await.unwrap().redrive_count, 1);
    assert!(house.types(&started.arn).await.contains(&"ExecutionRedriven".to_owned()));
}

#[tokio::test]
async fn old_executions_are_removed_and_their_names_are_free_again() {
    let house = House::new().await;
    let pass = chain(&[("A", json!({"Type": "Pass"}))]);
    let first = house.start(&pass, "one", "{}").await.unwrap();
    house.start(&pass, "two", "{}").await.unwrap();
    house.clock.advance(91 * DAY_MS);
    while house.store.execution(&first.arn).await.unwrap().is_some() {
        house.clock.advance(3_600_000);
        tokio::task::yield_now().await;
    }
    let again = house.start(&pass, "one", "{\"other\":1}").await.unwrap();
    assert!(again.started > first.started);
}

#[tokio::test]
async fn a_full_disk_refuses_starts_and_loses_nothing_that_happened() {
    let house = House::new().await;
    let slow = chain(&[("Callback", callback()), ("After", json!({"Type": "Pass"}))]);
    let started = house.start(&slow, "one", "{}").await.unwrap();
    let token = house.token().await;
    house.until(&started.arn, "TaskSubmitted").await;
    house.store.limit_bytes(Some(1)).await.unwrap();
    let large = format!("\"{}\"", "x".repeat(200_000));
    let refused = house.start(&slow, "two", &large).await.unwrap_err();
    assert!(matches!(refused, StartError::Fault(_)), "{refused:?}");
    // The caller is told, what it said is kept.
    let told = house.engine.task_succeeded(ACCOUNT, &token, &large).await.unwrap_err();
    assert!(matches!(told, TokenError::Fault(_)), "{told:?}");
    assert_eq!(house.engine.describe_execution(&started.arn).await.unwrap().status, ExecutionStatus::Running);
    assert_eq!(house.engine.open_executions(MACHINE).await.unwrap(), 1);
    house.store.limit_bytes(None).await.unwrap();
    let end = house.end_of(&started.arn, 100).await;
    assert_eq!(end.output.as_deref(), Some(large.as_str()));
    assert_eq!(house.types(&started.arn).await.last().map(String::as_str), Some("ExecutionSucceeded"));
}
