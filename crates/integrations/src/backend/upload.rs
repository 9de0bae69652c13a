//! A payload on its way to a backend: verified as it streams.
//!
//! Nothing is kept but the last piece, which is withheld until everything is verified: a backend never has the whole of
//! a payload whose hash, signatures, sum or length are wrong, and HTTP's lengths tell it that something is missing.
//! Chunks that the caller has signed arrive without their signatures, which would mean nothing under other keys. A
//! checksum behind them is handed on behind them, for the backend to verify and to keep.

mod chunks;
mod framing;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, SizeHint};
use stepward_sigv4::{ChunkSignatures, PayloadHash};
use stepward_wire::ChunkedError;
use tokio::time::Sleep;

use crate::http_client::OutgoingBody;
use chunks::Chunks;
use framing::Framing;

/// How long a caller may send nothing.
const CALLER_SECONDS: u64 = 60;
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const UNSIGNED_TRAILER: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How a payload is sent, and what of it is signed.
pub enum PayloadForm {
    /// As it is; nothing is known of its bytes.
    Unsigned,
    /// As it is; its SHA-256 is signed.
    Hashed(String),
    /// In `aws-chunked`, with signatures or without, and perhaps with a checksum in a header behind it.
    Chunked { signatures: Option<Box<ChunkSignatures>>, trailer: Option<String> },
}

/// Why a payload is not taken on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    #[error("The provided 'x-amz-content-sha256' header does not match what was computed.")]
    Hash,
    #[error("a chunk or what follows the chunks has another signature")]
    Signature,
    #[error(transparent)]
    Framing(#[from] ChunkedError),
    #[error("{came} bytes came of {told} that were told")]
    Length { came: u64, told: u64 },
    /// A trailer that was not announced, is missing, or has a value that cannot be one.
    #[error("Value for {0} trailing header is invalid.")]
    Trailer(String),
    #[error("The value specified in the x-amz-trailer header is not supported")]
    UnknownTrailer,
    #[error("nothing came for {CALLER_SECONDS} seconds")]
    Slow,
    #[error("the connection ended early")]
    Broken,
}

/// A payload that is being sent. Clones are the same payload.
#[derive(Clone)]
pub struct Upload(Arc<Mutex<Stream>>);

struct Stream {
    incoming: OutgoingBody,
    check: Check,
    framing: Option<Framing>,
    /// How many bytes there must be, without any framing, and how many came.
    told: u64,
    came: u64,
    held: Option<Bytes>,
    ready: VecDeque<Bytes>,
    is_started: bool,
    is_done: bool,
    failure: Option<PayloadError>,
    waits_for_caller: bool,
    moved: Instant,
    patience: Pin<Box<Sleep>>,
}

enum Check {
    Nothing,
    Hash { hash: PayloadHash, expected: String },
    Chunks(Box<Chunks>),
}

impl Upload {
    /// A payload of `bytes` bytes, without any framing. One that is empty is verified at once: it has no end that could
    /// be withheld.
    pub async fn open(incoming: OutgoingBody, bytes: u64, form: PayloadForm) -> Result<Self, PayloadError> {
        let trailer = match &form {
            PayloadForm::Chunked { trailer, .. } => trailer.clone(),
            _ => None,
        };
        let framing = trailer.map(|name| Framing::new(name, bytes)).transpose()?;
        let check = match form {
            PayloadForm::Unsigned => Check::Nothing,
            PayloadForm::Hashed(expected) => Check::Hash { hash: PayloadHash::default(), expected },
            PayloadForm::Chunked { signatures, trailer } => {
                Check::Chunks(Box::new(Chunks::new(signatures, trailer)))
            }
        };
        let upload = Self(Arc::new(Mutex::new(Stream {
            incoming,
            check,
            framing,
            told: bytes,
            came: 0,
            held: None,
            ready: VecDeque::new(),
            is_started: false,
            is_done: false,
            failure: None,
            waits_for_caller: false,
            moved: Instant::now(),
            patience: Box::pin(tokio::time::sleep(Duration::from_secs(CALLER_SECONDS))),
        })));
        if bytes == 0 && upload.lock().framing.is_none() {
            let settled = upload.clone().collect().await;
            if settled.is_err() {
                return Err(upload.failure().unwrap_or(PayloadError::Broken));
            }
        }
        Ok(upload)
    }

    /// How many bytes are sent.
    pub(crate) fn content_length(&self) -> u64 {
        let stream = self.lock();
        stream.framing.as_ref().map_or(stream.told, Framing::encoded_bytes)
    }

