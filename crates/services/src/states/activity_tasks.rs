//! Tasks in the hands of workers: GetActivityTask and the three answers to a task token.

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_asl::read_token;
use stepward_engine::{PollError, TokenError};

use super::StatesError;
use super::arn::{ActivityArn, ExecutionArn, StateMachineArn};
use super::encryption::{Encrypted, READ, with_key};
use super::rights::{on_activity, on_machine};
use crate::{Operation, Services};

/// AWS: an output has at most 256 KiB.
const OUTPUT_BYTES_MAX: usize = 262_144;

pub(crate) struct GetActivityTask;
pub(crate) struct SendTaskSuccess;
pub(crate) struct SendTaskFailure;
pub(crate) struct SendTaskHeartbeat;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PollInput {
    activity_arn: String,
    worker_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SuccessInput {
    task_token: String,
    output: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FailureInput {
    task_token: String,
    error: Option<String>,
    cause: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeartbeatInput {
    task_token: String,
}

impl From<TokenError> for StatesError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Self::InvalidToken("Invalid token".to_owned()),
            TokenError::TimedOut => Self::TaskTimedOut("Provided task does not exist anymore".to_owned()),
            TokenError::InvalidOutput(text) => Self::InvalidOutput(text),
            TokenError::Throttled => Self::Throttling,
            TokenError::Fault(fault) => Self::fault(fault),
        }
    }
}

impl From<PollError> for StatesError {
    fn from(error: PollError) -> Self {
        match error {
            PollError::WorkerLimitExceeded => Self::ActivityWorkerLimitExceeded,
            PollError::Throttled => Self::Throttling,
            PollError::Fault(fault) => Self::fault(fault),
        }
    }
}

impl Operation for GetActivityTask {
    const NAME: &'static str = "GetActivityTask";
    type Input = PollInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(input: &PollInput, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        let arn = ActivityArn::parse(&input.activity_arn)?;
        let needs = on_activity("states:GetActivityTask", &arn, at).await?;
        let activity = at.activities.find(&arn).await?;
        let encryption = activity.as_ref().map(|activity| &activity.encryption);
        Ok(with_key(needs, encryption, Encrypted::Activity(&arn.text), &READ))
    }

    async fn handle(call: Authorized<PollInput>, at: &Services) -> Result<Value, StatesError> {
        let arn = ActivityArn::parse(&call.activity_arn)?;
        if at.activities.find(&arn).await?.is_none() {
            return Err(StatesError::ActivityDoesNotExist(arn.text));
        }
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        let task = engine.activity_task(&arn.text, call.worker_name.as_deref()).await?;
        Ok(task.map_or_else(|| json!({}), |task| json!({"taskToken": task.token, "input": task.input})))
    }
}

/// AWS: these actions have no resource type, yet a denial names the state machine that the token is of. A token that
/// cannot be read, or is of another account, is of none.
async fn token_needs(
    action: &str,
    token: &str,
    caller: &Authenticated,
    at: &Services,
) -> Result<Needs, StatesError> {
    let own = read_token(token)
        .and_then(|(arn, _)| ExecutionArn::parse(&arn).ok())
        .filter(|arn| arn.account == caller.account());
    match own {
        Some(arn) => on_machine(action, &StateMachineArn::parse(&arn.state_machine)?, at).await,
        None => Ok(Needs::one(action, "*")),
    }
}

impl Operation for SendTaskSuccess {
    const NAME: &'static str = "SendTaskSuccess";
    type Input = SuccessInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(
        input: &SuccessInput,
        caller: &Authenticated,
        at: &Services,
    ) -> Result<Needs, StatesError> {
        token_needs("states:SendTaskSuccess", &input.task_token, caller, at).await
    }

    async fn handle(call: Authorized<SuccessInput>, at: &Services) -> Result<Value, StatesError> {
        if call.output.len() > OUTPUT_BYTES_MAX {
            return Err(StatesError::InvalidOutput(format!(
                "The output is larger than {OUTPUT_BYTES_MAX} bytes"
            )));
        }
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        engine.task_succeeded(call.caller().account(), &call.task_token, &call.output).await?;
        Ok(json!({}))
    }
}

impl Operation for SendTaskFailure {
    const NAME: &'static str = "SendTaskFailure";
    type Input = FailureInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(
        input: &FailureInput,
        caller: &Authenticated,
        at: &Services,
    ) -> Result<Needs, StatesError> {
        token_needs("states:SendTaskFailure", &input.task_token, caller, at).await
    }

    async fn handle(call: Authorized<FailureInput>, at: &Services) -> Result<Value, StatesError> {
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        let account = call.caller().account();
        engine.task_failed(account, &call.task_token, call.error.clone(), call.cause.clone()).await?;
        Ok(json!({}))
    }
}

impl Operation for SendTaskHeartbeat {
    const NAME: &'static str = "SendTaskHeartbeat";
    type Input = HeartbeatInput;
    type Output = Value;
    type Error = StatesError;

    async fn needs(
        input: &HeartbeatInput,
        caller: &Authenticated,
        at: &Services,
    ) -> Result<Needs, StatesError> {
        token_needs("states:SendTaskHeartbeat", &input.task_token, caller, at).await
    }

    async fn handle(call: Authorized<HeartbeatInput>, at: &Services) -> Result<Value, StatesError> {
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        engine.task_heartbeat(call.caller().account(), &call.task_token).await?;
        Ok(json!({}))
    }
}
