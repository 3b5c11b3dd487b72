//! How long a session counts, and what a refresh makes of it.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::json;

use crate::browser::Browser;
use crate::provider::{Provider, Refreshes};

async fn signed_in() -> (Provider, Browser) {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    browser.sign_in().await;
    (provider, browser)
}

#[tokio::test]
async fn a_page_refreshes_when_the_last_refresh_is_a_minute_old() {
    let (provider, browser) = signed_in().await;
    provider.clock().forward(59);
    assert!(browser.is_signed_in().await);
    assert_eq!(provider.refreshes(), 0);
    provider.clock().forward(1);
    assert!(browser.is_signed_in().await);
    assert!(browser.is_signed_in().await);
    assert_eq!(provider.refreshes(), 1);
    provider.clock().forward(60);
    assert!(browser.is_signed_in().await);
    assert_eq!(provider.refreshes(), 2, "the new refresh token was kept");
}

#[tokio::test]
async fn parallel_pages_share_one_refresh() {
    let (provider, browser) = signed_in().await;
    provider.clock().forward(3_600);
    let tabs = [browser.clone(), browser.clone()];
    let (first, second) = tokio::join!(tabs[0].is_signed_in(), tabs[1].is_signed_in());
    assert!(first && second);
    assert_eq!(provider.refreshes(), 1);
}

#[tokio::test]
async fn a_tab_closed_during_a_refresh_does_not_lose_the_new_token() {
    let (provider, browser) = signed_in().await;
    provider.clock().forward(60);
    let tab = browser.clone();
    let page = tokio::spawn(async move { tab.open("/").await });
    while provider.refreshes() == 0 {
        tokio::task::yield_now().await;
    }
    page.abort(); // what the server does when the browser hangs up
    assert!(page.await.is_err_and(|error| error.is_cancelled()));
    assert!(browser.is_signed_in().await, "the token of the aborted page was kept or its refresh awaited");
}

#[tokio::test]
async fn invalid_grant_ends_the_session() {
    let (provider, browser) = signed_in().await;
    provider.answer_refreshes(Refreshes::InvalidGrant);
    provider.clock().forward(60);
    assert_eq!(browser.open("/calls").await.location(), "/sign-in?return_to=%2Fcalls");
    provider.answer_refreshes(Refreshes::Rotated);
    assert!(!browser.is_signed_in().await);
    assert_eq!(provider.refreshes(), 1);
}

#[tokio::test]
async fn an_outage_is_waited_out_for_ten_minutes_and_ends_no_session() {
    let (provider, browser) = signed_in().await;
    provider.answer_refreshes(Refreshes::ServerError);
    provider.clock().forward(599);
    assert!(browser.is_signed_in().await);
    provider.clock().forward(2);
    let page = browser.open("/calls").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text.contains("<a href=\"/calls\">Try again</a>"), "{}", page.text);
    assert_eq!(browser.open("/about").await.text, "stranger");
    provider.answer_refreshes(Refreshes::Rotated);
    provider.clock().forward(2);
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn scripts_and_prefetches_never_keep_a_session_awake() {
    let (provider, browser) = signed_in().await;
    let background = |name, value| Request::get("/").header(name, value).body(Body::empty()).unwrap();
    provider.clock().forward(4 * 3_600 - 1);
    assert_eq!(browser.send(background("sec-fetch-mode", "cors")).await.status, StatusCode::OK);
    assert_eq!(browser.send(background("sec-purpose", "prefetch")).await.status, StatusCode::OK);
    provider.clock().forward(1);
    assert_eq!(browser.send(background("sec-fetch-mode", "cors")).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(provider.refreshes(), 0);
    assert!(browser.is_signed_in().await, "a person still gets the provider's own answer");
}

#[tokio::test]
async fn a_refresh_that_brings_another_person_ends_the_session() {
    let (provider, browser) = signed_in().await;
    provider.tamper(|_, claims| claims["sub"] = json!("sub-john"));
    provider.clock().forward(60);
    assert!(!browser.is_signed_in().await);
}
