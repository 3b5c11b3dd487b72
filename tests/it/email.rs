//! Signing in by mail: a link, a code, and everything that opens mails without being a person.

use std::sync::Arc;
use std::time::{Duration, Instant};

use idp_service::outside::post::Sending;
use reqwest::StatusCode;
use support::{Browser, Page, TestIdp, claims};
use tokio::task::JoinSet;

use crate::invitation::provision;

pub(crate) const ANN: &str = "201-acme";
pub(crate) const MAILBOX: &str = "ann@acme.example";

/// Asks for a mail from a page that waits for a request, or for none: the page that follows.
pub(crate) async fn ask(browser: &Browser, request: Option<&str>, name: &str) -> Page {
    let csrf = browser.csrf().await;
    let mut fields = vec![("csrf", csrf.as_str()), ("identifier", name)];
    fields.extend(request.map(|r| ("r", r)));
    let asked = browser.post("/login/email", &fields).await;
    if asked.status != StatusCode::SEE_OTHER {
        return asked;
    }
    browser.get(&asked.location()).await
}

/// The newest mail to somebody, once there are so many.
pub(crate) async fn mail(idp: &TestIdp, to: &str, count: usize) -> Sending {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        // That a browser is new is told beside what a test is about.
        let is_meant = |m: &Sending| m.to == to && !m.subject.contains("new browser");
        let all: Vec<Sending> = idp.mails().into_iter().filter(is_meant).collect();
        if all.len() >= count {
            return all[0].clone();
        }
        assert!(Instant::now() < deadline, "{} of {count} mails to {to}", all.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) fn link(mail: &Sending) -> String {
    let line = mail.text.lines().find(|l| l.contains("/m/")).expect("a link");
    url::Url::parse(line).unwrap().path().to_owned()
}

/// As a page names a link in its form.
pub(crate) fn name_of(link: &str) -> String {
    let token = link.rsplit('/').next().expect("a token");
    data_encoding::HEXLOWER.encode(&idp_core::secret::TokenHash::of(token).bytes()[..6])
}

pub(crate) fn code(mail: &Sending) -> String {
    mail.text.lines().find(|l| l.len() == 6 && l.bytes().all(|b| b.is_ascii_digit())).expect("a code").to_owned()
}

/// Opens a link as a person does: the page, its button, and no passkey now.
pub(crate) async fn follow(browser: &Browser, link: &str) -> Page {
    let entered = follow_to_offer(browser, link).await;
    browser.past_offer(entered).await
}

/// The same, up to where a passkey is offered.
pub(crate) async fn follow_to_offer(browser: &Browser, link: &str) -> Page {
    let opened = browser.get(link).await;
    assert_eq!((opened.status, opened.location()), (StatusCode::SEE_OTHER, "/m".to_owned()));
    let page = browser.get("/m").await;
    if page.field("link").is_none() {
        return page;
    }
    browser.fill(&page, "/m", &[]).await
}

pub(crate) async fn type_code(browser: &Browser, page: &Page, code: &str) -> Page {
    let (csrf, journey) = (page.field("csrf").unwrap(), page.field("journey").unwrap());
    let r = page.field("r").unwrap_or_default();
    let fields = [("csrf", csrf.as_str()), ("journey", &journey), ("r", &r), ("code", code)];
    let told = browser.post("/login/email/code", &fields).await;
    let told = browser.told(told).await;
    browser.past_offer(told).await
}

pub(crate) fn is_refused(page: &Page) -> bool {
    page.text().contains("That code is not right")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_that_asked_goes_on_to_its_portal() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let r = portal.authorize(&browser, &[]).await.param("r").unwrap();
    let sent = ask(&browser, Some(&r), ANN).await;
    assert!(sent.text().contains("Check your email") && sent.text().contains("15 minutes"), "{}", sent.text());
    let mail = mail(&idp, MAILBOX, 1).await;
    assert!(mail.text.contains(&idp.url) && mail.html.contains(&idp.url) && !mail.subject.contains(&code(&mail)));
    browser.get(&link(&mail)).await;
    assert!(browser.get("/m").await.body.contains("data-go"), "it goes on by itself");
    let entered = follow(&browser, &link(&mail)).await;
    assert!(entered.location().starts_with("/authorize/resume"), "{}", entered.text());
    let code = browser.get(&entered.location()).await.param("code").unwrap();
    let tokens = portal.exchange(&code).await;
    let claims = claims(&tokens.text("id_token"));
    assert_eq!(claims["amr"], serde_json::json!(["email"]));
    assert_eq!(claims["acr"], "urn:switchboard:acr:single");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_browser_signs_itself_in_and_never_the_one_that_asked() {
    let idp = TestIdp::start().await;
    let (asker, other) = (idp.browser(), idp.browser());
    let r = idp.portal().authorize(&asker, &[]).await.param("r").unwrap();
    let waiting = ask(&asker, Some(&r), ANN).await;
    let mail = mail(&idp, MAILBOX, 1).await;
    other.get(&link(&mail)).await;
    let page = other.get("/m").await;
    assert!(!page.body.contains("data-go") && page.text().contains("Sign in on this device"), "{}", page.text());
    let entered = follow(&other, &link(&mail)).await;
    assert!(entered.location().starts_with("/account?"), "{}", entered.location());
    assert!(asker.get("/account").await.location().starts_with("/login"), "the asker is not signed in");
    let again = type_code(&asker, &waiting, &code(&mail)).await;
    assert!(is_refused(&again), "the link is used, and the code with it");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_open_links_burn_nothing_and_are_not_signed_in() {
    let idp = TestIdp::start().await;
    let person = idp.browser();
    ask(&person, None, ANN).await;
    let link = link(&mail(&idp, MAILBOX, 1).await);
    let scanner = idp.browser();
    for _ in 0..5 {
        scanner.head(&link).await;
        scanner.get_with(&link, &[("sec-purpose", "prefetch")]).await;
        scanner.head("/m").await;
        let page = scanner.get("/m").await;
        assert!(!page.body.contains("data-go"), "no script presses the button");
    }
    assert!(scanner.get("/account").await.location().starts_with("/login"));
    // Without the token of a page of ours there is no session, either.
    assert_ne!(scanner.post("/m", &[]).await.status, StatusCode::SEE_OTHER);
    assert!(follow(&person, &link).await.location().starts_with("/account?"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_works_once_and_only_the_newest_and_not_for_long() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    ask(&browser, None, ANN).await;
    let first = link(&mail(&idp, MAILBOX, 1).await);
    idp.pass(61);
    ask(&browser, None, MAILBOX).await;
    let second = link(&mail(&idp, MAILBOX, 2).await);
    let over = follow(&browser, &first).await;
    assert_eq!((over.status, over.text().contains("A newer one was sent")), (StatusCode::GONE, true));
    idp.pass(15 * 60);
    assert!(follow(&browser, &second).await.text().contains("short time only"));
    ask(&browser, None, ANN).await;
    let third = link(&mail(&idp, MAILBOX, 3).await);
    assert!(follow(&browser, &third).await.location().starts_with("/account?"));
    assert!(follow(&idp.browser(), &third).await.text().contains("used already"));
    assert_eq!(follow(&browser, "/m/sbl_nothing").await.status, StatusCode::GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_works_in_the_browser_that_asked_and_five_times_at_most() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let page = ask(&browser, None, ANN).await;
    let right = code(&mail(&idp, MAILBOX, 1).await);
    let spaced = format!(" {} {} ", &right[..3], &right[3..]);
    assert!(type_code(&browser, &page, &spaced).await.location().starts_with("/account?"));
    idp.pass(61);
    let page = ask(&browser, None, ANN).await;
    let right = code(&mail(&idp, MAILBOX, 2).await);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let stolen = type_code(&idp.browser(), &Page { body: page.body.clone(), ..page.clone() }, &right).await;
    assert_ne!(stolen.status, StatusCode::SEE_OTHER, "the page is bound to its browser");
    for _ in 0..5 {
        let refused = type_code(&browser, &page, wrong).await;
        assert!(is_refused(&refused), "{}", refused.text());
    }
    assert!(is_refused(&type_code(&browser, &page, &right).await));
    let other_page = browser.get(&format!("/forgot/sent?journey={}", page.field("journey").unwrap())).await;
    assert_eq!(other_page.location(), "/forgot", "it is about another kind of mail");
    // The link in the same mail still works.
    let mail = mail(&idp, MAILBOX, 2).await;
    assert!(follow(&browser, &link(&mail)).await.location().starts_with("/account?"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_who_has_an_account_or_an_address() {
    let idp = TestIdp::start().await;
    let admin = idp.browser();
    let session = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&session, None).await["202-acme"].clone();
    admin.console(&format!("/admin/accounts/{id}/lock"), &session, &[]).await;
    let told = |page: &Page, name: &str| page.text().replace(name, "NAME");
    let known = ask(&idp.browser(), None, ANN).await;
    let expected = told(&known, ANN);
    for name in ["777-acme", "202-acme", "777-nowhere", "nobody@acme.example", "203-acme"] {
        let page = ask(&idp.browser(), None, name).await;
        assert_eq!((page.status, told(&page, name)), (known.status, expected.clone()), "{name}");
        let tried = type_code(&idp.browser(), &page, "123456").await.status;
        assert_ne!(tried, StatusCode::SEE_OTHER);
    }
    mail(&idp, MAILBOX, 1).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(idp.mails().len(), 1, "mail goes to those who are there and may come in");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_at_once_one_gets_in() {
    let idp = Arc::new(TestIdp::start().await);
    ask(&idp.browser(), None, ANN).await;
    let link = link(&mail(&idp, MAILBOX, 1).await);
    let mut all = JoinSet::new();
    for _ in 0..20 {
        let (browser, link) = (idp.browser(), link.clone());
        all.spawn(async move { follow(&browser, &link).await.status == StatusCode::SEE_OTHER });
    }
    assert_eq!(all.join_all().await.into_iter().filter(|won| *won).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_about_the_link_whose_page_it_is_on() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    for (login, count) in [("296", 1), ("297", 2)] {
        provision(&idp, login, "both@acme.example").await;
        mail(&idp, "both@acme.example", count).await;
    }
    let [first, second] = ["296", "297"].map(|login| {
        let is_meant = |m: &Sending| m.text.contains(&format!("{login}-acme"));
        link(&idp.mails().into_iter().find(is_meant).expect("an invitation"))
    });
    browser.get(&first).await;
    let page = browser.get("/m").await;
    assert!(page.text().contains("296-acme"), "{}", page.text());
    browser.get(&second).await; // in another tab
    let sent = browser.fill(&page, "/m", &[]).await;
    assert_eq!(sent.status, StatusCode::GONE);
    assert!(sent.text().contains("Another link was opened in this browser since"), "{}", sent.text());
    assert!(browser.get("/account").await.location().starts_with("/login"), "nobody is in");
    let again = follow(&browser, &first).await;
    assert!(browser.land(again).await.text().contains("296-acme"), "and it was not burnt");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_password_is_told_and_ends_links_under_way() {
    let idp = TestIdp::start().await;
    let (browser, other) = (idp.browser(), idp.browser());
    ask(&other, None, ANN).await;
    let under_way = link(&mail(&idp, MAILBOX, 1).await);
    let session = browser.sign_in(ANN, "agent password one").await;
    let new = "a quiet marble tugboat";
    let fields = [("current", "agent password one"), ("new", new), ("confirm", new)];
    let done = browser.console("/account/settings/password", &session, &fields).await;
    assert!(done.location().contains("saved=1"), "{}", done.text());
    let told = mail(&idp, MAILBOX, 2).await;
    assert!(told.subject.contains("password was changed"), "{}", told.subject);
    assert_eq!(follow(&other, &under_way).await.status, StatusCode::GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_whose_scanner_presses_buttons_wants_the_typed_code() {
    let idp = TestIdp::start().await;
    let policy =
        "[[tenants]]\ncode = \"acme\"\nname = \"Acme\"\n[tenants.policies]\n\"magiclink.other_browser\" = \"code\"\n";
    idp.apply(policy).await;
    let (person, scanner) = (idp.browser(), idp.browser());
    let page = ask(&person, None, ANN).await;
    let told = mail(&idp, MAILBOX, 1).await;
    scanner.get(&link(&told)).await;
    let opened = scanner.get("/m").await;
    assert!(opened.text().contains("Email me a code") && !opened.body.contains("data-go"), "{}", opened.text());
    let (csrf, link_name) = (opened.field("csrf").unwrap(), name_of(&link(&told)));
    for _ in 0..3 {
        let fields = [("csrf", csrf.as_str()), ("link", &link_name)];
        assert_eq!(scanner.post("/m", &fields).await.location(), "/m", "no form gets it in");
    }
    assert!(scanner.get("/account").await.location().starts_with("/login"));
    // Nothing was burnt: the link works in the browser that asked, and so does the code.
    person.get(&link(&told)).await;
    assert!(person.get("/m").await.body.contains("data-go"));
    assert!(type_code(&person, &page, &code(&told)).await.location().starts_with("/account?"));
}
