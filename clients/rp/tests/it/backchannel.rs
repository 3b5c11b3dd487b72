//! Logouts that the provider announces, and announcements that must not be believed.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::provider::{CLIENT, Provider, encode};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn header() -> Value {
    json!({ "alg": "ES256", "typ": "logout+jwt" })
}

fn claims(provider: &Provider, jti: &str) -> Value {
    let now = provider.clock().seconds();
    json!({
        "iss": provider.issuer(), "aud": CLIENT, "iat": now, "exp": now + 120, "jti": jti,
        "sub": "sub-maria", "sid": "sid-1", "events": { EVENT: {} },
    })
}

async fn post(browser: &Browser, token: &str) -> Page {
    let request = Request::post("/backchannel-logout")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(encode(&[("logout_token", token)])))
        .unwrap();
    browser.stranger().send(request).await
}

async fn signed_in() -> (Provider, Browser) {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    browser.sign_in().await;
    (provider, browser)
}

/// Every refusal is 400 with OAuth's JSON, is not stored anywhere, and ends nothing.
async fn assert_refused(what: &str, change: impl Fn(&mut Value, &mut Value)) {
    let (provider, browser) = signed_in().await;
    let (mut header, mut claims) = (header(), claims(&provider, "jti-1"));
    change(&mut header, &mut claims);
    provider.tamper({
        let header = header.clone();
        move |sent, _| {
            if header["kid"].is_string() {
                sent["kid"] = header["kid"].clone();
            }
        }
    });
    let page = post(&browser, &provider.sign(header, claims)).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{what}");
    assert_eq!(page.headers["cache-control"], "no-store", "{what}");
    let body: Value = serde_json::from_str(&page.text).unwrap();
    assert_eq!(body["error"], "invalid_request", "{what}");
    assert!(body["error_description"].is_string(), "{what}");
    assert!(browser.is_signed_in().await, "{what}");
}

