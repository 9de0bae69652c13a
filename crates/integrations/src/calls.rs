//! API calls that tasks make: authorized as the task's session, answered by a hosted service or by a backend.

use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};
use std::time::Duration;

use serde_json::{Map, Value};
use stepward_access::{Access, Authenticated, Authorized, Denied, Session};
use stepward_models::{Operation, Protocol, Service, service};
use stepward_sigv4::Credentials;
use stepward_types::Timestamp;
use stepward_wire::client::{
    ClientError, ServiceError, decode_error, decode_response, encode_request, fill_idempotency_tokens,
};
use stepward_wire::{HttpRequest, HttpResponse};

use crate::backend::{Backend, BackendError, Backends, Carried, ForwardError, Forwarded, is_own_path};
use crate::connections::Connections;
use crate::denial::Denial;
use crate::hosted::{Hosted, HostedError, is_hosted};
use crate::lookup::{Kept, Lookup};
use crate::outbound::Outbound;
use crate::rights::{RequestKeys, rights};
use crate::submission::Unfinished;

/// An operation that is to be called.
#[derive(Clone, Debug)]
pub struct ApiCall {
    pub service: &'static Service,
    pub operation: &'static Operation,
    /// Members by the names of the model.
    pub input: Value,
    /// Whose resources are called.
    pub account: String,
    pub region: String,
}

/// What an operation answered.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Members by the names of the model.
    pub output: Value,
    pub status: u16,
    pub request_id: String,
    pub headers: Vec<(String, String)>,
    pub body_bytes: usize,
}

/// Why an operation gave no output.
#[derive(Clone, Debug)]
pub enum CallError {
    /// The session may not.
    Denied(Denial),
    /// The service refused.
    Service(Box<ServiceError>, u32),
    /// Nothing was sent, or nothing came back that can be read: what the SDK says.
    Client(String),
    /// The answer does not fit a payload.
    TooLarge,
}

/// Why a call may not be made.
#[derive(Debug, thiserror::Error)]
pub enum Unauthorized {
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The backend did not answer what had to be known for the decision.
    #[error("{0}")]
    Unknown(String),
}

/// Makes API calls for tasks.
pub struct Calls {
    access: Arc<Access>,
    backends: Arc<Backends>,
    hosted: OnceLock<Weak<dyn Hosted>>,
    kept: Kept,
    outbound: Outbound,
    connections: Connections,
    unfinished: Unfinished,
    /// Says whether the server is stopping: then no job is cancelled.
    is_closing: RwLock<Option<Box<dyn Fn() -> bool + Send + Sync>>>,
}

impl Calls {
    pub fn new(access: Arc<Access>, backends: Arc<Backends>) -> Self {
        Self {
            access,
            backends,
            hosted: OnceLock::new(),
            kept: Kept::default(),
            outbound: Outbound::new(Vec::new()),
            connections: Connections::default(),
            unfinished: Unfinished::default(),
            is_closing: RwLock::default(),
        }
    }

    /// How HTTP Tasks and their like call what is no backend.
    #[must_use]
    pub fn with_outbound(self, outbound: Outbound, connections: Connections) -> Self {
        Self { outbound, connections, ..self }
    }

    /// Tells of the services hosted here, which are made later.
    pub fn connect(&self, hosted: Weak<dyn Hosted>, is_closing: Box<dyn Fn() -> bool + Send + Sync>) {
        let _ = self.hosted.set(hosted);
        *self.is_closing.write().unwrap_or_else(PoisonError::into_inner) = Some(is_closing);
    }

    pub fn backends(&self) -> &Arc<Backends> {
        &self.backends
    }

    pub fn access(&self) -> &Arc<Access> {
        &self.access
    }

    /// The client for addresses that state machines choose.
    pub(crate) fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    pub(crate) fn connections(&self) -> &Connections {
        &self.connections
    }

    /// The credentials of a session, for requests that are no calls of an operation.
    pub(crate) fn credentials(&self, session: &Session) -> Result<Credentials, String> {
        credentials_of(session).map_err(|_| "Unable to load credentials".to_owned())
    }

    pub(crate) fn unfinished(&self) -> &Unfinished {
        &self.unfinished
    }

    /// Waits until the jobs that nobody waits for any more are stopped, or a moment: for a server that stops.
    pub async fn settled(&self) {
        self.unfinished.settled().await;
    }

    /// Whether the server is stopping.
    pub fn is_closing(&self) -> bool {
        let is_closing = self.is_closing.read().unwrap_or_else(PoisonError::into_inner);
        is_closing.as_ref().is_some_and(|is_closing| is_closing())
    }

    /// Calls an operation as a session. `token` makes it safe to repeat, where the operation has a member for that.
    pub async fn call(
        &self,
        session: &Session,
        call: ApiCall,
        token: &str,
        now: Timestamp,
    ) -> Result<Answer, CallError> {
        self.call_within(session, (call, None), token, now).await
    }

