//! Declared state.

use idp_core::authority::SystemAdmin;
use idp_service::apply::{Document, Mode, apply};
use support::{DOCUMENT, TestIdp};

#[tokio::test(flavor = "multi_thread")]
async fn applying_twice_changes_nothing() {
    let idp = TestIdp::start().await;
    let document: Document = toml::from_str(DOCUMENT).unwrap();
    let steps = apply(&idp.cx, &SystemAdmin::operator(), &document, Mode::Apply).await.unwrap();
    assert_eq!(steps, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_everything_and_does_nothing() {
    let idp = TestIdp::start().await;
    let text = "[policies]\n\"password.min\" = \"10\"\n[[tenants]]\ncode = \"fresh\"\nname = \"Fresh\"\n[[tenants.accounts]]\nlogin = \"1\"\nname = \"One\"\n";
    let document: Document = toml::from_str(text).unwrap();
    let dry = apply(&idp.cx, &SystemAdmin::operator(), &document, Mode::DryRun).await.unwrap();
    let told: Vec<String> = dry.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["change policy password.min = 10 of the vendor", "create company fresh", "create account 1 in fresh"]
    );
    let real = apply(&idp.cx, &SystemAdmin::operator(), &document, Mode::Apply).await.unwrap();
    assert_eq!(real, dry);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_is_named_with_what_would_be_right() {
    let idp = TestIdp::start().await;
    for (text, told) in [
        ("[policies]\n\"password.min\" = \"3\"\n", "8 to 64"),
        ("[policies]\n\"pasword.min\" = \"8\"\n", "no policy"),
        ("[[tenants]]\ncode = \"Bad Code\"\nname = \"X\"\n", "company Bad Code"),
        ("[[clients]]\nclient_id = \"x\"\nname = \"X\"\nredirect_uris = [\"http://evil.example/\"]\n", "use https"),
        (
            "[[tenants]]\ncode = \"acme\"\nname = \"Acme\"\n[[tenants.accounts]]\nlogin = \"9\"\nname = \"N\"\nportals = [\"none\"]\n",
            "no client `none`",
        ),
    ] {
        let document: Document = toml::from_str(text).unwrap();
        let error = apply(&idp.cx, &SystemAdmin::operator(), &document, Mode::Apply).await.unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
    assert!(toml::from_str::<Document>("[[tenants]]\ncode = \"a\"\nnmae = \"A\"\n").is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_secret_ends_what_the_old_one_was_given() {
    let idp = TestIdp::start().await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let token = portal.tokens(&browser, "201-acme", "agent password one").await.text("access_token");
    let changed = DOCUMENT.replace("portal-secret", "rotated-secret");
    idp.apply(&changed).await;
    assert_eq!(portal.userinfo(&token).await.status, reqwest::StatusCode::UNAUTHORIZED);
    assert_eq!(portal.refresh("x").await.error(), "invalid_client");
}
