//! One line per request, under a reference that error pages show. No query and no body: they hold secrets.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use http::Method;

use crate::web::App;

/// What a request is called: `7K2M-9QXD`.
#[derive(Clone, Debug)]
pub struct Reference(pub String);

/// Letters and digits that can be read aloud.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

fn reference(random: [u8; 8]) -> String {
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).map_or('A', |l| char::from(*l));
    let (head, tail) = random.split_at(4);
    format!("{}-{}", head.iter().map(letter).collect::<String>(), tail.iter().map(letter).collect::<String>())
}

/// The route that answered: known inside the router only.
#[derive(Clone, Debug)]
struct Route(String);

/// Tells the route to whoever logs, further out.
pub async fn name_route(request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(|p| Route(p.as_str().to_owned()));
    let mut response = next(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

/// Gives the request its reference and logs what became of it.
pub async fn request(app: &App, mut request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let reference = reference(app.cx().random.bytes().unwrap_or_default());
    request.extensions_mut().insert(Reference(reference.clone()));
    let method = request.method().clone();
    let began = Instant::now();
    let response = next(request).await;
    let route = response.extensions().get::<Route>().map_or_else(|| "-".to_owned(), |r| r.0.clone());
    let (status, took) = (response.status().as_u16(), began.elapsed());
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    measure(&method, route.clone(), status, took);
    if status >= 500 {
        tracing::error!(event = "request", %method, route, status, ms, reference);
    } else {
        tracing::debug!(event = "request", %method, route, status, ms, reference);
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
    metrics::histogram!("idp_http_request_duration_seconds", "route" => route).record(took.as_secs_f64());
}
