//! No execution waits for another to be done.

use serde_json::json;

use super::house::{House, chain, task};
use crate::{EngineConfig, ExecutionStatus};

#[tokio::test]
async fn an_execution_with_much_to_do_lets_others_of_its_shard_go_on() {
    let house = House::with(EngineConfig { shards: 1, ..EngineConfig::default() }).await;
    // A thousand tasks at once, each of whose outcomes needs a commit of its own.
    let iterator = json!({"StartAt": "Each", "States": chain(&[("Each", task())])["States"]});
    let map = json!({"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": iterator});
    let items = json!({"items": (0..1_000).collect::<Vec<_>>()}).to_string();
    let busy = house.start(&chain(&[("Map", map)]), "busy", &items).await.unwrap();
    let short = house.start(&chain(&[("One", task()), ("Two", task())]), "short", "{}").await.unwrap();
    let end = house.end_of(&short.arn, 1).await;
    assert_eq!(end.status, ExecutionStatus::Succeeded);
    let still = house.engine.describe_execution(&busy.arn).await.unwrap();
    assert_eq!(still.status, ExecutionStatus::Running);
    assert_eq!(house.end_of(&busy.arn, 1).await.status, ExecutionStatus::Succeeded);
}
