//! Signing in: the way there, the way back, and everything that must not be believed on it.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use switchboard_rp::IdTokenAlgorithm;

use crate::browser::{Browser, Page};
use crate::provider::{Provider, encode, query};

/// Signs in with a provider whose tokens were tampered with.
async fn sign_in_with(tamper: impl Fn(&mut Value, &mut Value) + Send + Sync + 'static) -> (Browser, Page) {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    provider.tamper(tamper);
    let back = browser.leave("/sign-in").await;
    let page = browser.open(&back).await;
    (browser, page)
}

async fn assert_refused(what: &str, tamper: impl Fn(&mut Value, &mut Value) + Send + Sync + 'static) {
    let (browser, page) = sign_in_with(tamper).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{what}");
    assert!(page.text.contains("Sign in again"), "{what}");
    assert_eq!(browser.cookie("portal_session"), None, "{what}");
}

#[tokio::test]
async fn a_person_comes_in_with_name_user_name_and_company() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    let back = browser.leave("/sign-in?return_to=/calls").await;
    let page = browser.open(&back).await;
    assert_eq!(page.location(), "/calls");
    assert_eq!(page.headers["cache-control"], "no-store");
    let page = browser.open("/calls").await;
    assert_eq!(page.text, "Maria Lopez|201-wickedsprockets|Wicked Sprockets");
    assert_eq!(browser.cookies(), ["portal_session"]);
}

#[tokio::test]
async fn a_stranger_is_sent_to_the_sign_in_and_back_to_the_same_page() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    let page = browser.open("/calls?page=2").await;
    assert_eq!(page.location(), "/sign-in?return_to=%2Fcalls%3Fpage%3D2");
    let back = browser.leave(page.location()).await;
    assert_eq!(browser.open(&back).await.location(), "/calls?page=2");
}

#[tokio::test]
async fn forms_and_scripts_of_a_stranger_are_answered_401() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    assert_eq!(browser.submit("/").await.status, StatusCode::UNAUTHORIZED);
    let script = Request::get("/").header("sec-fetch-mode", "cors").body(Body::empty()).unwrap();
    assert_eq!(browser.send(script).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.open("/about").await.text, "stranger");
}

#[tokio::test]
async fn the_request_carries_what_the_link_asked_for() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    let link =
        "/sign-in?ui_locales=de%20en&login_hint=201-wickedsprockets&prompt=login&max_age=60&tenant=wickedsprockets";
    let parameters = query(browser.open(link).await.location());
    assert_eq!(parameters["response_type"], "code");
    assert_eq!(parameters["redirect_uri"], "http://localhost:8081/callback");
    assert_eq!(parameters["scope"], "openid profile email tenant");
    assert_eq!(parameters["ui_locales"], "de en");
    assert_eq!(parameters["login_hint"], "201-wickedsprockets");
    assert_eq!(parameters["prompt"], "login");
    assert_eq!(parameters["max_age"], "60");
    assert_eq!(parameters["tenant"], "wickedsprockets");
}

#[tokio::test]
async fn wishes_that_make_no_sense_are_left_out() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    let link = format!("/sign-in?{}", encode(&[("prompt", "dance"), ("tenant", "../x"), ("ui_locales", "<b> de")]));
    let parameters = query(browser.open(&link).await.location());
    assert!(!parameters.contains_key("prompt"));
    assert!(!parameters.contains_key("tenant"));
    assert_eq!(parameters["ui_locales"], "de");
}

#[tokio::test]
async fn a_return_address_outside_the_application_leads_to_the_start_page() {
    let provider = Provider::start().await;
    for address in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/sign-in",
        "/sign-out",
        "calls",
    ] {
        let browser = Browser::new(&provider);
        let back = browser.leave(&format!("/sign-in?{}", encode(&[("return_to", address)]))).await;
        assert_eq!(browser.open(&back).await.location(), "/", "{address}");
    }
}

