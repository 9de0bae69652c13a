//! An answer of a backend on its way to the caller: whoever sends nothing for too long is cut off.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::Sleep;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A body whose next piece comes in time, or whose end is an error.
pub(super) struct Timely {
    body: Incoming,
    timeout: Duration,
    patience: Pin<Box<Sleep>>,
    is_waiting: bool,
}

impl Timely {
    pub(super) fn new(body: Incoming, timeout: Duration) -> Self {
        Self { body, timeout, patience: Box::pin(tokio::time::sleep(timeout)), is_waiting: false }
    }
}

impl Body for Timely {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            this.is_waiting = false;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        // The time that the caller takes is not the backend's.
        if !this.is_waiting {
            this.is_waiting = true;
            this.patience.as_mut().reset(tokio::time::Instant::now() + this.timeout);
        }
        if this.patience.as_mut().poll(context).is_ready() {
            tracing::warn!(timeout = ?this.timeout, "a backend's answer stopped half-way");
            return Poll::Ready(Some(Err("the backend's answer stopped half-way".into())));
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