    /// Calls an operation whose answer may take longer than those of backends do.
    pub(crate) async fn call_within(
        &self,
        session: &Session,
        (mut call, patience): (ApiCall, Option<Duration>),
        token: &str,
        now: Timestamp,
    ) -> Result<Answer, CallError> {
        fill_idempotency_tokens(call.service, call.operation.input, &mut call.input, token);
        if is_hosted(&call.service.name) {
            return self.call_hosted(session, call, now).await;
        }
        let Some(backend) = self.backends.of(call.service).map(Arc::clone) else {
            return Err(CallError::Client(Backends::missing(call.service)));
        };
        let credentials = credentials_of(session)?;
        let authorized = self.authorize_task(session, call, &credentials, now).await?;
        let sent = self.send(&backend, &authorized, &credentials, patience).await;
        self.note(&authorized);
        let (response, attempts) = sent?;
        read(&authorized, response, attempts)
    }

    /// Calls an operation whose answer is a stream, and gives the bytes of that.
    pub(crate) async fn call_for_stream(
        &self,
        session: &Session,
        (call, patience): (ApiCall, Duration),
        now: Timestamp,
    ) -> Result<Vec<u8>, CallError> {
        let Some(backend) = self.backends.of(call.service).map(Arc::clone) else {
            return Err(CallError::Client(Backends::missing(call.service)));
        };
        let credentials = credentials_of(session)?;
        let authorized = self.authorize_task(session, call, &credentials, now).await?;
        let (response, attempts) = self.send(&backend, &authorized, &credentials, Some(patience)).await?;
        match refusal(authorized.service, &response) {
            Some(error) => Err(CallError::Service(Box::new(error), attempts)),
            None => Ok(response.body),
        }
    }

    async fn authorize_task(
        &self,
        session: &Session,
        call: ApiCall,
        credentials: &Credentials,
        now: Timestamp,
    ) -> Result<Authorized<ApiCall>, CallError> {
        let service = call.service;
        let authorized =
            self.authorize(&session.caller(now), call, credentials, signed_by_sdk(service)).await;
        authorized.map_err(|error| match error {
            Unauthorized::Denied(denied) => CallError::Denied(Denial::new(service, &denied)),
            Unauthorized::Unknown(silence) => CallError::Client(silence),
        })
    }

    /// Decides whether a caller may make a call. `credentials` sign the questions that are asked for that.
    pub async fn authorize(
        &self,
        caller: &Authenticated,
        call: ApiCall,
        credentials: &Credentials,
        mut request: RequestKeys,
    ) -> Result<Authorized<ApiCall>, Unauthorized> {
        let (account, region) = (call.account.clone(), call.region.clone());
        let lookup = Lookup::new(self, (caller, credentials), &account, &region);
        if call.service.name == "kms" {
            request.push(("kms:CallerAccount".to_owned(), caller.account().to_owned()));
        }
        let needs = rights(&call, &lookup, &request).await;
        // A policy that could not be read may hold a denial.
        if let Some(silence) = lookup.silence() {
            return Err(Unauthorized::Unknown(silence));
        }
        Ok(self.access.authorize(caller, call, needs)?)
    }

    /// Forwards a request that was authorized, as it came.
    pub async fn forward(
        &self,
        backend: &Backend,
        call: &Authorized<ApiCall>,
        (head, carried): (HttpRequest, Carried),
        credentials: &Credentials,
    ) -> Result<Forwarded, ForwardError> {
        let scope = (&*call.region, &*call.service.signing_name);
        let answered = self.backends.forward(backend, head, carried, credentials, scope).await;
        self.note(call);
        answered
    }

    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// What was known of a service may be different after a call that does more than read.
    fn note(&self, call: &ApiCall) {
        let reads =
            ["Get", "List", "Describe", "Head", "Query", "Scan", "Batch", "Receive", "Send", "Publish"];
        if !reads.iter().any(|prefix| call.operation.name.starts_with(prefix)) {
            self.kept.forget(&call.service.name);
        }
    }

    /// Sends what the server itself has decided to send for a session, to whom nobody has to give a right: execution
    /// logs, and events of the status of executions. Goes to backends only.
    pub async fn deliver(&self, session: &Session, call: ApiCall) -> Result<Answer, CallError> {
        let Some(backend) = self.backends.of(call.service).map(Arc::clone) else {
            return Err(CallError::Client(Backends::missing(call.service)));
        };
        let credentials = credentials_of(session)?;
        self.exchange(&backend, &call, &credentials).await
    }

    /// Sends what was authorized, or what the server asks in its own name.
    pub(crate) async fn exchange(
        &self,
        backend: &Backend,
        call: &ApiCall,
        credentials: &Credentials,
    ) -> Result<Answer, CallError> {
        let (response, attempts) = self.send(backend, call, credentials, None).await?;
        read(call, response, attempts)
    }

