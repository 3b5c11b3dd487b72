//! What hyper calls for each request: the router, with the peer's address beside the request. The connection knows from
//! here when a request is under way.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Frame, Incoming, SizeHint};
use tower::ServiceExt;

use super::watched::{Progress, Turn};

/// How long a request's body may take; beside the request, for the layer that answers when it is over.
#[derive(Clone, Copy, Debug)]
pub struct BodyDeadline(pub Duration);

#[derive(Clone, Debug)]
pub(super) struct Answering {
    router: Router,
    peer: SocketAddr,
    body: Duration,
    progress: Arc<Progress>,
}

impl Answering {
    pub(super) fn new(router: Router, peer: SocketAddr, body: Duration, progress: Arc<Progress>) -> Self {
        Self { router, peer, body, progress }
    }
}

impl hyper::service::Service<Request<Incoming>> for Answering {
    type Response = Response<Outgoing>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let turn = self.progress.begin();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        request.extensions_mut().insert(BodyDeadline(self.body));
        let answer = self.router.clone().oneshot(request);
        Box::pin(async move { Ok(answer.await?.map(|body| Outgoing { body, _turn: turn })) })
    }
}

/// The answer's body. The request is under way until it is sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    body: Body,
    _turn: Turn,
}

impl hyper::body::Body for Outgoing {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
