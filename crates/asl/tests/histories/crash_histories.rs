//! What crashes are tried in: every type of state, every way a task goes, and what is done from outside.

use serde_json::{Value, json};
use stepward_asl::{TaskOutcome, TaskRequest};

use crate::script::{fails, succeeds};

/// A definition, and what somebody does to its execution when nothing else goes on.
#[derive(Clone)]
pub(crate) struct History {
    pub(crate) name: &'static str,
    pub(crate) definition: Value,
    /// It is stopped once there was an event of this type.
    pub(crate) stopped_after: Option<&'static str>,
    /// So many times it is redriven when it did not succeed.
    pub(crate) redrives: usize,
}

pub(crate) fn histories() -> Vec<History> {
    let plain = flat().into_iter().chain(integrations()).chain(framed()).map(|(name, definition)| History {
        name,
        definition,
        stopped_after: None,
        redrives: 0,
    });
    plain.chain(from_outside()).collect()
}

/// How a task ends, as the name of its state says; `None`: nobody ever answers.
pub(crate) fn outcome(request: &TaskRequest, is_redriven: bool) -> Option<TaskOutcome> {
    let error = "Broken".to_owned();
    let cause = Some("because".to_owned());
    match request.state_name.trim_end_matches(|character: char| character.is_ascii_digit()) {
        "Silent" => None,
        "FailsTwice" if request.retry_count < 2 => Some(fails("Flaky")),
        "FailsOnTwo" if request.arguments.text().contains('2') => Some(fails("Odd")),
        "FailsAtFirst" if !is_redriven => Some(fails("Broken")),
        "Fails" => Some(fails("Broken")),
        "Unschedulable" => Some(TaskOutcome::ScheduleFailed { error, cause }),
        "Unstartable" => Some(TaskOutcome::StartFailed { error, cause }),
        "Unsubmittable" => Some(TaskOutcome::SubmitFailed { error, cause }),
        name => Some(succeeds(&json!({"by": name}).to_string())),
    }
}

const LAMBDA: &str = "arn:aws:states:::lambda:invoke";

fn task(resource: &str) -> Value {
    json!({"Type": "Task", "Resource": resource, "Parameters": {"in.$": "$"}})
}

/// A definition of states that follow each other.
fn chain<const N: usize>(states: [(&str, Value); N]) -> Value {
    let names: Vec<String> = states.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut all = serde_json::Map::new();
    for (index, (name, mut state)) in states.into_iter().enumerate() {
        let fields = state.as_object_mut().unwrap();
        if !["Choice", "Succeed", "Fail"].contains(&fields["Type"].as_str().unwrap()) {
            match names.get(index + 1) {
                Some(next) => fields.insert("Next".to_owned(), json!(next)),
                None => fields.insert("End".to_owned(), json!(true)),
            };
        }
        all.insert(name.to_owned(), state);
    }
    json!({"StartAt": names[0], "States": all})
}

fn with(mut state: Value, more: &Value) -> Value {
    state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    state
}

fn wait(seconds: u32) -> Value {
    json!({"Type": "Wait", "Seconds": seconds})
}

fn flaky() -> Value {
    json!({"Retry": [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 5, "MaxAttempts": 3, "JitterStrategy": "FULL"}]})
}

fn caught() -> Value {
    json!({"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Last"}]})
}

fn pass() -> Value {
    json!({"Type": "Pass"})
}

/// A state, a wait and an end, under names that no other scope has.
fn scope(name: &str, state: Value) -> Value {
    let (nap, end) = (format!("{name}Nap"), format!("{name}End"));
    chain([(name, state), (nap.as_str(), wait(2)), (end.as_str(), pass())])
}

fn callback(heartbeat_seconds: u32) -> Value {
    json!({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "HeartbeatSeconds": heartbeat_seconds, "Parameters": {"QueueUrl": "q", "MessageBody": {"t.$": "$$.Task.Token"}}})
}