    async fn send(
        &self,
        backend: &Backend,
        call: &ApiCall,
        credentials: &Credentials,
        patience: Option<Duration>,
    ) -> Result<(HttpResponse, u32), CallError> {
        let request = encode_request(call.service, call.operation, &call.input)
            .map_err(|error| CallError::Client(error.to_string()))?;
        if is_own_path(&request.path) {
            return Err(CallError::Client(format!(
                "{} is no resource of {}.",
                request.path, call.service.name
            )));
        }
        let scope = (&*call.region, &*call.service.signing_name);
        let timeout = self.backends.timeout.max(patience.unwrap_or_default());
        let answered = self.backends.send_within(timeout, backend, &request, credentials, scope).await;
        let answered = answered.map_err(|(error, attempts)| match error {
            BackendError::TooLarge => CallError::TooLarge,
            error => CallError::Client(format!("{error} (SDK Attempt Count: {attempts})")),
        })?;
        Ok((answered.response, answered.attempts))
    }

    async fn call_hosted(
        &self,
        session: &Session,
        call: ApiCall,
        now: Timestamp,
    ) -> Result<Answer, CallError> {
        let Some(hosted) = self.hosted.get().and_then(Weak::upgrade) else {
            return Err(CallError::Client("The service is not available.".to_owned()));
        };
        let caller = session.caller(now);
        let answered = hosted.call(&call.service.name, &call.operation.name, call.input, caller).await;
        let output =
            answered.map_err(|error| CallError::Service(Box::new(service_error(call.service, error)), 1))?;
        let body_bytes = output.to_string().len();
        let request_id = crate::ids::uuid();
        Ok(Answer { output, status: call.operation.status, request_id, headers: Vec::new(), body_bytes })
    }
}

/// How a task's own call is signed: as AWS's SDK does it.
fn signed_by_sdk(service: &Service) -> RequestKeys {
    if service.name != "s3" {
        return Vec::new();
    }
    let keys = [("s3:authType", "REST-HEADER"), ("s3:signatureversion", "AWS4-HMAC-SHA256")];
    keys.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}

fn credentials_of(session: &Session) -> Result<Credentials, CallError> {
    let credentials = session.credentials().map_err(|error| {
        tracing::error!(%error, "a session's credentials cannot be made");
        CallError::Client("Unable to load credentials".to_owned())
    })?;
    Ok(Credentials {
        access_key_id: credentials.access_key_id,
        secret_access_key: credentials.secret_access_key,
        session_token: credentials.session_token,
    })
}

fn service_error(service: &Service, error: HostedError) -> ServiceError {
    let status = service.error_shape(&error.code).and_then(|shape| shape.error.as_ref()?.status);
    ServiceError {
        status: status.unwrap_or(error.status),
        code: error.code,
        message: Some(error.message),
        ..ServiceError::default()
    }
}

fn read(call: &ApiCall, response: HttpResponse, attempts: u32) -> Result<Answer, CallError> {
    if let Some(error) = refusal(call.service, &response) {
        return Err(CallError::Service(Box::new(error), attempts));
    }
    let output = decode_response(call.service, call.operation, &response).map_err(|error| match error {
        ClientError::Request(text) | ClientError::Response(text) => {
            CallError::Client(format!("{text} (SDK Attempt Count: {attempts})"))
        }
    })?;
    let id = ["x-amzn-requestid", "x-amz-request-id"].iter().find_map(|name| response.header(name));
    let request_id = crate::ids::request_id(id);
    let body_bytes = written_bytes(call.service, &response.body);
    Ok(Answer { output, status: response.status, request_id, headers: response.headers, body_bytes })
}

/// The error that a service answered with, if it did.
fn refusal(service: &Service, response: &HttpResponse) -> Option<ServiceError> {
    let is_success = (200..300).contains(&response.status);
    // S3 may answer 200 and tell an error in the body.
    let tells_error = is_success && service.name == "s3" && is_xml_error(&response.body);
    if is_success && !tells_error {
        return None;
    }
    let mut error = decode_error(service, response);
    error.request_id = Some(crate::ids::request_id(error.request_id.as_deref()));
    Some(error)
}

/// How long an answer is as AWS writes it: JSON without spaces.
fn written_bytes(service: &Service, body: &[u8]) -> usize {
    let is_json = matches!(service.protocol, Protocol::Json { .. } | Protocol::RestJson);
    let parsed = if is_json { serde_json::from_slice::<Value>(body).ok() } else { None };
    parsed.map_or(body.len(), |value| value.to_string().len())
}

fn is_xml_error(body: &[u8]) -> bool {
    let start = String::from_utf8_lossy(body.get(..200).unwrap_or(body)).into_owned();
    let root =
        start.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map(|(_, rest)| rest);
    root.unwrap_or(&start).trim_start().starts_with("<Error>")
}

/// A service and an operation by their names in the models.
pub(crate) fn operation(service_name: &str, name: &str) -> Option<(&'static Service, &'static Operation)> {
    let service = service(service_name)?;
    Some((service, service.operations.get(name)?))
}

impl Answer {
    /// A member of the output.
    pub fn member(&self, name: &str) -> &Value {
        self.output.get(name).unwrap_or(&Value::Null)
    }
}

/// An object of members.
pub fn members<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}
