use serde_json::json;

use super::house::{House, chain};
use crate::HistoryRequest;

#[tokio::test]
async fn a_history_is_paged_both_ways() {
    let house = House::new().await;
    let states: Vec<_> = (0..10).map(|number| (format!("S{number}"), json!({"Type": "Pass"}))).collect();
    let states: Vec<_> = states.iter().map(|(name, state)| (name.as_str(), state.clone())).collect();
    let started = house.start(&chain(&states), "one", "{}").await.unwrap();
    for is_reverse in [false, true] {
        let (mut ids, mut from) = (Vec::new(), None);
        loop {
            let arn = started.arn.clone();
            let request = HistoryRequest { arn, from, limit: 5, is_reverse, includes_data: false };
            let page = house.engine.execution_history(request).await.unwrap();
            assert!(page.events.len() <= 5);
            ids.extend(page.events.iter().map(|event| event["id"].as_u64().unwrap()));
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        if is_reverse {
            ids.reverse();
        }
        assert_eq!(ids, (1..=22).collect::<Vec<_>>());
    }
}
