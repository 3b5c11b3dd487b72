//! Passkeys, with an authenticator that does what no real one would.

use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::Value;
use support::passkey::{PRESENT, Passkey, VERIFIED};
use support::{Browser, Page, TestIdp, claims};
use tokio::task::JoinSet;

use crate::second::{ANN, PASSWORD, is_in, mail, policies, security, with_app};

/// What a page tells the browser.
fn options(page: &Page) -> Value {
    let told = page.body.split("data-options=\"").nth(1).and_then(|rest| rest.split('"').next());
    let told = told.unwrap_or_else(|| panic!("no options: {}", page.text()));
    serde_json::from_str(&told.replace("&#34;", "\"").replace("&quot;", "\"").replace("&amp;", "&")).unwrap()
}

/// The page for a new one.
async fn new_page(browser: &Browser, session: &str) -> Page {
    let page = browser.get(&security(session)).await;
    browser.fill(&page, "/account/security/passkey", &[]).await
}

/// A browser that Ann's account doesn't know, and that isn't the one of strangers: it has a cookie of its own.
async fn known_to_ben(idp: &TestIdp) -> Browser {
    let browser = idp.browser();
    let session = browser.sign_in("202-acme", "agent password two").await;
    browser.console("/account/sign-out", &session, &[]).await;
    browser
}

/// Sends what a script would put into the page's form.
async fn confirm(browser: &Browser, page: &Page, answer: &Value) -> Page {
    let (answer, field) = (answer.to_string(), |name: &str| page.field(name).unwrap_or_default());
    let (csrf, session, ticket) = (field("csrf"), field("as"), field("ticket"));
    let fields = [("csrf", csrf.as_str()), ("as", &session), ("ticket", &ticket), ("credential", &answer)];
    browser.post("/account/security/passkey/confirm", &fields).await
}

/// Makes one.
async fn make(idp: &TestIdp, browser: &Browser, session: &str) -> Passkey {
    let page = new_page(browser, session).await;
    let (passkey, answer) = Passkey::make(&options(&page), &idp.url);
    let done = confirm(browser, &page, &answer).await;
    assert!(done.location().contains("done=passkey-made"), "{} {}", done.location(), done.text());
    passkey
}

/// What a browser is told for a sign-in: the options, and what has to come back.
async fn ask(browser: &Browser) -> (Value, String) {
    let told = browser.get("/login/passkey").await;
    assert_eq!(told.headers["cache-control"], "no-store");
    let told: Value = serde_json::from_str(&told.body).unwrap();
    (told["options"].clone(), told["state"].as_str().unwrap().to_owned())
}

async fn send(browser: &Browser, request: Option<&str>, (state, answer): (&str, &Value)) -> Page {
    let (csrf, answer) = (browser.csrf().await, answer.to_string());
    let mut fields = vec![("csrf", csrf.as_str()), ("state", state), ("credential", &answer)];
    fields.extend(request.map(|r| ("r", r)));
    browser.post("/login/passkey", &fields).await
}

