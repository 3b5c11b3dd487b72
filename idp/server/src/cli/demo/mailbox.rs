//! The mails of a demonstration: nothing is sent, everything is shown at `/dev/mail`, as a mail program would and as
//! text. There is no such address outside of a demonstration.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderValue, StatusCode, header};
use idp_service::outside::post::{Captured, Sending};

/// The routes, for this machine only.
pub(super) fn router(captured: Arc<Captured>) -> Router {
    Router::new()
        .route("/dev/mail", get(list))
        .route("/dev/mail/{id}", get(html))
        .layer(from_fn(only_here))
        .with_state(captured)
}

async fn only_here(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
    if peer.is_some_and(|ip| ip.to_canonical().is_loopback()) {
        next.run(request).await
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

fn page(html: String, policy: &'static str) -> Response {
    let mut response = axum::response::Html(html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The plain text with its addresses as links, which mail programs make of them.
fn linked(text: &str) -> String {
    let line = |line: &str| {
        let escaped = escape(line);
        let is_link = line.starts_with("http://") || line.starts_with("https://");
        if is_link { format!("<a href=\"{escaped}\">{escaped}</a>") } else { escaped }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

async fn list(State(captured): State<Arc<Captured>>) -> Response {
    let mails: String = captured.all().iter().map(shown).collect();
    let body = if mails.is_empty() { "<p>Nothing was sent yet.</p>".to_owned() } else { mails };
    let style = "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}\
        article{border:1px solid #8886;border-radius:10px;padding:1rem;margin:1rem 0}\
        iframe{width:100%;height:30rem;border:0;background:#fff;border-radius:6px}\
        pre{white-space:pre-wrap;overflow-wrap:anywhere}h2{margin:0 0 .25rem;font-size:1.1rem}";
    let html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>Mails of the demonstration</title><style>{style}</style>\
         <h1>Mails of the demonstration</h1><p>Nothing leaves this machine. Reload to see what came since.</p>{body}"
    );
    page(html, "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'")
}

fn shown(mail: &Sending) -> String {
    format!(
        "<article><h2>{}</h2><p>From {} to {}</p>\
         <iframe title=\"The mail as a mail program shows it\" src=\"/dev/mail/{}\" sandbox=\"allow-popups allow-top-navigation-by-user-activation\"></iframe>\
         <details><summary>As plain text</summary><pre>{}</pre></details></article>",
        escape(&mail.subject),
        escape(&mail.sender),
        escape(&mail.to),
        escape(&mail.id),
        linked(&mail.text),
    )
}

async fn html(State(captured): State<Arc<Captured>>, Path(id): Path<String>) -> Response {
    match captured.all().into_iter().find(|m| m.id == id) {
        // A mail program opens links outside of itself.
        Some(mail) => page(
            mail.html.replacen("<head>", "<head><base target=\"_top\">", 1),
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'self'; form-action 'none'; frame-ancestors 'self'",
        ),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use axum::body::Body;
    use tower::ServiceExt;

    use super::*;

    async fn seen_from(peer: Option<&str>) -> StatusCode {
        let mut request = Request::builder().uri("/dev/mail").body(Body::empty()).unwrap();
        if let Some(peer) = peer {
            let peer: IpAddr = peer.parse().unwrap();
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 4711))));
        }
        router(Arc::new(Captured::default())).oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn mails_are_shown_on_this_machine_only() {
        for here in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(seen_from(Some(here)).await, StatusCode::OK, "{here}");
        }
        for elsewhere in [Some("192.0.2.7"), Some("2001:db8::7"), Some("0.0.0.0"), None] {
            assert_eq!(seen_from(elsewhere).await, StatusCode::NOT_FOUND, "{elsewhere:?}");
        }
    }
}
