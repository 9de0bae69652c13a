use std::sync::Arc;

use serde_json::json;

use super::house::{ACCOUNT, House, MACHINE, callback, chain, request, snapshot, task};
use crate::{EngineConfig, ExecutionError, ExecutionStatus, ListRequest, ListedBy, StartError};

#[tokio::test]
async fn a_chain_of_passes_is_done_with_one_commit() {
    let house = House::new().await;
    let pass = json!({"Type": "Pass"});
    let definition = chain(&[("A", pass.clone()), ("B", pass.clone()), ("C", pass)]);
    let started = house.start(&definition, "one", "{\"x\": 1}").await.unwrap();
    let described = house.engine.describe_execution(&started.arn).await.unwrap();
    assert_eq!(described.status, ExecutionStatus::Succeeded);
    assert_eq!((described.input.as_ref(), described.output.as_deref()), ("{\"x\": 1}", Some("{\"x\": 1}")));
    let row = house.store.execution(&started.arn).await.unwrap().unwrap();
    assert_eq!(house.store.events_after(row.id, (0, 0), 10).await.unwrap().len(), 1);
    assert_eq!(house.engine.open_executions(MACHINE).await.unwrap(), 0);
}

#[tokio::test]
async fn a_start_is_repeated_only_while_it_is_open_and_with_the_same_input() {
    let house = House::new().await;
    let definition = chain(&[("Callback", callback())]);
    let first = house.start(&definition, "one", "{}").await.unwrap();
    assert_eq!(house.start(&definition, "one", "{}").await.unwrap(), first);
    let other = house.start(&definition, "one", "{ }").await.unwrap_err();
    assert_eq!(other.to_string(), format!("Execution Already Exists: '{}'", first.arn));
    house.engine.stop_execution(&first.arn, None, None).await.unwrap();
    assert!(matches!(house.start(&definition, "one", "{}").await, Err(StartError::AlreadyExists(_))));
}

#[tokio::test]
async fn many_starts_of_one_name_at_the_same_time_are_one() {
    let house = Arc::new(House::new().await);
    let definition = chain(&[("Callback", callback())]);
    let starts: Vec<_> = (0..20)
        .map(|_| {
            let (house, definition) = (Arc::clone(&house), definition.clone());
            tokio::spawn(async move { house.start(&definition, "one", "{}").await.unwrap() })
        })
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    for start in starts {
        seen.insert(start.await.unwrap().started.millis());
    }
    assert_eq!(seen.len(), 1);
    assert_eq!(house.engine.open_executions(MACHINE).await.unwrap(), 1);
}

#[tokio::test]
async fn an_execution_that_stops_cancels_its_task() {
    let house = House::new().await;
    let started = house.start(&chain(&[("Hang", task())]), "one", "{}").await.unwrap();
    house.until(&started.arn, "TaskStarted").await;
    let stopped = house
        .engine
        .stop_execution(&started.arn, Some("E".to_owned()), Some("why".to_owned()))
        .await
        .unwrap();
    let described = house.engine.describe_execution(&started.arn).await.unwrap();
    assert_eq!((described.status, described.stopped), (ExecutionStatus::Aborted, Some(stopped)));
    assert_eq!((described.error.as_deref(), described.cause.as_deref()), (Some("E"), Some("why")));
    assert_eq!(house.engine.stop_execution(&started.arn, None, None).await.unwrap(), stopped);
    let nothing = house.engine.stop_execution("arn:none", None, None).await;
    assert!(matches!(nothing, Err(ExecutionError::DoesNotExist(_))));
}

#[tokio::test]
async fn a_performer_that_panics_fails_its_task() {
    let house = House::new().await;
    let started = house.start(&chain(&[("Panics", task())]), "one", "{}").await.unwrap();
    assert_eq!(house.end_of(&started.arn, 1).await.error.as_deref(), Some("States.TaskFailed"));
}

#[tokio::test]
async fn a_full_queue_throttles_and_loses_nothing() {
    let house =
        Arc::new(House::with(EngineConfig { shards: 1, queue_max: 4, ..EngineConfig::default() }).await);
    let definition = chain(&[("A", json!({"Type": "Pass"}))]);
    let starts: Vec<_> = (0..200)
        .map(|number| {
            let (house, definition) = (Arc::clone(&house), definition.clone());
            tokio::spawn(async move { house.start(&definition, &number.to_string(), "{}").await })
        })
        .collect();
    let (mut accepted, mut throttled) = (Vec::new(), 0);
    for start in starts {
        match start.await.unwrap() {
            Ok(started) => accepted.push(started.arn),
            Err(StartError::Throttled) => throttled += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(throttled > 0 && !accepted.is_empty(), "{throttled} throttled");
    for arn in accepted {
        assert_eq!(house.engine.describe_execution(&arn).await.unwrap().status, ExecutionStatus::Succeeded);
    }
}

#[tokio::test]
async fn input_that_is_no_json_starts_nothing() {
    let house = House::new().await;
    let refused = house.start(&chain(&[("A", json!({"Type": "Pass"}))]), "one", "not json").await;
    assert!(matches!(refused, Err(StartError::InvalidInput(_))));
}

#[tokio::test]
async fn no_more_executions_are_open_than_may_be() {
    let house = House::with(EngineConfig { open_executions_max: 1, ..EngineConfig::default() }).await;
    let definition = chain(&[("Hang", task())]);
    let first = house.start(&definition, "one", "{}").await.unwrap();
    assert!(matches!(house.start(&definition, "two", "{}").await, Err(StartError::LimitExceeded)));
    house.engine.stop_execution(&first.arn, None, None).await.unwrap();
    house.start(&definition, "two", "{}").await.unwrap();
}

#[tokio::test]
async fn a_synchronous_express_execution_answers_its_end_and_leaves_nothing() {
    let house = House::new().await;
    let mut request = request(&chain(&[("Work", task())]), "one", "{}");
    request.machine = Arc::new(snapshot(&chain(&[("Work", task())]), true));
    let described = house.engine.start_sync_execution(request).await.unwrap();
    assert_eq!(described.status, ExecutionStatus::Succeeded);
    assert_eq!(described.output.as_deref(), Some("{\"by\":\"Work\"}"));
    assert!(described.arn.contains(":express:m:one:"));
    assert!(house.store.execution(&described.arn).await.unwrap().is_none());
}

#[tokio::test]
async fn executions_are_listed_newest_first_by_status_and_page() {
    let house = House::new().await;
    for name in ["one", "two", "three"] {
        house.start(&chain(&[("A", json!({"Type": "Pass"}))]), name, "{}").await.unwrap();
    }
    house.start(&chain(&[("Hang", task())]), "four", "{}").await.unwrap();
    let list = |status, before, limit| ListRequest {
        of: ListedBy::Machine(MACHINE.to_owned()),
        status,
        before,
        limit,
    };
    let names = |page: &[crate::ExecutionSummary]| {
        page.iter().map(|one| one.description.name.clone()).collect::<Vec<_>>()
    };
    let page = house.engine.list_executions(list(None, None, 3)).await.unwrap();
    assert_eq!(names(&page), ["four", "three", "two"]);
    let page = house.engine.list_executions(list(None, Some(page[2].cursor), 3)).await.unwrap();
    assert_eq!(names(&page), ["one"]);
    let page = house.engine.list_executions(list(Some(ExecutionStatus::Running), None, 3)).await.unwrap();
    assert_eq!(names(&page), ["four"]);
    assert_eq!(page[0].description.arn, format!("arn:aws:states:us-east-1:{ACCOUNT}:execution:m:four"));
}
