//! A request from its bytes to its answer: routed, authenticated, read, authorized, handled, written.

use serde_json::Value;
use stepward_access::{Authenticated, AuthenticationError, Origin};
use stepward_integrations::backend::Forwarded;
use stepward_models::{Protocol, Service};
use stepward_wire::{
    ApiError, Call, HttpRequest, HttpResponse, addressed, decode, encode, encode_error, route,
};

use crate::time::{new_id, now};
use crate::{Services, gateway};

/// The answer to a request.
pub enum Reply {
    Whole(HttpResponse),
    /// A backend's, which is still on its way.
    Stream(Forwarded),
}

/// The header of X-Ray.
const TRACE_HEADER: &str = "x-amzn-trace-id";
/// AWS: longer ones are no trace headers.
const TRACE_HEADER_BYTES_MAX: usize = 256;

impl Services {
    /// Answers a request. Never fails: whatever goes wrong is an answer.
    pub async fn respond(&self, request: HttpRequest, origin: Origin) -> Reply {
        let request_id = new_id();
        match self.answer(&request, origin, &request_id).await {
            Ok(reply) => reply,
            Err((service, error)) => {
                tracing::debug!(
                    request_id,
                    code = error.code,
                    message = error.message,
                    "a request was refused"
                );
                Reply::Whole(encode_error(service, &error, &request_id))
            }
        }
    }

    async fn answer(
        &self,
        request: &HttpRequest,
        origin: Origin,
        request_id: &str,
    ) -> Result<Reply, (Option<&'static Service>, ApiError)> {
        let plain = addressed(request);
        let call = route(plain.as_ref().unwrap_or(request))?;
        let service = Some(call.service);
        let caller = self.authenticate(request, &call, origin).map_err(|error| (service, error))?;
        let Some(operations) = self.operations(&call.service.name) else {
            let request = plain.as_ref().unwrap_or(request);
            let forwarded = gateway::forward(&self.calls, request, &call, &caller).await;
            return forwarded.map(Reply::Stream).map_err(|error| (service, error));
        };
        let input = decode(&call, request).map_err(|error| (service, error))?;
        let input = traced(&call, request, input);
        if call.service.name == "stepfunctions" {
            let admitted = crate::states::admit(&call.operation.name, &input, &caller, self).await;
            admitted.map_err(|error| (service, error))?;
        }
        let started = std::time::Instant::now();
        let answered =
            operations.call(&call.operation.name, input, &caller, self).await.unwrap_or_else(|| {
                let text = format!("The operation {} is not implemented here.", call.operation.name);
                Err(ApiError::new("NotImplemented", text).with_status(501))
            });
        tracing::info!(
            request_id,
            service = call.service.name,
            operation = call.operation.name,
            account = caller.account(),
            error = answered.as_ref().err().map(|error| error.code.as_str()),
            micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
            "request"
        );
        let output = answered.map_err(|error| (service, error))?;
        Ok(Reply::Whole(encode(call.service, call.operation, &output, request_id)))
    }

    fn authenticate(
        &self,
        request: &HttpRequest,
        call: &Call,
        origin: Origin,
    ) -> Result<Authenticated, ApiError> {
        let now = now();
        let parts = stepward_sigv4::RequestParts {
            method: &request.method,
            path: &request.path,
            query: &request.query,
            headers: &request.headers,
        };
        match self.access.authenticate(&parts, &request.body, origin.clone(), now) {
            Ok(caller) if caller.service() == call.service.signing_name => Ok(caller),
            Ok(_) => {
                let text = format!(
                    "Credential should be scoped to correct service: '{}'. ",
                    call.service.signing_name
                );
                Err(refusal(call, &AuthenticationError::Mismatch(text)))
            }
            // AWS: these two come with a token of an identity provider instead of a signature.
            Err(_) if is_unsigned(call) => Ok(Authenticated::anonymous(origin, self.region.as_str(), now)),
            Err(error) => Err(refusal(call, &error)),
        }
    }
}

/// AWS: a trace header of the request wins over the one in its body.
fn traced(call: &Call, request: &HttpRequest, mut input: Value) -> Value {
    let takes_it = matches!(call.operation.name.as_str(), "StartExecution" | "StartSyncExecution");
    if let Some(header) =
        request.header(TRACE_HEADER).filter(|_| takes_it && call.service.name == "stepfunctions")
        && header.is_ascii()
        && header.len() <= TRACE_HEADER_BYTES_MAX
        && let Some(members) = input.as_object_mut()
    {
        members.insert("traceHeader".to_owned(), Value::from(header));
    }
    input
}

fn is_unsigned(call: &Call) -> bool {
    matches!(call.operation.name.as_str(), "AssumeRoleWithWebIdentity" | "AssumeRoleWithSAML")
}

fn refusal(call: &Call, error: &AuthenticationError) -> ApiError {
    let is_query = matches!(call.service.protocol, Protocol::Query | Protocol::Ec2 | Protocol::RestXml);
    let (code, status) = error.code(is_query);
    ApiError::new(code, error.to_string()).with_status(status)
}
