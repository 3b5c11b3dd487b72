//! Who is provisioned is invited: by a link, by a password for once, or by hand.

use std::time::Duration;
use std::time::Instant;

use reqwest::StatusCode;
use support::{Browser, Page, TestIdp};

use crate::email::{ask, follow, link, mail};

/// An administrator makes an account with an address, as he would.
pub(crate) async fn provision(idp: &TestIdp, login: &str, address: &str) -> (Browser, String, Page) {
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
