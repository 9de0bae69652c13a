//! A store that an earlier version left: its executions go on.

use std::sync::Arc;

use super::house::{ACCOUNT, House, MACHINE, VirtualClock};
use crate::{EngineConfig, ExecutionStatus};

const VERSION_1: &str = include_str!("../../../../tests/golden/store/schema-1.sql");
/// The token that the execution `callback` waits for.
const TOKEN: &str = "RG96N2l3eWJRT0ZXYW9kdUFWbkVfZ2JnZ2c0dHlfUzB5a3J0UnB1SDZTZyAzIGFybjphd3M6c3RhdGVzOnVzLWVhc3QtMToxMjM0NTY3ODkwMTI6ZXhlY3V0aW9uOm06Y2FsbGJhY2s";

#[tokio::test]
async fn executions_of_a_store_of_version_1_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let database = rusqlite::Connection::open(folder.path().join("stepward.db")).unwrap();
    database.execute_batch(VERSION_1).unwrap();
    drop(database);
    let house = House::open(folder, Arc::new(VirtualClock::new()), EngineConfig::default()).await;
    let arn = |name: &str| format!("{}:{name}", MACHINE.replace(":stateMachine:", ":execution:"));
    let closed = house.engine.describe_execution(&arn("closed")).await.unwrap();
    assert_eq!((closed.status, closed.output.as_deref()), (ExecutionStatus::Succeeded, Some("{\"n\": 1}")));
    assert_eq!(house.types(&arn("closed")).await.len(), 4);
    house.engine.task_succeeded(ACCOUNT, TOKEN, "5").await.unwrap();
    assert_eq!(house.end_of(&arn("callback"), 1).await.output.as_deref(), Some("5"));
    let waited = house.end_of(&arn("waits"), 43_200_000).await;
    assert_eq!((waited.status, waited.output.as_deref()), (ExecutionStatus::Succeeded, Some("7")));
    assert_eq!(house.types(&arn("waits")).await.len(), 8);
}
