//! Tasks that call AWS APIs: the optimized integrations, and `aws-sdk`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use stepward_access::Session;
use stepward_asl::{Pattern, TaskResource};
use stepward_integrations::optimized::optimized;
use stepward_integrations::{Mode, Task, sdk};
use stepward_query::Payload;

use super::{Failed, Inner, failed, refusal};
use crate::{Progress, TaskCall};

impl Inner {
    /// `<service>:<action>`.
    pub(super) async fn optimized(
        &self,
        call: &TaskCall,
        session: Session,
        (service, action): (&str, &str),
        progress: &Progress,
    ) -> Result<Payload, Failed> {
        let Some((integration, action)) = optimized(service, action) else {
            return Err(refusal::unsupported(&call.request.resource));
        };
        let is_offered = match call.request.resource.pattern() {
            Pattern::RequestResponse => true,
            Pattern::Sync | Pattern::Sync2 => action.has_sync,
            Pattern::WaitForTaskToken => action.has_token,
        };
        if !is_offered {
            return Err(refusal::unsupported(&call.request.resource));
        }
        let task = Arc::new(self.task(call, session, action.name, progress).await);
        integration.perform(&task, action).await.map(Payload::new).map_err(failed)
    }

    /// `aws-sdk:<service>:<action>`.
    pub(super) async fn sdk(
        &self,
        call: &TaskCall,
        session: Session,
        (service, action): (&str, &str),
        progress: &Progress,
    ) -> Result<Payload, Failed> {
        let task = self.task(call, session, action, progress).await;
        sdk::perform(&task, service).await.map(Payload::new).map_err(failed)
    }

    async fn task(&self, call: &TaskCall, session: Session, action: &str, progress: &Progress) -> Task {
        // A recovered task may come before the services that it calls.
        self.connected().await;
        let (execution, progress) = (&call.execution, progress.clone());
        Task {
            action: action.to_owned(),
            resource_type: match &call.request.resource {
                TaskResource::AwsSdk { service, .. } => format!("aws-sdk:{service}"),
                TaskResource::Optimized { service, .. } => service.to_string(),
                TaskResource::LambdaFunction(_) | TaskResource::Activity(_) => String::new(),
            },
            mode: match call.request.resource.pattern() {
                Pattern::RequestResponse => Mode::RequestResponse,
                Pattern::Sync => Mode::RunJob { has_json: false },
                Pattern::Sync2 => Mode::RunJob { has_json: true },
                Pattern::WaitForTaskToken => Mode::WaitForToken,
            },
            arguments: call.request.arguments.value().clone(),
            execution_arn: execution.execution_arn.to_string(),
            state_machine_arn: execution.state_machine_arn.to_string(),
            region: execution.region.to_string(),
            token: call.request.token.as_deref().map(str::to_owned),
            id: call.request.task.0,
            submission: call.submission.as_ref().map(|answer| answer.value().clone()),
            session,
            timeout: call.request.timeout_seconds.map(Duration::from_secs),
            trace: call.trace.clone(),
            calls: Arc::clone(&self.calls),
            submitted: Box::new(move |output: Value| progress.submitted(Payload::new(output))),
        }
    }
}
