//! The accept loop: our own, because a slow client must not be kept for ever. Stops by taking nothing new and letting what
//! is under way finish.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;

/// From the first byte to the end of the headers.
const HEADERS: Duration = Duration::from_secs(10);

/// What is under way may take so long when we stop.
const DRAIN: Duration = Duration::from_secs(8);

/// Connections at once, on each listener.
const CONNECTIONS: usize = 8192;

/// Serves a router on a listener until it is told to stop, then drains.
pub async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => continue,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, most likely: a moment's rest instead of a spinning loop.
                tracing::warn!(event = "accept_failed", %error);
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else { continue };
        let connection = graceful.watch(connection(stream, peer, router.clone()));
        connections.spawn(async move {
            if let Err(error) = connection.await {
                tracing::trace!(event = "connection_ended", %error);
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!(event = "drain_cut_short", "some requests were still under way");
    }
}

/// Request in, answer out, with the peer's address beside the request.
type Served = http1::Connection<TokioIo<TcpStream>, Handler>;

fn connection(stream: TcpStream, peer: SocketAddr, router: Router) -> Served {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::trace!(event = "nodelay_failed", %error);
    }
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_headers(100)
        .serve_connection(TokioIo::new(stream), Handler { router, peer })
}

/// What hyper calls for each request.
#[derive(Clone, Debug)]
struct Handler {
    router: Router,
    peer: SocketAddr,
}

impl hyper::service::Service<http::Request<Incoming>> for Handler {
    type Response = axum::response::Response;
    type Error = std::convert::Infallible;
    type Future = tower::util::Oneshot<Router, http::Request<Body>>;

    fn call(&self, request: http::Request<Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        self.router.clone().oneshot(request)
    }
}
