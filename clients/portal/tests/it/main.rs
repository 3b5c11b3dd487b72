//! The shell as browsers get it: headers, preferences, notices. Not here: pages of a single portal.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use http::{HeaderMap, Request, StatusCode};
use switchboard_portal::testing::{Everybody, config, maria, open, send};
use switchboard_portal::{Portal, Product, Section, Visit, router_with_sessions};

static PRODUCT: Product = Product {
    key: "voice",
    name: "Voice Portal",
    other_name: "CRM Portal",
    accent: "#2456c7",
    glyph: "<path d=\"M9 9h14\"/>",
    sections: &[Section::SETTINGS],
};

#[derive(askama::Template)]
#[template(source = "<h1>Home</h1>", ext = "html")]
struct Home;

async fn home(visit: Visit) -> Response {
    visit.page("Home", &Home)
}

fn portal() -> Router {
    let pages = Router::<Portal>::new().route("/", get(home));
    router_with_sessions(&PRODUCT, config().unwrap(), pages, Everybody(maria())).unwrap()
}

async fn post(path: &str, form: &'static str, site: &str) -> (StatusCode, HeaderMap) {
    let request = Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", site)
        .body(Body::from(form))
        .unwrap();
    let response = send(&portal(), request).await;
    (response.status(), response.headers().clone())
}

#[tokio::test]
async fn every_page_forbids_what_it_does_not_need() {
    let response = send(&portal(), Request::get("/signed-out").body(Body::empty()).unwrap()).await;
    let headers = response.headers();
    let policy = headers["content-security-policy"].to_str().unwrap();
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "form-action 'self' http://localhost:8080",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.split("; ").any(|found| found == part), "{part} in {policy}");
    }
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["referrer-policy"], "same-origin");
    assert_eq!(headers["cache-control"], "no-store");
}

#[tokio::test]
async fn pages_load_files_that_exist_and_may_be_kept_for_ever() {
    let (_, html) = open(&portal(), "/", &[]).await;
    let named = |mark: &str| html.split(mark).nth(1).unwrap().split('"').next().unwrap().to_owned();
    for path in [named("stylesheet\" href=\""), named("module\" src=\"")] {
        let response = send(&portal(), Request::get(&path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert!(response.headers()["cache-control"].to_str().unwrap().contains("immutable"), "{path}");
    }
    let (status, icon) = open(&portal(), "/assets/icon.svg", &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(icon.contains("#2456c7"));
}

#[tokio::test]
async fn a_stranger_is_sent_to_the_sign_in() {
    let response = send(&portal(), Request::get("/settings").body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()["location"], "/sign-in?return_to=%2Fsettings");
}

#[tokio::test]
async fn the_signed_out_page_offers_a_sign_in_and_starts_none() {
    let request = Request::get("/signed-out").header("accept-language", "de").body(Body::empty()).unwrap();
    let response = send(&portal(), request).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers().get("set-cookie").is_none());
}

#[tokio::test]
async fn every_page_has_one_heading_a_skip_link_and_both_ways_to_sign_out() {
    for path in ["/", "/settings"] {
        let (status, html) = open(&portal(), path, &[]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(html.matches("<h1").count(), 1, "{path}");
        assert_eq!(html.matches("<main").count(), 1, "{path}");
        assert!(html.contains("href=\"#main\""), "{path}");
        assert_eq!(html.matches("action=\"/sign-out\"").count(), 2, "{path}");
        assert!(html.contains("aria-label=\"Sign Out\""), "{path}");
        assert!(html.contains("<span>Sign Out</span>"), "{path}");
        assert!(html.contains("Open CRM Portal"), "{path}");
        assert!(!html.contains(" style=") && !html.contains("<style") && !html.contains(" onclick"), "{path}");
    }
}

#[tokio::test]
async fn the_language_comes_from_the_cookie_then_from_the_browser() {
    let language = |html: &str| html.split("<html lang=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (_, html) = open(&portal(), "/settings", &[("accept-language", "de-AT,en;q=0.5")]).await;
    assert_eq!(language(&html), "de");
    assert!(html.contains("Passwort ändern"));
    let headers = [("accept-language", "de-AT"), ("cookie", "voice_language=en")];
    let (_, html) = open(&portal(), "/settings", &headers).await;
    assert_eq!(language(&html), "en");
}

#[tokio::test]
async fn the_theme_is_drawn_by_the_server() {
    let (_, html) = open(&portal(), "/", &[("cookie", "voice_theme=dark")]).await;
    assert!(html.contains("data-theme=\"dark\""));
    assert!(html.contains("name=\"theme\" value=\"light\" aria-label=\"Theme: dark. Change to light\""), "{html}");
    let (_, html) = open(&portal(), "/", &[("cookie", "voice_theme=\"><script>")]).await;
    assert!(html.contains("data-theme=\"system\""));
}

#[tokio::test]
async fn a_choice_is_kept_for_a_year_and_leads_back() {
    let (status, headers) = post("/theme", "theme=dark&back=%2Fsettings", "same-origin").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(headers["location"], "/settings");
    assert_eq!(headers["set-cookie"], "voice_theme=dark; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax");
    let (_, headers) = post("/language", "language=de&back=%2F%2Fevil.example", "same-origin").await;
    assert_eq!(headers["location"], "/");
}

#[tokio::test]
async fn other_sites_and_unknown_words_choose_nothing() {
    assert_eq!(post("/theme", "theme=dark&back=%2F", "cross-site").await.0, StatusCode::FORBIDDEN);
    assert_eq!(post("/language", "language=de&back=%2F", "same-site").await.0, StatusCode::FORBIDDEN);
    assert_eq!(post("/theme", "theme=sepia&back=%2F", "same-origin").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_address_that_does_not_exist_has_a_way_on() {
    let (status, html) = open(&portal(), "/nowhere", &[]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(html.contains("This page does not exist"));
    assert!(html.contains("<a class=\"button\" href=\"/\">"));
}

#[tokio::test]
async fn names_are_text_and_never_markup() {
    let mut person = maria();
    person.name = Some("<script>alert(1)</script>".to_owned());
    let pages = Router::<Portal>::new().route("/", get(home));
    let portal = router_with_sessions(&PRODUCT, config().unwrap(), pages, Everybody(person)).unwrap();
    let (_, html) = open(&portal, "/settings", &[]).await;
    assert!(!html.contains("<script>alert"));
}
