//! The Lambda Runtime API (AWS: "Using the Lambda runtime API"), one server per worker: no worker can take what
//! is another's, because only the worker's own processes are answered.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc, oneshot, watch};

use crate::line::{Answer, Job};
use crate::peer;

/// AWS: a synchronous answer has at most 6 MiB; a little more is read to say so.
pub(crate) const BODY_BYTES_MAX: usize = 6 * 1_024 * 1_024 + 1_024;

type Response_ = Response<Full<Bytes>>;

/// A job, and where its answer goes.
type Handed = (Job, oneshot::Sender<Answer>);

/// The server's side of one worker.
struct Shared {
    jobs: Mutex<mpsc::Receiver<Handed>>,
    current: Mutex<Option<(String, oneshot::Sender<Answer>)>>,
    init_errors: mpsc::Sender<Bytes>,
}

/// Where a worker finds its Runtime API, how jobs reach it, and what it says when it cannot start.
pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    pub(crate) jobs: mpsc::Sender<Handed>,
    pub(crate) init_errors: mpsc::Receiver<Bytes>,
    /// Whose calls are answered; until it is said, calls wait.
    owner: watch::Sender<Option<u32>>,
    server: tokio::task::JoinHandle<()>,
}

impl Endpoint {
    /// The process that this is for.
    pub(crate) fn belongs_to(&self, process: u32) {
        self.owner.send_replace(Some(process));
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Starts a Runtime API for one worker.
pub(crate) async fn start() -> std::io::Result<Endpoint> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let (jobs, taken) = mpsc::channel(1);
    let (init_errors, reported) = mpsc::channel(1);
    let shared = Arc::new(Shared { jobs: Mutex::new(taken), current: Mutex::default(), init_errors });
    let (owner, told) = watch::channel(None);
    let server = tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            // Without it an answer waits 40 ms for the acknowledgement of its head.
            let _ = stream.set_nodelay(true);
            let (shared, told) = (Arc::clone(&shared), told.clone());
            tokio::spawn(async move {
                if !is_of_owner(told, address, peer).await {
                    tracing::warn!(%peer, "another process than the worker's called its Runtime API");
                    return;
                }
                let service = service_fn(|request| answer(Arc::clone(&shared), request));
                // A worker that hangs up in the middle is noticed by its exit.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    Ok(Endpoint { address, jobs, init_errors: reported, owner, server })
}

async fn is_of_owner(mut told: watch::Receiver<Option<u32>>, ours: SocketAddr, theirs: SocketAddr) -> bool {
    let Ok(Some(owner)) = told.wait_for(Option::is_some).await.map(|owner| *owner) else { return false };
    let asked = tokio::task::spawn_blocking(move || peer::is_of(owner, ours, theirs)).await;
    matches!(asked, Ok(Ok(true)))
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response_, Infallible> {
    let path = request.uri().path().to_owned();
    let Some(call) = path.strip_prefix("/2018-06-01/runtime/") else { return Ok(reply(404, "")) };
    Ok(match (request.method(), call.split('/').collect::<Vec<_>>().as_slice()) {
        (&Method::GET, ["invocation", "next"]) => next(&shared).await,
        (&Method::POST, ["invocation", id, "response"]) => {
            let id = (*id).to_owned();
            match read(request).await {
                Some(body) => finish(&shared, &id, Answer::Response(body)).await,
                None => {
                    finish(&shared, &id, Answer::TooLarge).await;
                    reply(
                        413,
                        r#"{"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).","errorType":"RequestEntityTooLarge"}"#,
                    )
                }
            }
        }
        (&Method::POST, ["invocation", id, "error"]) => {
            let id = (*id).to_owned();
            let body = read(request).await.unwrap_or_default();
            finish(&shared, &id, Answer::Error(body)).await
        }
        (&Method::POST, ["init", "error"]) => {
            let body = read(request).await.unwrap_or_default();
            // The first report counts.
            let _ = shared.init_errors.try_send(body);
            reply(202, r#"{"status":"OK"}"#)
        }
        _ => reply(404, ""),
    })
}

async fn read(request: Request<Incoming>) -> Option<Bytes> {
    Limited::new(request.into_body(), BODY_BYTES_MAX)
        .collect()
        .await
        .ok()
        .map(http_body_util::Collected::to_bytes)
}

async fn next(shared: &Shared) -> Response_ {
    let Some((job, answer)) = shared.jobs.lock().await.recv().await else { return reply(410, "") };
    let response = Response::builder()
        .header("Lambda-Runtime-Aws-Request-Id", &job.request_id)
        .header("Lambda-Runtime-Deadline-Ms", job.deadline_ms)
        .header("Lambda-Runtime-Invoked-Function-Arn", &job.function_arn)
        .header("Content-Type", "application/json");
    let response = match &job.client_context {
        Some(context) => response.header("Lambda-Runtime-Client-Context", context),
        None => response,
    };
    let payload = job.payload;
    *shared.current.lock().await = Some((job.request_id, answer));
    // A client context that is no header value is refused before it comes here.
    response.body(Full::new(payload)).unwrap_or_else(|_| reply(500, ""))
}

async fn finish(shared: &Shared, id: &str, answer: Answer) -> Response_ {
    let mut current = shared.current.lock().await;
    match current.take_if(|(running, _)| running == id) {
        Some((_, waiting)) => {
            // Nobody waits any more when the invocation timed out meanwhile.
            let _ = waiting.send(answer);
            reply(202, r#"{"status":"OK"}"#)
        }
        None => reply(400, r#"{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}"#),
    }
}

fn reply(status: u16, body: &'static str) -> Response_ {
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response
}
