//! Browsers that are not asked for the second factor.

use support::{TestIdp, claims};

use crate::second::{ANN, PASSWORD, answer, is_in, new_codes, password, policies, security, with_app};

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
