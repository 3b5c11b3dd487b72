//! Whatever strangers send to whichever route: an answer that is ours, with its headers, that leads nowhere else.

use std::sync::Arc;

use idp_server::serve::Edge;
use reqwest::{Method, StatusCode};
use support::{Backend, Page, SelfSigned, TestIdp, rounds};

const ROUTES: &str = include_str!("../golden/routes.txt");

fn routes() -> impl Iterator<Item = String> {
    ROUTES.lines().map(|route| {
        let filled = |part: &str| if part.starts_with('{') { "something".to_owned() } else { part.to_owned() };
        route.split('/').map(filled).collect::<Vec<_>>().join("/")
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_has_the_headers_and_opens_to_no_other_origin() {
    let made = SelfSigned::make();
    let tls = made.tls();
    let idp = TestIdp::behind(Arc::new(Backend::sqlite()), Edge { tls, ..Edge::default() }).await;
    let http = made.trusting();
    for path in routes() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::OPTIONS, Method::TRACE] {
            for origin in ["https://evil.example", "null"] {
                let request = http.request(method.clone(), format!("{}{path}", idp.url));
                let forged = [("origin", origin), ("x-forwarded-proto", "http"), ("x-forwarded-host", "evil.example")];
                let request = forged.iter().fold(request, |r, (n, v)| r.header(*n, *v));
                let answer = request.header("x-http-method-override", "DELETE").send().await.unwrap();
                let what = format!("{method} {path} {}", answer.status());
                let header = |name: &str| answer.headers().get(name).map_or("", |v| v.to_str().unwrap());
                assert!(!answer.status().is_server_error(), "{what}");
                assert!(header("strict-transport-security").starts_with("max-age="), "{what}");
                assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
                assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{what}");
                assert!(["", "*"].contains(&header("access-control-allow-origin")), "{what}");
                assert_eq!(header("access-control-allow-credentials"), "", "{what}");
                let public = path.starts_with("/.well-known/") || path == "/jwks.json" || path.starts_with("/assets/");
                assert!(public || header("access-control-allow-origin").is_empty(), "{what}");
                let to = header("location");
                let home = format!("{}/", idp.url);
                assert!(to.is_empty() || to.starts_with('/') || to.starts_with(&home), "{what} {to}");
            }
        }
    }
}

/// Numbers that come out the same each time.
struct Draw(u64);

impl Draw {
    fn of<T: Copy>(&mut self, from: &[T]) -> T {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        from[usize::try_from(self.0 >> 33).unwrap() % from.len()]
    }
}

const NAMES: &[&str] = &[
    "r",
    "as",
    "t",
    "identifier",
    "password",
    "code",
    "email",
    "next",
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "response_type",
    "response_mode",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "id_token_hint",
    "post_logout_redirect_uri",
    "login_hint",
    "ui_locales",
    "nonce",
    "tenant",
    "credential",
    "name",
    "new",
    "confirm",
    "grant_type",
    "refresh_token",
    "code_verifier",
    "request",
    "q",
    "after",
    "method",
    "login",
    "roles",
    "portals",
    "language",
    "theme",
    "error",
    "iss",
    "session_state",
    "logout_hint",
    "instead_of",
    "done",
    "hint",
];

const VALUES: &[&str] = &[
    "",
    "\0",
    "\u{fffd}",
    "\r\nset-cookie: a=b",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "-1",
    "99999999999999999999",
    "1e400",
    "NaN",
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "portal",
    "second",
    "https://portal.example/callback",
    "https://portal.example/signed-out",
    "openid profile",
    "code",
    "S256",
    "none",
    "login",
    "acme",
    "201-acme",
    "agent password one",
    "ann@acme.example",
    "../../etc/passwd",
    "' OR 1=1 --",
    "{{7*7}}",
    "\u{202e}evil",
    "\u{1f600}",
    "%00%ff",
    "eyJhbGciOiJub25lIn0.e30.",
    "connect.x",
    "sbc_x",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "authorization_code",
    "refresh_token",
    "de",
    "dark",
    "second",
];

/// A query or a form: fields of ours with values of theirs, some twice, some broken.
fn fields(draw: &mut Draw, csrf: &str) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    if draw.of(&[true, true, false]) {
        text.append_pair("csrf", csrf);
    }
    let long = "long".repeat(600);
    for _ in 0..draw.of(&[1, 3, 6, 9]) {
        let value = if draw.of(&[false, false, false, false, false, false, true]) { &long } else { draw.of(VALUES) };
        text.append_pair(draw.of(NAMES), value);
    }
    let broken = draw.of(&["", "", "", "&%ff=%fe", "&=&&", "&%", "&a[b]=c&a=d"]);
    text.finish() + broken
}

fn leads_home(idp: &TestIdp, page: &Page) -> bool {
    let to = page.location();
    let registered = ["https://portal.example/", "https://second.example/", "http://127.0.0.1/callback"];
    let ours = to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\");
    to.is_empty() || ours || to.starts_with(&format!("{}/", idp.url)) || registered.iter().any(|r| to.starts_with(r))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_input_breaks_a_route_or_leads_away() {
    let idp = TestIdp::start().await;
    let mut draw = Draw(2_026);
    let (stranger, person) = (idp.browser(), idp.browser());
    let mut signed_in = 0;
    for path in routes() {
        for round in 0..rounds(16, 160) {
            let browser = if round % 2 == 0 { &stranger } else { &person };
            if round % 8 == 1 && browser.get("/account").await.status != StatusCode::OK {
                let page = browser.try_sign_in(None, "200-acme", "admin password one").await;
                signed_in += usize::from(page.status == StatusCode::SEE_OTHER);
            }
            let csrf = browser.csrf().await;
            let text = fields(&mut draw, &csrf);
            let page = if draw.of(&[true, false]) {
                browser.get(&format!("{path}?{text}")).await
            } else {
                browser.post_text(&path, &text).await
            };
            let what = format!("{path} {text} {} {}", page.status, page.location());
            assert!(!page.status.is_server_error() || page.status == StatusCode::SERVICE_UNAVAILABLE, "{what}");
            assert!(leads_home(&idp, &page), "{what}");
            assert!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"), "{what}: {}", page.body);
            assert!(page.headers.get_all("set-cookie").iter().all(|c| !c.as_bytes().starts_with(b"a=b")), "{what}");
        }
    }
    assert!(signed_in > 0, "nobody ever did this signed in");
    assert_eq!(idp.backend.verdict(), "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn to_look_at_headers_makes_and_ends_nothing() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let tokens = portal.tokens(&browser, "201-acme", "agent password one").await;
    let query = portal.authorize_path(&[("prompt", "none")]).replacen("/authorize?", "", 1);
    let hint = tokens.text("id_token");
    let writes = || idp.cx.store.stats().writes();
    for path in routes() {
        let mut least = u64::MAX; // jobs write now and then, too
        for _ in 0..3 {
            let before = writes();
            let page = browser.head(&format!("{path}?{query}&id_token_hint={hint}&code=x&iss=x")).await;
            assert!(!page.status.is_server_error() && page.body.is_empty(), "{path} {}", page.status);
            least = least.min(writes() - before);
        }
        assert_eq!(least, 0, "HEAD {path} made or ended something");
    }
    // What is asked for by HEAD is there by GET: the query is one that makes a code, and ends the session.
    assert!(portal.authorize(&browser, &[("prompt", "none")]).await.param("code").is_some());
    browser.get(&format!("/logout?id_token_hint={hint}")).await;
    assert_eq!(portal.authorize(&browser, &[("prompt", "none")]).await.param("code"), None);
}
