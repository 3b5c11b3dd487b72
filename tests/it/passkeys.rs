//! Passkeys, with an authenticator that does what no real one would.

use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::Value;
use support::passkey::{PRESENT, Passkey, VERIFIED, ask, confirm, new_page, options};
use support::{Browser, Page, TestIdp, claims};
use tokio::task::JoinSet;

use crate::email::follow_to_offer;
use crate::second::{ANN, PASSWORD, is_in, mail, policies, security, with_app};

/// A browser that Ann's account doesn't know, and that isn't the one of strangers: it has a cookie of its own.
async fn known_to_ben(idp: &TestIdp) -> Browser {
    let browser = idp.browser();
    let session = browser.sign_in("202-acme", "agent password two").await;
    browser.console("/account/sign-out", &session, &[]).await;
    browser
}

async fn make(idp: &TestIdp, browser: &Browser, session: &str) -> Passkey {
    Passkey::add(browser, session, &idp.url).await
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
    for (what, spoiled) in [("no number", "MAYCAQACAQA"), ("one byte", "MA"), ("nothing", "")] {
        let (options, state) = ask(&person).await;
        let mut zero = good.sign(&options);
        zero["response"]["signature"] = spoiled.into();
        assert!(!is_in(&send(&person, None, (&state, &zero)).await), "a signature of {what}");
        idp.pass(900); // five wrong ones in a quarter of an hour would wait
    }
    let (options, state) = ask(&person).await;
    let made = good.sign_as("webauthn.create", &options);
    assert!(!is_in(&send(&person, None, (&state, &made)).await), "another ceremony's");
    let (options, state) = ask(&person).await;
    let answer = good.sign(&options);
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
    for backend in support::backends() {
        ten_there_may_be(Arc::new(TestIdp::on(Arc::new(backend)).await)).await;
    }
}

