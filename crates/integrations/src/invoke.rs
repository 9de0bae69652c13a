//! An authorized invocation: the function's role is assumed, its code is run.

use std::sync::Arc;

use stepward_access::{AssumeError, Authorized, Needs, ServiceCall};
use stepward_functions::{
    FunctionSpec, Invocation, InvocationRequest, InvokeError, Runtime, RuntimeError, WorkerCredentials,
};
use stepward_types::Timestamp;

use crate::function::{FunctionArn, FunctionVersion};
use crate::lambda::LambdaCall;
use crate::registry::{FunctionRegistry, RegistryError};

/// What an invocation came to.
#[derive(Clone, Debug)]
pub struct Invoked {
    pub invocation: Invocation,
    /// `$LATEST` or a number.
    pub executed_version: String,
    pub request_id: String,
}

/// Why a function was not invoked.
#[derive(Debug, thiserror::Error)]
pub enum InvokeFailure {
    #[error("Function not found: {0}")]
    NotFound(String),
    #[error("The role defined for the function cannot be assumed by Lambda.")]
    Role,
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error("the code of the function is gone")]
    Code,
}

impl FunctionRegistry {
    /// The rights that an invocation needs: the caller's, and of the function's resource policy.
    pub async fn invoke_needs(&self, arn: &FunctionArn) -> Result<Needs, RegistryError> {
        let record = self.find(&arn.account, &arn.name).await?;
        let qualifier = arn.qualifier.as_deref().filter(|qualifier| *qualifier != "$LATEST");
        let policy = record.as_ref().and_then(|record| record.policy(qualifier)?.compiled());
        let tags = record.map(|record| record.tags.clone()).unwrap_or_default();
        Ok(Needs::one("lambda:InvokeFunction", arn.text())
            .resource_account(&arn.account)
            .resource_tags(&tags)
            .resource_policy("function policy", policy))
    }

    /// Invokes a function for a caller who may.
    pub async fn invoke(
        &self,
        call: &Authorized<LambdaCall>,
        now: Timestamp,
    ) -> Result<Invoked, InvokeFailure> {
        let arn = &call.function;
        let not_found = || InvokeFailure::NotFound(arn.text());
        let record = self.find(&arn.account, &arn.name).await?.ok_or_else(not_found)?;
        // A function of another Region is another one: what was allowed on it says nothing of this one.
        if record.arn != arn.unqualified() {
            return Err(not_found());
        }
        let (version, executed_version) = record.version(arn.qualifier.as_deref()).ok_or_else(not_found)?;
        let spec = self.spec(version, &executed_version, arn).await?;
        let request = InvocationRequest {
            request_id: call.request_id.clone(),
            payload: call.payload.clone(),
            client_context: call.client_context.clone(),
            wants_log: call.wants_log,
        };
        // AWS: a role is assumed for an execution environment, not for each invocation of it.
        let credentials = || self.credentials(version, &record.arn, &arn.name, now);
        let invocation = self.functions.invoke(&spec, &request, credentials).await?;
        Ok(Invoked { invocation, executed_version, request_id: request.request_id })
    }

    /// Whether Lambda may assume a role for a function: asked when the function is made.
    pub fn can_assume(
        &self,
        role: &str,
        function_arn: &str,
        account: &str,
        now: Timestamp,
    ) -> Result<(), InvokeFailure> {
        let call = self.service_call(function_arn, account, None, now);
        self.access.can_assume(role, &call).map_err(|_| InvokeFailure::Role)
    }

    fn service_call<'a>(
        &'a self,
        arn: &'a str,
        account: &'a str,
        session: Option<&'a str>,
        now: Timestamp,
    ) -> ServiceCall<'a> {
        ServiceCall {
            service: "lambda.amazonaws.com",
            source_arn: arn,
            source_account: account,
            region: &self.region,
            session_name: session,
            now,
        }
    }

    /// Credentials of the function's own role. AWS: the session has the function's name.
    fn credentials(
        &self,
        version: &FunctionVersion,
        arn: &str,
        name: &str,
        now: Timestamp,
    ) -> Result<WorkerCredentials, InvokeFailure> {
        let account = arn.split(':').nth(4).unwrap_or_default();
        let call = self.service_call(arn, account, Some(name), now);
        let failed = |error: AssumeError| {
            tracing::warn!(%error, function = arn, "the role of a function could not be assumed");
            InvokeFailure::Role
        };
        let session = self.access.assume_as_service(&version.role, &call).map_err(failed)?;
        let credentials = session.credentials().map_err(|error| failed(AssumeError::from(error)))?;
        Ok(WorkerCredentials {
            access_key_id: credentials.access_key_id,
            secret_access_key: credentials.secret_access_key,
            session_token: credentials.session_token.unwrap_or_default(),
            expires_ms: session.expires().millis(),
        })
    }

    /// What workers of a version are made from; made once for each revision.
    async fn spec(
        &self,
        version: &FunctionVersion,
        name: &str,
        arn: &FunctionArn,
    ) -> Result<Arc<FunctionSpec>, InvokeFailure> {
        let text = arn.text();
        if let Some(spec) = self.kept_spec(&text).filter(|spec| is_of(spec, version, name)) {
            return Ok(spec);
        }
        let runtime =
            Runtime::parse(&version.runtime).map_err(|error: RuntimeError| InvokeError::from(error))?;
        let code = self.functions.code_folder().join(&version.code.name);
        if !code.is_dir() {
            let package = self.package(&version.code.name).await?.ok_or(InvokeFailure::Code)?;
            self.functions.install(&version.code.name, package).await.map_err(|_| InvokeFailure::Code)?;
        }
        let spec = Arc::new(FunctionSpec {
            arn: text,
            name: arn.name.clone(),
            version: name.to_owned(),
            runtime,
            handler: version.handler.clone(),
            timeout_seconds: version.timeout,
            memory_mib: version.memory,
            environment: version.environment.clone(),
            code,
            revision: version.revision.clone(),
        });
        self.keep_spec(&spec);
        Ok(spec)
    }
}

fn is_of(spec: &FunctionSpec, version: &FunctionVersion, name: &str) -> bool {
    spec.version == name && spec.revision == version.revision
}
