//! One connection that calls Step Functions, each request signed anew.
//!
//! Owns a request's bytes from the signature to the socket, and does no more than that: what the load generator
//! spends is taken from the server beside it. Refuses what a server of our own does not send, such as chunks.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};
use stepward_sigv4::{Credentials, SigningKey, format_basic};
use stepward_types::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const SIGNED_HEADERS: &str = "content-type;host;x-amz-date;x-amz-target";
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
/// No answer's head is larger.
const HEAD_BYTES_MAX: usize = 16 * 1_024;

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
    stream: TcpStream,
    stamp: Stamp,
    canonical: String,
    request: String,
    answer: Vec<u8>,
}

/// What signatures of one second share.
struct Stamp {
    second: i64,
    date: String,
    scope: String,
    key: SigningKey,
}

impl Client {
    pub(crate) async fn connect(target: Target) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(&target.address).await.context("cannot connect")?;
        stream.set_nodelay(true)?;
        let stamp = Stamp::of(second(), &target);
        let (canonical, request, answer) = Default::default();
        Ok(Self { target, stream, stamp, canonical, request, answer })
    }

    /// Calls an operation of Step Functions and gives the body of its answer; an error answer is an error.
    pub(crate) async fn call(&mut self, operation: &str, body: &str) -> anyhow::Result<&str> {
        self.write_request(operation, body)?;
        self.stream.write_all(self.request.as_bytes()).await?;
        let (status, body) = self.read_answer().await?;
        let body = std::str::from_utf8(self.answer.get(body).unwrap_or_default())?;
        if status != 200 {
            bail!("{operation} answered {status}: {body}");
        }
        Ok(body)
    }

    fn write_request(&mut self, operation: &str, body: &str) -> anyhow::Result<()> {
        let now = second();
        if now != self.stamp.second {
            self.stamp = Stamp::of(now, &self.target);
        }
        let (Target { address, credentials, .. }, Stamp { date, scope, key, .. }) =
            (&self.target, &self.stamp);
        self.canonical.clear();
        write!(
            self.canonical,
            "POST\n/\n\ncontent-type:{CONTENT_TYPE}\nhost:{address}\nx-amz-date:{date}\n\
             x-amz-target:AWSStepFunctions.{operation}\n\n{SIGNED_HEADERS}\n"
        )?;
        push_hex(&mut self.canonical, &Sha256::digest(body));
        self.request.clear();
        write!(self.request, "AWS4-HMAC-SHA256\n{date}\n{scope}\n")?;
        push_hex(&mut self.request, &Sha256::digest(&self.canonical));
        let signature = key.sign(&self.request);
        self.request.clear();
        write!(
            self.request,
            "POST / HTTP/1.1\r\nhost: {address}\r\ncontent-type: {CONTENT_TYPE}\r\nx-amz-date: {date}\r\n\
             x-amz-target: AWSStepFunctions.{operation}\r\ncontent-length: {}\r\nauthorization: AWS4-HMAC-SHA256 \
             Credential={}/{scope}, SignedHeaders={SIGNED_HEADERS}, Signature=",
            body.len(),
            credentials.access_key_id
        )?;
        push_hex(&mut self.request, &signature);
        self.request.push_str("\r\n\r\n");
        self.request.push_str(body);
        Ok(())
    }

    /// The status, and where the body lies in what was read.
    async fn read_answer(&mut self) -> anyhow::Result<(u16, std::ops::Range<usize>)> {
        self.answer.clear();
        loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                bail!("the server closed the connection");
            }
            let Some(end) = head_end(&self.answer) else {
                if self.answer.len() > HEAD_BYTES_MAX {
                    bail!("the head of an answer does not end");
                }
                continue;
            };
            let head = std::str::from_utf8(self.answer.get(..end).unwrap_or_default())?;
            let (status, length) = head_of(head).context("an answer has no status or no length")?;
            while self.answer.len() < end + length {
                if self.stream.read_buf(&mut self.answer).await? == 0 {
                    bail!("an answer ended early");
                }
            }
            return Ok((status, end..end + length));
        }
    }
}

impl Stamp {
    fn of(second: i64, target: &Target) -> Self {
        let date = format_basic(Timestamp::from_millis(second * 1_000));
        let day = date.get(..8).unwrap_or_default();
        let scope = format!("{day}/{}/states/aws4_request", target.region);
        let key = SigningKey::derive(&target.credentials.secret_access_key, day, &target.region, "states");
        Self { second, scope, key, date }
    }
}

/// Behind the empty line.
fn head_end(answer: &[u8]) -> Option<usize> {
    answer.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

fn head_of(head: &str) -> Option<(u16, usize)> {
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let length = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    })?;
    Some((status, length))
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    let digit = |four_bits: u8| char::from_digit(u32::from(four_bits), 16).unwrap_or_default();
    text.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
}

fn second() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