async fn ten_there_may_be(idp: Arc<TestIdp>) {
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
    // What no authenticator makes that is asked by us: another ceremony, a key off its curve, another algorithm,
    // another kind.
    let number = |n: i64| ciborium::Value::Integer(n.into());
    let set = |label: i64, value: ciborium::Value| {
        move |key: &mut Vec<(ciborium::Value, ciborium::Value)>| {
            for (name, part) in key.iter_mut().filter(|(name, _)| *name == number(label)) {
                (*name, *part) = (number(label), value.clone());
            }
        }
    };
    for (what, label, value) in [
        ("off its curve", -3, ciborium::Value::Bytes(vec![1; 32])),
        ("another algorithm", 3, number(-257)),
        ("no algorithm", 3, number(-65535)),
        ("another kind", 1, number(3)),
    ] {
        let page = new_page(&browser, &session).await;
        let answer = passkey.attest_as("webauthn.create", &options(&page), set(label, value));
        assert!(confirm(&browser, &page, &answer).await.contains("passkey-wrong"), "{what}");
    }
    let other_page = new_page(&browser, &session).await;
    let signed = passkey.attest_as("webauthn.get", &options(&other_page), |_| {});
    assert!(confirm(&browser, &other_page, &signed).await.contains("passkey-wrong"), "another ceremony");
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

/// Answers the page of the second factor by a passkey; what the script asks for first is told.
async fn second(browser: &Browser, page: &Page, passkey: &Passkey) -> (Value, Page) {
    let journey = page.field("journey").unwrap();
    let address = format!("/login/passkey?journey={journey}");
    let told: Value = serde_json::from_str(&browser.get(&address).await.body).unwrap();
    let (state, answer) = (told["state"].as_str().unwrap().to_owned(), passkey.sign(&told["options"]).to_string());
    let (csrf, r) = (browser.csrf().await, page.field("r").unwrap_or_default());
    let fields = [
        ("csrf", csrf.as_str()),
        ("r", &r),
        ("journey", &journey),
        ("means", "passkey"),
        ("state", &state),
        ("credential", &answer),
    ];
    (told["options"].clone(), browser.post("/login/second", &fields).await)
}

/// A right password in another browser: the page that follows.
async fn after_password(idp: &TestIdp, request: Option<&str>) -> (Browser, Page) {
    let browser = idp.browser();
    let led = browser.try_sign_in(request, ANN, PASSWORD).await;
    assert!(led.location().starts_with("/login/second?"), "{} {}", led.location(), led.text());
    let page = browser.get(&led.location()).await;
    (browser, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_a_second_factor_after_a_password_where_one_is_asked_for() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let passkey = make(&idp, &browser, &session).await;
    assert!(is_in(&idp.browser().try_sign_in(None, ANN, PASSWORD).await), "by itself it asks for nothing");
    with_app(&idp, &browser, &session).await;
    let ben = idp.browser();
    let his = ben.sign_in("202-acme", "agent password two").await;
    let bens = make(&idp, &ben, &his).await;
    let portal = idp.portal();
    let asking = idp.browser();
    let r = portal.authorize(&asking, &[]).await.param("r").unwrap();
    let led = asking.try_sign_in(Some(&r), ANN, PASSWORD).await;
    let page = asking.get(&led.location()).await;
    assert!(page.text().contains("Use a passkey"), "{}", page.text());
    // Another's, one that nobody unlocked, one that was asked for as a first factor: wrong, and counted.
    let (told, wrong) = second(&asking, &page, &bens).await;
    assert_eq!(told["allowCredentials"].as_array().unwrap().len(), 1, "only hers are asked for");
    assert!(wrong.location().contains("said=wrong"), "{}", wrong.location());
    let (_, wrong) = second(&asking, &page, &Passkey { flags: PRESENT, ..passkey.clone() }).await;
    assert!(wrong.location().contains("said=wrong"), "{}", wrong.location());
    let (options, state) = ask(&asking).await;
    let (csrf, journey) = (asking.csrf().await, page.field("journey").unwrap());
    let answer = passkey.sign(&options).to_string();
    let fields = [
        ("csrf", csrf.as_str()),
        ("journey", &journey),
        ("means", "passkey"),
        ("state", &state),
        ("credential", &answer),
    ];
    let other = asking.post("/login/second", &fields).await;
    assert!(other.location().contains("said=expired"), "{}", other.location());
    let (_, right) = second(&asking, &page, &passkey).await;
    let code = asking.land(right).await.param("code").expect("a code");
    let claims = claims(&portal.exchange(&code).await.text("id_token"));
    assert_eq!((&claims["acr"], &claims["amr"]), (&"phr".into(), &serde_json::json!(["pwd", "hwk", "user", "mfa"])));
    // Five wrong answers lock the account, by whichever means.
    let (thief, page) = after_password(&idp, None).await;
    for _ in 0..4 {
        second(&thief, &page, &bens).await;
    }
    let (_, last) = second(&thief, &page, &bens).await;
    assert_eq!(last.status, StatusCode::FORBIDDEN, "{}", last.text());
    assert!(!is_in(&sign_in(&idp.browser(), None, &passkey).await), "a locked account is locked");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_two_factors_are_required_it_can_be_the_one_that_is_set_up() {
    let idp = TestIdp::start().await;
    policies(&idp, &[("2fa.policy", "required")]).await;
    let (browser, page) = after_password(&idp, None).await;
    let offer = browser.fill(&page, "/login/second/passkey", &[]).await;
    let (passkey, answer) = Passkey::make(&options(&offer), &idp.url);
    // Another sign-in's page takes no answer of this one.
    let (other, page) = after_password(&idp, None).await;
    let others = other.fill(&page, "/login/second/passkey", &[]).await;
    let tried = other.fill(&others, "/login/second/passkey/confirm", &[("credential", &answer.to_string())]).await;
    assert_eq!(tried.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", tried.text());
    let done = browser.fill(&offer, "/login/second/passkey/confirm", &[("credential", &answer.to_string())]).await;
    assert_eq!(crate::second::codes(&done).len(), 10, "{} {}", done.location(), done.text());
    assert!(browser.get("/account").await.text().contains("Hello"), "he is in");
    mail(&idp, "A passkey was added", 1).await;
    // It is the only second factor, and the company requires one: it stays.
    let session = browser.get("/account").await.field("as").unwrap();
    let listed = browser.get(&security(&session)).await;
    let id = format!("pky_{}", listed.body.split("id=pky_").nth(1).unwrap().split('"').next().unwrap());
    let kept = browser.console("/account/security/passkey/revoke", &session, &[("id", &id)]).await;
    assert!(kept.location().contains("done=required"), "{} {}", kept.location(), kept.text());
    // From now on it is asked for after a password, and enough by itself.
    let (known, page) = after_password(&idp, None).await;
    assert!(page.text().contains("Confirm with a passkey"), "{}", page.text());
    let (_, right) = second(&known, &page, &passkey).await;
    assert!(is_in(&right), "{} {}", right.location(), right.text());
    assert!(is_in(&sign_in(&idp.browser(), None, &passkey).await));
}

/// A link to sign in, in the mail of that number.
async fn link_for(idp: &TestIdp, browser: &Browser, request: Option<&str>, count: usize) -> String {
    crate::email::ask(browser, request, ANN).await;
    crate::email::link(&mail(idp, "Sign in to", count).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_offered_after_a_link_and_never_in_the_way() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let r = portal.authorize(&browser, &[]).await.param("r").unwrap();
    let token = link_for(&idp, &browser, Some(&r), 1).await;
    let entered = follow_to_offer(&browser, &token).await;
    assert!(entered.location().starts_with("/account/passkey?"), "{}", entered.location());
    let offer = browser.get(&entered.location()).await;
    assert_eq!(offer.status, StatusCode::OK);
    let later = browser.fill(&offer, "/account/passkey/later", &[]).await;
    assert!(later.location().starts_with("/authorize/resume?"), "{}", later.location());
    assert!(browser.land(later).await.param("code").is_some(), "what waited is answered");
    // Not again in this browser; in another it is, and leads on as well.
    let token = link_for(&idp, &browser, None, 2).await;
    assert!(is_in(&follow_to_offer(&browser, &token).await));
    let other = idp.browser();
    let r = portal.authorize(&other, &[]).await.param("r").unwrap();
    let token = link_for(&idp, &other, Some(&r), 3).await;
    let offer = other.get(&follow_to_offer(&other, &token).await.location()).await;
    let (passkey, answer) = Passkey::make(&options(&offer), &idp.url);
    let made = other.fill(&offer, "/account/passkey", &[("credential", &answer.to_string())]).await;
    assert!(other.land(made).await.param("code").is_some());
    assert!(is_in(&sign_in(&idp.browser(), None, &passkey).await));
    // After a new password whoever has some looks through them.
    idp.pass(3600);
    let forgetful = idp.browser();
    crate::forgot::forgot(&forgetful, &[("identifier", ANN)]).await;
    let reset = crate::forgot::reset_link(&mail(&idp, "new password", 1).await);
    let done = crate::forgot::set_password(&forgetful, &reset, "a quiet marble tugboat").await;
    assert!(done.location().contains("done=check"), "{}", done.location());
    assert!(forgetful.land(done).await.text().contains("Look through your passkeys"));
    // Who has one isn't asked.
    let third = idp.browser();
    let token = link_for(&idp, &third, None, 4).await;
    let entered = follow_to_offer(&third, &token).await;
    assert!(!entered.location().starts_with("/account/passkey"), "{}", entered.location());
}
