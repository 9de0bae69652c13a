//! StartExecution: durable before it is answered.

use serde::{Deserialize, Serialize};
use stepward_access::{Authenticated, Authorized, Needs};

use super::StatesError;
use super::arn::StateMachineArn;
use super::encryption::check_role;
use super::rights::on_machine;
use super::start::{Wanted, request};
use crate::{Operation, Services};

pub(crate) struct StartExecution;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    state_machine_arn: String,
    name: Option<String>,
    input: Option<String>,
    trace_header: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    execution_arn: String,
    start_date: f64,
}

impl Operation for StartExecution {
    const NAME: &'static str = "StartExecution";
    type Input = Input;
    type Output = Output;
    type Error = StatesError;
    const IS_AS_SENT: bool = true;

    async fn needs(input: &Input, _: &Authenticated, at: &Services) -> Result<Needs, StatesError> {
        on_machine("states:StartExecution", &StateMachineArn::parse(&input.state_machine_arn)?, at).await
    }

    async fn handle(call: Authorized<Input>, at: &Services) -> Result<Output, StatesError> {
        let wanted = Wanted {
            state_machine_arn: &call.state_machine_arn,
            name: call.name.as_deref(),
            input: call.input.as_deref(),
            trace_header: call.trace_header.as_deref(),
        };
        let (request, _) = request(&wanted, at).await?;
        let machine = &request.machine;
        check_role(&machine.encryption, &machine.role_arn, &machine.arn, false, at)?;
        let engine = at.engine().ok_or(StatesError::Throttling)?;
        let started = engine.start_execution(request).await?;
        Ok(Output { execution_arn: started.arn, start_date: started.started.epoch_seconds() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::describe_execution::tests::check_as_sent;
    use super::*;

    #[test]
    fn it_is_written_as_the_model_has_it() {
        check_as_sent::<StartExecution>(&Output {
            execution_arn: "arn".to_owned(),
            start_date: 1_700_000_000.5,
        });
    }
}
