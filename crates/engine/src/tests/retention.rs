//! Old executions are removed in the background, whatever is read meanwhile.

use std::sync::Arc;

use serde_json::json;

use super::house::{House, MACHINE, chain};
use crate::{ExecutionError, ExecutionStatus, HistoryRequest, ListRequest, ListedBy};

const DAY_MS: u64 = 86_400_000;

#[tokio::test]
async fn what_is_read_while_old_executions_are_removed_is_whole_or_not_there() {
    let house = Arc::new(House::new().await);
    let definition = chain(&[("A", json!({"Type": "Pass"})), ("B", json!({"Type": "Pass"}))]);
    let starts: Vec<_> = (0..2_500)
        .map(|number| {
            let (house, definition) = (Arc::clone(&house), definition.clone());
            tokio::spawn(
                async move { house.start(&definition, &format!("old{number}"), "{}").await.unwrap().arn },
            )
        })
        .collect();
    let mut old = Vec::new();
    for start in starts {
        old.push(start.await.unwrap());
    }
    house.clock.advance(60 * DAY_MS);
    let young = house.start(&definition, "young", "{}").await.unwrap().arn;
    house.clock.advance(31 * DAY_MS);
    let (mut whole, mut gone, mut turn) = (0, 0, 0);
    while house.store.execution(&old[2_400]).await.unwrap().is_some() {
        let arn = &old[turn % old.len()];
        turn += 7;
        let history = HistoryRequest {
            arn: arn.clone(),
            from: None,
            limit: 100,
            is_reverse: turn % 2 == 0,
            includes_data: true,
        };
        match house.engine.execution_history(history).await {
            Ok(page) => {
                assert_eq!(page.events.len(), 6);
                whole += 1;
            }
            Err(ExecutionError::DoesNotExist(_)) => {
                gone += 1;
                let described = house.engine.describe_execution(arn).await;
                assert!(matches!(described, Err(ExecutionError::DoesNotExist(_))), "{described:?}");
            }
            Err(error) => panic!("{error:?}"),
        }
        let list = ListRequest {
            of: ListedBy::Machine(MACHINE.to_owned()),
            status: Some(ExecutionStatus::Succeeded),
            before: None,
            limit: 5,
        };
        let page = house.engine.list_executions(list).await.unwrap();
        assert_eq!(page[0].description.arn, young);
        house.clock.advance(600_000);
    }
    assert!(whole + gone > 0);
    let described = house.engine.describe_execution(&young).await.unwrap();
    assert_eq!(described.status, ExecutionStatus::Succeeded);
    // The space of what was removed is used again.
    let events = house.store.events_after(1, (0, 0), 10).await.unwrap();
    assert_eq!(events, []);
}