#[tokio::test]
async fn two_tabs_sign_in_at_once_and_each_returns_to_its_page() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    let first = browser.leave("/sign-in?return_to=/calls").await;
    let second = browser.leave("/sign-in?return_to=/about").await;
    assert_eq!(browser.open(&second).await.location(), "/about");
    assert_eq!(browser.open(&first).await.location(), "/calls");
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn a_browser_holds_at_most_eight_sign_ins() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    let first = browser.leave("/sign-in").await;
    provider.clock().forward(1);
    for _ in 0..8 {
        browser.leave("/sign-in").await;
    }
    assert_eq!(browser.cookies().len(), 8);
    assert_eq!(browser.open(&first).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_answer_to_a_request_of_another_browser_is_refused() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    let back = browser.leave("/sign-in").await;
    let victim = browser.stranger();
    let page = victim.open(&back).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text.contains("/sign-in?return_to="), "{}", page.text);
    assert!(!victim.is_signed_in().await);
}

#[tokio::test]
async fn a_state_works_once() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    let back = browser.leave("/sign-in").await;
    browser.open(&back).await;
    assert_eq!(browser.open(&back).await.location(), "/", "the person is in: the page was only loaded twice");
    browser.submit("/sign-out").await;
    assert_eq!(browser.open(&back).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_sign_in_older_than_an_hour_has_to_start_again() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    let back = browser.leave("/sign-in").await;
    provider.clock().forward(3_600);
    assert_eq!(browser.open(&back).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_answer_that_names_another_issuer_or_none_is_refused() {
    let provider = Provider::start().await;
    for iss in [Some("https://evil.example"), None] {
        let browser = Browser::new(&provider);
        let back = browser.leave("/sign-in").await;
        let given = query(&back);
        let mut answer = vec![("code", given["code"].as_str()), ("state", given["state"].as_str())];
        answer.extend(iss.map(|iss| ("iss", iss)));
        let page = browser.open(&format!("/callback?{}", encode(&answer))).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        assert!(!browser.is_signed_in().await);
    }
}

#[tokio::test]
async fn errors_of_the_provider_become_pages_with_a_next_step() {
    let provider = Provider::start().await;
    let cases = [
        ("access_denied", StatusCode::FORBIDDEN, "prompt=select_account"),
        ("temporarily_unavailable", StatusCode::SERVICE_UNAVAILABLE, "Try again"),
        ("login_required", StatusCode::BAD_REQUEST, "Sign in again"),
        ("invalid_scope", StatusCode::BAD_REQUEST, "Sign in again"),
    ];
    for (error, status, next) in cases {
        let browser = Browser::new(&provider);
        let given = query(&browser.leave("/sign-in").await);
        let answer = encode(&[("error", error), ("state", &given["state"]), ("iss", provider.issuer())]);
        let page = browser.open(&format!("/callback?{answer}")).await;
        assert_eq!(page.status, status, "{error}");
        assert!(page.text.contains(next), "{error}: {}", page.text);
        assert!(browser.cookies().is_empty(), "{error}");
    }
}

#[tokio::test]
async fn an_id_token_with_a_wrong_claim_is_refused() {
    assert_refused("nonce", |_, claims| claims["nonce"] = json!("other")).await;
    assert_refused("no nonce", |_, claims| drop(claims.as_object_mut().unwrap().remove("nonce"))).await;
    assert_refused("iss", |_, claims| claims["iss"] = json!("https://evil.example")).await;
    assert_refused("aud", |_, claims| claims["aud"] = json!("crm")).await;
    assert_refused("another aud", |_, claims| claims["aud"] = json!(["portal", "crm"])).await;
    assert_refused("azp", |_, claims| claims["azp"] = json!("crm")).await;
    assert_refused("at_hash", |_, claims| claims["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA")).await;
    assert_refused("sub", |_, claims| claims["sub"] = json!("somebody else than UserInfo says")).await;
}

#[tokio::test]
async fn an_id_token_with_a_wrong_time_is_refused() {
    let at = |claims: &Value, name: &str| claims[name].as_i64().unwrap();
    assert_refused("expired", move |_, claims| claims["exp"] = json!(at(claims, "iat"))).await;
    assert_refused("exp as text", |_, claims| claims["exp"] = json!("9999999999")).await;
    assert_refused("no exp", |_, claims| claims["exp"] = Value::Null).await;
    assert_refused("from the future", move |_, claims| claims["iat"] = json!(at(claims, "iat") + 3_600)).await;
    assert_refused("from yesterday", move |_, claims| claims["iat"] = json!(at(claims, "iat") - 86_400)).await;
    assert_refused("not yet valid", move |_, claims| claims["nbf"] = json!(at(claims, "iat") + 3_600)).await;
    assert_refused("nbf as text", |_, claims| claims["nbf"] = json!("0")).await;
}

#[tokio::test]
async fn an_id_token_with_a_wrong_header_is_refused() {
    assert_refused("unsigned", |header, _| header["alg"] = json!("none")).await;
    assert_refused("symmetric", |header, _| header["alg"] = json!("HS256")).await;
    assert_refused("other algorithm", |header, _| header["alg"] = json!("RS256")).await;
    assert_refused("logout token", |header, _| header["typ"] = json!("logout+jwt")).await;
    assert_refused("access token", |header, _| header["typ"] = json!("at+jwt")).await;
    assert_refused("critical", |header, _| header["crit"] = json!(["b64"])).await;
    assert_refused("unknown key", |header, _| header["kid"] = json!("../../etc/passwd")).await;
}

#[tokio::test]
async fn a_client_registered_for_rs256_takes_no_es256() {
    let provider = Provider::start().await;
    let application = crate::browser::application(&provider, IdTokenAlgorithm::Rs256);
    let browser = Browser::new(&provider).before(application);
    let back = browser.leave("/sign-in").await;
    assert_eq!(browser.open(&back).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_sign_in_that_is_too_old_for_the_max_age_is_refused() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    provider.tamper(|_, claims| claims["auth_time"] = json!(claims["iat"].as_i64().unwrap() - 600));
    let back = browser.leave("/sign-in?max_age=300").await;
    assert_eq!(browser.open(&back).await.status, StatusCode::BAD_REQUEST);
    let back = browser.leave("/sign-in?max_age=900").await;
    assert_eq!(browser.open(&back).await.location(), "/");
}

#[tokio::test]
async fn a_session_planted_beforehand_does_not_survive_the_sign_in() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    browser.sign_in().await;
    let planted = browser.cookie("portal_session").unwrap();
    let victim = browser.stranger();
    victim.plant("portal_session", &planted);
    let back = victim.leave("/sign-in?prompt=login").await;
    victim.open(&back).await;
    assert_ne!(victim.cookie("portal_session").unwrap(), planted);
    assert!(victim.is_signed_in().await);
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn a_new_key_is_fetched_when_first_seen_and_then_at_most_once_a_minute() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    browser.sign_in().await;
    provider.clock().forward(61);
    provider.rotate_key(8, true);
    browser.stranger().sign_in().await;
    assert_eq!(provider.key_fetches(), 2);
    provider.rotate_key(9, false);
    for _ in 0..3 {
        let victim = browser.stranger();
        let back = victim.leave("/sign-in").await;
        assert_eq!(victim.open(&back).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(provider.key_fetches(), 2);
}

#[tokio::test]
async fn the_application_starts_without_its_provider_and_asks_again_later() {
    let provider = Provider::start().await;
    provider.set_up(false);
    let browser = Browser::new(&provider);
    let page = browser.open("/sign-in?return_to=/calls").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.headers["cache-control"], "no-store");
    assert!(page.text.contains("<a href=\"/sign-in?return_to=/calls\">Try again</a>"), "{}", page.text);
    provider.set_up(true);
    assert_eq!(browser.open("/sign-in").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(provider.discoveries(), 1, "no second question within the back-off");
    provider.clock().forward(2);
    browser.sign_in().await;
    assert_eq!(provider.discoveries(), 2);
}

#[tokio::test]
async fn a_provider_that_goes_down_during_a_sign_in_is_said_so() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    let back = browser.leave("/sign-in?return_to=/calls").await;
    provider.set_up(false);
    let page = browser.open(&back).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text.contains("/sign-in?return_to=%2Fcalls"), "{}", page.text);
}
