//! A connection under the clock. What it may take depends on where it stands: nothing said yet, in the middle of a
//! request's headers, waiting for us, or between two requests.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::Limits;

/// Requests of a connection that are under way: the answer notes them, the stream looks.
#[derive(Debug, Default)]
pub(super) struct Progress {
    under_way: Mutex<UnderWay>,
    /// Who wants to know when there is none any more: hyper doesn't read again of itself, and so wouldn't see the
    /// alarm.
    waiting: Mutex<Option<Waker>>,
}

/// When each began; numbered, since several may begin at once.
#[derive(Debug, Default)]
struct UnderWay {
    next: u64,
    began: BTreeMap<u64, Instant>,
}

/// A request under way.
#[derive(Debug)]
pub(super) struct Turn {
    progress: Arc<Progress>,
    number: u64,
}

impl Progress {
    pub(super) fn begin(self: &Arc<Self>) -> Turn {
        let mut under_way = self.under_way();
        let number = under_way.next;
        under_way.next += 1;
        under_way.began.insert(number, Instant::now());
        drop(under_way);
        Turn { progress: Arc::clone(self), number }
    }

    fn under_way(&self) -> MutexGuard<'_, UnderWay> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the oldest of them began, if there is one.
    fn oldest(&self) -> Option<Instant> {
        self.under_way().began.first_key_value().map(|(_, began)| *began)
    }

    fn is_busy(&self) -> bool {
        self.oldest().is_some()
    }

    fn slot(&self) -> MutexGuard<'_, Option<Waker>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let is_last = {
            let mut under_way = self.progress.under_way();
            under_way.began.remove(&self.number);
            under_way.began.is_empty()
        };
        if is_last && let Some(waker) = self.progress.slot().take() {
            waker.wake();
        }
    }
}

/// What the bytes mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Between two requests every byte begins headers.
    Http1,
    /// There are frames that belong to no request.
    Http2,
}

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Silent,
    Headers,
    Busy,
    Idle,
}

/// The connection.
#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: S,
    protocol: Protocol,
    limits: Limits,
    progress: Arc<Progress>,
    stage: Stage,
    alarm: Pin<Box<Sleep>>,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, protocol: Protocol, limits: Limits, progress: Arc<Progress>) -> Self {
        let alarm = Box::pin(sleep(limits.first_byte));
        Self { stream, protocol, limits, progress, stage: Stage::Silent, alarm, stalled: None }
    }

    fn enter(&mut self, stage: Stage, within: Duration) {
        self.stage = stage;
        self.alarm.as_mut().reset(Instant::now() + within);
    }

    /// Follows the requests: begun and answered since the last look.
    fn follow(&mut self) {
        match (self.stage, self.progress.is_busy()) {
            (Stage::Busy, false) => self.enter(Stage::Idle, self.limits.idle),
            (_, true) => self.stage = Stage::Busy,
            (Stage::Silent | Stage::Headers | Stage::Idle, false) => {}
        }
    }

    /// Something was read.
    fn heard(&mut self) {
        match (self.stage, self.protocol) {
            (Stage::Silent | Stage::Idle, Protocol::Http1) => self.enter(Stage::Headers, self.limits.headers),
            (Stage::Silent, Protocol::Http2) => self.enter(Stage::Idle, self.limits.idle),
            (Stage::Idle, Protocol::Http2) | (Stage::Headers | Stage::Busy, _) => {}
        }
    }

    /// Nothing could be written, or something was.
    fn wrote<T>(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.stalled = None;
            return result;
        }
        let within = self.limits.write;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(within)));
        stalled.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.follow();
        let before = buf.filled().len();
        let result = Pin::new(&mut this.stream).poll_read(cx, buf);
        if result.is_ready() {
            if buf.filled().len() > before {
                this.heard();
            }
            return result;
        }
        match this.stage {
            Stage::Busy => {
                *this.progress.slot() = Some(cx.waker().clone());
                let Some(oldest) = this.progress.oldest() else {
                    cx.waker().wake_by_ref(); // it ended just now
                    return Poll::Pending;
                };
                this.alarm.as_mut().reset(oldest + this.limits.answer);
                this.alarm.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
            }
            Stage::Silent | Stage::Headers | Stage::Idle => {
                this.alarm.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.wrote(cx, result)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.wrote(cx, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_flush(cx);
        this.wrote(cx, result)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let result = Pin::new(&mut this.stream).poll_shutdown(cx);
        this.wrote(cx, result)
    }
}
