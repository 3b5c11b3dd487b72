//! Companies, accounts and clients that are switched off, at another node than the one that people are at.

use std::sync::Arc;

use idp_core::account::LoginName;
use idp_core::authority::{Permission, SystemAdmin, TenantAdmin};
use idp_core::tenant::{Tenant, TenantState};
use idp_service::admin::{accounts, clients, tenants};
use idp_service::context::Ctx;
use idp_service::outside::post::Sending;
use reqwest::StatusCode;
use support::{Browser, TestIdp, backends};

const ANN: (&str, &str) = ("201-acme", "agent password one");

async fn acme(cx: &Ctx) -> Tenant {
    tenants::by_code(cx, &"acme".parse().unwrap()).await.unwrap().unwrap()
}

async fn switch(cx: &Ctx, to: TenantState) {
    let tenant = acme(cx).await;
    tenants::switch(cx, &SystemAdmin::operator(), tenant.id, to).await.unwrap().unwrap();
}

async fn is_signed_in(browser: &Browser, session: &str) -> bool {
    browser.get(&format!("/account?as={session}")).await.status == StatusCode::OK
}

/// Two nodes on each database.
async fn nodes() -> Vec<(&'static str, TestIdp, TestIdp)> {
    let mut all = Vec::new();
    for backend in backends() {
        let backend = Arc::new(backend);
        let name = backend.name;
        let (here, there) = (TestIdp::on(Arc::clone(&backend)).await, TestIdp::on(backend).await);
        all.push((name, here, there));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_of_a_company_that_is_off_comes_or_stays_in() {
    for (name, here, there) in nodes().await {
        let (browser, portal) = (here.browser(), here.portal());
        let tokens = portal.tokens(&browser, ANN.0, ANN.1).await;
        let session = browser.sign_in(ANN.0, ANN.1).await;
        let code = portal.authorize(&browser, &[]).await.param("code").unwrap();
        switch(&there.cx, TenantState::Suspended).await;
        assert!(!is_signed_in(&browser, &session).await, "{name}");
        assert_eq!(portal.exchange(&code).await.error(), "invalid_grant", "{name}");
        assert_eq!(portal.refresh(&tokens.text("refresh_token")).await.error(), "invalid_grant", "{name}");
        assert_eq!(portal.userinfo(&tokens.text("access_token")).await.status, StatusCode::UNAUTHORIZED, "{name}");
        switch(&there.cx, TenantState::Active).await;
        assert!(!is_signed_in(&browser, &session).await, "{name}: what ended stays ended");
        assert_eq!(portal.refresh(&tokens.text("refresh_token")).await.error(), "invalid_grant", "{name}");
        portal.tokens(&browser, ANN.0, ANN.1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_is_off_says_so_at_its_door_and_after_a_right_password() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    switch(&idp.cx, TenantState::Suspended).await;
    let told = "Nobody can sign in to Acme at this time.";
    let door = browser.get(&browser.get("/t/acme").await.location()).await;
    assert_eq!((door.status, door.text().contains(told)), (StatusCode::FORBIDDEN, true), "{}", door.text());
    let r = portal.authorize(&browser, &[]).await.param("r").unwrap();
    for _ in 0..7 {
        let right = browser.try_sign_in(Some(&r), ANN.0, ANN.1).await;
        assert_eq!((right.status, right.text().contains(told)), (StatusCode::FORBIDDEN, true), "{}", right.text());
        assert!(right.body.contains(&format!("/login/company?r={r}")), "the request is not lost: {}", right.body);
    }
    let csrf = browser.csrf().await;
    let two = [("csrf", csrf.as_str()), ("company", "acme"), ("account", "201"), ("password", ANN.1)];
    assert!(browser.post("/login/company", &two).await.text().contains(told));
    let wrong = browser.try_sign_in(None, ANN.0, "a wrong password").await.text();
    let nobody = browser.try_sign_in(None, "999-acme", "a wrong password").await.text();
    assert!(!wrong.contains(told) && !nobody.contains(told), "{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vendor_stays_on() {
    let idp = TestIdp::start().await;
    let refused = tenants::switch(&idp.cx, &SystemAdmin::operator(), idp.cx.vendor, TenantState::Suspended).await;
    assert_eq!(refused.unwrap(), Err(tenants::Refused::Vendor));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_off_is_not_unlocked() {
    for (name, here, there) in nodes().await {
        let (browser, portal) = (here.browser(), here.portal());
        let session = browser.sign_in(ANN.0, ANN.1).await;
        let passkey = support::passkey::Passkey::add(&browser, &session, &here.url).await;
        let tokens = portal.tokens(&here.browser(), ANN.0, ANN.1).await;
        crate::email::ask(&here.browser(), None, ANN.0).await;
        let is_way_in = |m: &&Sending| m.text.contains("/m/");
        let link = loop {
            let mails = [here.mails(), there.mails()].concat();
            if let Some(mail) = mails.iter().find(is_way_in) {
                break crate::email::link(mail);
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        };
        let (cx, tenant) = (&there.cx, acme(&there.cx).await);
        let login: LoginName = "201".parse().unwrap();
        let id = accounts::by_login(cx, tenant.id, &login).await.unwrap().unwrap().id;
        let may = |what| TenantAdmin::operator(what, tenant.id, false);
        accounts::disable(cx, &may(Permission::LockAccount), id).await.unwrap().unwrap();
        assert!(!is_signed_in(&browser, &session).await, "{name}");
        accounts::unlock(cx, &may(Permission::UnlockAccount), id).await.unwrap().unwrap();
        assert_eq!(browser.try_sign_in(None, ANN.0, ANN.1).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        // No other door either: a passkey, and a link that was on its way; none is sent any more.
        let (options, state) = support::passkey::ask(&browser).await;
        let shown = [("state", state.as_str()), ("credential", &passkey.sign(&options).to_string())];
        let csrf = browser.csrf().await;
        let by_key = browser.post("/login/passkey", &[("csrf", csrf.as_str()), shown[0], shown[1]]).await;
        assert!(by_key.param("as").is_none(), "{name}: {} {}", by_key.status, by_key.location());
        let by_link = crate::email::follow(&here.browser(), &link).await;
        assert_ne!(by_link.status, StatusCode::SEE_OTHER, "{name}: {}", by_link.location());
        assert_eq!(portal.refresh(&tokens.text("refresh_token")).await.error(), "invalid_grant", "{name}");
        crate::email::ask(&here.browser(), None, ANN.0).await;
        accounts::enable(cx, &may(Permission::LockAccount), id).await.unwrap().unwrap();
        assert!(!is_signed_in(&browser, &session).await, "{name}: what ended stays ended");
        assert_ne!(crate::email::follow(&here.browser(), &link).await.status, StatusCode::SEE_OTHER, "{name}");
        assert_eq!(
            [here.mails(), there.mails()].concat().iter().filter(is_way_in).count(),
            1,
            "{name}: no other was sent"
        );
        browser.sign_in(ANN.0, ANN.1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_off_gets_nothing_and_its_tokens_are_dead() {
    for (name, here, there) in nodes().await {
        let (browser, portal) = (here.browser(), here.portal());
        let tokens = portal.tokens(&browser, ANN.0, ANN.1).await;
        let registered = there.cx.client("portal").await.unwrap().unwrap();
        clients::switch(&there.cx, &SystemAdmin::operator(), &registered, false).await.unwrap();
        // The other node learns of it within a quarter of a second.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
        while portal.authorize(&browser, &[]).await.status != StatusCode::BAD_REQUEST {
            assert!(std::time::Instant::now() < deadline, "{name}: still served");
        }
        assert_eq!(portal.refresh(&tokens.text("refresh_token")).await.error(), "invalid_client", "{name}");
        assert_eq!(portal.userinfo(&tokens.text("access_token")).await.status, StatusCode::UNAUTHORIZED, "{name}");
        clients::switch(&there.cx, &SystemAdmin::operator(), &registered, true).await.unwrap();
        while portal.authorize(&browser, &[]).await.status == StatusCode::BAD_REQUEST {
            assert!(std::time::Instant::now() < deadline, "{name}: still off");
        }
        assert_eq!(portal.refresh(&tokens.text("refresh_token")).await.error(), "invalid_grant", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_there_is_not_is_told_by_its_code_and_by_nothing_else() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let page = browser.get(&browser.get("/t/acmee").await.location()).await;
    assert!(page.text().contains("We do not know the company acmee."), "{}", page.text());
    let page = browser.get("/login/company?unknown=Call+0800-EVIL").await.text();
    assert!(!page.contains("EVIL"), "{page}");
    assert_eq!(browser.get("/t/Call%200800-EVIL").await.status, StatusCode::NOT_FOUND);
}
