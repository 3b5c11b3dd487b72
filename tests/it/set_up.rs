//! What is carried along from one step of a sign-in to the next, and what may not be: an old proof, another request,
//! guesses, a code that was for something else.

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use support::{TestIdp, backends};

use crate::second::{
    ANN, MAILBOX, PASSWORD, Phone, answer, codes, digits, is_in, mail, other, password, policies, security, switch,
    with_app,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shown_before_a_request_does_not_answer_it() {
    let idp = TestIdp::start().await;
    policies(&idp, &[("2fa.policy", "required"), ("2fa.roles", "agent"), ("2fa.grace", "7d")]).await;
    let (browser, portal) = (idp.browser(), idp.portal());
    let page = password(&browser, None).await;
    // Twelve minutes later a portal wants the person to sign in anew. The page of before lets it wait, and names that
    // request.
    idp.pass(720);
    let r = portal.authorize(&browser, &[("prompt", "login")]).await.param("r").expect("a sign-in is asked for");
    let skipped = browser.fill(&page, "/login/second/skip", &[("r", &r)]).await;
    let led = browser.land(skipped).await;
    assert!(led.param("code").is_none() && led.body.contains("action=\"/login\""), "{} {}", led.location(), led.text());
    // Nor is it young enough to change what protects the account.
    let session = browser.get("/account").await;
    let session =
        session.body.split("name=\"as\" value=\"").nth(1).expect("a session").split('"').next().unwrap().to_owned();
    let codes = browser.get(&format!("/account/settings?as={session}")).await;
    let asked = browser.fill(&codes, "/account/settings/email", &[("email", "ann@elsewhere.example")]).await;
    assert!(asked.location().starts_with("/login?r=settings&notice=confirm"), "{}", asked.location());
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_a_first_code_count_like_any_other() {
    let idp = TestIdp::start().await;
    policies(&idp, &[("2fa.policy", "required"), ("2fa.roles", "agent")]).await;
    let mut last = None;
    for (n, tries) in [(1, 3), (2, 2)] {
        let browser = idp.browser(); // over two sign-ins
        let page = password(&browser, None).await;
        let sent = browser.fill(&page, "/login/second/email", &[]).await;
        let page = browser.get(&sent.location()).await;
        let right = digits(&mail(&idp, "is your verification code", n).await);
        for _ in 0..tries {
            last = Some(browser.answer(&page, "/login/second/email/confirm", &[("code", other(&right))]).await);
        }
    }
    let last = last.unwrap();
    assert!(last.text().contains("Your account is locked"), "{}", last.text());
    mail(&idp, "Your account is locked", 1).await;
    assert!(idp.browser().try_sign_in(None, ANN, PASSWORD).await.text().contains("Your account is locked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_for_an_address_is_none_for_the_second_factor() {
    let idp = TestIdp::start().await;
    policies(&idp, &[("2fa.methods", "totp")]).await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let settings = browser.get(&format!("/account/settings?as={session}")).await;
    let asked = browser.answer(&settings, "/account/settings/email", &[("email", "ann@elsewhere.example")]).await;
    let told = mail(&idp, "confirms your email address", 1).await;
    let fields = [
        ("csrf", asked.field("csrf").unwrap()),
        ("as", session.clone()),
        ("ticket", asked.field("ticket").unwrap()),
        ("code", digits(&told)),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let tried = browser.post("/account/security/email/confirm", &fields).await;
    assert!(tried.location().contains("done=code-over"), "{} {}", tried.location(), tried.text());
    assert!(!browser.get(&security(&session)).await.text().contains("Backup codes"), "nothing is on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_is_nobodys_gets_three_codes_an_hour_whoever_asks() {
    let idp = TestIdp::start().await;
    let mut sent = 0;
    for (name, word) in [(ANN, PASSWORD), ("202-acme", "agent password two")] {
        let browser = idp.browser();
        let session = browser.sign_in(name, word).await;
        for _ in 0..3 {
            let settings = browser.get(&format!("/account/settings?as={session}")).await;
            // What comes after a plus sign is the same mailbox.
            let address = format!("victim+{sent}@bomb.example");
            let asked = browser.answer(&settings, "/account/settings/email", &[("email", &address)]).await;
            sent += usize::from(asked.text().contains("Confirm your email"));
        }
    }
    assert_eq!(sent, 3);
    mail(&idp, "confirms your email address", 3).await;
    assert!(idp.mails().iter().all(|m| !m.to.ends_with("@bomb.example") || m.subject.contains("confirms")));
    assert!(!idp.mails().iter().any(|m| m.to == MAILBOX && m.subject.contains("confirms")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_begins_when_the_last_factor_is_shown() {
    let idp = TestIdp::start().await;
    policies(&idp, &[("session.idle", "5m"), ("2fa.policy", "required"), ("2fa.roles", "agent")]).await;
    let browser = idp.browser();
    let page = password(&browser, None).await;
    idp.pass(360); // installing an app takes longer than the company lets a session rest
    let sent = browser.fill(&page, "/login/second/email", &[]).await;
    let page = browser.get(&sent.location()).await;
    let right = digits(&mail(&idp, "is your verification code", 1).await);
    let done = browser.answer(&page, "/login/second/email/confirm", &[("code", &right)]).await;
    assert!(done.text().contains("Save your backup codes"), "{}", done.text());
    assert!(browser.get("/account").await.text().contains(ANN), "and it is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_code_that_is_too_old_is_no_guess() {
    let idp = TestIdp::start().await;
    policies(&idp, &[("2fa.policy", "required"), ("2fa.roles", "agent")]).await;
    let browser = idp.browser();
    let page = password(&browser, None).await;
    let sent = browser.fill(&page, "/login/second/email", &[]).await;
    let mut page = browser.get(&sent.location()).await;
    for n in 1..=4 {
        let code = digits(&mail(&idp, "is your verification code", n).await);
        idp.pass(601);
        page = browser.answer(&page, "/login/second/email/confirm", &[("code", &code)]).await;
        assert!(page.text().contains("That code has expired"), "{n}: {}", page.text());
    }
    let right = digits(&mail(&idp, "is your verification code", 5).await);
    let wrong = browser.answer(&page, "/login/second/email/confirm", &[("code", other(&right))]).await;
    assert!(wrong.text().contains("That code is not right"), "{}", wrong.text());
    assert!(!idp.browser().try_sign_in(None, ANN, PASSWORD).await.text().contains("locked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_is_the_accounts_on_whichever_server_and_after_a_restart() {
    for backend in backends() {
        let backend = Arc::new(backend);
        let guess = async |idp: &TestIdp| {
            let browser = idp.browser();
            let page = switch(&browser, &password(&browser, None).await, "backup").await;
            answer(&browser, &page, "aaaa-bbbb").await.text()
        };
        let one = TestIdp::on(Arc::clone(&backend)).await;
        let browser = one.browser();
        let session = browser.sign_in(ANN, PASSWORD).await;
        with_app(&one, &browser, &session).await;
        assert!(!guess(&one).await.contains("attempt(s)"));
        let two = TestIdp::on(Arc::clone(&backend)).await;
        assert!(!guess(&two).await.contains("attempt(s)"));
        let third = guess(&one).await;
        assert!(
            third.contains("You have 2 login attempt(s) before your account is locked"),
            "{}: {third}",
            backend.name
        );
        drop((one, two));
        let anew = TestIdp::on(Arc::clone(&backend)).await;
        let fourth = guess(&anew).await;
        assert!(fourth.contains("You have 1 login attempt(s) before your account is locked"), "{fourth}");
        assert!(guess(&anew).await.contains("Your account is locked"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_that_requires_it_gets_it_after_some_grace() {
    let idp = TestIdp::start().await;
    let before = idp.browser();
    before.sign_in(ANN, PASSWORD).await;
    policies(&idp, &[("2fa.policy", "required"), ("2fa.grace", "2d")]).await;
    // Who is in is asked at the next authorization.
    tokio::time::sleep(Duration::from_millis(300)).await; // other requests may see policies for a quarter of a second
    assert!(idp.portal().authorize(&before, &[]).await.location().starts_with("/login"));
    let browser = idp.browser();
    let page = password(&browser, None).await;
    assert!(page.text().contains("Protect your account") && page.text().contains("2 days left"), "{}", page.text());
    assert!(is_in(&browser.fill(&page, "/login/second/skip", &[]).await));
    assert!(!idp.portal().authorize(&browser, &[]).await.location().starts_with("/login"), "it may wait");
    idp.pass(2 * 86_400);
    let page = password(&browser, None).await;
    assert!(!page.text().contains("Skip for now"), "{}", page.text());
    let tried = browser.fill(&page, "/login/second/skip", &[]).await;
    assert_eq!(tried.status, StatusCode::BAD_REQUEST);
    let offer = browser.fill(&page, "/login/second/app", &[]).await;
    let phone = Phone::scan(&offer);
    let code = phone.code(&idp, 0);
    let done = browser.fill(&offer, "/login/second/app/confirm", &[("code", &code)]).await;
    assert_eq!(codes(&done).len(), 10, "{}", done.text());
    assert!(browser.get("/account").await.text().contains("Ann Agent"), "and is in");
    // The last means can't be turned off.
    let session = browser.get("/account").await.field("as").unwrap();
    let off = browser.get(&format!("/account/security/off?as={session}&means=app")).await;
    let kept = browser.fill(&off, "/account/security/off", &[]).await;
    assert!(browser.land(kept).await.text().contains("cannot be turned off"));
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_email_up_in_the_middle_of_a_sign_in() {
    let idp = TestIdp::start().await;
    policies(&idp, &[("2fa.policy", "required"), ("2fa.roles", "agent")]).await;
    let browser = idp.browser();
    let page = password(&browser, None).await;
    let sent = browser.fill(&page, "/login/second/email", &[]).await;
    let page = browser.get(&sent.location()).await;
    let told = mail(&idp, "is your verification code", 1).await;
    let right = digits(&told);
    let wrong = browser.answer(&page, "/login/second/email/confirm", &[("code", other(&right))]).await;
    assert!(wrong.text().contains("That code is not right"), "{}", wrong.text());
    let done = browser.answer(&page, "/login/second/email/confirm", &[("code", &right)]).await;
    assert_eq!(codes(&done).len(), 10, "{}", done.text());
    // A link is the same mailbox again: something else is asked for.
    let csrf = browser.csrf().await;
    browser.post("/login/email", &[("csrf", &csrf), ("identifier", ANN)]).await;
    let link = mail(&idp, "Sign in to", 1).await;
    let link = link.text.lines().find(|l| l.contains("/m/")).unwrap().to_owned();
    let fresh = idp.browser();
    fresh.get(url::Url::parse(&link).unwrap().path()).await;
    let page = fresh.get("/m").await;
    let led = fresh.fill(&page, "/m", &[]).await;
    let asked = fresh.get(&led.location()).await;
    assert!(asked.text().contains("Enter a backup code") && !asked.text().contains("by email"), "{}", asked.text());
    assert!(is_in(&idp.browser().try_sign_in(None, "200-acme", "admin password one").await), "of agents only");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_let_it_wait_is_out_once_there_is_one_or_the_time_is_over() {
    let idp = TestIdp::start().await;
    policies(&idp, &[("2fa.policy", "required"), ("2fa.grace", "1d")]).await;
    let (thief, owner) = (idp.browser(), idp.browser());
    let page = password(&thief, None).await;
    assert!(is_in(&thief.fill(&page, "/login/second/skip", &[]).await));
    let page = password(&owner, None).await;
    let offer = owner.fill(&page, "/login/second/app", &[]).await;
    let code = Phone::scan(&offer).code(&idp, 0);
    owner.fill(&offer, "/login/second/app/confirm", &[("code", &code)]).await;
    assert!(thief.get("/account").await.location().starts_with("/login"), "there is one now");
    let admin = idp.browser();
    let page = admin.try_sign_in(None, "200-acme", "admin password one").await;
    let page = admin.get(&page.location()).await;
    let desk = admin.fill(&page, "/login/second/skip", &[]).await.param("as").unwrap();
    assert_eq!(admin.get(&format!("/admin?as={desk}")).await.status, StatusCode::OK);
    policies(&idp, &[("2fa.policy", "required"), ("2fa.grace", "0d")]).await;
    tokio::time::sleep(Duration::from_millis(300)).await; // policies may be a quarter of a second old
    assert!(admin.get(&format!("/admin?as={desk}")).await.location().starts_with("/login"), "the console asks, too");
}
