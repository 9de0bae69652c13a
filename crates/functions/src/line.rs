//! The line between the server and one worker: the Runtime API over HTTP for runtimes that speak it, and frames over a
//! socket for our own Python bootstrap.
//!
//! Owns how an invocation reaches its worker and how the answer comes back. Refuses to know how long that may take, and
//! what the process does meanwhile.

use std::os::fd::OwnedFd;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::sync::oneshot;

use crate::pool::Starting;
use crate::runtime_api::{self, BODY_BYTES_MAX, Endpoint};

/// An invocation on its way to a worker.
pub(crate) struct Job {
    pub(crate) request_id: String,
    pub(crate) function_arn: String,
    pub(crate) deadline_ms: i64,
    pub(crate) client_context: Option<String>,
    pub(crate) payload: Bytes,
    /// Dropped when the worker takes the job: then it has started.
    pub(crate) starting: Option<Starting>,
}

/// What a worker answered.
#[derive(Debug)]
pub(crate) enum Answer {
    Response(Bytes),
    Error(Bytes),
    /// The worker could not start.
    InitError(Bytes),
    TooLarge,
}

/// The server's end.
pub(crate) enum Line {
    Http(Endpoint),
    Frames(Frames),
}

/// What the process is given to find its end.
pub(crate) enum Door {
    /// The address of its Runtime API, for its environment.
    Address(String),
    /// Its standard input.
    Socket(OwnedFd),
}

/// One message each way for an invocation: two system calls at each end, where a request has a dozen.
///
/// To the worker: two lengths of four bytes, most significant first, of the head and of the payload; the head has the
/// request id, the deadline, the function's ARN and the client context, a line each; the payload. From the worker: a
/// letter, the length of what follows, and that. Its first message says that it has started.
pub(crate) struct Frames {
    stream: UnixStream,
    received: BytesMut,
    sent: Vec<u8>,
    has_started: bool,
}

impl Line {
    /// A new line, and the door to its other end.
    pub(crate) async fn open(has_frames: bool) -> std::io::Result<(Self, Door)> {
        if has_frames {
            let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
            ours.set_nonblocking(true)?;
            let (stream, has_started) = (UnixStream::from_std(ours)?, false);
            let frames = Frames { stream, received: BytesMut::new(), sent: Vec::new(), has_started };
            return Ok((Self::Frames(frames), Door::Socket(theirs.into())));
        }
        let endpoint = runtime_api::start().await?;
        let address = endpoint.address.to_string();
        Ok((Self::Http(endpoint), Door::Address(address)))
    }

    /// The process that has its other end from now on.
    pub(crate) fn belongs_to(&self, process: u32) {
        if let Self::Http(endpoint) = self {
            endpoint.belongs_to(process);
        }
    }

    /// Whether the line itself says when the process has ended.
    pub(crate) fn ends_with_process(&self) -> bool {
        matches!(self, Self::Frames(_))
    }

    /// Hands a job over and waits for the answer; none where the process can give no answer any more.
    pub(crate) async fn exchange(&mut self, job: Job) -> Option<Answer> {
        match self {
            Self::Frames(frames) => frames.exchange(job).await.ok(),
            Self::Http(endpoint) => {
                let (answer, answered) = oneshot::channel();
                endpoint.jobs.send((job, answer)).await.ok()?;
                tokio::select! {
                    biased;
                    answer = answered => answer.ok(),
                    Some(body) = endpoint.init_errors.recv() => Some(Answer::InitError(body)),
                }
            }
        }
    }
}

