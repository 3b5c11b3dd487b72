//! What happens to an account is told to its mailbox: each thing, by a mail of its own, with a way to stop it.

use support::TestIdp;

use crate::forgot::{forgot, reset_link, set_password};
use crate::second::{
    ANN, MAILBOX, PASSWORD, answer, digits, is_in, mail, new_codes, password, policies, switch, with_app, with_email,
};

/// The mail about it, which says whose account it is and what to do if it was somebody else.
async fn told(idp: &TestIdp, subject: &str) {
    let told = mail(idp, subject, 1).await;
    assert_eq!(told.to, MAILBOX, "{subject}");
    for part in [&told.text, &told.html] {
        assert!(part.contains("This was not me") && part.contains(ANN), "{subject}: {part}");
    }
    let way = told.text.lines().find(|l| l.starts_with(&idp.url)).unwrap_or_else(|| panic!("{subject}: {}", told.text));
    let page = idp.browser().get(way.strip_prefix(&idp.url).unwrap()).await;
    assert!(page.status.is_success() && page.text().contains("Reset your password"), "{way}: {}", page.text());
    assert!(page.body.contains(ANN), "in that name: {}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_protects_an_account_differently_is_told_of_by_mail() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let (phone, codes) = with_app(&idp, &browser, &session).await;
    told(&idp, "An authenticator app was set up").await;
    with_email(&idp, &browser, &session).await;
    told(&idp, "Codes by email were turned on").await;
    new_codes(&browser, &session).await;
    told(&idp, "New backup codes were made").await;
    let anew = new_codes(&browser, &session).await;
    assert_ne!(codes, anew);
    let other = idp.browser();
    let page = switch(&other, &password(&other, None).await, "backup").await;
    assert!(is_in(&answer(&other, &page, &anew[0]).await));
    told(&idp, "A backup code was used").await;
    told(&idp, "A sign-in from a new browser").await;
    let off = browser.get(&format!("/account/security/off?as={session}&means=email")).await;
    browser.fill(&off, "/account/security/off", &[]).await;
    told(&idp, "Two-factor authentication was turned off").await;
    idp.pass(30);
    let page = password(&browser, None).await;
    assert!(
        page.text().contains("authenticator app") && !page.text().contains("Get a code by email"),
        "{}",
        page.text()
    );
    assert!(is_in(&answer(&browser, &page, &phone.code(&idp, 0)).await), "one of two is off, the other is not");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_gets_another_password_is_told_whichever_way_it_came() {
    let idp = TestIdp::start().await;
    let admin = idp.browser();
    let desk = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&desk, None).await[ANN].clone();
    let shown = admin.reset_password(&desk, &id, None).await;
    let once = shown.body.split("id=\"secret\"").nth(1).unwrap().split('>').nth(1).unwrap().split('<').next().unwrap();
    told(&idp, "Your administrator made a new password for you").await;
    let browser = idp.browser();
    let page = browser.try_sign_in(None, ANN, once).await;
    let new = [("new", "a quiet marble tugboat"), ("confirm", "a quiet marble tugboat")];
    assert!(is_in(&browser.fill(&page, "/login/new-password", &new).await));
    told(&idp, "Your password was changed").await;
    forgot(&browser, &[("identifier", ANN)]).await;
    let link = reset_link(&mail(&idp, "Set a new password", 1).await);
    assert!(is_in(&set_password(&browser, &link, "another quiet tugboat").await));
    mail(&idp, "Your password was changed", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_second_field_sees_what_he_types() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    forgot(&browser, &[("identifier", ANN)]).await;
    browser.get(&reset_link(&mail(&idp, "Set a new password", 1).await)).await;
    let page = browser.get("/reset").await;
    let without_scripts = page.body.split("<noscript>").nth(1).and_then(|rest| rest.split("</noscript>").next());
    assert!(without_scripts.is_some_and(|field| field.contains("name=\"confirm\"")), "{}", page.body);
    for confirm in ["", "another quiet tugboat"] {
        let fields = [("new", "a quiet marble tugboat"), ("confirm", confirm)];
        let refused = browser.fill(&page, "/reset", &fields).await;
        assert!(refused.text().contains("The two new passwords are not the same"), "{}", refused.text());
    }
    assert!(is_in(&browser.fill(&page, "/reset", &[("new", "a quiet marble tugboat")]).await));
    idp.browser().sign_in(ANN, "a quiet marble tugboat").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_and_a_company_are_written_to_in_their_language() {
    let idp = TestIdp::start().await;
    idp.apply("[[tenants]]\ncode = \"acme\"\nname = \"Acme\"\nlanguage = \"de\"\n").await;
    forgot(&idp.browser(), &[("identifier", ANN)]).await;
    mail(&idp, "Neues Passwort", 1).await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let settings = browser.get(&format!("/account/settings?as={session}")).await;
    let kept = browser.fill(&settings, "/account/settings/language", &[("language", "en")]).await;
    assert!(is_in(&kept), "{}", kept.text());
    forgot(&idp.browser(), &[("identifier", ANN)]).await;
    mail(&idp, "Set a new password", 1).await;
    let other = idp.browser();
    let session = other.sign_in(ANN, PASSWORD).await;
    let page = other.get(&format!("/account?as={session}")).await;
    assert!(page.body.contains("lang=\"en\""), "it is the person's, in whichever browser");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_factors_are_told_and_asked_for_where_one_was_shown() {
    let idp = TestIdp::start().await;
    policies(&idp, &[("2fa.policy", "optional")]).await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let session = browser.sign_in(ANN, PASSWORD).await;
    with_email(&idp, &browser, &session).await;
    // A session of before, with one factor: who asks for two gets two, or nothing.
    let (old, asks) = (idp.browser(), [("acr_values", "urn:switchboard:acr:multi")]);
    let page = password(&old, None).await;
    let entered = answer(&old, &page, &digits(&mail(&idp, "is your verification code", 1).await)).await;
    assert!(is_in(&entered));
    let code = portal.authorize(&old, &asks).await.param("code").expect("two were shown");
    let claims = support::claims(&portal.exchange(&code).await.text("id_token"));
    assert_eq!(claims["acr"], "urn:switchboard:acr:multi");
    assert_eq!(claims["amr"], serde_json::json!(["pwd", "email", "mfa"]));
    let (by_link, _) = crate::second::by_link(&idp, 1).await;
    let code = portal.authorize(&by_link, &[]).await.param("code").expect("one is enough for who asks for none");
    let claims = support::claims(&portal.exchange(&code).await.text("id_token"));
    assert_eq!(claims["acr"], "urn:switchboard:acr:single");
    let asked = portal.authorize(&by_link, &asks).await;
    assert!(asked.location().starts_with("/login?"), "{}", asked.location());
    let page = password(&by_link, asked.param("r").as_deref()).await;
    let entered = answer(&by_link, &page, &digits(&mail(&idp, "is your verification code", 2).await)).await;
    let code = by_link.land(entered).await.param("code").expect("and goes on");
    let claims = support::claims(&portal.exchange(&code).await.text("id_token"));
    assert_eq!(claims["acr"], "urn:switchboard:acr:multi");
}