    /// What is said of the payload in its signature; a hash, where the caller gave it.
    pub(crate) fn content_sha256(&self) -> String {
        let stream = self.lock();
        match (&stream.check, &stream.framing) {
            (_, Some(_)) => UNSIGNED_TRAILER.to_owned(),
            (Check::Hash { expected, .. }, _) => expected.clone(),
            _ => UNSIGNED.to_owned(),
        }
    }

    /// Whether the payload arrives without the chunks that it came in.
    pub(crate) fn is_unchunked(&self) -> bool {
        let stream = self.lock();
        matches!(stream.check, Check::Chunks(_)) && stream.framing.is_none()
    }

    /// Whether nothing of it was sent: then it can be sent to somebody else.
    pub(crate) fn is_untouched(&self) -> bool {
        !self.lock().is_started
    }

    /// Why it ended early, where that was not the backend's fault.
    pub(crate) fn failure(&self) -> Option<PayloadError> {
        self.lock().failure.clone()
    }

    /// Whether the backend took something a moment ago, or waits for the caller.
    pub(crate) fn is_moving(&self, within: Duration) -> bool {
        let stream = self.lock();
        !stream.is_done && (stream.waits_for_caller || stream.moved.elapsed() < within)
    }

    pub(crate) fn body(&self) -> OutgoingBody {
        self.clone().boxed()
    }

    fn lock(&self) -> MutexGuard<'_, Stream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.lock().poll(context)
    }

    fn is_end_stream(&self) -> bool {
        let stream = self.lock();
        stream.is_done && stream.ready.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.content_length())
    }
}

impl Stream {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.is_started = true;
        self.waits_for_caller = false;
        loop {
            if let Some(failure) = &self.failure {
                return Poll::Ready(Some(Err(Box::new(failure.clone()))));
            }
            if let Some(bytes) = self.ready.pop_front() {
                self.moved = Instant::now();
                return Poll::Ready(Some(Ok(Frame::data(bytes))));
            }
            if self.is_done {
                return Poll::Ready(None);
            }
            let taken = match Pin::new(&mut self.incoming).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    let until = tokio::time::Instant::now() + Duration::from_secs(CALLER_SECONDS);
                    self.patience.as_mut().reset(until);
                    frame.into_data().map_or(Ok(()), |data| self.take(data))
                }
                Poll::Ready(Some(Err(_))) => Err(PayloadError::Broken),
                Poll::Ready(None) => self.finish(),
                Poll::Pending if self.patience.as_mut().poll(context).is_ready() => Err(PayloadError::Slow),
                Poll::Pending => {
                    self.waits_for_caller = true;
                    return Poll::Pending;
                }
            };
            self.failure = taken.err();
        }
    }

    fn take(&mut self, data: Bytes) -> Result<(), PayloadError> {
        match &mut self.check {
            Check::Nothing => self.hold(data),
            Check::Hash { hash, .. } => {
                hash.update(&data);
                self.hold(data)
            }
            Check::Chunks(chunks) => {
                let mut rest = data;
                let mut parts = Vec::new();
                while let Some(part) = chunks.next(&mut rest)? {
                    parts.push(part);
                }
                parts.into_iter().try_for_each(|part| self.hold(part))
            }
        }
    }

    /// Everything came: what was withheld may go, if all is well.
    fn finish(&mut self) -> Result<(), PayloadError> {
        let is_whole = match &mut self.check {
            Check::Nothing => true,
            Check::Hash { hash, expected } => {
                if self.came == self.told && hash.take() != *expected {
                    return Err(PayloadError::Hash);
                }
                true
            }
            Check::Chunks(chunks) => chunks.is_finished(),
        };
        if !is_whole || self.came != self.told {
            return Err(PayloadError::Length { came: self.came, told: self.told });
        }
        if let Some(last) = self.held.take() {
            self.release(last);
        }
        if let (Some(framing), Check::Chunks(chunks)) = (&self.framing, &self.check) {
            self.ready.push_back(framing.end(chunks.trailer_value())?);
        }
        self.is_done = true;
        Ok(())
    }

    fn hold(&mut self, data: Bytes) -> Result<(), PayloadError> {
        if data.is_empty() {
            return Ok(());
        }
        self.came = self.came.saturating_add(data.len() as u64);
        if self.came > self.told {
            return Err(PayloadError::Length { came: self.came, told: self.told });
        }
        if let Some(before) = self.held.replace(data) {
            self.release(before);
        }
        Ok(())
    }

    fn release(&mut self, data: Bytes) {
        match &mut self.framing {
            Some(framing) => framing.write(data, &mut self.ready),
            None => self.ready.push_back(data),
        }
    }
}

#[cfg(test)]
mod tests;
