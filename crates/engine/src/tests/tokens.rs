use std::sync::Arc;

use serde_json::json;

use super::house::{ACCOUNT, House, callback, chain};
use crate::{ExecutionStatus, TokenError};

#[tokio::test]
async fn a_token_ends_its_task_once() {
    let house = House::new().await;
    let started = house.start(&chain(&[("Callback", callback())]), "one", "{}").await.unwrap();
    let token = house.token().await;
    house.until(&started.arn, "TaskSubmitted").await;
    house.engine.task_heartbeat(ACCOUNT, &token).await.unwrap();
    house.engine.task_succeeded(ACCOUNT, &token, "{\"done\":true}").await.unwrap();
    let described = house.end_of(&started.arn, 1).await;
    assert_eq!(described.output.as_deref(), Some("{\"done\":true}"));
    let again = house.engine.task_succeeded(ACCOUNT, &token, "{}").await;
    assert!(matches!(again, Err(TokenError::TimedOut)), "{again:?}");
}

#[tokio::test]
async fn tokens_that_are_not_right_do_nothing() {
    let house = House::new().await;
    let started = house.start(&chain(&[("Callback", callback())]), "one", "{}").await.unwrap();
    let token = house.token().await;
    house.until(&started.arn, "TaskSubmitted").await;
    let other = house.start(&chain(&[("Callback", callback())]), "two", "{}").await.unwrap();
    house.until(&other.arn, "TaskSubmitted").await;
    let wrong_account = house.engine.task_succeeded("999999999999", &token, "{}").await;
    assert!(matches!(wrong_account, Err(TokenError::Invalid)));
    for text in ["", "nonsense", "AAAA", &"x".repeat(5_000)] {
        assert!(matches!(
            house.engine.task_failed(ACCOUNT, text, None, None).await,
            Err(TokenError::Invalid)
        ));
    }
    // Right in all that can be read from it, but with another nonce.
    let mut forged: Vec<char> = token.chars().collect();
    forged[3] = if forged[3] == 'A' { 'B' } else { 'A' };
    let forged: String = forged.into_iter().collect();
    assert!(house.engine.task_succeeded(ACCOUNT, &forged, "{}").await.is_err());
    let not_json = house.engine.task_succeeded(ACCOUNT, &token, "nope").await;
    assert!(matches!(not_json, Err(TokenError::InvalidOutput(_))));
    assert_eq!(house.engine.describe_execution(&started.arn).await.unwrap().status, ExecutionStatus::Running);
}

#[tokio::test]
async fn a_token_is_good_after_a_crash_and_its_task_is_not_sent_again() {
    let house = House::new().await;
    let started = house.start(&chain(&[("Callback", callback())]), "one", "{}").await.unwrap();
    let token = house.token().await;
    house.until(&started.arn, "TaskSubmitted").await;
    let house = house.crash().await;
    house.engine.task_failed(ACCOUNT, &token, Some("E".to_owned()), None).await.unwrap();
    let described = house.end_of(&started.arn, 1).await;
    assert_eq!((described.status, described.error.as_deref()), (ExecutionStatus::Failed, Some("E")));
    assert_eq!(*house.script.performed.lock().unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_worker_gets_the_task_of_its_activity_once() {
    let house = Arc::new(House::new().await);
    let activity = "arn:aws:states:us-east-1:123456789012:activity:a";
    let polling = {
        let house = Arc::clone(&house);
        tokio::spawn(
            async move { house.engine.activity_task(activity, Some("worker")).await.unwrap().unwrap() },
        )
    };
    let state = json!({"Type": "Task", "Resource": activity, "Parameters": {"n": 1}});
    let started = house.start(&chain(&[("Act", state)]), "one", "{}").await.unwrap();
    let task = polling.await.unwrap();
    assert_eq!(task.input, "{\"n\":1}");
    house.engine.task_succeeded(ACCOUNT, &task.token, "2").await.unwrap();
    assert_eq!(house.end_of(&started.arn, 1).await.output.as_deref(), Some("2"));
    let types = house.types(&started.arn).await;
    assert_eq!(types[2..5], ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]);
}