async fn sign_in(browser: &Browser, request: Option<&str>, passkey: &Passkey) -> Page {
    let (options, state) = ask(browser).await;
    send(browser, request, (&state, &passkey.sign(&options))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_made_and_signs_in_as_both_factors() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    with_app(&idp, &browser, &session).await;
    let passkey = make(&idp, &browser, &session).await;
    mail(&idp, "A passkey was added", 1).await;
    let (other, portal) = (idp.browser(), idp.portal());
    let asked = portal.authorize(&other, &[("acr_values", "urn:switchboard:acr:multi")]).await;
    let entered = sign_in(&other, asked.param("r").as_deref(), &passkey).await;
    let code = other.land(entered).await.param("code").expect("a code");
    let claims = claims(&portal.exchange(&code).await.text("id_token"));
    assert_eq!((&claims["acr"], &claims["amr"]), (&"phr".into(), &serde_json::json!(["hwk", "user", "mfa"])));
    assert!(
        !portal.authorize(&other, &[("acr_values", "urn:switchboard:acr:multi")]).await.location().contains("/login")
    );
    // A company that takes it for one factor asks for another beside it.
    policies(&idp, &[("passkey.uv_is_mfa", "off")]).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await; // policies may be a quarter of a second old
    let led = sign_in(&idp.browser(), None, &passkey).await;
    assert!(led.location().starts_with("/login/second?"), "{}", led.location());
    policies(&idp, &[("passkey.enabled", "off")]).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(!is_in(&sign_in(&idp.browser(), None, &passkey).await), "a company may want none");
    let tried = browser.console("/account/security/passkey", &session, &[]).await;
    assert_eq!(tried.status, StatusCode::FORBIDDEN, "{}", tried.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_passkey_signs_is_looked_at() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let good = make(&idp, &browser, &session).await;
    let port = idp.url.rsplit(':').next().unwrap();
    let wrong = [
        ("another origin", Passkey { origin: "https://evil.example".into(), ..good.clone() }),
        ("another port", Passkey { origin: "http://localhost:1".into(), ..good.clone() }),
        ("a subdomain", Passkey { origin: format!("http://evil.localhost:{port}"), ..good.clone() }),
        ("another scheme", Passkey { origin: format!("https://localhost:{port}"), ..good.clone() }),
        ("no origin", Passkey { origin: "null".into(), ..good.clone() }),
        ("another relying party", Passkey { host: "evil.example".into(), ..good.clone() }),
        ("nobody verified", Passkey { flags: PRESENT, ..good.clone() }),
        ("nobody there", Passkey { flags: VERIFIED, ..good.clone() }),
        ("another account", Passkey { handle: vec![7; 16], ..good.clone() }),
        ("no account", Passkey { handle: b"x".to_vec(), ..good.clone() }),
    ];
    for (what, passkey) in &wrong {
        let stranger = idp.browser();
        let told = sign_in(&stranger, None, passkey).await;
        assert!(!is_in(&told), "{what}: {}", told.location());
        assert!(stranger.get("/account").await.location().starts_with("/login"), "{what}");
    }
    let person = known_to_ben(&idp).await;
    let (options, state) = ask(&person).await;
    let answer = good.sign(&options);
    // Another browser's, a changed one, one for another challenge, one sent twice.
    assert!(!is_in(&send(&idp.browser(), None, (&state, &answer)).await), "it is this browser's");
    let mut torn = answer.clone();
    torn["response"]["signature"] = "MEUCIQ".into();
    let (other, other_state) = ask(&person).await;
    assert!(!is_in(&send(&person, None, (&other_state, &torn)).await), "no signature");
    let (_, third) = ask(&person).await;
    assert!(!is_in(&send(&person, None, (&third, &good.sign(&other))).await), "another challenge");
    assert!(is_in(&send(&person, None, (&state, &answer)).await));
    assert!(!is_in(&send(&person, None, (&state, &answer)).await), "once");
    let (options, state) = ask(&person).await;
    idp.pass(300);
    assert!(!is_in(&send(&person, None, (&state, &good.sign(&options))).await), "five minutes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_does_not_grow_tells_of_a_copy() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let mut passkey = make(&idp, &browser, &session).await;
    assert!(is_in(&sign_in(&idp.browser(), None, &passkey).await), "none at all is that of a synced one");
    passkey.counter = 7;
    assert!(is_in(&sign_in(&idp.browser(), None, &passkey).await));
    for counter in [7, 3, 0] {
        passkey.counter = counter;
        assert!(!is_in(&sign_in(&idp.browser(), None, &passkey).await), "{counter}");
    }
    passkey.counter = 8;
    assert!(is_in(&sign_in(&idp.browser(), None, &passkey).await));
    let failed = "SELECT count(*) AS n FROM audit WHERE event = 'sign_in_failed' AND payload LIKE '%wrong_passkey%'";
    assert_eq!(idp.backend.count(failed), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_ones_wait_where_they_came_from_and_nowhere_else() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let good = make(&idp, &browser, &session).await;
    let bad = Passkey { flags: PRESENT, ..good.clone() };
    let thief = idp.browser();
    let mut last = None;
    for _ in 0..5 {
        last = Some(sign_in(&thief, None, &bad).await);
    }
    assert_eq!(last.unwrap().status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!is_in(&sign_in(&thief, None, &good).await), "the right one waits there, too");
    let known = browser.try_sign_in(None, ANN, PASSWORD).await;
    assert!(is_in(&known), "the owner's browser does not");
    let owner = known_to_ben(&idp).await;
    assert_eq!(owner.try_sign_in(None, ANN, PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS, "with a password");
    let entered = sign_in(&owner, None, &good).await;
    assert!(is_in(&entered), "a passkey in another browser gets in: {}", entered.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_there_may_be_also_when_five_come_at_once() {
    let idp = Arc::new(TestIdp::start().await);
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    for _ in 0..9 {
        make(&idp, &browser, &session).await;
    }
    let (mut all, mut pages) = (JoinSet::new(), Vec::new());
    for _ in 0..5 {
        pages.push(new_page(&browser, &session).await);
    }
    for page in pages {
        let (_, answer) = Passkey::make(&options(&page), &idp.url);
        let browser = browser.clone();
        all.spawn(async move { confirm(&browser, &page, &answer).await.location() });
    }
    let told = all.join_all().await;
    assert_eq!(told.iter().filter(|to| to.contains("passkey-made")).count(), 1, "{told:?}");
    assert_eq!(idp.backend.count("SELECT count(*) AS n FROM passkeys"), 10);
    let full = browser.console("/account/security/passkey", &session, &[]).await;
    assert!(full.location().contains("passkey-full"), "{} {}", full.location(), full.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn making_one_is_ones_own_and_happens_once() {
    let idp = TestIdp::start().await;
    let (browser, ben) = (idp.browser(), idp.browser());
    let session = browser.sign_in(ANN, PASSWORD).await;
    let his = ben.sign_in("202-acme", "agent password two").await;
    let page = new_page(&browser, &session).await;
    let (passkey, answer) = Passkey::make(&options(&page), &idp.url);
    let confirm =
        async |browser: &Browser, page: &Page, answer: &Value| confirm(browser, page, answer).await.location();
    // Another's page brings another's answer.
    let other = new_page(&ben, &his).await;
    assert!(confirm(&ben, &other, &answer).await.contains("passkey-wrong"));
    for bad in [
        Passkey { origin: "https://evil.example".into(), ..passkey.clone() },
        Passkey { flags: PRESENT, ..passkey.clone() },
        Passkey { host: "evil.example".into(), ..passkey.clone() },
    ] {
        let page = new_page(&browser, &session).await;
        let answer = bad.attest(&options(&page));
        assert!(confirm(&browser, &page, &answer).await.contains("passkey-wrong"), "{bad:?}");
    }
    assert!(confirm(&browser, &page, &answer).await.contains("passkey-made"));
    assert!(confirm(&browser, &page, &answer).await.contains("passkey-wrong"), "once");
    // The same credential is nobody else's.
    let other = new_page(&ben, &his).await;
    let taken = passkey.attest(&options(&other));
    assert!(confirm(&ben, &other, &taken).await.contains("passkey-exists"));
    let late = new_page(&browser, &session).await;
    let (_, answer) = Passkey::make(&options(&late), &idp.url);
    idp.pass(301);
    assert!(confirm(&browser, &late, &answer).await.contains("passkey-wrong"), "five minutes");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_revoked_by_its_owner_and_never_the_last_way_in() {
    let idp = TestIdp::start().await;
    let (browser, ben) = (idp.browser(), idp.browser());
    let session = browser.sign_in(ANN, PASSWORD).await;
    let passkey = make(&idp, &browser, &session).await;
    let listed = browser.get(&security(&session)).await;
    let id = listed.body.split("id=pky_").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let id = format!("pky_{id}");
    let his = ben.sign_in("202-acme", "agent password two").await;
    for path in ["revoke", "rename"] {
        let fields = [("id", id.as_str()), ("name", "Mine now")];
        let tried = ben.console(&format!("/account/security/passkey/{path}"), &his, &fields).await;
        assert!(tried.location().contains("page-over"), "{path}: {}", tried.location());
    }
    let named = browser.console("/account/security/passkey/rename", &session, &[("id", &id), ("name", "Laptop")]).await;
    assert!(browser.land(named).await.text().contains("Laptop"));
    let gone = browser.console("/account/security/passkey/revoke", &session, &[("id", &id)]).await;
    assert!(gone.location().contains("passkey-revoked"), "{}", gone.location());
    mail(&idp, "A passkey was revoked", 1).await;
    let told = sign_in(&idp.browser(), None, &passkey).await;
    assert!(told.text().contains("no longer registered here"), "{}", told.text());
    assert!(told.body.contains("data-unknown=\""), "the browser may forget it");
    // Ben has a password and no address: where passwords are off, his passkey is all he has.
    make(&idp, &ben, &his).await;
    policies(&idp, &[("password.enabled", "off")]).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await; // policies may be a quarter of a second old
    let listed = ben.get(&security(&his)).await;
    let id = format!("pky_{}", listed.body.split("id=pky_").nth(1).unwrap().split('"').next().unwrap());
    let kept = ben.console("/account/security/passkey/revoke", &his, &[("id", &id)]).await;
    assert!(kept.location().contains("passkey-last"), "{}", kept.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_find_where_passkeys_and_passwords_are_looked_after() {
    let idp = TestIdp::start().await;
    let told = idp.browser().get("/.well-known/passkey-endpoints").await;
    let told: Value = serde_json::from_str(&told.body).unwrap();
    let page = format!("{}/account/security", idp.url);
    assert_eq!((told["enroll"].as_str(), told["manage"].as_str()), (Some(page.as_str()), Some(page.as_str())));
    let led = idp.browser().get("/.well-known/change-password").await;
    assert!(led.location().starts_with("/account/settings"), "{}", led.location());
}