impl Frames {
    async fn exchange(&mut self, job: Job) -> std::io::Result<Answer> {
        if !self.has_started {
            match self.receive().await? {
                (b'N', _) => self.has_started = true,
                (b'I', body) => return Ok(Answer::InitError(body)),
                _ => return Err(std::io::ErrorKind::InvalidData.into()),
            }
        }
        drop(job.starting);
        let context = job.client_context.as_deref().unwrap_or_default();
        let head = format!("{}\n{}\n{}\n{context}", job.request_id, job.deadline_ms, job.function_arn);
        self.sent.clear();
        for part in [head.as_bytes(), &job.payload] {
            let length = u32::try_from(part.len()).map_err(std::io::Error::other)?;
            self.sent.extend_from_slice(&length.to_be_bytes());
        }
        self.sent.extend_from_slice(head.as_bytes());
        self.sent.extend_from_slice(&job.payload);
        self.stream.write_all(&self.sent).await?;
        self.sent.shrink_to(SENT_BYTES_KEPT);
        match self.receive().await? {
            (b'R', body) => Ok(Answer::Response(body)),
            (b'E', body) => Ok(Answer::Error(body)),
            (b'L', _) => Ok(Answer::TooLarge),
            _ => Err(std::io::ErrorKind::InvalidData.into()),
        }
    }

    /// The next message of the worker. The function can write there what it likes: a length is not believed.
    async fn receive(&mut self) -> std::io::Result<(u8, Bytes)> {
        loop {
            if let Some((&[kind, a, b, c, d], rest)) = self.received.split_first_chunk::<5>() {
                let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
                if length > BODY_BYTES_MAX {
                    return Err(std::io::ErrorKind::InvalidData.into());
                }
                if rest.len() >= length {
                    let message = self.received.split_to(5 + length).split_off(5);
                    return Ok((kind, message.freeze()));
                }
            }
            self.received.reserve(RECEIVED_BYTES);
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

const RECEIVED_BYTES: usize = 4 * 1_024;
const SENT_BYTES_KEPT: usize = 64 * 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    fn frames() -> (Frames, std::os::unix::net::UnixStream) {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let stream = UnixStream::from_std(ours).unwrap();
        (Frames { stream, received: BytesMut::new(), sent: Vec::new(), has_started: false }, theirs)
    }

    fn job() -> Job {
        Job {
            request_id: "r".to_owned(),
            function_arn: "a".to_owned(),
            deadline_ms: 5,
            client_context: None,
            payload: Bytes::from_static(b"{}"),
            starting: None,
        }
    }

    async fn answer_to(written: &[u8]) -> std::io::Result<Answer> {
        use std::io::Write as _;
        let (mut frames, mut theirs) = frames();
        theirs.write_all(written).unwrap();
        theirs.shutdown(std::net::Shutdown::Write).unwrap();
        frames.exchange(job()).await
    }

    #[tokio::test]
    async fn what_a_worker_may_say() {
        let said = [
            (b"N\0\0\0\0R\0\0\0\x02ok".as_slice(), "Response(b\"ok\")"),
            (b"N\0\0\0\0E\0\0\0\x02{}".as_slice(), "Error(b\"{}\")"),
            (b"N\0\0\0\0L\0\0\0\0".as_slice(), "TooLarge"),
            (b"I\0\0\0\x02{}".as_slice(), "InitError(b\"{}\")"),
        ];
        for (written, expected) in said {
            assert_eq!(format!("{:?}", answer_to(written).await.unwrap()), expected);
        }
    }

    #[tokio::test]
    async fn what_ends_a_line() {
        let said = [
            b"".as_slice(),
            b"N\0\0\0\0".as_slice(),
            b"N\0\0\0\0R\0\0\0\x02o".as_slice(),
            b"R\0\0\0\x02ok".as_slice(),
            b"N\0\0\0\0X\0\0\0\0".as_slice(),
            b"N\0\0\0\0R\xff\xff\xff\xffmuch".as_slice(),
        ];
        for written in said {
            assert!(answer_to(written).await.is_err(), "{written:?}");
        }
    }

    #[tokio::test]
    async fn a_job_has_its_head_and_its_payload() {
        use std::io::{Read as _, Write as _};
        let (mut frames, mut theirs) = frames();
        theirs.write_all(b"N\0\0\0\0R\0\0\0\0").unwrap();
        frames.exchange(job()).await.unwrap();
        drop(frames);
        let mut written = Vec::new();
        theirs.read_to_end(&mut written).unwrap();
        assert_eq!(written, b"\0\0\0\x06\0\0\0\x02r\n5\na\n{}");
    }
}
