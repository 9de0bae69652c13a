//! The HTTP edge: connections, limits on what is read, `/health`, the console, and a clean end.

mod browser;
mod unread;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use stepward_access::Origin;
use stepward_integrations::backend::Forwarded;
use stepward_integrations::http_client::{OutgoingBody, whole};
use stepward_services::{Reply, Services, UploadHead};
use stepward_wire::{ApiError, HttpRequest, HttpResponse, encode_error};
use tokio::net::{TcpListener, TcpStream};

use crate::console::Console;
use crate::metrics::Metrics;
use unread::Unread;

/// No request is larger. A Lambda package of 50 MiB is 67 MiB in base64.
const BODY_BYTES_MAX: usize = 72 * 1_024 * 1_024;
/// Everything but Lambda's packages stays below this.
const USUAL_BODY_BYTES_MAX: usize = 16 * 1_024 * 1_024;
const HEADERS_MAX: usize = 200;
const HEADER_SECONDS: u64 = 30;
const BODY_SECONDS: u64 = 60;
/// How long a stop waits for requests that have begun: a poll of GetActivityTask is cut off.
const DRAIN_SECONDS: u64 = 5;

/// What requests are answered with.
pub(crate) struct Edge {
    pub(crate) services: Arc<Services>,
    pub(crate) console: Console,
    pub(crate) metrics: Metrics,
    /// Whether everybody knows the credentials.
    pub(crate) is_dev: bool,
}

/// Serves connections until told to stop.
pub(crate) async fn serve(listener: TcpListener, edge: Arc<Edge>, stopped: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connect(stream, peer, &edge, &graceful),
                Err(error) => {
                    // Out of file descriptors, most likely: others may become free.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            () = &mut stopped => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(Duration::from_secs(DRAIN_SECONDS), graceful.shutdown()).await.is_err() {
        tracing::info!("requests that were still waiting were cut off");
    }
}

fn connect(stream: TcpStream, peer: SocketAddr, edge: &Arc<Edge>, graceful: &GracefulShutdown) {
    // Without it an answer in two writes waits 40 ms for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let edge = Arc::clone(edge);
    let service = service_fn(move |request| handle(Arc::clone(&edge), request, peer));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEADER_SECONDS))
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection ended");
        }
    });
}

async fn handle(
    edge: Arc<Edge>,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<Response<OutgoingBody>, Infallible> {
    if request.method() == Method::GET && request.uri().path() == "/health" {
        return Ok(health());
    }
    if request.method() == Method::GET && request.uri().path() == "/metrics" {
        return Ok(in_memory(edge.metrics.answer(peer.ip())));
    }
    if let Some(response) = edge.console.answer(&request) {
        return Ok(in_memory(response));
    }
    // Public by design: what verifies the tokens of GetWebIdentityToken.
    if request.method() == Method::GET
        && let Some(document) = edge.services.access.discovery(request.uri().path())
    {
        return Ok(json(document.to_string()));
    }
    if edge.is_dev && browser::is_of_foreign_page(request.headers()) {
        return Ok(foreign());
    }
    let origin = Origin { source_ip: Some(peer.ip()), is_secure: false };
    let (head, body) = head(request);
    let reply = match edge.services.upload_of(head) {
        // What is rare is boxed: the future of every request would have its size.
        Ok(head) => Box::pin(upload(&edge, head, body, origin)).await,
        Err(head) => match read(head, body).await {
            Ok(request) => edge.services.respond(request, origin).await,
            Err(error) => Reply::Whole(encode_error(None, &error, "-")),
        },
    };
    Ok(match reply {
        Reply::Whole(HttpResponse { status, headers, body }) => write(status, headers, whole(body)),
        Reply::Stream(Forwarded { status, headers, body }) => write(status, headers, body),
    })
}

fn foreign() -> Response<OutgoingBody> {
    let text = "With --dev, requests that a browser sends for a page from elsewhere are refused.";
    let error = ApiError::new("AccessDenied", text).with_status(403);
    let HttpResponse { status, headers, body } = encode_error(None, &error, "-");
    write(status, headers, whole(body))
}

fn in_memory(response: Response<Full<Bytes>>) -> Response<OutgoingBody> {
    response.map(|body| body.map_err(|never| match never {}).boxed())
}

fn health() -> Response<OutgoingBody> {
    json(concat!("{\"status\":\"ok\",\"version\":\"", env!("CARGO_PKG_VERSION"), "\"}"))
}

fn json(body: impl Into<Bytes>) -> Response<OutgoingBody> {
    let mut response = Response::new(whole(body));
    response
        .headers_mut()
        .insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
    response
}

/// A request's head, and its body that is still coming.
fn head(request: Request<Incoming>) -> (HttpRequest, Incoming) {
    let (parts, body) = request.into_parts();
    let text = |value: &hyper::header::HeaderValue| match value.to_str() {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value)));
    let head = HttpRequest {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: Vec::new(),
    };
    (head, body)
}

/// Answers an upload. What of it nobody reads is read here, within limits: a client that is still sending would not see
/// the answer. One that asked first has sent nothing.
async fn upload(edge: &Edge, head: UploadHead, body: Incoming, origin: Origin) -> Reply {
    let asks_first = head.asks_first();
    let body = if asks_first {
        body.map_err(Into::into).boxed()
    } else {
        Unread::new(body).map_err(Into::into).boxed()
    };
    let mut reply = edge.services.respond_to_upload(head, body, origin).await;
    let (Reply::Whole(HttpResponse { status, headers, .. })
    | Reply::Stream(Forwarded { status, headers, .. })) = &mut reply;
    // Its body may come or not: what follows it on the connection cannot be told from it, and nobody should try.
    if asks_first && *status >= 400 {
        headers.push(("connection".to_owned(), "close".to_owned()));
    }
    reply
}

async fn read(head: HttpRequest, body: Incoming) -> Result<HttpRequest, ApiError> {
    let is_form = head.header("content-type").is_some_and(|kind| kind.starts_with("multipart/form-data"));
    let is_large = is_form || head.path.starts_with("/2015-03-31/functions");
    let limit = if is_large { BODY_BYTES_MAX } else { USUAL_BODY_BYTES_MAX };
    let collected =
        tokio::time::timeout(Duration::from_secs(BODY_SECONDS), Limited::new(body, limit).collect()).await;
    let body = match collected {
        // The bytes are taken over where they came in one piece.
        Ok(Ok(body)) => Vec::from(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let text = format!("The request is larger than {limit} bytes.");
            return Err(ApiError::new("RequestEntityTooLarge", text).with_status(413));
        }
        Ok(Err(_)) => {
            return Err(ApiError::new("IncompleteBody", "The request ended early.").with_status(400));
        }
        Err(_) => {
            let text = format!("The request's body did not come within {BODY_SECONDS} seconds.");
            return Err(ApiError::new("RequestTimeout", text).with_status(408));
        }
    };
    Ok(HttpRequest { body, ..head })
}

fn write(status: u16, headers: Vec<(String, String)>, body: OutgoingBody) -> Response<OutgoingBody> {
    let mut built = Response::builder().status(status);
    for (name, value) in headers {
        // A value that is no header value, such as one with a line break, is left out rather than split.
        if let Ok(value) = hyper::header::HeaderValue::from_str(&value) {
            built = built.header(name, value);
        }
    }
    built.body(body).unwrap_or_else(|_| {
        let mut response = Response::new(whole(Bytes::new()));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}
