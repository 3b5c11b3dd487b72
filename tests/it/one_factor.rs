//! One mailbox is one factor, and a new password by mail is no way round the other.

use std::time::Duration;

use reqwest::StatusCode;
use support::TestIdp;

use crate::second::{ANN, PASSWORD, answer, by_link, is_in, mail, password, policies, with_app, with_email};

#[tokio::test(flavor = "multi_thread")]
async fn a_link_stands_for_a_mailed_code_and_not_for_an_app() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    with_email(&idp, &browser, &session).await;
    let by_link = async |count: usize| {
        let asker = idp.browser();
        let csrf = asker.csrf().await;
        asker.post("/login/email", &[("csrf", &csrf), ("identifier", ANN)]).await;
        let link = mail(&idp, "Sign in to", count).await;
        let link = link.text.lines().find(|l| l.contains("/m/")).unwrap().to_owned();
        asker.get(url::Url::parse(&link).unwrap().path()).await;
        let page = asker.get("/m").await;
        let led = asker.fill(&page, "/m", &[]).await;
        (asker, led)
    };
    assert!(is_in(&by_link(1).await.1), "one factor, shown");
    let (phone, _) = with_app(&idp, &browser, &session).await;
    idp.pass(61);
    let (asker, led) = by_link(2).await;
    let page = asker.get(&led.location()).await;
    assert!(
        page.text().contains("authenticator app") && !page.text().contains("Get a code by email"),
        "{}",
        page.text()
    );
    assert!(is_in(&answer(&asker, &page, &phone.code(&idp, 0)).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_by_mail_still_takes_the_second_factor() {
    let idp = TestIdp::start().await;
    policies(&idp, &[("2fa.trust_days", "90")]).await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let (phone, _) = with_app(&idp, &browser, &session).await;
    idp.pass(30);
    let page = password(&browser, None).await;
    browser.fill(&page, "/login/second", &[("code", &phone.code(&idp, 0)), ("trust", "on")]).await;
    let csrf = browser.csrf().await;
    browser.post("/forgot", &[("csrf", &csrf), ("identifier", ANN)]).await;
    let link = mail(&idp, "Set a new password", 1).await;
    let link = link.text.lines().find(|l| l.contains("/reset/")).unwrap().to_owned();
    browser.get(url::Url::parse(&link).unwrap().path()).await;
    let page = browser.get("/reset").await;
    let set = browser.fill(&page, "/reset", &[("new", "quite another one"), ("confirm", "quite another one")]).await;
    assert!(set.location().starts_with("/login/second?"), "trust is over, too: {}", set.location());
    let page = browser.get(&set.location()).await;
    idp.pass(30);
    // The mailbox alone sets no password, and ends nothing.
    assert!(!is_in(&idp.browser().try_sign_in(None, ANN, "quite another one").await));
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    let other = idp.browser();
    let old = other.try_sign_in(None, ANN, PASSWORD).await;
    assert!(old.location().starts_with("/login/second?"), "the old one still holds");
    assert!(is_in(&answer(&browser, &page, &phone.code(&idp, 0)).await));
    assert!(!is_in(&other.get(&old.location()).await), "what was under way is over");
    assert_eq!(idp.browser().try_sign_in(None, ANN, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(idp.browser().try_sign_in(None, ANN, "quite another one").await.location().starts_with("/login/second?"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mailbox_is_one_factor_whatever_way_it_is_used() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    with_email(&idp, &browser, &session).await;
    policies(&idp, &[("2fa.policy", "required")]).await;
    tokio::time::sleep(Duration::from_millis(300)).await; // policies may be a quarter of a second old
    let thief = idp.browser();
    let csrf = thief.csrf().await;
    thief.post("/forgot", &[("csrf", &csrf), ("identifier", ANN)]).await;
    let link = mail(&idp, "Set a new password", 1).await;
    let link = link.text.lines().find(|l| l.contains("/reset/")).unwrap().to_owned();
    thief.get(url::Url::parse(&link).unwrap().path()).await;
    let page = thief.get("/reset").await;
    let set = thief.fill(&page, "/reset", &[("new", "quite another one"), ("confirm", "quite another one")]).await;
    let asked = thief.get(&set.location()).await;
    assert!(asked.text().contains("Enter a backup code") && !asked.text().contains("Get a code by email"));
    let tried = idp.browser().try_sign_in(None, ANN, "quite another one").await;
    assert_eq!(tried.status, StatusCode::UNPROCESSABLE_ENTITY, "no password by the mailbox alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_and_a_mailed_code_in_the_settings_are_one_factor_too() {
    let idp = TestIdp::start().await;
    policies(&idp, &[("2fa.policy", "required"), ("2fa.grace", "3d")]).await;
    let browser = idp.browser();
    let csrf = browser.csrf().await;
    browser.post("/login/email", &[("csrf", &csrf), ("identifier", ANN)]).await;
    let link = mail(&idp, "Sign in to", 1).await.text.lines().find(|l| l.contains("/m/")).unwrap().to_owned();
    browser.get(url::Url::parse(&link).unwrap().path()).await;
    let page = browser.get("/m").await;
    let led = browser.fill(&page, "/m", &[]).await;
    let page = browser.get(&led.location()).await;
    let session = browser.fill(&page, "/login/second/skip", &[]).await.param("as").unwrap();
    let csrf = browser.csrf().await;
    let refused = browser.post("/account/security/email", &[("csrf", &csrf), ("as", &session)]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_for_a_new_password_is_worth_nothing_once_more_is_due() {
    let idp = TestIdp::start().await;
    let admin = idp.browser();
    let desk = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&desk, None).await[ANN].clone();
    let shown = admin.reset_password(&desk, &id, None).await;
    let once = shown.body.split("id=\"secret\"").nth(1).unwrap().split('>').nth(1).unwrap().split('<').next().unwrap();
    let thief = idp.browser();
    let open = thief.try_sign_in(None, ANN, once).await;
    assert!(open.field("ticket").is_some(), "{}", open.text());
    let (owner, session) = by_link(&idp, 1).await;
    with_app(&idp, &owner, &session).await;
    let new = [("new", "quite another one"), ("confirm", "quite another one")];
    let tried = thief.fill(&open, "/login/new-password", &new).await;
    assert!(!is_in(&tried), "{}", tried.location());
}