/// Every state that is no frame of others, and every way a task goes.
fn flat() -> Vec<(&'static str, Value)> {
    let choice = json!({"Type": "Choice", "Default": "Bad",
        "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "Good"}]});
    let ends = [("Good", pass()), ("Done", json!({"Type": "Succeed"})), ("Bad", json!({"Type": "Fail"}))];
    let [good, done, bad] = ends;
    let always = json!({"Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]});
    let timeout = |seconds: u32| with(caught(), &json!({"TimeoutSeconds": seconds}));
    let job = json!({"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync",
        "Parameters": {"JobName": "j", "JobDefinition": "d", "JobQueue": "q"}});
    let activity = task("arn:aws:states:us-east-1:123456789012:activity:a");
    let fail = json!({"Type": "Fail", "Error": "E", "Cause": "so"});
    let last = ("Last", wait(1));
    vec![
        ("pass, choice and succeed", chain([("A", pass()), ("B", choice), good, done, bad])),
        ("fail", chain([("A", wait(1)), ("B", fail)])),
        ("waits", chain([("A", wait(3600)), ("B", wait(31_000_000)), ("C", pass())])),
        ("retry", chain([("FailsTwice", with(task(LAMBDA), &flaky())), last.clone()])),
        ("retries used up", chain([("Fails", with(task(LAMBDA), &always))])),
        ("catch", chain([("Fails", with(task(LAMBDA), &caught())), ("Between", wait(1)), last.clone()])),
        ("timeout", chain([("Silent", with(task(LAMBDA), &timeout(30))), last.clone()])),
        ("the execution's timeout", with(chain([("Silent", task(LAMBDA))]), &json!({"TimeoutSeconds": 100}))),
        ("callback", chain([("Callback", callback(50)), last.clone()])),
        ("a callback that nobody answers", chain([("Silent", callback(50))])),
        ("job", chain([("Job", job), last.clone()])),
        ("activity", chain([("Act", activity.clone()), ("Silent", with(activity, &timeout(9))), last])),
    ]
}

/// Frames of other states, and variables.
fn framed() -> Vec<(&'static str, Value)> {
    let jsonata = json!({"QueryLanguage": "JSONata", "Type": "Task", "Resource": LAMBDA,
        "Arguments": {"n": "{% $states.input.n + 1 %}"}, "Assign": {"x": "{% $states.result.by %}"},
        "Output": "{% {'n': $states.input.n, 'seen': $states.result} %}"});
    let said =
        json!({"QueryLanguage": "JSONata", "Type": "Pass", "Output": "{% $x & $string($states.input.n) %}"});
    let distributed = with(
        scope("FailsOnTwo", task(LAMBDA)),
        &json!({"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}),
    );
    let distributed = json!({"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "ToleratedFailureCount": 1,
        "ItemProcessor": distributed});
    let inline = json!({"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2,
        "ItemProcessor": scope("Work", task(LAMBDA))});
    let retried = chain([("FailsTwice", with(task(LAMBDA), &flaky()))]);
    let branches = json!([scope("Left", task(LAMBDA)), scope("Right", wait(1)), retried]);
    let parallel = json!({"Type": "Parallel", "ResultPath": "$.split", "Branches": branches});
    let broken = json!({"Type": "Parallel",
        "Branches": [chain([("Fails", task(LAMBDA))]), chain([("Sleeps", wait(60))])],
        "Retry": [{"ErrorEquals": ["Broken"], "MaxAttempts": 1, "IntervalSeconds": 1}]});
    let given_up = json!({"Type": "Parallel", "Branches": [
        chain([("Soon", wait(5)), ("Fails1", task(LAMBDA))]),
        chain([("Inner", json!({"Type": "Parallel", "Branches": [chain([("Sleeps1", wait(60))])]}))]),
        chain([("Items", json!({"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": chain([("Sleeps2", wait(60))])}))]),
        chain([("Silent1", task(LAMBDA))])]});
    let outer = json!({"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": chain([("Split", parallel.clone())]),
        "ItemSelector": {"items.$": "$.items", "n.$": "$$.Map.Item.Value"}});
    vec![
        ("JSONata and variables", chain([("A", jsonata), ("B", wait(1)), ("C", said)])),
        ("map", chain([("Each", inline), ("Last", pass())])),
        ("distributed map", chain([("Each", distributed), ("Last", wait(1))])),
        ("parallel", chain([("Split", parallel), ("Last", wait(1))])),
        ("a branch that fails", chain([("Split", broken)])),
        ("frames that are given up", chain([("Split", given_up)])),
        ("all of it in a map", chain([("Outer", outer)])),
    ]
}

const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";
const ACTIVITY: &str = "arn:aws:states:us-east-1:123456789012:activity:a";

fn nested(pattern: &str) -> Value {
    json!({"Type": "Task", "Resource": format!("arn:aws:states:::states:startExecution{pattern}"),
        "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:n",
            "Input": {"token.$": "$$.Execution.Id"}}})
}

/// Every pattern of an integration, and every way in which each of them fails.
fn integrations() -> Vec<(&'static str, Value)> {
    let caught = |state: Value, next: &str| {
        with(
            state,
            &json!({"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": next}]}),
        )
    };
    let caught_each = |resource: &str, names: [&str; 4]| {
        let [one, two, three, four] = names;
        let late = with(task(resource), &json!({"TimeoutSeconds": 9}));
        chain([
            (one, caught(task(resource), two)),
            (two, caught(task(resource), three)),
            (three, caught(task(resource), four)),
            (four, caught(late, "Last")),
            ("Last", wait(1)),
        ])
    };
    let express = json!({"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
        "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:x", "Input": {}}});
    let glue = json!({"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {"JobName": "j"}});
    let http = json!({"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": {
        "ApiEndpoint": "https://example.com", "Method": "GET", "InvocationConfig": {"ConnectionArn":
        "arn:aws:events:us-east-1:123456789012:connection/c/00000000-0000-0000-0000-000000000000"}}});
    let beats = with(task(ACTIVITY), &json!({"HeartbeatSeconds": 20, "TimeoutSeconds": 60}));
    let worse = json!({"QueryLanguage": "JSONata", "Type": "Pass", "Output": "{% $number('x') %}"});
    vec![
        ("a function by its ARN", chain([("Function", task(FUNCTION)), ("Last", wait(1))])),
        ("a function that fails", caught_each(FUNCTION, ["Unschedulable", "Unstartable", "Fails", "Silent"])),
        (
            "an activity that fails",
            caught_each(ACTIVITY, ["Unschedulable", "Unstartable", "Fails", "Silent"]),
        ),
        ("a task that fails", caught_each(LAMBDA, ["Unschedulable", "Unstartable", "Fails", "Silent"])),
        (
            "a job that is refused",
            chain([("Unsubmittable", caught(glue.clone(), "Last")), ("Last", wait(1))]),
        ),
        (
            "a job that fails",
            chain([
                ("Fails", caught(glue.clone(), "Silent")),
                ("Silent", caught(with(glue, &json!({"TimeoutSeconds": 9})), "Last")),
                ("Last", wait(1)),
            ]),
        ),
        (
            "nested executions",
            chain([
                ("Started", nested("")),
                ("Waited", nested(".sync")),
                ("Parsed", nested(".sync:2")),
                ("Called", nested(".waitForTaskToken")),
                ("Last", wait(1)),
            ]),
        ),
        ("an Express execution in a Standard one", chain([("Express", express), ("Last", wait(1))])),
        ("an HTTP task", chain([("Http", http), ("Last", wait(1))])),
        ("heartbeats", chain([("Beats", beats), ("Called", callback(50)), ("Last", wait(1))])),
        ("an expression that fails", chain([("A", wait(1)), ("B", worse)])),
    ]
}

/// Histories that somebody stops or goes on with.
fn from_outside() -> Vec<History> {
    let each = |name: &str, mode: Option<&str>| {
        let mut processor = scope(name, task(LAMBDA));
        if let Some(mode) = mode {
            processor["ProcessorConfig"] = json!({"Mode": mode, "ExecutionType": "STANDARD"});
        }
        chain([
            ("Each", json!({"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor})),
            ("Last", wait(1)),
        ])
    };
    let branches = json!([
        chain([("Silent", task(LAMBDA))]),
        chain([("Sleeps", wait(600))]),
        scope("Work", task(LAMBDA))
    ]);
    let parallel = chain([("Split", json!({"Type": "Parallel", "Branches": branches})), ("Last", wait(1))]);
    let called = chain([("Silent", callback(600)), ("Last", wait(1))]);
    let fails = chain([("First", pass()), ("FailsAtFirst", task(LAMBDA)), ("Last", wait(1))]);
    let late = with(chain([("Silent", task(LAMBDA))]), &json!({"TimeoutSeconds": 100}));
    let split = json!([chain([("FailsAtFirst", task(LAMBDA))]), scope("Work", task(LAMBDA))]);
    let split = chain([("Split", json!({"Type": "Parallel", "Branches": split})), ("Last", wait(1))]);
    let (stopped, redriven) = (stopped_after, |name, definition| history(name, definition, None, 1));
    vec![
        stopped("stopped in a wait", chain([("A", wait(60)), ("B", pass())]), "WaitStateEntered"),
        stopped("stopped in a task", chain([("Silent", task(LAMBDA))]), "TaskStarted"),
        stopped("stopped in a callback", called.clone(), "TaskSubmitted"),
        stopped("stopped in a parallel", parallel.clone(), "WaitStateEntered"),
        stopped("stopped in a map", each("Silent", None), "TaskStarted"),
        stopped("stopped in a distributed map", each("Silent", Some("DISTRIBUTED")), "MapRunStarted"),
        redriven("redriven task", fails),
        redriven("redriven parallel", split),
        redriven("redriven map", each("FailsAtFirst", None)),
        redriven("redriven distributed map", each("FailsAtFirst", Some("DISTRIBUTED"))),
        redriven("redriven after a timeout", late),
        history("stopped and redriven", chain([("A", wait(60)), ("B", pass())]), Some("WaitStateEntered"), 1),
        history("stopped in a map and redriven", each("Work", None), Some("WaitStateEntered"), 2),
        history(
            "stopped in a callback and redriven twice",
            with(called, &json!({"TimeoutSeconds": 100})),
            Some("TaskSubmitted"),
            2,
        ),
    ]
}

fn stopped_after(name: &'static str, definition: Value, kind: &'static str) -> History {
    history(name, definition, Some(kind), 0)
}

fn history(
    name: &'static str,
    definition: Value,
    stopped_after: Option<&'static str>,
    redrives: usize,
) -> History {
    History { name, definition, stopped_after, redrives }
}
