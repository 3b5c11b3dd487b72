//! One line per request, under a reference that error pages show. No query and no body: they hold secrets.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use http::Method;

use crate::telemetry;

/// What a request is called: `7K2M-9QXD`. No secret, only another one each time, on whichever server.
#[derive(Clone, Copy, Debug)]
pub struct Reference(u64);

/// Letters and digits that can be read aloud.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

impl Reference {
    fn next() -> Self {
        static SERVER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        Self(SERVER.hash_one(NUMBER.fetch_add(1, Ordering::Relaxed)))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, byte) in self.0.to_le_bytes().into_iter().enumerate() {
            let letter = LETTERS.get(usize::from(byte % 32)).map_or('A', |l| char::from(*l));
            write!(f, "{}{letter}", if n == 4 { "-" } else { "" })?;
        }
        Ok(())
    }
}

/// Gives the request its reference and logs what became of it.
pub async fn request(mut request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let reference = Reference::next();
    request.extensions_mut().insert(reference);
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |p| p.as_str().to_owned());
    let method = request.method().clone();
    let began = Instant::now();
    let response = next(request).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    measure(&method, route.clone(), status, took);
    if status >= 500 {
        tracing::error!(event = "request", %method, route, status, ms, %reference);
    } else {
        tracing::debug!(event = "request", %method, route, status, ms, %reference);
    }
    response
}

/// Counts and times by route, never by address: there is no end to those.
fn measure(method: &Method, route: String, status: u16, took: Duration) {
    let class = match status {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    };
    let method = if *method == Method::POST { "POST" } else { "GET" };
    metrics::counter!("idp_http_requests_total", "route" => route.clone(), "method" => method, "status" => class)
        .increment(1);
    telemetry::took(route, took);
}
