//! Signing in by mail: a link, a code, and everything that opens mails without being a person.

use std::sync::Arc;
use std::time::{Duration, Instant};

use idp_service::outside::post::Sending;
use reqwest::StatusCode;
use support::{Browser, Page, TestIdp, claims};
use tokio::task::JoinSet;

const ANN: &str = "201-acme";
const MAILBOX: &str = "ann@acme.example";

/// Asks for a mail from a page that waits for a request, or for none: the page that follows.
async fn ask(browser: &Browser, request: Option<&str>, name: &str) -> Page {
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
async fn mail(idp: &TestIdp, to: &str, count: usize) -> Sending {
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

fn link(mail: &Sending) -> String {
    let line = mail.text.lines().find(|l| l.contains("/m/")).expect("a link");
    url::Url::parse(line).unwrap().path().to_owned()
}

/// As a page names a link in its form.
fn name_of(link: &str) -> String {
    let token = link.rsplit('/').next().expect("a token");
    data_encoding::HEXLOWER.encode(&idp_core::secret::TokenHash::of(token).bytes()[..6])
}

fn code(mail: &Sending) -> String {
    mail.text.lines().find(|l| l.len() == 6 && l.bytes().all(|b| b.is_ascii_digit())).expect("a code").to_owned()
}

/// Opens a link as a person does: the page, and its button.
async fn follow(browser: &Browser, link: &str) -> Page {
    let opened = browser.get(link).await;
    assert_eq!((opened.status, opened.location()), (StatusCode::SEE_OTHER, "/m".to_owned()));
    let page = browser.get("/m").await;
    if page.field("link").is_none() {
        return page;
    }
    browser.fill(&page, "/m", &[]).await
}

async fn type_code(browser: &Browser, page: &Page, code: &str) -> Page {
    let (csrf, journey) = (page.field("csrf").unwrap(), page.field("journey").unwrap());
    let r = page.field("r").unwrap_or_default();
    let fields = [("csrf", csrf.as_str()), ("journey", &journey), ("r", &r), ("code", code)];
    let told = browser.post("/login/email/code", &fields).await;
    browser.told(told).await
}

fn is_refused(page: &Page) -> bool {
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
async fn mails_are_few_and_a_wait_or_a_lock_is_what_it_is() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    for _ in 0..6 {
        browser.try_sign_in(None, ANN, "a wrong password").await;
    }
    let page = ask(&browser, None, ANN).await;
    let csrf = page.field("csrf").unwrap();
    let soon =
        browser.post("/login/email/again", &[("csrf", &csrf), ("journey", &page.field("journey").unwrap())]).await;
    assert_eq!(soon.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(soon.headers.contains_key("retry-after") && soon.text().contains("less than a minute ago"));
    idp.pass(61);
    let fields = [("csrf", csrf.as_str()), ("journey", &page.field("journey").unwrap())];
    let again = browser.post("/login/email/again", &fields).await.location();
    assert!(browser.get(&again).await.text().contains("Another email is on its way"), "it says so");
    let newest = mail(&idp, MAILBOX, 2).await;
    assert!(follow(&browser, &link(&newest)).await.location().starts_with("/account?"), "the wait is for passwords");
    for _ in 0..4 {
        idp.pass(61);
        ask(&idp.browser(), None, ANN).await;
    }
    mail(&idp, MAILBOX, 3).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(idp.mails().len(), 3, "three an hour, whoever asks");
    let admin = idp.browser();
    let session = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&session, None).await[ANN].clone();
    let newest = link(&mail(&idp, MAILBOX, 3).await);
    admin.console(&format!("/admin/accounts/{id}/lock"), &session, &[]).await;
    assert_eq!(follow(&idp.browser(), &newest).await.status, StatusCode::GONE, "a lock ends links");
    admin.console(&format!("/admin/accounts/{id}/unlock"), &session, &[]).await;
    assert_eq!(follow(&idp.browser(), &newest).await.status, StatusCode::GONE, "for good");
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

async fn forgot(browser: &Browser, fields: &[(&str, &str)]) -> Page {
    let csrf = browser.csrf().await;
    let all: Vec<_> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
    let asked = browser.post("/forgot", &all).await;
    if asked.status == StatusCode::SEE_OTHER { browser.get(&asked.location()).await } else { asked }
}

fn reset_link(mail: &Sending) -> String {
    let line = mail.text.lines().find(|l| l.contains("/reset/")).expect("a link");
    url::Url::parse(line).unwrap().path().to_owned()
}

async fn set_password(browser: &Browser, link: &str, password: &str) -> Page {
    assert_eq!(browser.get(link).await.location(), "/reset");
    let page = browser.get("/reset").await;
    if page.field("link").is_none() {
        return page;
    }
    browser.fill(&page, "/reset", &[("new", password), ("confirm", password)]).await
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

/// An administrator makes an account with an address, as he would.
async fn provision(idp: &TestIdp, login: &str, address: &str) -> (Browser, String, Page) {
    let admin = idp.browser();
    let session = admin.sign_in("200-acme", "admin password one").await;
    let fields = [("username", login), ("name", "Nina New"), ("email", address)];
    let made = admin.console("/admin/accounts", &session, &fields).await;
    (admin, session, made)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_provisioned_is_invited_without_a_password_and_a_further_step() {
    let idp = TestIdp::start().await;
    let (admin, session, made) = provision(&idp, "291", "nina@acme.example").await;
    assert!(made.location().contains("done=invited"), "{}", made.text());
    let first = mail(&idp, "nina@acme.example", 1).await;
    let words = first.text.to_lowercase();
    assert!(words.contains("291-acme") && words.contains("acme") && first.text.contains(&idp.url), "{}", first.text);
    assert!(!words.contains("password for the first"), "it holds no password");
    let id = admin.accounts(&session, None).await["291-acme"].clone();
    // The list says what became of it, and the mail is sent again as often as one likes; only the newest link works.
    let deadline = Instant::now() + Duration::from_secs(10);
    while !admin.get(&format!("/admin?as={session}&q=291")).await.text().contains("Invited") {
        assert!(Instant::now() < deadline, "nobody says that it was sent");
    }
    for count in 2..5 {
        let again = admin.console(&format!("/admin/accounts/{id}/invite"), &session, &[]).await;
        assert!(again.location().contains("done=invited"), "{}", again.text());
        mail(&idp, "nina@acme.example", count).await;
    }
    let newest = mail(&idp, "nina@acme.example", 4).await;
    assert!(follow(&idp.browser(), &link(&first)).await.text().contains("A newer one was sent"));
    idp.pass(72 * 3600 - 60);
    let person = idp.browser();
    assert!(follow(&person, &link(&newest)).await.location().starts_with("/account?"));
    assert_eq!(follow(&idp.browser(), &link(&newest)).await.status, StatusCode::GONE);
    // The mailbox is shown to be hers: from now on the address alone is a name.
    ask(&idp.browser(), None, "nina@acme.example").await;
    mail(&idp, "nina@acme.example", 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_accounts_with_one_mailbox_each_gets_its_own_mail() {
    const DESK: &str = "desk@acme.example";
    let idp = TestIdp::start().await;
    for (login, count) in [("294", 1), ("295", 2)] {
        provision(&idp, login, DESK).await;
        let welcome = mail(&idp, DESK, count).await;
        assert!(
            follow(&idp.browser(), &link(&welcome)).await.location().starts_with("/account?"),
            "it is shown to be his"
        );
    }
    idp.pass(60);
    let browser = idp.browser();
    let page = ask(&browser, None, DESK).await;
    mail(&idp, DESK, 4).await;
    let of = |login: &str, subject: &str| {
        let is_meant = |m: &Sending| m.subject.contains(subject) && m.text.contains(&format!("For {login}-acme"));
        idp.mails().into_iter().find(is_meant).expect("a mail that says whose it is")
    };
    // The code that is typed says which; a wrong one counts for all.
    let (first, second) = (of("294", "Sign in to"), of("295", "Sign in to"));
    let wrong = if code(&first) == "000000" || code(&second) == "000000" { "000001" } else { "000000" };
    assert!(is_refused(&type_code(&browser, &page, wrong).await));
    let entered = type_code(&browser, &page, &code(&second)).await;
    assert!(browser.land(entered).await.text().contains("295-acme"));
    let entered = type_code(&browser, &page, &code(&second)).await;
    assert!(!entered.status.is_redirection(), "once: {}", entered.location());
    let other = follow(&idp.browser(), &link(&first)).await;
    assert!(other.location().starts_with("/account?"), "the other account's link is as good: {}", other.text());
    // A new password likewise.
    idp.pass(3600);
    let csrf = browser.csrf().await;
    browser.post("/forgot", &[("csrf", &csrf), ("identifier", DESK)]).await;
    mail(&idp, DESK, 6).await;
    let resets = ["294", "295"].map(|login| of(login, "Set a new password").text);
    assert_ne!(resets[0].lines().find(|l| l.contains("/reset/")), resets[1].lines().find(|l| l.contains("/reset/")));
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
async fn what_a_company_has_set_does_not_tell_who_exists() {
    let idp = TestIdp::start().await;
    idp.apply("[[tenants]]\ncode = \"acme\"\nname = \"Acme\"\n[tenants.policies]\n\"magiclink.ttl\" = \"7m\"").await;
    let browser = idp.browser();
    provision(&idp, "298", "zoe@acme.example").await;
    follow(&browser, &link(&mail(&idp, "zoe@acme.example", 1).await)).await;
    idp.pass(61);
    for name in ["zoe@acme.example", "nobody@acme.example"] {
        let page = ask(&idp.browser(), None, name).await;
        assert!(page.text().contains("15 minutes"), "{name}: {}", page.text());
    }
    assert!(ask(&idp.browser(), None, ANN).await.text().contains("7 minutes"), "the company that the name says");
    // The link itself keeps to what the company has set.
    let link = link(&mail(&idp, "zoe@acme.example", 2).await);
    idp.pass(7 * 60 + 1);
    assert_eq!(follow(&idp.browser(), &link).await.status, StatusCode::GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_use_up_neither_the_owners_mails_nor_another_accounts_code() {
    let idp = TestIdp::start().await;
    let owner = idp.browser();
    owner.sign_in(ANN, "agent password one").await;
    for count in 1..=3 {
        ask(&idp.browser(), None, ANN).await;
        mail(&idp, MAILBOX, count).await;
    }
    ask(&idp.browser(), None, ANN).await;
    ask(&owner, None, ANN).await;
    let own = mail(&idp, MAILBOX, 4).await;
    idp.pass(1);
    owner.get(&link(&own)).await;
    assert!(owner.get("/m").await.body.contains("data-go"), "the fourth is the one of his own browser");
    // Two accounts with one mailbox: what somebody asks for one of them by name leaves the other's code good.
    for (login, count) in [("294", 1), ("295", 2)] {
        provision(&idp, login, "desk@acme.example").await;
        follow(&idp.browser(), &link(&mail(&idp, "desk@acme.example", count).await)).await;
    }
    idp.pass(61);
    let page = ask(&owner, None, "desk@acme.example").await;
    mail(&idp, "desk@acme.example", 4).await;
    let is_meant = |m: &Sending| m.subject.contains("Sign in to") && m.text.contains("For 295-acme");
    let second = idp.mails().into_iter().find(is_meant).expect("a mail for the second");
    ask(&idp.browser(), None, "294-acme").await;
    mail(&idp, "desk@acme.example", 5).await;
    let entered = type_code(&owner, &page, &code(&second)).await;
    assert!(owner.land(entered).await.text().contains("295-acme"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_network_causes_two_hundred_mails_an_hour_at_most() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let csrf = browser.csrf().await;
    let ask = async |n: usize| {
        let name = format!("{n}-acme");
        browser.post("/login/email", &[("csrf", &csrf), ("identifier", &name)]).await.status
    };
    for n in 0..200 {
        assert_eq!(ask(n).await, StatusCode::SEE_OTHER, "{n}");
    }
    assert_eq!(ask(200).await, StatusCode::TOO_MANY_REQUESTS);
    idp.pass(3601);
    assert_eq!(ask(201).await, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_companys_visitors_cause_a_thousand_mails_an_hour_at_most() {
    let idp = TestIdp::start().await;
    let acme = idp.cx.store.read(|r| idp_store::tenants::by_code(r, &"acme".parse().unwrap())).await.unwrap().unwrap();
    let budget = idp_store::ephemeral::Budget { most: 1000, window: idp_core::time::Lifetime::hours(1) };
    let key = format!("mail-company:{}", acme.id);
    for _ in 0..999 {
        idp.cx.ephemeral.take(&key, budget, idp.cx.clock.now()).await.unwrap();
    }
    ask(&idp.browser(), None, ANN).await;
    mail(&idp, MAILBOX, 1).await; // the thousandth
    idp.pass(61);
    ask(&idp.browser(), None, ANN).await;
    ask(&idp.browser(), None, "201-bolt").await;
    mail(&idp, "bert@bolt.example", 1).await; // of another company
    assert_eq!(
        idp.mails().iter().filter(|m| m.to == MAILBOX).count(),
        1,
        "the answer is the same, the mail stays away"
    );
    idp.pass(3601);
    ask(&idp.browser(), None, ANN).await;
    mail(&idp, MAILBOX, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_sends_from_its_own_address() {
    let idp = TestIdp::start().await;
    ask(&idp.browser(), None, ANN).await;
    assert_eq!(mail(&idp, MAILBOX, 1).await.from, None);
    idp.apply(
        "[[tenants]]\ncode = \"acme\"\nname = \"Acme\"\n[tenants.policies]\n\"mail.from\" = \"hello@acme.example\"",
    )
    .await;
    idp.pass(60);
    ask(&idp.browser(), None, ANN).await;
    assert_eq!(mail(&idp, MAILBOX, 2).await.from.as_deref(), Some("hello@acme.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_wants_it_mails_a_password_for_once_or_nothing() {
    let idp = TestIdp::start().await;
    let policy = |value: &str| {
        format!("[[tenants]]\ncode = \"acme\"\nname = \"Acme\"\n[tenants.policies]\n\"welcome.mode\" = \"{value}\"\n")
    };
    idp.apply(&policy("temporary_password")).await;
    provision(&idp, "292", "omar@acme.example").await;
    let told = mail(&idp, "omar@acme.example", 1).await;
    let password = told.text.lines().find(|l| l.len() == 19 && l.matches('-').count() == 3).expect("a password");
    let page = idp.browser().try_sign_in(None, "292-acme", password).await;
    assert!(page.field("ticket").is_some(), "it has to be replaced: {}", page.text());
    idp.apply(&policy("out_of_band")).await;
    let (.., made) = provision(&idp, "293", "pia@acme.example").await;
    assert!(made.body.contains("id=\"secret\""), "it is shown to be handed over");
    let (.., made) = provision(&idp, "294", "").await;
    assert!(made.body.contains("id=\"secret\""), "so it is where there is no address");
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(idp.mails().iter().all(|m| m.to != "pia@acme.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_dies_with_its_address_and_its_account() {
    let idp = TestIdp::start().await;
    let (admin, session, _) = provision(&idp, "295", "quinn@acme.example").await;
    let invitation = link(&mail(&idp, "quinn@acme.example", 1).await);
    let id = admin.accounts(&session, None).await["295-acme"].clone();
    admin.console(&format!("/admin/accounts/{id}/lock"), &session, &[]).await;
    assert_eq!(follow(&idp.browser(), &invitation).await.status, StatusCode::GONE);
    admin.console(&format!("/admin/accounts/{id}/unlock"), &session, &[]).await;
    assert_eq!(follow(&idp.browser(), &invitation).await.status, StatusCode::GONE);
    let other = idp.browser();
    let stranger = other.sign_in("200-bolt", "bolt admin password").await;
    let reached = other.console(&format!("/admin/accounts/{id}/invite"), &stranger, &[]).await;
    assert_eq!(reached.status, StatusCode::NOT_FOUND, "another company's account looks like none");
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
