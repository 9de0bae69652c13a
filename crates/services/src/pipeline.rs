//! A request from its bytes to its answer: routed, authenticated, read, authorized, handled, written.

use serde_json::Value;
use stepward_access::{Authenticated, AuthenticationError, Origin};
use stepward_integrations::backend::Forwarded;
use stepward_integrations::http_client::OutgoingBody;
use stepward_models::Protocol;
use stepward_policy::Principal;
use stepward_types::Timestamp;
use stepward_wire::{
    ApiError, Call, HttpRequest, HttpResponse, Unrouted, addressed, decode, encode, encode_error_in,
    encode_written, is_cbor,
};

use crate::operation::Output;
use crate::time::{new_id, now};
use crate::{Services, gateway};

/// The answer to a request.
pub enum Reply {
    Whole(HttpResponse),
    /// A backend's, which is still on its way.
    Stream(Forwarded),
}

/// The head of a request whose payload is still coming.
pub struct UploadHead {
    head: HttpRequest,
    /// The same with the bucket in its path, where it was in the host.
    plain: Option<HttpRequest>,
    call: Call,
}

impl UploadHead {
    /// Whether the client waits to be told that it may send.
    pub fn asks_first(&self) -> bool {
        self.head.header("expect").is_some()
    }
}

/// The header of X-Ray.
const TRACE_HEADER: &str = "x-amzn-trace-id";
/// AWS: longer ones are no trace headers.
const TRACE_HEADER_BYTES_MAX: usize = 256;

impl Services {
    /// Answers a request. Never fails: whatever goes wrong is an answer.
    pub async fn respond(&self, request: HttpRequest, origin: Origin) -> Reply {
        let request_id = new_id();
        let speaks_cbor = is_cbor(&request);
        let answered = self.answer(request, origin, &request_id).await;
        answered.unwrap_or_else(|unanswered| refused(unanswered, speaks_cbor, &request_id))
    }

    /// A request whose payload is to be read while it is forwarded, which `respond_to_upload` answers; the head itself where
    /// it is none.
    pub fn upload_of(&self, head: HttpRequest) -> Result<UploadHead, HttpRequest> {
        if !matches!(head.method.as_str(), "PUT" | "POST") || head.header("x-amz-target").is_some() {
            return Err(head);
        }
        let plain = self.addressed(&head);
        let given = plain.as_ref().unwrap_or(&head);
        let call = gateway::routed(&self.calls, given)
            .ok()
            .filter(|call| self.operations(&call.service.name).is_none() && gateway::is_upload(call, given));
        match call {
            Some(call) => Ok(UploadHead { head, plain, call }),
            None => Err(head),
        }
    }

    /// A request whose bucket is in its host, with the bucket in its path.
    fn addressed(&self, request: &HttpRequest) -> Option<HttpRequest> {
        addressed(request, self.calls.backends().hosts())
    }

    /// Answers a request whose payload is still coming. Never fails: whatever goes wrong is an answer.
    pub async fn respond_to_upload(&self, upload: UploadHead, body: OutgoingBody, origin: Origin) -> Reply {
        let request_id = new_id();
        let answered = self.upload(upload, body, origin).await;
        answered.map_or_else(|unanswered| refused(unanswered, false, &request_id), Reply::Stream)
    }

    async fn upload(
        &self,
        UploadHead { head, plain, call }: UploadHead,
        body: OutgoingBody,
        origin: Origin,
    ) -> Result<Forwarded, Unrouted> {
        let told = |error| (Some(call.service), error);
        let (caller, chunks) = self.authenticate_head(&head, &call, origin).map_err(told)?;
        let account = self.account_of_backends(&caller);
        let head = plain.unwrap_or(head);
        let forwarded =
            gateway::forward_upload(&self.calls, (head, body), &call, (&caller, chunks), account).await;
        forwarded.map_err(told)
    }

