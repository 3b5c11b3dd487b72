//! When what is under way is over, what ends it, and how often anything is tried.

use idp_core::authority::{Permission, SystemAdmin, TenantAdmin};
use idp_core::tenant::TenantState;
use idp_service::admin::{accounts, tenants};
use reqwest::StatusCode;
use support::{Browser, TestIdp};

use crate::email::{ask, code, follow, is_refused, link, type_code};
use crate::forgot::{forgot, reset_link, set_password};
use crate::invitation::provision;
use crate::second::{
    ANN, MAILBOX, PASSWORD, answer, digits, is_in, mail, other, password, security, switch, with_app, with_email,
};

/// Asks for another address, up to the page for the code.
async fn move_to(idp: &TestIdp, browser: &Browser, session: &str, address: &str) -> (support::Page, String) {
    let settings = browser.get(&format!("/account/settings?as={session}")).await;
    let count = idp.mails().iter().filter(|m| m.subject.contains("confirms your email address")).count();
    let asked = browser.answer(&settings, "/account/settings/email", &[("email", address)]).await;
    (asked, digits(&mail(idp, "confirms your email address", count + 1).await))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_lives_three_days_and_its_page_offers_another() {
    let idp = TestIdp::start().await;
    provision(&idp, "298", "rosa@acme.example").await;
    let invitation = link(&mail(&idp, "Welcome to", 1).await);
    idp.pass(72 * 3600 + 1);
    let person = idp.browser();
    let over = follow(&person, &invitation).await;
    assert_eq!(over.status, StatusCode::GONE);
    assert!(over.text().contains("Ask your administrator to invite you again"), "{}", over.text());
    let asked = person.answer(&over, "/login/email", &[]).await;
    assert!(asked.text().contains("Check your email"), "{}", asked.text());
    let anew = mail(&idp, "Sign in to", 1).await;
    assert_eq!(anew.to, "rosa@acme.example");
    assert!(follow(&person, &link(&anew)).await.location().starts_with("/account?"));
    // Who has had the mailbox before learns no name from it.
    let (admin, desk, _) = provision(&idp, "299", "shared@acme.example").await;
    let old = link(&mail(&idp, "Welcome to", 2).await);
    let id = admin.accounts(&desk, None).await["299-acme"].parse().unwrap();
    let moved = "new@acme.example".parse().unwrap();
    let now = idp.cx.clock.now();
    idp.cx.store.write(move |w| idp_store::accounts::set_email(w, id, &moved, now)).await.unwrap();
    let over = follow(&idp.browser(), &old).await;
    assert!(over.status == StatusCode::GONE && !over.text().contains("299"), "{}", over.text());
}

/// What ends links that are under way.
#[derive(Clone, Copy, Debug)]
enum End {
    Reset,
    Address,
    Lock,
    Off,
    Company,
}

async fn end(idp: &TestIdp, how: End) {
    let operator = SystemAdmin::operator();
    let tenant = tenants::by_code(&idp.cx, &"acme".parse().unwrap()).await.unwrap().unwrap();
    let ann = accounts::by_login(&idp.cx, tenant.id, &"201".parse().unwrap()).await.unwrap().unwrap();
    let by = TenantAdmin::operator(Permission::LockAccount, tenant.id, false);
    match how {
        End::Reset => {
            let browser = idp.browser();
            forgot(&browser, &[("identifier", ANN)]).await;
            let link = reset_link(&mail(idp, "Set a new password", 1).await);
            assert!(is_in(&set_password(&browser, &link, "a quiet marble tugboat").await));
        }
        End::Address => {
            let browser = idp.browser();
            let session = browser.sign_in(ANN, PASSWORD).await;
            let (page, right) = move_to(idp, &browser, &session, "ann@elsewhere.example").await;
            let done = browser.answer(&page, "/account/settings/email/confirm", &[("code", &right)]).await;
            assert!(done.location().contains("saved=address"), "{}", done.text());
        }
        End::Lock => {
            accounts::lock(&idp.cx, &by, ann.id).await.unwrap().unwrap();
            let by = TenantAdmin::operator(Permission::UnlockAccount, tenant.id, false);
            accounts::unlock(&idp.cx, &by, ann.id).await.unwrap().unwrap();
        }
        End::Off => {
            accounts::disable(&idp.cx, &by, ann.id).await.unwrap().unwrap();
            accounts::enable(&idp.cx, &by, ann.id).await.unwrap().unwrap();
        }
        End::Company => {
            for state in [TenantState::Suspended, TenantState::Active] {
                tenants::switch(&idp.cx, &operator, tenant.id, state).await.unwrap().unwrap();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_end_with_the_password_the_address_the_account_and_the_company() {
    for how in [End::Reset, End::Address, End::Lock, End::Off, End::Company] {
        let idp = TestIdp::start().await;
        let asker = idp.browser();
        let page = ask(&asker, None, ANN).await;
        let told = mail(&idp, "Sign in to", 1).await;
        end(&idp, how).await;
        assert_eq!(follow(&asker, &link(&told)).await.status, StatusCode::GONE, "{how:?}");
        assert!(!is_in(&type_code(&asker, &page, &code(&told)).await), "{how:?}: nor its code");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_was_not_confirmed_is_not_taken_after_a_reset() {
    let idp = TestIdp::start().await;
    let thief = idp.browser();
    let session = thief.sign_in(ANN, PASSWORD).await;
    let (page, right) = move_to(&idp, &thief, &session, "evil@evil.example").await;
    end(&idp, End::Reset).await;
    let tried = thief.answer(&page, "/account/settings/email/confirm", &[("code", &right)]).await;
    assert!(tried.location().starts_with("/login"), "{}", tried.location());
    forgot(&idp.browser(), &[("identifier", ANN)]).await;
    assert_eq!(mail(&idp, "Set a new password", 2).await.to, MAILBOX);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_has_its_time() {
    let idp = TestIdp::start().await;
    // A typed code: as long as the link beside it.
    let browser = idp.browser();
    let page = ask(&browser, None, ANN).await;
    let told = mail(&idp, "Sign in to", 1).await;
    idp.pass(15 * 60);
    assert!(!is_in(&type_code(&browser, &page, &code(&told)).await));
    // A sign-in between its factors: an hour.
    let session = browser.sign_in(ANN, PASSWORD).await;
    let (phone, _) = with_app(&idp, &browser, &session).await;
    let half = idp.browser();
    let waiting = password(&half, None).await;
    idp.pass(3600);
    let late = answer(&half, &waiting, &phone.code(&idp, 0)).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST, "{}", late.text());
    // A way back to the old address: a week.
    let page = password(&browser, None).await;
    let session = answer(&browser, &page, &phone.code(&idp, 0)).await.param("as").unwrap();
    let (page, right) = move_to(&idp, &browser, &session, "ann@elsewhere.example").await;
    browser.answer(&page, "/account/settings/email/confirm", &[("code", &right)]).await;
    let notice = mail(&idp, "Your email address was changed", 1).await;
    let undo = notice.text.lines().find(|l| l.contains("/undo/")).unwrap().to_owned();
    let undo = url::Url::parse(&undo).unwrap().path().to_owned();
    let owner = idp.browser();
    owner.get(&undo).await;
    assert_eq!(owner.get("/undo").await.status, StatusCode::OK);
    idp.pass(7 * 86_400);
    owner.get(&undo).await;
    assert_eq!(owner.get("/undo").await.status, StatusCode::GONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_wrong_codes_in_a_day_only_links_work() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    for n in 1..=2 {
        let page = ask(&browser, None, ANN).await;
        let right = code(&mail(&idp, "Sign in to", n).await);
        for _ in 0..5 {
            assert!(is_refused(&type_code(&browser, &page, other(&right)).await));
        }
        idp.pass(61);
    }
    let page = ask(&browser, None, ANN).await;
    let told = mail(&idp, "Sign in to", 3).await;
    assert!(is_refused(&type_code(&browser, &page, &code(&told)).await), "a fresh mail brings no fresh guesses");
    assert!(is_in(&follow(&browser, &link(&told)).await));
    idp.pass(86_400);
    let page = ask(&browser, None, ANN).await;
    let told = mail(&idp, "Sign in to", 4).await;
    assert!(is_in(&type_code(&browser, &page, &code(&told)).await), "the next day");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_code_brings_no_more_guesses_and_twenty_an_hour_are_enough() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    with_email(&idp, &browser, &session).await;
    let page = password(&browser, None).await;
    let first = digits(&mail(&idp, "is your verification code", 1).await);
    for _ in 0..3 {
        answer(&browser, &page, other(&first)).await;
    }
    for n in 2..=20 {
        idp.pass(60);
        let sent = browser.fill(&page, "/login/second/send", &[]).await;
        assert!(sent.location().contains("sent=1"), "{n}: {}", sent.text());
        mail(&idp, "is your verification code", n).await; // two under way at once may arrive in any order
    }
    let newest = digits(&mail(&idp, "is your verification code", 20).await);
    let fourth = answer(&browser, &page, other(&newest)).await;
    assert!(fourth.text().contains("You have 1 login attempt(s)"), "{}", fourth.text());
    idp.pass(60);
    let refused = browser.fill(&page, "/login/second/send", &[]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.text().contains("already sent many codes"), "{}", refused.text());
    let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((3_000..=3_600).contains(&wait), "an hour from the newest, not a minute: {wait}");
    assert!(is_in(&answer(&browser, &page, &newest).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_is_not_guessed_code_after_code() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let mut session = browser.sign_in(ANN, PASSWORD).await;
    for n in 0..4 {
        let (page, right) = move_to(&idp, &browser, &session, &format!("guessed{n}@evil.example")).await;
        for _ in 0..5 {
            browser.answer(&page, "/account/settings/email/confirm", &[("code", other(&right))]).await;
        }
        idp.pass(1000);
        session = browser.sign_in(ANN, PASSWORD).await;
    }
    let (page, right) = move_to(&idp, &browser, &session, "guessed@evil.example").await;
    let tried = browser.answer(&page, "/account/settings/email/confirm", &[("code", &right)]).await;
    assert!(tried.location().contains("error=code-over"), "{} {}", tried.location(), tried.text());
    let settings = browser.get(&format!("/account/settings?as={session}")).await;
    assert!(settings.text().contains(MAILBOX), "{}", settings.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_code_lives_a_day_and_leaves_a_trail() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    with_app(&idp, &browser, &session).await;
    let issue = async || {
        let tenant = tenants::by_code(&idp.cx, &"acme".parse().unwrap()).await.unwrap().unwrap();
        let ann = accounts::by_login(&idp.cx, tenant.id, &"201".parse().unwrap()).await.unwrap().unwrap();
        let by = TenantAdmin::operator(Permission::IssueBackupCode, tenant.id, false);
        accounts::backup_code(&idp.cx, &by, (ann.id, "lost phone, called back")).await.unwrap().unwrap().code
    };
    let late = issue().await;
    idp.pass(86_400);
    let page = switch(&browser, &password(&browser, None).await, "backup").await;
    assert!(!is_in(&answer(&browser, &page, late.expose()).await), "a day, and no longer");
    let good = issue().await;
    // It leads to where he sets up what he has with him, also if a portal waits.
    let portal = idp.portal();
    let r = portal.authorize(&browser, &[("prompt", "login")]).await.param("r").unwrap();
    let page = switch(&browser, &password(&browser, Some(&r)).await, "backup").await;
    let entered = answer(&browser, &page, good.expose()).await;
    let review = browser.land(entered).await;
    assert!(review.text().contains("Set up a method that you have with you"), "{}", review.text());
    let on = review.body.split("href=\"").find(|l| l.starts_with("/authorize/resume?r=")).expect("a way on");
    assert!(browser.get(on.split('"').next().unwrap()).await.param("code").is_some(), "to the portal that waits");
    let session = browser.get("/account").await.field("as").unwrap();
    let told = browser.get(&security(&session)).await.text();
    assert!(told.contains("You signed in with a code from your administrator"), "{told}");
    let why = "event = 'backup_code_issued' AND payload LIKE '%lost phone, called back%'";
    assert_eq!(idp.backend.count(&format!("SELECT count(*) AS n FROM audit WHERE {why}")), 2, "the log says why");
    assert_eq!(idp.backend.count("SELECT count(*) AS n FROM audit WHERE event = 'issued_code_used'"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_taken_for_something_else_or_for_somebody_else() {
    let idp = TestIdp::start().await;
    // An invitation sets no password.
    provision(&idp, "298", "rosa@acme.example").await;
    let invitation = link(&mail(&idp, "Welcome to", 1).await);
    let browser = idp.browser();
    browser.get(&invitation.replace("/m/", "/reset/")).await;
    assert_eq!(browser.get("/reset").await.status, StatusCode::GONE);
    // Nor does a form without a link, or without a proof of just now.
    let csrf = browser.csrf().await;
    let new = [("csrf", csrf.as_str()), ("new", "a quiet marble tugboat"), ("confirm", "a quiet marble tugboat")];
    assert_eq!(idp.browser().post("/reset", &new).await.status, StatusCode::FORBIDDEN, "another browser's form");
    let nobody = idp.browser();
    let csrf = nobody.csrf().await;
    let new = [("csrf", csrf.as_str()), ("new", "a quiet marble tugboat"), ("confirm", "a quiet marble tugboat")];
    assert_eq!(nobody.post("/reset", &new).await.status, StatusCode::GONE);
    assert!(nobody.post("/account/settings/first-password", &new).await.location().starts_with("/login"));
    let session = browser.sign_in(ANN, PASSWORD).await;
    idp.pass(601);
    let late = browser.console("/account/settings/first-password", &session, &new[1..]).await;
    assert!(late.location().starts_with("/login?r=settings&notice=confirm"), "{}", late.location());
    // A code that was mailed to one is none for another.
    let session = browser.sign_in(ANN, PASSWORD).await;
    with_email(&idp, &browser, &session).await;
    let ada = idp.browser();
    let desk = ada.sign_in("200-acme", "admin password one").await;
    with_app(&idp, &ada, &desk).await;
    password(&browser, None).await;
    let anns = digits(&mail(&idp, "is your verification code", 1).await);
    let half = idp.browser();
    let led = half.try_sign_in(None, "200-acme", "admin password one").await;
    let page = half.get(&led.location()).await;
    for means in ["email", "app", "backup"] {
        let (csrf, journey) = (page.field("csrf").unwrap(), page.field("journey").unwrap());
        let fields = [("csrf", csrf.as_str()), ("journey", &journey), ("means", means), ("code", &anns)];
        let tried = half.post("/login/second", &fields).await;
        assert!(!is_in(&tried), "{means}: {}", tried.location());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_code_after_a_password_for_once_leads_to_the_same_review() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    with_app(&idp, &browser, &session).await;
    let admin = idp.browser();
    let desk = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&desk, None).await[ANN].clone();
    let secret = |page: &support::Page| {
        page.body.split("id=\"secret\"").nth(1).unwrap().split(['>', '<']).nth(1).unwrap().to_owned()
    };
    let once = secret(&admin.reset_password(&desk, &id, None).await);
    let code =
        secret(&admin.console(&format!("/admin/accounts/{id}/backup-code"), &desk, &[("reason", "lost phone")]).await);
    let led = browser.try_sign_in(None, ANN, &once).await;
    let page = switch(&browser, &browser.get(&led.location()).await, "backup").await;
    let must = browser.fill(&page, "/login/second", &[("code", &code)]).await;
    let entered = browser.fill(&must, "/login/new-password", &[("new", "a quiet marble tugboat")]).await;
    assert!(
        entered.location().starts_with("/account/security?") && entered.location().contains("done=review"),
        "{}",
        entered.location()
    );
}
