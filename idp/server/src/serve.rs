//! The accept loop: our own, because a slow client must not be kept for ever. Stops by taking nothing new and letting
//! what is under way finish.

mod answer;
mod queue;
mod room;
pub mod tls;
mod watched;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use answer::Answering;
pub use answer::BodyDeadline;
pub use queue::listen;
use room::Room;
use tls::Tls;
use watched::{Progress, Protocol, Watched};

/// How long a client may take, and how many there may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Until its first byte; with TLS, until its handshake is done.
    pub first_byte: Duration,
    /// From the first byte of a request to the end of its headers.
    pub headers: Duration,
    /// From there until its answer begins: a body that drips in doesn't keep its connection.
    pub body: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// While it takes nothing of what is sent to it.
    pub write: Duration,
    /// From the end of a request's headers until its answer is taken. A client that opens no window for its answer
    /// makes no socket full.
    pub answer: Duration,
    /// For what is under way when we stop.
    pub drain: Duration,
    /// Connections at once.
    pub connections: usize,
    /// Of those, from one network that is no trusted proxy.
    pub per_network: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            first_byte: Duration::from_secs(5),
            headers: Duration::from_secs(10),
            body: Duration::from_secs(30),
            idle: Duration::from_mins(1),
            write: Duration::from_secs(30),
            answer: Duration::from_secs(90),
            drain: Duration::from_secs(6),
            connections: 16_384,
            per_network: 4_096,
        }
    }
}

impl Limits {
    /// Raises the limit of open files as far as the system lets us, and takes no more connections than fit beside so
    /// many descriptors of our own.
    #[must_use]
    pub fn fitting(self, own: usize) -> Self {
        #[cfg(unix)]
        {
            use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
            let limit = getrlimit(Resource::Nofile);
            let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
            if let Err(error) = setrlimit(Resource::Nofile, raised) {
                tracing::debug!(event = "descriptors_not_raised", %error);
            }
            let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
            let room = usize::try_from(files).unwrap_or(usize::MAX).saturating_sub(own).max(16);
            let connections = self.connections.min(room);
            Self { connections, per_network: self.per_network.min(connections.div_ceil(4)), ..self }
        }
        #[cfg(not(unix))]
        self
    }
}

/// For the next request of those who are connected as we close, and the first of those who came last. In HTTP/1 each
/// answer tells them that it is the last on its connection; who is still there after this has had nothing to say.
const LAST_WORD: Duration = Duration::from_secs(2);

/// How a listener treats those who connect.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    /// How long, how many.
    pub limits: Limits,
    /// With TLS, and HTTP/2 for those who speak it; or plain HTTP/1.1.
    pub tls: Option<Tls>,
    /// Networks that many clients come from.
    pub trusted_proxies: Vec<IpNet>,
}

/// What every connection needs.
struct Listening {
    edge: Edge,
    router: Router,
    room: Room,
    stop: watch::Receiver<bool>,
}

/// Serves a router on a listener until it is told to stop, then drains.
pub async fn serve(listener: TcpListener, router: Router, edge: Edge, mut stop: watch::Receiver<bool>) {
    let (graceful, drain) = (GracefulShutdown::new(), edge.limits.drain.saturating_sub(queue::ON_THEIR_WAY));
    let listening = Arc::new(Listening { room: Room::new(&edge), edge, router, stop: stop.clone() });
    let mut connections = JoinSet::new();
    let take = |connections: &mut JoinSet<()>, accepted: (TcpStream, SocketAddr)| {
        let Some(place) = listening.room.enter(accepted.1.ip()) else { return };
        let (listening, watcher) = (Arc::clone(&listening), graceful.watcher());
        connections.spawn(async move {
            if let Err(error) = connection(&listening, accepted, watcher).await {
                tracing::trace!(event = "connection_ended", %error);
            }
            drop(place);
        });
    };
    loop {
        tokio::select! {
            accepted = queue::next(&listener) => take(&mut connections, accepted),
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => {}
        }
    }
    let mut closing = queue::Closing::begin(listener);
    while let Some(accepted) = closing.next().await {
        take(&mut connections, accepted);
    }
    drop(closing);
    // The next step closes a connection between two requests, with one perhaps on its way.
    let all = async { while connections.join_next().await.is_some() {} };
    let last_word = LAST_WORD.min(drain);
    if tokio::time::timeout(last_word, all).await.is_err()
        && tokio::time::timeout(drain.saturating_sub(last_word), graceful.shutdown()).await.is_err()
    {
        tracing::warn!(event = "drain_cut_short", "some requests were still under way");
    }
}

type Ended = Result<(), Box<dyn std::error::Error + Send + Sync>>;

async fn connection(listening: &Listening, (stream, peer): (TcpStream, SocketAddr), watcher: Watcher) -> Ended {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::trace!(event = "nodelay_failed", %error);
    }
    let Some(tls) = &listening.edge.tls else {
        return http_1(listening, (stream, peer), watcher).await;
    };
    let mut stop = listening.stop.clone();
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(listening.edge.limits.first_byte, tls.accept(stream)) => shaken,
        () = last_word(&mut stop) => return Ok(()),
    };
    let stream = shaken.map_err(|_late| io::Error::from(io::ErrorKind::TimedOut))??;
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        http_2(listening, (stream, peer), watcher).await
    } else {
        http_1(listening, (stream, peer), watcher).await
    }
}

/// Until those have had their last word who are in the middle of their first.
async fn last_word(stop: &mut watch::Receiver<bool>) {
    stop.changed().await.ok(); // whoever would tell us is gone: that is a stop, too
    tokio::time::sleep(LAST_WORD).await;
}

async fn http_1<S>(listening: &Listening, (stream, peer): (S, SocketAddr), watcher: Watcher) -> Ended
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let progress = Arc::new(Progress::default());
    let stream = Watched::new(stream, Protocol::Http1, listening.edge.limits, Arc::clone(&progress));
    let answering = Answering::new(listening.router.clone(), peer, listening.edge.limits.body, progress);
    let served = http1::Builder::new()
        .header_read_timeout(None) // the stream keeps the time: hyper's would cut off who waits between two requests
        .max_headers(100)
        .max_buf_size(32 * 1024)
        .serve_connection(TokioIo::new(stream), answering);
    Ok(watcher.watch(served).await?)
}

async fn http_2<S>(listening: &Listening, (stream, peer): (S, SocketAddr), watcher: Watcher) -> Ended
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let progress = Arc::new(Progress::default());
    let stream = Watched::new(stream, Protocol::Http2, listening.edge.limits, Arc::clone(&progress));
    let answering = Answering::new(listening.router.clone(), peer, listening.edge.limits.body, progress);
    let served = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(64)
        .max_header_list_size(32 * 1024)
        .max_send_buf_size(64 * 1024)
        .initial_stream_window_size(64 * 1024)
        .initial_connection_window_size(256 * 1024)
        .max_pending_accept_reset_streams(16) // CVE-2023-44487: requests that are taken back at once
        .max_local_error_reset_streams(64)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10))
        .serve_connection(TokioIo::new(stream), answering);
    Ok(watcher.watch(served).await?)
}
