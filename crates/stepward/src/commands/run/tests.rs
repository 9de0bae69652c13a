//! Whole executions, in virtual time.

use super::*;

const RETRIED: &str = r#"{ "StartAt": "Call", "States": {
    "Call": { "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
        "Retry": [{ "ErrorEquals": ["Busy"], "IntervalSeconds": 3600 }], "Next": "Sleep" },
    "Sleep": { "Type": "Wait", "Seconds": 86400, "End": true } } }"#;

const MOCKS: &str = r#"{ "StateMachines": { "M": { "TestCases": { "C": { "Call": "R" } } } },
    "MockedResponses": { "R": { "0-1": { "Throw": { "Error": "Busy" } }, "2": { "Return": { "ok": true } } } } }"#;

fn ended(definition: &str, mocks: Option<&str>) -> Result<Execution> {
    let folder = tempfile::tempdir()?;
    let (file, mock_file) = (folder.path().join("m.asl.json"), folder.path().join("mocks.json"));
    std::fs::write(&file, definition)?;
    let mut arguments = vec!["run".to_owned(), file.display().to_string(), "--skip-waits".to_owned()];
    if let Some(mocks) = mocks {
        std::fs::write(&mock_file, mocks)?;
        arguments.extend(["--mock".to_owned(), mock_file.display().to_string()]);
    }
    let run = Arguments::parse_from(arguments).run;
    let mut world = prepare(&Run { endpoint: None, ..run })?;
    world.run_to_end()?;
    Ok(world.execution)
}

#[derive(clap::Parser)]
struct Arguments {
    #[command(flatten)]
    run: Run,
}

use clap::Parser as _;

#[test]
fn a_day_of_waits_and_retries_passes_at_once() {
    let execution = ended(RETRIED, Some(MOCKS)).unwrap();
    assert_eq!(execution.output().map(|output| output.text().to_string()), Some(r#"{"ok":true}"#.to_owned()));
    let took = execution.ended_at().unwrap().millis() - execution.started_at().unwrap().millis();
    assert!(took >= (86_400 + 3_600 + 7_200) * 1_000, "{took}");
}

#[test]
fn a_task_without_a_mock_and_a_server_says_what_is_missing() {
    let told = ended(RETRIED, None).unwrap_err().to_string();
    assert!(told.starts_with("the state 'Call' has no mocked response."), "{told}");
}

#[test]
fn a_mock_that_nothing_uses_is_refused() {
    let told = ended(RETRIED, Some(&MOCKS.replace("\"Call\"", "\"Cal\""))).unwrap_err().to_string();
    assert_eq!(told, "the mock file has a response for 'Cal', but no Task state has that name");
}
