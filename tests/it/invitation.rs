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

#[tokio::test(flavor = "multi_thread")]
async fn where_codes_are_typed_an_invitation_says_where() {
    let idp = TestIdp::start().await;
    idp.apply(
        "[[tenants]]\ncode = \"acme\"\nname = \"Acme\"\n[tenants.policies]\n\"magiclink.other_browser\" = \"code\"\n",
    )
    .await;
    provision(&idp, "296", "tara@acme.example").await;
    let told = mail(&idp, "tara@acme.example", 1).await;
    assert!(
        !told.text.contains("/m/") && told.text.contains("/t/acme"),
        "a link would be worth nothing: {}",
        told.text
    );
    let browser = idp.browser();
    assert!(browser.get("/t/acme").await.status.is_redirection() || browser.get("/t/acme").await.status.is_success());
    let page = ask(&browser, None, "296-acme").await;
    let right = crate::email::code(&mail(&idp, "tara@acme.example", 2).await);
    let entered = crate::email::type_code(&browser, &page, &right).await;
    assert!(entered.location().starts_with("/account?"), "{}", entered.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_no_address_that_a_mail_program_would_follow() {
    let idp = TestIdp::start().await;
    let admin = idp.browser();
    let session = admin.sign_in("200-acme", "admin password one").await;
    for name in [
        "Win at https://evil.example",
        "www.evil.example",
        "A <b@evil.example>",
        "A\r\nBcc: b@evil.example",
        "Acme\r\n",
        "Win at evil.example/login",
        "help@evil.example",
        " ",
    ] {
        let fields = [("username", "297"), ("name", name), ("email", "uma@acme.example")];
        let refused = admin.console("/admin/accounts", &session, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {}", refused.text());
        for key in ["name", "brand"] {
            let name = name.replace("\r\n", "\\r\\n");
            let (company, policy) = match key {
                "name" => (name.as_str(), "\"ui.brand\" = \"\"".to_owned()),
                _ => ("Acme", format!("\"ui.brand\" = \"{name}\"")),
            };
            let text = format!("[[tenants]]\ncode = \"acme\"\nname = \"{company}\"\n[tenants.policies]\n{policy}\n");
            let document = toml::from_str(&text).unwrap();
            let by = idp_core::authority::SystemAdmin::operator();
            let tried = idp_service::apply::apply(&idp.cx, &by, &document, idp_service::apply::Mode::Apply).await;
            assert!(tried.is_err(), "{key} {name:?}");
        }
    }
    for address in ["uma@acme.example, b@evil.example", "uma@acme.example\r\nBcc: b@evil.example", "a b@acme.example"] {
        let fields = [("username", "297"), ("name", "Uma"), ("email", address)];
        let refused = admin.console("/admin/accounts", &session, &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "one mailbox, and no header: {address:?}");
    }
    assert!(idp.mails().is_empty());
}
