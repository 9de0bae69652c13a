//! Tasks that invoke Lambda functions: by the function's ARN, or by `lambda:invoke`.

use stepward_access::Session;
use stepward_asl::TaskOutcome;
use stepward_integrations::{LambdaCall, TaskFailure, invoke_error, task_result};
use stepward_query::Payload;

use super::{Failed, Inner, account, failed, refusal};
use crate::{Performed, TaskCall};

impl Inner {
    /// A function's ARN as the Task's Resource.
    pub(super) async fn direct(
        &self,
        call: &TaskCall,
        session: &Session,
        arn: &str,
    ) -> Result<Performed, Failed> {
        let request_id = self.request_id();
        let Some(lambda) = LambdaCall::direct(arn, call.request.arguments.value(), request_id) else {
            return Err(refusal::unsupported(&call.request.resource));
        };
        let output = self.call_function(lambda, session).await?;
        Ok(Performed::Ended(TaskOutcome::Succeeded { output }))
    }

    /// `lambda:invoke`.
    pub(super) async fn invoke(&self, call: &TaskCall, session: &Session) -> Result<Payload, Failed> {
        let place = (&*call.execution.region, account(&call.execution.state_machine_arn));
        let arguments = call.request.arguments.value();
        let lambda = LambdaCall::optimized(arguments, place, self.request_id()).map_err(failed)?;
        self.call_function(lambda, session).await
    }

    async fn call_function(&self, lambda: LambdaCall, session: &Session) -> Result<Payload, Failed> {
        let (now, request_id) = (self.clock.now(), lambda.request_id.clone());
        let needs = self.functions.invoke_needs(&lambda.function).await.map_err(|error| {
            tracing::error!(%error, "a function's record cannot be read");
            refusal::internal()
        })?;
        let authorized = self
            .access
            .authorize(&session.caller(now), lambda, needs)
            .map_err(|denied| failed(TaskFailure::denied(denied.text(), &request_id)))?;
        let invoked = self
            .functions
            .invoke(&authorized, now)
            .await
            .map_err(|error| failed(invoke_error(&error, &request_id)))?;
        task_result(&authorized, &invoked).map(Payload::new).map_err(failed)
    }
}
