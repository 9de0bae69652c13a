use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::house::{House, callback, chain, request, snapshot, task};
use crate::{EngineConfig, ExecutionDescription, ExecutionStatus, MachineSnapshot, News, Observer};

/// Writes down what it is told.
#[derive(Debug, Default)]
struct Notes {
    events: Mutex<Vec<&'static str>>,
    statuses: Mutex<Vec<ExecutionStatus>>,
}

impl Observer for Notes {
    fn recorded(&self, news: News) {
        let shown = news.events.iter().filter_map(|event| event.history());
        self.events.lock().unwrap().extend(shown.map(|event| event.type_name()));
    }

    fn wants_changes(&self) -> bool {
        true
    }

    fn changed(&self, _: &Arc<MachineSnapshot>, execution: ExecutionDescription) {
        self.statuses.lock().unwrap().push(execution.status);
    }
}

async fn observed() -> (House, Arc<Notes>) {
    let notes = Arc::new(Notes::default());
    let observer: Arc<dyn Observer> = notes.clone();
    let config = EngineConfig { observer: Some(observer), ..EngineConfig::default() };
    (House::with(config).await, notes)
}

fn logged(definition: &Value, is_express: bool) -> crate::StartRequest {
    let mut machine = snapshot(definition, is_express);
    machine.logging = json!({"level": "ALL", "destinations": []});
    let mut start = request(definition, "one", "{}");
    start.machine = Arc::new(machine);
    start
}

const PASS: [&str; 4] = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"];

#[tokio::test]
async fn a_machine_that_keeps_a_log_is_observed_and_another_is_not() {
    let (house, notes) = observed().await;
    let definition = chain(&[("A", json!({"Type": "Pass"}))]);
    house.start(&definition, "silent", "{}").await.unwrap();
    assert!(notes.events.lock().unwrap().is_empty());
    house.engine.start_execution(logged(&definition, false)).await.unwrap();
    assert_eq!(*notes.events.lock().unwrap(), PASS);
}

#[tokio::test]
async fn an_express_execution_is_logged_and_tells_no_status() {
    let (house, notes) = observed().await;
    let definition = chain(&[("A", json!({"Type": "Pass"}))]);
    house.engine.start_sync_execution(logged(&definition, true)).await.unwrap();
    assert_eq!(*notes.events.lock().unwrap(), PASS);
    assert!(notes.statuses.lock().unwrap().is_empty());
    assert_eq!(house.engine.counts().express.succeeded, 1);
}

#[tokio::test]
async fn each_change_of_status_is_told_also_when_all_happens_at_once() {
    let (house, notes) = observed().await;
    house.start(&chain(&[("A", json!({"Type": "Pass"}))]), "one", "{}").await.unwrap();
    let both = [ExecutionStatus::Running, ExecutionStatus::Succeeded];
    assert_eq!(*notes.statuses.lock().unwrap(), both);
}

#[tokio::test]
async fn a_redrive_is_told_and_counted() {
    let (house, notes) = observed().await;
    let definition = chain(&[("Fails", task()), ("Callback", callback())]);
    let started = house.start(&definition, "one", "{}").await.unwrap();
    house.end_of(&started.arn, 1_000).await;
    house.engine.redrive_execution(&started.arn, None).await.unwrap();
    house.end_of(&started.arn, 1_000).await;
    // The end is durable, and can be read, a moment before anybody is told of it.
    let told = || notes.statuses.lock().unwrap().len();
    while told() < 4 || house.engine.counts().standard.durations.count < 2 {
        tokio::task::yield_now().await;
    }
    let (running, failed) = (ExecutionStatus::Running, ExecutionStatus::Failed);
    assert_eq!(*notes.statuses.lock().unwrap(), [running, failed, running, failed]);
    let counts = house.engine.counts();
    let standard = &counts.standard;
    assert_eq!((standard.started, standard.failed, standard.redriven), (1, 2, 1));
    assert_eq!((standard.durations.count, counts.open_executions), (2, 0));
    assert!(counts.commits.count >= 4, "{counts:?}");
}
