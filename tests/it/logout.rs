//! Signing out: here, at a client, and the clients hearing of it.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::post;
use reqwest::StatusCode;
use support::{Client, TestIdp, claims};
use tokio::net::TcpListener;

const ANN: (&str, &str) = ("201-acme", "agent password one");

/// A portal that listens for logout tokens.
struct Listener {
    url: String,
    heard: Arc<Mutex<Vec<String>>>,
    answer: Arc<AtomicU16>,
}

impl Listener {
    #[expect(clippy::disallowed_methods, reason = "a test's server ends with the test's runtime")]
    async fn start() -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&heard);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://127.0.0.1:{}/logout", listener.local_addr().unwrap().port());
        let answer = Arc::new(AtomicU16::new(200));
        let status = Arc::clone(&answer);
        let hear = move |body: String| {
            let token =
                url::form_urlencoded::parse(body.as_bytes()).find(|(n, _)| n == "logout_token").unwrap().1.into_owned();
            keep.lock().unwrap().push(token);
            let status = status.load(Ordering::Relaxed);
            async move {
                if status == 0 {
                    std::future::pending::<()>().await;
                }
                StatusCode::from_u16(status).unwrap()
            }
        };
        let router = Router::new().route("/logout", post(hear));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, heard, answer }
    }

    /// The tokens, once there are so many.
    async fn tokens(&self, count: usize) -> Vec<String> {
        let deadline = std::time::Instant::now() + Duration::from_secs(15);
        loop {
            let heard = self.heard.lock().unwrap().clone();
            if heard.len() >= count {
                return heard;
            }
            assert!(std::time::Instant::now() < deadline, "{} of {count} logout tokens came", heard.len());
            tokio::task::yield_now().await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// A provider with a client that listens.
async fn listening() -> (TestIdp, Listener, Client) {
    let idp = TestIdp::start().await;
    let listener = Listener::start().await;
    idp.apply(&format!(
        "[[clients]]\nclient_id = \"portal\"\nname = \"Portal\"\nsecret = \"portal-secret\"\nid_token_alg = \"ES256\"\n\
         redirect_uris = [\"https://portal.example/callback\"]\npost_logout_redirect_uris = [\"https://portal.example/signed-out\"]\n\
         scopes = \"openid profile email\"\nbackchannel_logout_uri = \"{}\"\n",
        listener.url
    ))
    .await;
    let portal = idp.portal();
    (idp, listener, portal)
}

fn logout_path(more: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(more).finish();
    format!("/logout?{query}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clients_sign_out_ends_the_session_and_goes_back_with_its_state() {
    let (idp, listener, portal) = listening().await;
    let browser = idp.browser();
    let tokens = portal.tokens(&browser, ANN.0, ANN.1).await;
    let id_token = tokens.text("id_token");
    let back = "https://portal.example/signed-out";
    let page = browser
        .get(&logout_path(&[("id_token_hint", &id_token), ("post_logout_redirect_uri", back), ("state", "st")]))
        .await;
    assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, format!("{back}?state=st")));
    let quiet = portal.authorize(&browser, &[("prompt", "none")]).await;
    assert_eq!(quiet.param("error").as_deref(), Some("login_required"));
    assert_eq!(portal.refresh(&tokens.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(portal.userinfo(&tokens.text("access_token")).await.status, StatusCode::UNAUTHORIZED);
    let heard = listener.tokens(1).await;
    let (told, signed_in) = (claims(&heard[0]), claims(&id_token));
    assert_eq!(
        (&told["sub"], &told["sid"], &told["iss"], &told["aud"]),
        (&signed_in["sub"], &signed_in["sid"], &signed_in["iss"], &signed_in["aud"])
    );
    assert_eq!(told["events"], serde_json::json!({"http://schemas.openid.net/event/backchannel-logout": {}}));
    assert!(told.get("nonce").is_none() && told["jti"].is_string());
    assert!(told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap() <= 120);
}

#[tokio::test(flavor = "multi_thread")]
async fn anything_doubtful_asks_first_and_goes_nowhere_unregistered() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let tokens = portal.tokens(&browser, ANN.0, ANN.1).await;
    let id_token = tokens.text("id_token");
    let foreign = portal.tokens(&idp.browser(), "202-acme", "agent password two").await.text("id_token");
    let changed = format!("{}x", &id_token[..id_token.len() - 1]);
    for more in [
        vec![],
        vec![("state", "x")],
        vec![("id_token_hint", changed.as_str())],
        vec![("id_token_hint", foreign.as_str())],
        vec![("id_token_hint", id_token.as_str()), ("client_id", "second")],
        vec![("id_token_hint", id_token.as_str()), ("post_logout_redirect_uri", "https://evil.example/")],
        vec![
            ("id_token_hint", id_token.as_str()),
            ("post_logout_redirect_uri", "https://portal.example/signed-out?x=1"),
        ],
        vec![("client_id", "portal"), ("post_logout_redirect_uri", "https://portal.example/signed-out")],
    ] {
        let page = browser.get(&logout_path(&more)).await;
        assert_eq!((page.status, page.location()), (StatusCode::OK, String::new()), "{more:?}");
        assert!(page.body.contains("action=\"/logout/confirm\""), "{more:?}");
        assert_eq!(browser.get("/account").await.status, StatusCode::OK, "{more:?}");
    }
    let csrf = browser.csrf().await;
    let done = browser.post("/logout/confirm", &[("csrf", &csrf)]).await;
    assert!(done.text().contains("Portal"), "{}", done.text());
    assert!(browser.get("/account").await.location().starts_with("/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_icon_signs_one_account_out_and_leaves_the_other() {
    let (idp, listener, portal) = listening().await;
    let browser = idp.browser();
    let ann = browser.sign_in(ANN.0, ANN.1).await;
    let ben = browser.sign_in("202-acme", "agent password two").await;
    let asked = portal.authorize(&browser, &[]).await.param("r").unwrap();
    let code = browser.get(&format!("/authorize/resume?r={asked}&as={ann}")).await.param("code").unwrap();
    portal.exchange(&code).await;
    let csrf = browser.csrf().await;
    browser.post("/account/sign-out", &[("csrf", &csrf), ("as", &ann)]).await;
    assert_eq!(listener.tokens(1).await.len(), 1);
    assert_eq!(browser.get(&format!("/account?as={ben}")).await.status, StatusCode::OK);
    assert!(browser.get(&format!("/account?as={ann}")).await.location().starts_with("/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn portals_hear_when_time_runs_out_and_when_an_administrator_locks() {
    let (idp, listener, portal) = listening().await;
    portal.tokens(&idp.browser(), ANN.0, ANN.1).await;
    idp.pass(4 * 3600 + 60);
    idp.expire().await;
    assert_eq!(listener.tokens(1).await.len(), 1);
    portal.tokens(&idp.browser(), ANN.0, ANN.1).await;
    let admin = idp.browser();
    let session = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&session, None).await["201-acme"].clone();
    admin.console(&format!("/admin/accounts/{id}/lock"), &session, &[]).await;
    assert_eq!(listener.tokens(2).await.len(), 2);
    idp.expire().await;
    assert_eq!(listener.tokens(2).await.len(), 2, "each session is told of once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_by_post_is_asked_again_by_get() {
    let idp = TestIdp::start().await;
    let page = idp.browser().post_with("/logout", &[("state", "x")], &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(page.location(), "/logout?state=x");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_here_is_offered_until_somebody_takes_him_away() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let ann = browser.sign_in(ANN.0, ANN.1).await;
    let ben = browser.sign_in("202-acme", "agent password two").await;
    let csrf = browser.csrf().await;
    browser.post("/account/sign-out", &[("csrf", &csrf), ("as", &ann)]).await;
    let page = browser.get("/login/choose").await.text();
    assert!(page.contains("Ann Agent") && page.contains("Signed out"), "{page}");
    let chosen = browser.post("/login/choose", &[("csrf", &csrf), ("as", &ann)]).await;
    assert_eq!(chosen.param("name").as_deref(), Some("201-acme"));
    assert_eq!(browser.get(&chosen.location()).await.field("identifier").as_deref(), Some("201-acme"));
    for session in [&ann, &ben] {
        browser.post("/login/forget", &[("csrf", &csrf), ("as", session)]).await;
    }
    assert!(browser.get("/login/choose").await.location().starts_with("/login"));
    assert!(browser.get(&format!("/account?as={ben}")).await.location().starts_with("/login"));
    assert!(idp.browser().get("/login/choose").await.location().starts_with("/login"), "nobody else sees it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_warns_of_a_portal_that_did_not_hear() {
    let (idp, listener, portal) = listening().await;
    let warning = "Portal may stay signed in for up to 5 minutes. Close it to be safe.";
    for (status, is_out) in [(200, true), (204, true), (202, false), (400, false), (503, false)] {
        listener.answer.store(status, Ordering::Relaxed);
        let browser = idp.browser();
        portal.tokens(&browser, ANN.0, ANN.1).await;
        let (csrf, session) = (browser.csrf().await, browser.sign_in(ANN.0, ANN.1).await);
        let page = browser.post("/account/sign-out", &[("csrf", &csrf), ("as", &session)]).await.text();
        assert_eq!(page.contains("Signed out of: Portal"), is_out, "{status}: {page}");
        assert_eq!(page.contains(warning), !is_out, "{status}: {page}");
    }
    // One that takes the notice and says nothing keeps nobody waiting, and hears later.
    listener.answer.store(0, Ordering::Relaxed);
    let before = listener.heard.lock().unwrap().len();
    let browser = idp.browser();
    portal.tokens(&browser, ANN.0, ANN.1).await;
    let (csrf, session) = (browser.csrf().await, browser.sign_in(ANN.0, ANN.1).await);
    let began = std::time::Instant::now();
    let page = browser.post("/account/sign-out", &[("csrf", &csrf), ("as", &session)]).await.text();
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert!(page.contains(warning), "{page}");
    listener.tokens(before + 1).await;
    listener.answer.store(200, Ordering::Relaxed);
    listener.tokens(before + 2).await;
    // One that can't be told at all.
    let (browser, second) = (idp.browser(), idp.second());
    second.tokens(&browser, ANN.0, ANN.1).await;
    let csrf = browser.csrf().await;
    let page = browser.post("/logout/confirm", &[("csrf", &csrf)]).await.text();
    assert!(page.contains("may stay signed in") && !page.contains("Signed out of"), "{page}");
}
