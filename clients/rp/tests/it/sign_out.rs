//! Signing out here and at the provider.

use axum::body::Body;
use http::{Request, StatusCode};

use crate::browser::Browser;
use crate::provider::{CLIENT, Provider, encode, query};

#[tokio::test]
async fn signing_out_ends_the_session_and_goes_on_to_the_provider() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    browser.sign_in().await;
    let page = browser.submit("/sign-out").await;
    assert!(page.location().starts_with(&format!("{}/logout?", provider.issuer())), "{page:?}");
    let parameters = query(page.location());
    assert_eq!(parameters["client_id"], CLIENT);
    assert_eq!(parameters["post_logout_redirect_uri"], "http://localhost:8081/signed-out");
    assert_eq!(parameters["id_token_hint"].split('.').count(), 3);
    assert_eq!(browser.cookie("portal_session"), None);
    assert!(!browser.is_signed_in().await);

    let back = format!("/signed-out?{}", encode(&[("state", &parameters["state"])]));
    let page = browser.open(&back).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("You are signed out"), "{}", page.text);
    assert!(browser.cookies().is_empty());
}

#[tokio::test]
async fn a_copied_cookie_is_worth_nothing_after_signing_out() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    browser.sign_in().await;
    let thief = browser.stranger();
    thief.plant("portal_session", &browser.cookie("portal_session").unwrap());
    assert!(thief.is_signed_in().await);
    browser.submit("/sign-out").await;
    assert!(!thief.is_signed_in().await);
}

#[tokio::test]
async fn another_site_cannot_sign_a_person_out() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    browser.sign_in().await;
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "http://localhost:8082")]
    {
        let request = Request::post("/sign-out").header(name, value).body(Body::empty()).unwrap();
        assert_eq!(browser.send(request).await.status, StatusCode::FORBIDDEN, "{value}");
    }
    let silent = Request::post("/sign-out").body(Body::empty()).unwrap();
    assert_eq!(browser.send(silent).await.status, StatusCode::FORBIDDEN);
    assert!(browser.is_signed_in().await);
    assert_eq!(browser.open("/sign-out").await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn signing_out_works_while_the_provider_is_down() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    browser.sign_in().await;
    provider.set_up(false);
    provider.clock().forward(25 * 3_600);
    assert_eq!(browser.submit("/sign-out").await.location(), "/signed-out");
    assert_eq!(browser.cookie("portal_session"), None);
}

#[tokio::test]
async fn the_signed_out_page_does_not_sign_in_and_does_not_lie() {
    let provider = Provider::start().await;
    let browser = Browser::new(&provider);
    assert_eq!(browser.open("/signed-out").await.status, StatusCode::OK);
    assert!(browser.cookies().is_empty());
    browser.sign_in().await;
    assert_eq!(browser.open("/signed-out?state=made-up").await.location(), "/");
}