    async fn answer(
        &self,
        request: HttpRequest,
        origin: Origin,
        request_id: &str,
    ) -> Result<Reply, Unrouted> {
        let plain = self.addressed(&request);
        if gateway::is_form(&request) {
            let request = plain.as_ref().unwrap_or(&request);
            let account_of = |caller: &Authenticated| self.account_of_backends(caller).to_owned();
            // What is rare is boxed: the future of every request would have its size.
            return Box::pin(gateway::upload_form(self, request, origin, account_of))
                .await
                .map(Reply::Stream);
        }
        let call = gateway::routed(&self.calls, plain.as_ref().unwrap_or(&request))?;
        let service = Some(call.service);
        let caller = self.authenticate(&request, &call, origin).map_err(|error| (service, error))?;
        let Some(operations) = self.operations(&call.service.name) else {
            let account = self.account_of_backends(&caller);
            let request = plain.unwrap_or(request);
            let forwarded = Box::pin(gateway::forward(&self.calls, request, &call, &caller, account)).await;
            return forwarded.map(Reply::Stream).map_err(|error| (service, error));
        };
        crate::session_limits::check(&call.service.name, &call.operation.name, &caller)
            .map_err(|error| (service, error))?;
        let input = decode(&call, &request).map_err(|error| (service, error))?;
        let input = traced(&call, &request, input);
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
        Ok(Reply::Whole(match output {
            Output::Value(output) => encode(call.service, call.operation, &output, request_id),
            Output::Sent(text) => encode_written(call.service, text, request_id),
        }))
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
            Ok(caller) => self.scoped(call, caller),
            Err(error) => self.unknown(call, &error, origin, now),
        }
    }

    /// A caller whose request was signed for the service that it asks.
    pub(crate) fn scoped(&self, call: &Call, caller: Authenticated) -> Result<Authenticated, ApiError> {
        if caller.service() == call.service.signing_name {
            return Ok(caller);
        }
        let text =
            format!("Credential should be scoped to correct service: '{}'. ", call.service.signing_name);
        Err(refusal(call, &AuthenticationError::Mismatch(text)))
    }

    /// A caller whom nobody knows, where that is no reason to refuse.
    pub(crate) fn unknown(
        &self,
        call: &Call,
        error: &AuthenticationError,
        origin: Origin,
        now: Timestamp,
    ) -> Result<Authenticated, ApiError> {
        let is_public = gateway::is_public(call.service) && *error == AuthenticationError::MissingToken;
        if is_unsigned(call) || is_public {
            return Ok(Authenticated::anonymous(origin, self.region.as_str(), now));
        }
        Err(refusal(call, error))
    }

    /// Whose account what backends hold belongs to.
    fn account_of_backends<'a>(&'a self, caller: &'a Authenticated) -> &'a str {
        let own = match caller.principal() {
            Principal::Anonymous => self.access.own_account(),
            _ => caller.account(),
        };
        self.calls.backends().account().unwrap_or(own)
    }
}

fn refused((service, error): Unrouted, speaks_cbor: bool, request_id: &str) -> Reply {
    tracing::debug!(request_id, code = error.code, message = error.message, "a request was refused");
    let usual = service.map(|service| service.protocol);
    let protocol = if speaks_cbor { Some(Protocol::Cbor) } else { usual };
    Reply::Whole(encode_error_in(protocol, service, &error, request_id))
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

/// AWS: these two come with a token of an identity provider instead of a signature.
fn is_unsigned(call: &Call) -> bool {
    matches!(call.operation.name.as_str(), "AssumeRoleWithWebIdentity" | "AssumeRoleWithSAML")
}

fn refusal(call: &Call, error: &AuthenticationError) -> ApiError {
    if call.service.name == "s3" {
        return gateway::s3_refusal(error);
    }
    let is_query = matches!(call.service.protocol, Protocol::Query | Protocol::Ec2 | Protocol::RestXml);
    let (code, status) = error.code(is_query);
    ApiError::new(code, error.to_string()).with_status(status)
}
