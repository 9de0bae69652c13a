//! One connection that calls Step Functions, each request signed anew.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use stepward_sigv4::{Credentials, Payload, RequestParts, sign};
use stepward_types::Timestamp;
use tokio::net::TcpStream;

/// Where and as whom to call.
#[derive(Clone)]
pub(crate) struct Target {
    /// `host:port`.
    pub(crate) address: String,
    pub(crate) region: String,
    pub(crate) credentials: Credentials,
}

pub(crate) struct Client {
    target: Target,
    connection: SendRequest<Full<Bytes>>,
}

impl Client {
    pub(crate) async fn connect(target: Target) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(&target.address).await.context("cannot connect")?;
        stream.set_nodelay(true)?;
        let (connection, driver) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(driver);
        Ok(Self { target, connection })
    }

    /// Calls an operation of Step Functions; an error answer is an error.
    pub(crate) async fn call(&mut self, operation: &str, input: &Value) -> anyhow::Result<Value> {
        let body = Bytes::from(serde_json::to_vec(input)?);
        let request = self.signed(operation, body)?;
        self.connection.ready().await?;
        let response = self.connection.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            bail!("{operation} answered {status}: {}", String::from_utf8_lossy(&body));
        }
        Ok(serde_json::from_slice(&body)?)
    }

    fn signed(&self, operation: &str, body: Bytes) -> anyhow::Result<hyper::Request<Full<Bytes>>> {
        let headers = [
            ("content-type".to_owned(), "application/x-amz-json-1.0".to_owned()),
            ("host".to_owned(), self.target.address.clone()),
            ("x-amz-target".to_owned(), format!("AWSStepFunctions.{operation}")),
        ];
        let parts = RequestParts { method: "POST", path: "/", query: "", headers: &headers };
        let scope = (self.target.region.as_str(), "states");
        let added = sign(&parts, &Payload::Bytes(&body), &self.target.credentials, scope, now());
        let mut request = hyper::Request::post("/");
        for (name, value) in headers.iter().chain(&added) {
            request = request.header(name, value);
        }
        Ok(request.body(Full::new(body))?)
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
