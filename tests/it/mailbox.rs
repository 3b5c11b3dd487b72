//! Whose a mailbox is, how many mails it gets, by whom, and from whom they come.

use std::time::Duration;

use idp_service::outside::post::Sending;
use reqwest::StatusCode;
use support::TestIdp;

use crate::email::{ANN, MAILBOX, ask, code, follow, is_refused, link, mail, type_code};
use crate::invitation::provision;

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
