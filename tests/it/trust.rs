//! Browsers that are not asked for the second factor.

use support::{Browser, TestIdp, claims};

use crate::second::{ANN, PASSWORD, Phone, answer, is_in, new_codes, password, policies, security, with_app};

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_browser_is_spared_for_so_long_and_for_one_account() {
    let idp = TestIdp::start().await;
    policies(&idp, &[("2fa.trust_days", "30")]).await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let (phone, _) = with_app(&idp, &browser, &session).await;
    idp.pass(30);
    let page = password(&browser, None).await;
    assert!(page.text().contains("Don’t ask again for 30 days"), "{}", page.text());
    let entered = browser.fill(&page, "/login/second", &[("code", &phone.code(&idp, 0)), ("trust", "on")]).await;
    assert!(is_in(&entered));
    let portal = idp.portal();
    idp.pass(86_400);
    let tokens = portal.tokens(&browser, ANN, PASSWORD).await;
    let claims = claims(&tokens.text("id_token"));
    assert_eq!((&claims["acr"], &claims["amr"]), (&"urn:switchboard:acr:single".into(), &serde_json::json!(["pwd"])));
    assert!(!is_in(&idp.browser().try_sign_in(None, ANN, PASSWORD).await), "another browser is asked");
    // Who asks for two factors gets two.
    let r = portal.authorize(&browser, &[("acr_values", "urn:switchboard:acr:multi"), ("prompt", "login")]).await;
    password(&browser, Some(&r.param("r").unwrap())).await;
    // A shorter policy holds for trust of before.
    policies(&idp, &[("2fa.trust_days", "14")]).await;
    assert!(is_in(&browser.try_sign_in(None, ANN, PASSWORD).await));
    idp.pass(13 * 86_400);
    password(&browser, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trust_ends_where_the_person_or_a_new_second_factor_says_so() {
    let idp = TestIdp::start().await;
    policies(&idp, &[("2fa.trust_days", "90")]).await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let (phone, _) = with_app(&idp, &browser, &session).await;
    let trust = async || {
        idp.pass(30);
        let page = password(&browser, None).await;
        let entered = browser.fill(&page, "/login/second", &[("code", &phone.code(&idp, 0)), ("trust", "on")]).await;
        assert!(is_in(&browser.try_sign_in(None, ANN, PASSWORD).await), "it is spared now");
        entered.param("as").unwrap()
    };
    let session = trust().await;
    let page = browser.get(&security(&session)).await;
    assert!(page.text().contains("Trusted browsers"), "{}", page.text());
    browser.fill(&page, "/account/security/distrust", &[]).await;
    password(&browser, None).await;
    let session = trust().await;
    // In a trusted browser credentials don't change without the second factor.
    browser.try_sign_in(None, ANN, PASSWORD).await;
    let asked = browser.get(&format!("/account/security/codes?as={session}")).await;
    assert!(asked.location().starts_with("/login?r=security&notice=confirm"), "{}", asked.location());
    let csrf = browser.csrf().await;
    let fields = [("csrf", csrf.as_str()), ("identifier", ANN), ("password", PASSWORD), ("r", "security")];
    let second = browser.post("/login", &fields).await;
    let second = browser.get(&second.location()).await;
    idp.pass(30);
    let entered = answer(&browser, &second, &phone.code(&idp, 0)).await;
    assert!(entered.location().starts_with("/account/security?"), "{}", entered.location());
    assert_eq!(new_codes(&browser, &entered.param("as").unwrap()).await.len(), 10);
    password(&browser, None).await; // new backup codes end trust
}

/// An app for Ann and a trusted browser.
async fn trusted(idp: &TestIdp) -> (Browser, String, Phone) {
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let (phone, _) = with_app(idp, &browser, &session).await;
    idp.pass(30);
    let page = password(&browser, None).await;
    let entered = browser.fill(&page, "/login/second", &[("code", &phone.code(idp, 0)), ("trust", "on")]).await;
    idp.pass(30);
    (browser, entered.param("as").unwrap(), phone)
}

#[tokio::test(flavor = "multi_thread")]
async fn trust_is_one_accounts_in_one_browser() {
    let idp = TestIdp::start().await;
    policies(&idp, &[("2fa.trust_days", "60")]).await;
    let (browser, _, phone) = trusted(&idp).await;
    let ben = idp.browser();
    let session = ben.sign_in("202-acme", "agent password two").await;
    with_app(&idp, &ben, &session).await;
    let page = browser.try_sign_in(None, "202-acme", "agent password two").await;
    assert!(page.location().starts_with("/login/second?"), "another account in the same browser: {}", page.location());
    assert!(is_in(&browser.try_sign_in(None, ANN, PASSWORD).await));
    idp.pass(60 * 86_400 - 60);
    assert!(is_in(&browser.try_sign_in(None, ANN, PASSWORD).await), "to the last day");
    idp.pass(30);
    let page = password(&browser, None).await;
    // Where the company allows none, a form that says otherwise is not believed.
    policies(&idp, &[("2fa.trust_days", "none")]).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await; // policies may be a quarter of a second old
    assert!(is_in(&browser.fill(&page, "/login/second", &[("code", &phone.code(&idp, 0)), ("trust", "on")]).await));
    password(&browser, None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trust_ends_with_a_lock_a_new_password_and_a_word_of_the_owner() {
    for end in ["lock", "reset", "password"] {
        let idp = TestIdp::start().await;
        policies(&idp, &[("2fa.trust_days", "90")]).await;
        let (browser, session, phone) = trusted(&idp).await;
        let admin = idp.browser();
        let desk = admin.sign_in("200-acme", "admin password one").await;
        let id = admin.accounts(&desk, None).await[ANN].clone();
        let mut word = PASSWORD.to_owned();
        match end {
            "lock" => {
                for verb in ["lock", "unlock"] {
                    admin.console(&format!("/admin/accounts/{id}/{verb}"), &desk, &[]).await;
                }
            }
            "reset" => {
                let shown = admin.reset_password(&desk, &id, None).await;
                let secret = shown.body.split("id=\"secret\"").nth(1).unwrap().split('>').nth(1).unwrap();
                secret.split('<').next().unwrap().clone_into(&mut word);
            }
            _ => {
                "quite another one".clone_into(&mut word);
                let new = [("current", PASSWORD), ("new", &word), ("confirm", &word), ("others", "on")];
                let done = browser.console("/account/settings/password", &session, &new).await;
                assert!(done.location().contains("saved=1"), "{} {}", done.location(), done.text());
            }
        }
        let page = browser.try_sign_in(None, ANN, &word).await;
        assert!(page.location().starts_with("/login/second?"), "{end}: {} {}", page.location(), page.text());
        let page = browser.get(&page.location()).await;
        assert!(is_in(&answer(&browser, &page, &phone.code(&idp, 0)).await) || end == "reset", "{end}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trust_outlives_the_new_password_that_follows_a_one_time_one() {
    let idp = TestIdp::start().await;
    policies(&idp, &[("2fa.trust_days", "30")]).await;
    let owner = idp.browser();
    let session = owner.sign_in(ANN, PASSWORD).await;
    let (phone, _) = with_app(&idp, &owner, &session).await;
    let admin = idp.browser();
    let desk = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&desk, None).await[ANN].clone();
    let shown = admin.reset_password(&desk, &id, None).await;
    let once = shown.body.split("id=\"secret\"").nth(1).unwrap().split('>').nth(1).unwrap().split('<').next().unwrap();
    idp.pass(30);
    let fresh = idp.browser();
    let page = fresh.try_sign_in(None, ANN, once).await;
    let page = fresh.get(&page.location()).await;
    let must = fresh.fill(&page, "/login/second", &[("code", &phone.code(&idp, 0)), ("trust", "on")]).await;
    let new = [("new", "quite another one"), ("confirm", "quite another one")];
    assert!(is_in(&fresh.fill(&must, "/login/new-password", &new).await), "{}", must.text());
    assert!(is_in(&fresh.try_sign_in(None, ANN, "quite another one").await), "not asked again");
    assert!(!is_in(&idp.browser().try_sign_in(None, ANN, "quite another one").await));
}
