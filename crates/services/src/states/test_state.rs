//! TestState: one state tried out, with its task really called or with a mock.

mod schema;

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_asl::{
    ExecutionInfo, FieldValidationMode, HttpExchange, HttpMessage, InspectionLevel, Mock, Seed, TaskOutcome,
    TestState as Test, TestStateConfiguration, TestStateError, TestStateInput,
};

use super::StatesError;
use super::resources::check_resources_of_test;
use super::rights::{check_role_trust, pass_role};
use stepward_engine::{Performed, TaskCall, check_arguments};
use stepward_integrations::HttpTrace;

use crate::time::{new_id, now};
use crate::{Operation, Services};
use schema::ModelSchema;

pub(crate) struct TestState;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    definition: String,
    role_arn: Option<String>,
    input: Option<String>,
    inspection_level: Option<String>,
    #[serde(default)]
    reveal_secrets: bool,
    variables: Option<String>,
    state_name: Option<String>,
    mock: Option<MockInput>,
    context: Option<String>,
    state_configuration: Option<Configuration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MockInput {
    result: Option<String>,
    error_output: Option<ErrorOutput>,
    field_validation_mode: Option<String>,
}

#[derive(Deserialize)]
struct ErrorOutput {
    error: Option<String>,
    cause: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Configuration {
    retrier_retry_count: Option<u32>,
    error_caused_by_state: Option<String>,
    map_iteration_failure_count: Option<u32>,
    map_item_reader_data: Option<String>,
}

impl Operation for TestState {
    const NAME: &'static str = "TestState";
    type Input = Input;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &Input, caller: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let resource = format!("arn:aws:states:{}:{}:stateMachine:*", at.region, caller.account());
        let needs = Needs::one("states:TestState", &resource);
        let needs = if input.reveal_secrets { needs.and("states:RevealSecrets", &resource) } else { needs };
        Ok(match &input.role_arn {
            Some(role) if input.mock.is_none() => pass_role(needs, role, &resource),
            _ => needs,
        })
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Value, StatesError> {
        let account = call.caller().account().to_owned();
        let info = execution(&call, &account, at);
        let seed = Seed(random());
        let trace = (call.inspection_level.as_deref() == Some("TRACE"))
            .then(|| Arc::new(HttpTrace::new(call.reveal_secrets)));
        let test = Test::prepare(input(&call), info.clone(), now(), seed, &ModelSchema)?;
        check_resources_of_test(&call.definition, call.state_name.is_some())?;
        let mut test = test.with_task_check(check_arguments);
        let outcome = match test.task() {
            Some(request) => {
                if let Some(role) = &call.role_arn {
                    check_role_trust(role, &info.state_machine_arn, &account, at)?;
                }
                let limit = time_limit(&request);
                let performed = tokio::time::timeout(limit, perform(info, request, trace.clone(), at)).await;
                Some(performed.unwrap_or_else(|_| TaskOutcome::TimedOut {
                    error: "States.Timeout".to_owned(),
                    cause: None,
                }))
            }
            None => None,
        };
        Ok(test.finish(outcome, trace.and_then(|trace| exchange(&trace)))?.to_api_json())
    }
}

/// AWS: a test takes five minutes at most, and a task as long as its state says.
const TEST_SECONDS_MAX: u64 = 300;

fn time_limit(request: &stepward_asl::TaskRequest) -> Duration {
    let seconds = request.timeout_seconds.unwrap_or(TEST_SECONDS_MAX).min(TEST_SECONDS_MAX);
    Duration::from_secs(seconds)
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    // Without randomness the functions of the state are predictable; nothing else depends on it.
    let _ = ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes);
    bytes
}

/// What an HTTP Task sent and received.
fn exchange(trace: &HttpTrace) -> Option<HttpExchange> {
    let seen = trace.seen();
    let response = seen.get("response").map(message);
    Some(HttpExchange { request: message(seen.get("request")?), response })
}

fn message(seen: &Value) -> HttpMessage {
    let text = |name: &str| seen.get(name).and_then(Value::as_str).map(str::to_owned);
    HttpMessage {
        protocol: text("protocol").unwrap_or_default(),
        method: text("method"),
        url: text("url"),
        status_code: text("statusCode"),
        status_message: text("statusMessage"),
        headers: text("headers"),
        body: text("body"),
    }
}

async fn perform(
    info: ExecutionInfo,
    request: Arc<stepward_asl::TaskRequest>,
    trace: Option<Arc<HttpTrace>>,
    at: &Services,
) -> TaskOutcome {
    match at.engine() {
        Some(engine) => {
            let call = TaskCall { execution: info, request, submission: None, trace };
            match engine.perform_task(call).await {
                Performed::Ended(outcome) => outcome,
                // AWS: a task that waits needs a mock; the request was refused before.
                Performed::Waiting => {
                    TaskOutcome::Failed { error: "States.TaskFailed".to_owned(), cause: None }
                }
            }
        }
        None => TaskOutcome::Failed { error: "States.Runtime".to_owned(), cause: None },
    }
}

/// The execution that does not exist, as the context object shows it.
fn execution(call: &Input, account: &str, at: &Services) -> ExecutionInfo {
    let region = &at.region;
    let (machine, id) = (new_id(), new_id());
    ExecutionInfo {
        execution_arn: format!("arn:aws:states:{region}:{account}:express:{machine}:{id}").into(),
        execution_name: id.into(),
        role_arn: call.role_arn.clone().unwrap_or_default().into(),
        state_machine_arn: format!("arn:aws:states:{region}:{account}:stateMachine:{machine}").into(),
        state_machine_name: machine.into(),
        state_machine_alias_arn: None,
        state_machine_version_arn: None,
        region: region.as_str().into(),
    }
}

fn input(call: &Input) -> TestStateInput {
    let configuration = call.state_configuration.as_ref();
    TestStateInput {
        definition: call.definition.clone(),
        state_name: call.state_name.clone(),
        input: call.input.clone(),
        role_arn: call.role_arn.clone(),
        inspection_level: match call.inspection_level.as_deref() {
            Some("DEBUG") => InspectionLevel::Debug,
            Some("TRACE") => InspectionLevel::Trace,
            _ => InspectionLevel::Info,
        },
        reveal_secrets: call.reveal_secrets,
        variables: call.variables.clone(),
        context: call.context.clone(),
        mock: call.mock.as_ref().map(mock),
        configuration: configuration.map(configured).unwrap_or_default(),
    }
}

fn mock(given: &MockInput) -> Mock {
    Mock {
        result: given.result.clone(),
        error_output: given.error_output.as_ref().map(|output| (output.error.clone(), output.cause.clone())),
        field_validation_mode: match given.field_validation_mode.as_deref() {
            Some("PRESENT") => FieldValidationMode::Present,
            Some("NONE") => FieldValidationMode::None,
            _ => FieldValidationMode::Strict,
        },
    }
}

fn configured(given: &Configuration) -> TestStateConfiguration {
    TestStateConfiguration {
        retrier_retry_count: given.retrier_retry_count,
        error_caused_by_state: given.error_caused_by_state.clone(),
        map_iteration_failure_count: given.map_iteration_failure_count,
        map_item_reader_data: given.map_item_reader_data.clone(),
    }
}

impl From<TestStateError> for StatesError {
    fn from(error: TestStateError) -> Self {
        match error {
            TestStateError::Validation(text) => Self::Validation(text),
            TestStateError::InvalidDefinition(text) => Self::InvalidDefinitionText(text),
            TestStateError::InvalidInput(text) => Self::InvalidExecutionInputText(text),
        }
    }
}