#[tokio::test]
async fn a_logout_token_ends_the_session_it_names() {
    let (provider, browser) = signed_in().await;
    let page = post(&browser, &provider.sign(header(), claims(&provider, "jti-1"))).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers["cache-control"], "no-store");
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn a_logout_token_for_another_session_ends_nothing_here() {
    let (provider, browser) = signed_in().await;
    let mut other = claims(&provider, "jti-1");
    other["sid"] = json!("sid-2");
    assert_eq!(post(&browser, &provider.sign(header(), other)).await.status, StatusCode::OK);
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn a_logout_token_without_sid_ends_every_session_of_the_person() {
    let (provider, browser) = signed_in().await;
    let desk = browser.stranger();
    desk.sign_in().await;
    let mut everywhere = claims(&provider, "jti-1");
    everywhere.as_object_mut().unwrap().remove("sid");
    assert_eq!(post(&browser, &provider.sign(header(), everywhere)).await.status, StatusCode::OK);
    assert!(!browser.is_signed_in().await);
    assert!(!desk.is_signed_in().await);
}

#[tokio::test]
async fn a_logout_token_works_once() {
    let (provider, browser) = signed_in().await;
    let token = provider.sign(header(), claims(&provider, "jti-1"));
    assert_eq!(post(&browser, &token).await.status, StatusCode::OK);
    browser.sign_in().await;
    assert_eq!(post(&browser, &token).await.status, StatusCode::BAD_REQUEST);
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn a_logout_token_with_a_wrong_header_is_refused() {
    assert_refused("no typ", |header, _| drop(header.as_object_mut().unwrap().remove("typ"))).await;
    assert_refused("ID token", |header, _| header["typ"] = json!("JWT")).await;
    assert_refused("access token", |header, _| header["typ"] = json!("at+jwt")).await;
    assert_refused("unsigned", |header, _| header["alg"] = json!("none")).await;
    assert_refused("capital none", |header, _| header["alg"] = json!("nOnE")).await;
    assert_refused("symmetric", |header, _| header["alg"] = json!("HS256")).await;
    assert_refused("other algorithm", |header, _| header["alg"] = json!("RS256")).await;
    assert_refused("critical", |header, _| header["crit"] = json!(["b64"])).await;
    assert_refused("unknown key", |header, _| header["kid"] = json!("key-8")).await;
}

#[tokio::test]
async fn a_logout_token_with_a_wrong_claim_is_refused() {
    assert_refused("iss", |_, claims| claims["iss"] = json!("https://evil.example")).await;
    assert_refused("aud", |_, claims| claims["aud"] = json!("crm")).await;
    assert_refused("more aud", |_, claims| claims["aud"] = json!([CLIENT, "crm"])).await;
    assert_refused("nonce", |_, claims| claims["nonce"] = json!("n")).await;
    assert_refused("null nonce", |_, claims| claims["nonce"] = Value::Null).await;
    assert_refused("no jti", |_, claims| drop(claims.as_object_mut().unwrap().remove("jti"))).await;
    assert_refused("nobody", |_, claims| {
        claims.as_object_mut().unwrap().remove("sub");
        claims.as_object_mut().unwrap().remove("sid");
    })
    .await;
    assert_refused("empty names", |_, claims| {
        claims["sub"] = json!("");
        claims["sid"] = json!("");
    })
    .await;
}

#[tokio::test]
async fn a_logout_token_with_wrong_events_is_refused() {
    assert_refused("no events", |_, claims| drop(claims.as_object_mut().unwrap().remove("events"))).await;
    assert_refused("empty events", |_, claims| claims["events"] = json!({})).await;
    assert_refused("other event", |_, claims| claims["events"] = json!({ "https://other.example": {} })).await;
    assert_refused("more events", |_, claims| claims["events"]["https://other.example"] = json!({})).await;
    assert_refused("event with content", |_, claims| claims["events"][EVENT] = json!({ "a": 1 })).await;
    assert_refused("event as text", |_, claims| claims["events"][EVENT] = json!("")).await;
}

#[tokio::test]
async fn a_logout_token_with_a_wrong_time_is_refused() {
    let at = |claims: &Value, name: &str| claims[name].as_i64().unwrap();
    assert_refused("expired", move |_, claims| {
        claims["iat"] = json!(at(claims, "iat") - 120);
        claims["exp"] = json!(at(claims, "exp") - 120);
    })
    .await;
    assert_refused("too long", move |_, claims| claims["exp"] = json!(at(claims, "exp") + 1)).await;
    assert_refused("from the future", move |_, claims| {
        claims["iat"] = json!(at(claims, "iat") + 60);
        claims["exp"] = json!(at(claims, "exp") + 60);
    })
    .await;
    assert_refused("no exp", |_, claims| drop(claims.as_object_mut().unwrap().remove("exp"))).await;
    assert_refused("exp as text", |_, claims| claims["exp"] = json!("9999999999")).await;
    assert_refused("exp beyond all numbers", |_, claims| claims["exp"] = json!(1e300)).await;
    assert_refused("extreme times", |_, claims| {
        claims["iat"] = json!(i64::MIN);
        claims["exp"] = json!(i64::MAX);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_token_at_all_is_refused() {
    let (_provider, browser) = signed_in().await;
    for token in ["", ".", "..", "a.b.c", "eyJhbGciOiJFUzI1NiJ9", "💥.💥.💥"] {
        assert_eq!(post(&browser, token).await.status, StatusCode::BAD_REQUEST, "{token}");
    }
    let bare = Request::post("/backchannel-logout").body(Body::from("logout_token=x")).unwrap();
    assert_eq!(browser.stranger().send(bare).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_changed_signature_is_refused() {
    let (provider, browser) = signed_in().await;
    let token = provider.sign(header(), claims(&provider, "jti-1"));
    let (signed, _) = token.rsplit_once('.').unwrap();
    let zero = "A".repeat(86); // r = s = 0
    assert_eq!(post(&browser, &format!("{signed}.{zero}")).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(post(&browser, &format!("{signed}.")).await.status, StatusCode::BAD_REQUEST);
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn unknown_keys_cause_at_most_one_fetch_a_minute() {
    let (provider, browser) = signed_in().await;
    provider.clock().forward(60);
    provider.rotate_key(9, false);
    for number in 0..3 {
        let token = provider.sign(header(), claims(&provider, &format!("jti-{number}")));
        assert_eq!(post(&browser, &token).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(provider.key_fetches(), 2);
}

#[tokio::test]
async fn a_logout_that_nobody_can_check_right_now_is_not_acknowledged() {
    let provider = Provider::start().await;
    provider.set_up(false);
    let browser = Browser::new(&provider);
    let token = provider.sign(header(), claims(&provider, "jti-1"));
    assert_eq!(post(&browser, &token).await.status, StatusCode::SERVICE_UNAVAILABLE);
}
