//! A forgotten password: a link to a new one.

use idp_service::outside::post::Sending;
use reqwest::StatusCode;
use support::{Browser, Page, TestIdp};

use crate::email::{ANN, MAILBOX, ask, follow, link, mail};

pub(crate) async fn forgot(browser: &Browser, fields: &[(&str, &str)]) -> Page {
    let csrf = browser.csrf().await;
    let all: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
    let asked = browser.post("/forgot", &all).await;
    if asked.status == StatusCode::SEE_OTHER { browser.get(&asked.location()).await } else { asked }
}

pub(crate) fn reset_link(mail: &Sending) -> String {
    let line = mail.text.lines().find(|l| l.contains("/reset/")).expect("a link");
    url::Url::parse(line).unwrap().path().to_owned()
}

pub(crate) async fn set_password(browser: &Browser, link: &str, password: &str) -> Page {
    assert_eq!(browser.get(link).await.location(), "/reset");
    let page = browser.get("/reset").await;
    if page.field("link").is_none() {
        return page;
    }
    let done = browser.fill(&page, "/reset", &[("new", password), ("confirm", password)]).await;
    browser.past_offer(done).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced_and_everything_before_is_over() {
    let idp = TestIdp::start().await;
    let before = idp.browser();
    let session = before.sign_in(ANN, "agent password one").await;
    let tokens = idp.portal().tokens(&idp.browser(), ANN, "agent password one").await;
    let browser = idp.browser();
    let page = forgot(&browser, &[("identifier", ANN)]).await;
    assert!(page.text().contains("60 minutes"), "{}", page.text());
    let link = reset_link(&mail(&idp, MAILBOX, 1).await);
    for _ in 0..3 {
        idp.browser().head(&link).await;
        assert!(browser.get(&link).await.location() == "/reset" && browser.get("/reset").await.body.contains(ANN));
    }
    let short = set_password(&browser, &link, "short").await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY, "the link is still good");
    idp.pass(60 * 60 - 30);
    let done = set_password(&browser, &link, "a quiet marble tugboat").await;
    assert!(done.location().starts_with("/account?"), "{}", done.text());
    assert!(before.get(&format!("/account?as={session}")).await.location().starts_with("/login"));
    assert_eq!(idp.portal().refresh(&tokens.text("refresh_token")).await.error(), "invalid_grant");
    let told = mail(&idp, MAILBOX, 2).await;
    assert!(told.subject.contains("password was changed") && told.text.contains("127.0.0.1"), "{}", told.text);
    idp.browser().sign_in(ANN, "a quiet marble tugboat").await;
    let again = set_password(&idp.browser(), &link, "another quiet tugboat").await;
    assert_eq!(again.status, StatusCode::GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_link_lives_an_hour_and_links_are_not_taken_for_each_other() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    forgot(&browser, &[("identifier", MAILBOX)]).await;
    let reset = reset_link(&mail(&idp, MAILBOX, 1).await);
    ask(&browser, None, ANN).await;
    let sign_in = link(&mail(&idp, MAILBOX, 2).await);
    let swapped = [sign_in.replace("/m/", "/reset/"), reset.replace("/reset/", "/m/")];
    browser.get(&swapped[0]).await;
    assert_eq!(browser.get("/reset").await.status, StatusCode::GONE);
    browser.get(&swapped[1]).await;
    assert_eq!(browser.get("/m").await.status, StatusCode::GONE);
    assert!(follow(&browser, &sign_in).await.location().starts_with("/account?"), "neither was burnt by that");
    idp.pass(60 * 60 + 1);
    assert_eq!(set_password(&browser, &reset, "a quiet marble tugboat").await.status, StatusCode::GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_for_a_forgotten_password_tells_nothing_and_asks_for_a_company_where_it_must() {
    let idp = TestIdp::start().await;
    let told = |page: &Page, name: &str| page.text().replace(name, "NAME");
    let expected = told(&forgot(&idp.browser(), &[("identifier", ANN)]).await, ANN);
    for name in ["777-acme", "203-acme", "nobody@acme.example", "1-nowhere"] {
        assert_eq!(told(&forgot(&idp.browser(), &[("identifier", name)]).await, name), expected, "{name}");
    }
    let bare = forgot(&idp.browser(), &[("identifier", "201")]).await;
    assert!(bare.status == StatusCode::OK && bare.body.contains("name=\"company\""));
    let empty = forgot(&idp.browser(), &[("identifier", "201"), ("company", " ")]).await;
    assert!(empty.status == StatusCode::UNPROCESSABLE_ENTITY && empty.body.contains("name=\"company\""));
    forgot(&idp.browser(), &[("identifier", "201"), ("company", "acme")]).await;
    forgot(&idp.browser(), &[("identifier", "201"), ("tenant", "acme")]).await;
    mail(&idp, MAILBOX, 3).await;
}
