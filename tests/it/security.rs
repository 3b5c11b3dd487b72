//! What protects an account, on the pages where its owner looks after it.

use reqwest::StatusCode;
use support::TestIdp;

use crate::second::{
    ANN, MAILBOX, PASSWORD, answer, by_link, digits, is_in, mail, other, password, security, switch, with_app,
};

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_turned_off_again_and_the_mailbox_is_told() {
    let idp = TestIdp::start().await;
    let (browser, before) = (idp.browser(), idp.browser());
    before.sign_in(ANN, PASSWORD).await;
    let session = browser.sign_in(ANN, PASSWORD).await;
    let (_, codes) = with_app(&idp, &browser, &session).await;
    // Who set it up has shown it; another session, which began before, has not.
    let page = browser.get(&format!("/account/security/off?as={session}&means=app")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.location());
    let asked = before.get("/account/security/off").await;
    assert!(asked.location().starts_with("/login?r=security"), "{}", asked.location());
    let page = switch(&browser, &password(&browser, None).await, "backup").await;
    let session = answer(&browser, &page, &codes[0]).await.param("as").unwrap();
    let page = browser.get(&format!("/account/security/off?as={session}&means=app")).await;
    let off = browser.fill(&page, "/account/security/off", &[]).await;
    assert!(browser.land(off).await.text().contains("That method is turned off"));
    mail(&idp, "Two-factor authentication was turned off", 1).await;
    assert!(is_in(&idp.browser().try_sign_in(None, ANN, PASSWORD).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_minutes_who_changes_anything_shows_again_who_he_is() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let page = browser.get(&security(&session)).await;
    idp.pass(601);
    let asked = browser.fill(&page, "/account/security/app", &[]).await;
    assert!(asked.location().starts_with("/login?r=security&notice=confirm"), "{}", asked.location());
    assert!(browser.get(&asked.location()).await.text().contains("Confirm it is you"));
    let csrf = browser.csrf().await;
    let fields = [("csrf", csrf.as_str()), ("identifier", ANN), ("password", PASSWORD), ("r", "security")];
    let back = browser.post("/login", &fields).await;
    assert!(back.location().starts_with("/account/security?"), "{}", back.location());
    let page = browser.land(back).await;
    assert_eq!(browser.fill(&page, "/account/security/app", &[]).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_changes_with_a_code_and_the_old_mailbox_can_take_it_back() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let settings = browser.get(&format!("/account/settings?as={session}")).await;
    let bad = browser.answer(&settings, "/account/settings/email", &[("email", "not an address")]).await;
    assert!(bad.text().contains("Enter an address such as"), "{}", bad.text());
    let asked = browser.answer(&settings, "/account/settings/email", &[("email", "ann@elsewhere.example")]).await;
    let told = mail(&idp, "confirms your email address", 1).await;
    assert_eq!(told.to, "ann@elsewhere.example");
    let right = digits(&told);
    // Another code, a minute later; the one before is worth nothing then.
    let soon = browser.answer(&asked, "/account/settings/email", &[]).await;
    assert!(soon.text().contains("less than a minute ago"), "{}", soon.text());
    idp.pass(61);
    let asked = browser.answer(&soon, "/account/settings/email", &[]).await;
    assert!(asked.text().contains("We sent a new code"), "{}", asked.text());
    let stale = right;
    let right = digits(&mail(&idp, "confirms your email address", 2).await);
    let late = browser.answer(&asked, "/account/settings/email/confirm", &[("code", &stale)]).await;
    assert!(late.text().contains("That code is not right"), "{}", late.text());
    let wrong = browser.answer(&asked, "/account/settings/email/confirm", &[("code", other(&right))]).await;
    assert!(wrong.text().contains("ann@elsewhere.example"), "{}", wrong.text());
    assert!(browser.get(&format!("/account/settings?as={session}")).await.text().contains(MAILBOX), "nothing changed");
    let done = browser.answer(&wrong, "/account/settings/email/confirm", &[("code", &right)]).await;
    assert!(browser.land(done).await.text().contains("Your email address is changed"));
    let notice = mail(&idp, "Your email address was changed", 1).await;
    assert_eq!(notice.to, MAILBOX);
    assert!(!notice.text.contains("ann@elsewhere.example") && notice.text.contains("a•••@e•••.example"));
    assert!(notice.text.contains("Until 20"), "a week ahead has a date: {}", notice.text);
    let undo = notice.text.lines().find(|l| l.contains("/undo/")).unwrap().to_owned();
    let owner = idp.browser();
    owner.get(url::Url::parse(&undo).unwrap().path()).await;
    let page = owner.get("/undo").await;
    assert!(page.text().contains("Take the change back?"), "{}", page.text());
    assert!(
        browser.get(&format!("/account?as={session}")).await.text().contains("Ann Agent"),
        "looking changes nothing"
    );
    let undone = owner.fill(&page, "/undo", &[]).await;
    assert!(undone.text().contains("The change is taken back"), "{}", undone.text());
    assert!(browser.get(&format!("/account?as={session}")).await.location().starts_with("/login"), "everybody is out");
    assert!(!is_in(&idp.browser().try_sign_in(None, ANN, PASSWORD).await), "the password is gone");
    let (_, session) = by_link(&idp, 1).await;
    assert_eq!(mail(&idp, "Sign in to", 1).await.to, MAILBOX, "{session}");
    owner.get(url::Url::parse(&undo).unwrap().path()).await;
    assert_eq!(owner.get("/undo").await.status, StatusCode::GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_by_mail_sets_a_password_without_a_current_one() {
    let idp = TestIdp::start().await;
    idp.apply("[[tenants]]\ncode = \"acme\"\nname = \"Acme\"\n[[tenants.accounts]]\nlogin = \"295\"\nname = \"Noa New\"\nemail = \"noa@acme.example\"\nemail_verified = true\n").await;
    let browser = idp.browser();
    let csrf = browser.csrf().await;
    browser.post("/login/email", &[("csrf", &csrf), ("identifier", "295-acme")]).await;
    let link = mail(&idp, "Sign in to", 1).await.text.lines().find(|l| l.contains("/m/")).unwrap().to_owned();
    browser.get(url::Url::parse(&link).unwrap().path()).await;
    let page = browser.get("/m").await;
    let session = browser.fill(&page, "/m", &[]).await.param("as").unwrap();
    let settings = browser.get(&format!("/account/settings?as={session}")).await;
    let new = [("new", "quite another one"), ("confirm", "quite another one")];
    let set = browser.fill(&settings, "/account/settings/first-password", &new).await;
    assert!(set.location().contains("saved=1"), "{} {}", set.location(), set.text());
    assert!(is_in(&idp.browser().try_sign_in(None, "295-acme", "quite another one").await));
    let again = browser.fill(&settings, "/account/settings/first-password", &new).await;
    assert!(!again.location().contains("saved=1"), "a second first one needs the current");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_thing_at_a_time_is_advised_and_the_sign_in_before_is_told() {
    let idp = TestIdp::start().await;
    let (browser, ben) = (idp.browser(), idp.browser());
    let session = browser.sign_in(ANN, PASSWORD).await;
    let home = browser.get(&format!("/account?as={session}")).await.text();
    assert!(home.contains("A second factor keeps others out") && home.contains(", password"), "{home}");
    with_app(&idp, &browser, &session).await;
    let home = browser.get(&format!("/account?as={session}")).await.text();
    assert!(!home.contains("A second factor keeps others out") && !home.contains("few backup codes"), "{home}");
    let his = ben.sign_in("202-acme", "agent password two").await;
    let home = ben.get(&format!("/account?as={his}")).await.text();
    assert!(home.contains("Add an email, so you can reset your password"), "{home}");
    // Who has none gives one, and comes in by it.
    let settings = ben.get(&format!("/account/settings?as={his}")).await;
    let asked = ben.answer(&settings, "/account/settings/email", &[("email", "ben@acme.example")]).await;
    let right = digits(&mail(&idp, "confirms your email address", 1).await);
    let done = ben.answer(&asked, "/account/settings/email/confirm", &[("code", &right)]).await;
    assert!(done.location().contains("saved=address"), "{}", done.text());
    let portal = idp.portal();
    assert!(portal.authorize(&ben, &[]).await.param("code").is_some());
    let devices = ben.get(&security(&his)).await.text();
    assert!(devices.contains("Opened: Portal"), "{devices}");
    idp.pass(61);
    let stranger = idp.browser();
    let csrf = stranger.csrf().await;
    stranger.post("/login/email", &[("csrf", &csrf), ("identifier", "ben@acme.example")]).await;
    assert_eq!(mail(&idp, "Sign in to", 1).await.to, "ben@acme.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_seen_and_signed_out_and_a_new_one_is_told() {
    let idp = TestIdp::start().await;
    let (one, two, three) = (idp.browser(), idp.browser(), idp.browser());
    one.sign_in(ANN, PASSWORD).await;
    two.sign_in(ANN, PASSWORD).await;
    mail(&idp, "A sign-in from a new browser", 1).await;
    let session = three.sign_in(ANN, PASSWORD).await;
    let page = three.get(&security(&session)).await;
    assert!(page.text().contains("This device") && page.text().contains("You signed in"), "{}", page.text());
    assert_eq!(page.body.matches("action=\"/account/security/sign-out\"").count(), 3, "two others, and all others");
    three.fill(&page, "/account/security/sign-out", &[]).await;
    let gone = [one.get("/account").await, two.get("/account").await];
    assert_eq!(gone.iter().filter(|p| p.location().starts_with("/login")).count(), 1, "the one that was named");
    let csrf = three.csrf().await;
    three.post("/account/security/sign-out", &[("csrf", &csrf), ("as", &session)]).await;
    for other in [&one, &two] {
        assert!(other.get("/account").await.location().starts_with("/login"));
    }
    assert_eq!(three.get(&security(&session)).await.status, StatusCode::OK);
    // Nobody signs somebody else out.
    let ben = idp.browser();
    let his = ben.sign_in("202-acme", "agent password two").await;
    let csrf = ben.csrf().await;
    ben.post("/account/security/sign-out", &[("csrf", &csrf), ("as", &his), ("id", &session)]).await;
    assert_eq!(three.get(&security(&session)).await.status, StatusCode::OK);
}
