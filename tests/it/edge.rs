//! The HTTP edge: headers, cookies, origins, forms that aren't ours.

use std::sync::Arc;
use std::time::Duration;

use idp_server::serve::Edge;
use reqwest::StatusCode;
use support::{Backend, SelfSigned, TestIdp, golden};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_headers_errors_included() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    for path in [
        "/login",
        "/login/company",
        "/account",
        "/nowhere",
        "/authorize",
        "/logout",
        "/jwks.json",
        "/token",
        "/userinfo",
        "/t/acme",
        "/assets/none",
        "/.well-known/openid-configuration",
    ] {
        let page = browser.get(path).await;
        let header = |name: &str| page.headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        let public = ["/jwks.json", "/.well-known/openid-configuration"].contains(&path);
        assert_eq!(header("cache-control") == "no-store", !public, "{path}");
        assert_eq!(header("access-control-allow-origin").is_empty(), !public, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_for_this_host_and_not_for_scripts() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let page = browser.try_sign_in(None, "201-acme", "agent password one").await;
    let all: Vec<String> = page.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap().to_owned()).collect();
    assert_eq!(all.len(), 3, "{all:?}");
    for cookie in all {
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
            "{cookie}"
        );
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_sites_can_not_send_our_forms() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let csrf = browser.csrf().await;
    let fields = [("csrf", csrf.as_str()), ("identifier", "201-acme"), ("password", "agent password one")];
    for headers in [
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site"), ("origin", idp.url.as_str())],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
    ] {
        assert_eq!(browser.post_with("/login", &fields, &headers).await.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    assert_eq!(browser.post_with("/login", &fields, &[]).await.status, StatusCode::SEE_OTHER);
    let other = idp.browser();
    other.csrf().await;
    assert_eq!(other.post("/login", &fields).await.status, StatusCode::FORBIDDEN, "a token is its browser's");
    assert_eq!(other.post("/login", &fields[1..]).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_changes_by_get() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    browser.sign_in("201-acme", "agent password one").await;
    for path in [
        "/account/sign-out",
        "/logout/confirm",
        "/login/forget",
        "/login/new-password",
        "/ui/theme",
        "/ui/language",
        "/admin/accounts",
        "/account/settings/password",
    ] {
        assert_eq!(browser.get(path).await.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
    // Nor by any other address that is opened: the log has no more in it than before.
    let logged = "SELECT count(*) AS n FROM audit";
    let before = idp.backend.count(logged);
    for route in include_str!("../golden/routes.txt").lines() {
        let page = browser.get(&route.replace(['{', '}'], "x")).await;
        assert!(!page.status.is_server_error(), "{route}");
    }
    assert_eq!(idp.backend.count(logged), before);
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_header_and_forwarding_headers_change_no_link() {
    let idp = TestIdp::start().await;
    let forged = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("forwarded", "host=evil.example"),
    ];
    for path in ["/login", "/.well-known/openid-configuration", "/account", "/nowhere"] {
        let page = idp.browser().get_with(path, &forged).await;
        assert!(!page.body.contains("evil.example") && !page.location().contains("evil.example"), "{path}");
    }
    let browser = idp.browser();
    let csrf = browser.csrf().await;
    for (path, count) in [("/login/email", 1), ("/forgot", 2)] {
        browser.post_with(path, &[("csrf", &csrf), ("identifier", "201-acme")], &forged).await;
        let told = crate::email::mail(&idp, "ann@acme.example", count).await;
        assert!(told.text.contains(&idp.url) && !told.text.contains("evil.example"), "{path}: {}", told.text);
        assert!(!told.html.contains("evil.example"), "{path}: {}", told.html);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn theme_and_language_are_kept_and_lead_back_to_our_own_pages_only() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let csrf = browser.csrf().await;
    let page = browser.post("/ui/theme", &[("csrf", &csrf), ("theme", "dark"), ("next", "/login")]).await;
    assert_eq!(page.location(), "/login");
    assert!(browser.get("/login").await.body.contains("data-theme=\"dark\""));
    browser.post("/ui/language", &[("csrf", &csrf), ("language", "de"), ("next", "/login")]).await;
    assert!(browser.get("/login").await.body.contains("lang=\"de\""));
    let page = browser.post("/ui/theme", &[("csrf", &csrf), ("theme", "light"), ("next", "//evil.example/")]).await;
    assert_eq!(page.location(), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_speaks_its_language_and_a_person_his_own() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    assert!(browser.get("/login?tenant=bolt").await.body.contains("lang=\"de\""));
    assert!(browser.get("/login?tenant=acme").await.body.contains("lang=\"en\""));
    let session = browser.sign_in("201-bolt", "bolt password one").await;
    let page = browser.get(&format!("/account?as={session}")).await;
    assert!(page.body.contains("lang=\"de\""));
    let csrf = browser.csrf().await;
    browser.post("/ui/language", &[("csrf", &csrf), ("language", "en"), ("as", &session), ("next", "/account")]).await;
    let elsewhere = idp.browser();
    let session = elsewhere.sign_in("201-bolt", "bolt password one").await;
    assert!(elsewhere.get(&format!("/account?as={session}")).await.body.contains("lang=\"en\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_say_about_ourselves() {
    let idp = TestIdp::start().await;
    let page = idp.browser().get("/.well-known/openid-configuration").await;
    let document: serde_json::Value = serde_json::from_str(&page.body.replace(&idp.url, "https://id.example")).unwrap();
    golden("discovery.json", &format!("{}\n", serde_json::to_string_pretty(&document).unwrap()));
    let tag = page.headers["etag"].to_str().unwrap().to_owned();
    let again = idp.browser().get_with("/.well-known/openid-configuration", &[("if-none-match", &tag)]).await;
    assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_after_a_sign_out_goes_on_in_the_same_language() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in("201-bolt", "bolt password one").await;
    let csrf = browser.csrf().await;
    let page = browser.post("/account/sign-out", &[("csrf", &csrf), ("as", &session)]).await;
    assert!(page.body.contains("lang=\"de\""), "{}", page.text());
    let fresh = browser.get("/login").await.text();
    assert!(!fresh.contains("without activity"), "a person who signed out was not thrown out: {fresh}");
}

/// What comes back for these bytes, until the connection is closed or nothing comes any more.
async fn raw(idp: &TestIdp, bytes: &[u8]) -> String {
    let port = url::Url::parse(&idp.url).unwrap().port().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(bytes).await.ok(); // it may be refused before all of it is sent
    let mut answer = Vec::new();
    while let Ok(Ok(1..)) = tokio::time::timeout(Duration::from_millis(500), stream.read_buf(&mut answer)).await {}
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_be_read_in_two_ways_or_is_too_much_is_refused() {
    let idp = TestIdp::start().await;
    let smuggled = "GET /account HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let post = "POST /token HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    let get = "GET /jwks.json HTTP/1.1\r\nhost: localhost\r\n";
    let both = format!("{post}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}");
    let both = raw(&idp, both.as_bytes()).await;
    assert!(both.matches("HTTP/1.1 ").count() <= 1, "nothing after an ambiguous request is answered");
    for (what, request) in [
        ("two lengths", format!("{post}content-length: 4\r\ncontent-length: 5\r\n\r\na=bc{smuggled}")),
        ("a length that is none", format!("{post}content-length: +4\r\n\r\na=bc{smuggled}")),
        ("an unknown coding", format!("{post}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n{smuggled}")),
        ("a chunk that is none", format!("{post}transfer-encoding: chunked\r\n\r\nzz\r\n{smuggled}")),
        ("a folded header", format!("{get}x: a\r\n b\r\n\r\n")),
        ("a space before the colon", format!("{get}x : a\r\n\r\n")),
        ("a NUL", format!("{get}x: a\0b\r\n\r\n")),
        ("a hundred and one headers", format!("{get}{}\r\n", "x: a\r\n".repeat(101))),
        ("a header of 64 KiB", format!("{get}x: {}\r\n\r\n", "a".repeat(64 * 1024))),
        ("no HTTP", "\x16\x03\x01\x02\0\x01\0\x01\x7c".to_owned()),
    ] {
        let answer = raw(&idp, request.as_bytes()).await;
        let status = answer.split(' ').nth(1).unwrap_or("closed");
        assert!(["400", "431", "closed"].contains(&status), "{what}: {answer}");
        assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{what}: {answer}");
    }
    let elsewhere = raw(&idp, b"GET http://evil.example/login HTTP/1.1\r\nhost: evil.example\r\n\r\n").await;
    assert!(!elsewhere.contains("evil.example"), "{elsewhere}");
    assert_eq!(idp.browser().get("/login").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_taken_up_and_a_bad_one_is_left_alone() {
    let (old, new) = (SelfSigned::make(), SelfSigned::make());
    let tls = old.tls().unwrap();
    let edge = Edge { tls: Some(tls.clone()), ..Edge::default() };
    let idp = TestIdp::behind(Arc::new(Backend::sqlite()), edge).await;
    let serves = async |made: &SelfSigned| made.trusting().get(format!("{}/jwks.json", idp.url)).send().await.is_ok();
    assert!(serves(&old).await && !serves(&new).await);
    std::fs::write(&old.certificate, "half of a certifi").unwrap();
    tls.refresh();
    assert!(serves(&old).await, "a bad file ends nothing");
    std::fs::copy(&new.certificate, &old.certificate).unwrap();
    tls.refresh();
    assert!(serves(&old).await && !serves(&new).await, "the key is still that of the old one");
    std::fs::copy(&new.key, &old.key).unwrap();
    tls.refresh();
    assert!(serves(&new).await && !serves(&old).await);
}
