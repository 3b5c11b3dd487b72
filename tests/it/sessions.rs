//! How long somebody stays signed in, and what ends it.

use std::fmt::Write;

use reqwest::StatusCode;
use support::TestIdp;

const ANN: (&str, &str) = ("201-acme", "agent password one");
const HOUR: i64 = 3600;

#[tokio::test(flavor = "multi_thread")]
async fn four_hours_without_anything_end_a_session_and_a_visit_gives_four_more() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    browser.sign_in(ANN.0, ANN.1).await;
    idp.pass(4 * HOUR - 30);
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    idp.pass(4 * HOUR - 30);
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    idp.pass(4 * HOUR + 1);
    let page = browser.get("/account").await;
    assert_eq!(page.location(), "/login?r=account");
    let told = browser.get(&page.location()).await.text();
    assert!(told.contains("You were signed out after a while without activity"), "{told}");
    let quiet = idp.portal().authorize(&browser, &[("prompt", "none")]).await;
    assert_eq!(quiet.param("error").as_deref(), Some("login_required"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_ends_it_in_any_case() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    browser.sign_in(ANN.0, ANN.1).await;
    for _ in 0..7 {
        idp.pass(3 * HOUR);
        assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    }
    idp.pass(3 * HOUR);
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portals_refresh_keeps_it_alive_and_another_clients_does_not() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let mut token = portal.tokens(&browser, ANN.0, ANN.1).await.text("refresh_token");
    for _ in 0..3 {
        idp.pass(3 * HOUR);
        let tokens = portal.refresh(&token).await;
        assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
        token = tokens.text("refresh_token");
    }
    let (browser, second) = (idp.browser(), idp.second());
    let code = second.code_with(&browser, ANN, &[("scope", "openid")]).await;
    let mut token = second.exchange(&code).await.text("refresh_token");
    idp.pass(2 * HOUR);
    token = second.refresh(&token).await.text("refresh_token");
    idp.pass(2 * HOUR + 1);
    assert_eq!(second.refresh(&token).await.error(), "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_access_outlives_the_session() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let code = portal.code_with(&browser, ANN, &[("scope", "openid offline_access")]).await;
    let token = portal.exchange(&code).await.text("refresh_token");
    idp.pass(30 * HOUR);
    idp.expire().await;
    assert_eq!(portal.refresh(&token).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_ends_everything_at_once_and_unlocking_revives_nothing() {
    let idp = TestIdp::start().await;
    let (browser, portal, admin) = (idp.browser(), idp.portal(), idp.browser());
    let code = portal.code_with(&browser, ANN, &[("scope", "openid offline_access")]).await;
    let tokens = portal.exchange(&code).await;
    let pending = portal.authorize(&browser, &[]).await.param("code").unwrap();
    let session = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&session, None).await["201-acme"].clone();
    let dead = async || {
        assert_eq!(portal.userinfo(&tokens.text("access_token")).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(portal.refresh(&tokens.text("refresh_token")).await.error(), "invalid_grant");
        assert_eq!(portal.exchange(&pending).await.error(), "invalid_grant");
        assert!(browser.get("/account").await.location().starts_with("/login"));
    };
    let locked = admin.console(&format!("/admin/accounts/{id}/lock"), &session, &[]).await;
    assert_eq!(locked.param("done").as_deref(), Some("locked"));
    dead().await;
    assert_eq!(idp.browser().try_sign_in(None, ANN.0, ANN.1).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    admin.console(&format!("/admin/accounts/{id}/unlock"), &session, &[]).await;
    dead().await;
    idp.browser().sign_in(ANN.0, ANN.1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_most_ten_accounts_are_signed_in_in_one_browser() {
    let idp = TestIdp::start().await;
    let mut text = String::from("[[tenants]]\ncode = \"many\"\nname = \"Many\"\n");
    for n in 100..112 {
        writeln!(
            text,
            "[[tenants.accounts]]\nlogin = \"{n}\"\nname = \"N{n}\"\npassword = \"password of {n}\"\ntemporary = false"
        )
        .unwrap();
    }
    idp.apply(&text).await;
    let browser = idp.browser();
    for n in 100..112 {
        browser.sign_in(&format!("{n}-many"), &format!("password of {n}")).await;
    }
    let page = browser.get("/login/choose").await;
    assert_eq!(page.body.matches("action=\"/login/choose\"").count(), 10, "{}", page.text());
    assert!(!page.text().contains("100-many") && page.text().contains("111-many"));
}
