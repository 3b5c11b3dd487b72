//! The second factor: setting it up, being asked for it, getting it wrong, and every way round it.

use std::time::{Duration, Instant};

use idp_service::outside::post::Sending;
use reqwest::StatusCode;
use support::{Authenticator, Browser, Page, TestIdp, claims};

pub(crate) const ANN: &str = "201-acme";
pub(crate) const PASSWORD: &str = "agent password one";
pub(crate) const MAILBOX: &str = "ann@acme.example";

/// An authenticator app, with the provider's time.
pub(crate) struct Phone(Authenticator);

impl Phone {
    pub(crate) fn scan(page: &Page) -> Self {
        Self(Authenticator::scan(page))
    }

    /// The code of so many steps from now.
    pub(crate) fn code(&self, idp: &TestIdp, steps: i64) -> String {
        self.0.code(idp.cx.clock.now().seconds() + 30 * steps)
    }

    /// A code that isn't right now.
    pub(crate) fn wrong(&self, idp: &TestIdp) -> String {
        self.0.wrong(idp.cx.clock.now().seconds())
    }
}

/// Sets company policies.
pub(crate) async fn policies(idp: &TestIdp, values: &[(&str, &str)]) {
    let lines: Vec<String> = values.iter().map(|(key, value)| format!("\"{key}\" = \"{value}\"")).collect();
    let values = lines.join("\n");
    idp.apply(&format!("[[tenants]]\ncode = \"acme\"\nname = \"Acme\"\n[tenants.policies]\n{values}")).await;
}

pub(crate) async fn mail(idp: &TestIdp, subject: &str, count: usize) -> Sending {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let all: Vec<_> = idp.mails().into_iter().filter(|m| m.subject.contains(subject)).collect();
        if all.len() >= count {
            return all[0].clone();
        }
        assert!(Instant::now() < deadline, "{} of {count} mails “{subject}”", all.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) fn digits(mail: &Sending) -> String {
    mail.text.lines().find(|l| l.len() == 6 && l.bytes().all(|b| b.is_ascii_digit())).expect("a code").to_owned()
}

pub(crate) fn other(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

pub(crate) fn security(session: &str) -> String {
    format!("/account/security?as={session}")
}

pub(crate) fn codes(page: &Page) -> Vec<String> {
    let list = page.body.split("<ol").nth(1).expect("a list").split("</ol>").next().unwrap();
    list.split("<code>").skip(1).map(|c| c.split('<').next().unwrap().to_owned()).collect()
}

/// Sets an app up for somebody who is in; the app, and the backup codes.
pub(crate) async fn with_app(idp: &TestIdp, browser: &Browser, session: &str) -> (Phone, Vec<String>) {
    let page = browser.get(&security(session)).await;
    let offer = browser.fill(&page, "/account/security/app", &[]).await;
    assert_eq!(offer.status, StatusCode::OK, "{}", offer.location());
    assert!(offer.body.contains("<svg class=\"qr\""), "a picture for the camera");
    let phone = Phone::scan(&offer);
    let wrong = browser.fill(&offer, "/account/security/app/confirm", &[("code", &phone.wrong(idp))]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.text());
    let code = phone.code(idp, 0);
    let done = browser.fill(&wrong, "/account/security/app/confirm", &[("code", &code)]).await;
    let codes = codes(&done);
    assert_eq!(codes.len(), 10, "{}", done.text());
    // Loaded again, the page makes nothing: the codes that were written down stay good.
    let again = browser.fill(&wrong, "/account/security/app/confirm", &[("code", &code)]).await;
    assert!(again.location().contains("done=page-over"), "{} {}", again.location(), again.text());
    (phone, codes)
}

/// Makes new backup codes; the page that does, sent once more, makes none.
pub(crate) async fn new_codes(browser: &Browser, session: &str) -> Vec<String> {
    let page = browser.get(&format!("/account/security/codes?as={session}")).await;
    let anew = browser.fill(&page, "/account/security/codes", &[]).await;
    assert!(anew.text().contains("The codes you had before no longer work"), "{} {}", anew.location(), anew.text());
    let again = browser.fill(&page, "/account/security/codes", &[]).await;
    assert!(again.location().contains("done=page-over"), "{}", again.location());
    codes(&anew)
}

/// Switches codes in mails on; the backup codes.
pub(crate) async fn with_email(idp: &TestIdp, browser: &Browser, session: &str) -> Vec<String> {
    let page = browser.get(&security(session)).await;
    let asked = browser.answer(&page, "/account/security/email", &[]).await;
    let told = mail(idp, "confirms your email address", 1).await;
    let done = browser.answer(&asked, "/account/security/email/confirm", &[("code", &digits(&told))]).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text());
    codes(&done)
}

/// Gives a right password: the page that asks for the second factor.
pub(crate) async fn password(browser: &Browser, request: Option<&str>) -> Page {
    let page = browser.try_sign_in(request, ANN, PASSWORD).await;
    assert!(page.location().starts_with("/login/second?"), "{} {}", page.location(), page.text());
    browser.get(&page.location()).await
}

/// Answers it; the page that follows, where that is the same once more.
pub(crate) async fn answer(browser: &Browser, page: &Page, code: &str) -> Page {
    browser.answer(page, "/login/second", &[("code", code)]).await
}

/// The same by another means, which the page offers.
pub(crate) async fn switch(browser: &Browser, page: &Page, means: &str) -> Page {
    let link = page.body.split("href=\"").find(|l| l.contains(&format!("with={means}\""))).expect("a link");
    browser.get(&link.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")).await
}

pub(crate) fn is_in(page: &Page) -> bool {
    page.status == StatusCode::SEE_OTHER && !page.location().starts_with("/login")
}

/// Signs in by a link, as somebody without a password does.
pub(crate) async fn by_link(idp: &TestIdp, count: usize) -> (Browser, String) {
    let browser = idp.browser();
    let csrf = browser.csrf().await;
    browser.post("/login/email", &[("csrf", &csrf), ("identifier", ANN)]).await;
    let link = mail(idp, "Sign in to", count).await;
    let link = link.text.lines().find(|l| l.contains("/m/")).unwrap().to_owned();
    browser.get(url::Url::parse(&link).unwrap().path()).await;
    let page = browser.get("/m").await;
    let session = browser.fill(&page, "/m", &[]).await.param("as").expect("a session");
    (browser, session)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_set_up_and_asked_for_and_told_to_the_portal() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let (phone, _) = with_app(&idp, &browser, &session).await;
    mail(&idp, "An authenticator app was set up", 1).await;
    let (other, portal) = (idp.browser(), idp.portal());
    let r = portal.authorize(&other, &[]).await.param("r").unwrap();
    let page = password(&other, Some(&r)).await;
    assert!(page.text().contains("Open your authenticator app"), "{}", page.text());
    assert!(!answer(&other, &page, &phone.code(&idp, 0)).await.status.is_redirection(), "that step set it up");
    idp.pass(30);
    let entered = answer(&other, &page, &phone.code(&idp, 0)).await;
    let code = other.land(entered).await.param("code").unwrap();
    let claims = claims(&portal.exchange(&code).await.text("id_token"));
    assert_eq!(claims["acr"], "urn:switchboard:acr:multi");
    assert_eq!(claims["amr"], serde_json::json!(["pwd", "otp", "mfa"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_second_factor_nobody_is_in() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    with_app(&idp, &browser, &session).await;
    let (half, portal) = (idp.browser(), idp.portal());
    let r = portal.authorize(&half, &[]).await.param("r").unwrap();
    let page = password(&half, Some(&r)).await;
    for path in ["/account", "/account/security", "/account/settings", "/admin"] {
        assert!(half.get(path).await.location().starts_with("/login"), "{path}");
    }
    assert!(portal.authorize(&half, &[("prompt", "none")]).await.location().contains("error=login_required"));
    assert!(half.get(&format!("/authorize/resume?r={r}")).await.location().starts_with("/login"));
    // The page is this browser's, and this sign-in's.
    let stranger = idp.browser();
    let (journey, csrf) = (page.field("journey").unwrap(), stranger.csrf().await);
    let fields = [("csrf", csrf.as_str()), ("journey", &journey), ("means", "app"), ("code", "123456")];
    assert_eq!(stranger.post("/login/second", &fields).await.status, StatusCode::BAD_REQUEST);
    for path in ["/login/second/skip", "/login/second/app", "/login/second/email", "/login/second/send"] {
        let csrf = half.csrf().await;
        let tried = half.post(path, &[("csrf", csrf.as_str()), ("journey", &journey)]).await;
        assert_eq!(tried.status, StatusCode::BAD_REQUEST, "{path}: {}", tried.location());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_tries_are_announced_and_the_fifth_wrong_code_locks() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let (phone, codes) = with_app(&idp, &browser, &session).await;
    // Over three sign-ins and two methods: one count.
    let told = |page: &Page| page.text();
    let (first, second, third) = (idp.browser(), idp.browser(), idp.browser());
    let waiting = password(&first, None).await;
    let one = told(&answer(&first, &waiting, &phone.wrong(&idp)).await);
    assert!(one.contains("That code is not right") && !one.contains("attempt(s)"), "{one}");
    let page = password(&second, None).await;
    let backup = switch(&second, &page, "backup").await;
    let wrong = second.fill(&backup, "/login/second", &[("code", "aaaa-bbbb")]).await;
    let two = told(&second.get(&wrong.location()).await);
    for _ in 0..5 {
        assert_eq!(told(&second.get(&wrong.location()).await), two, "to load the page again counts nothing");
    }
    assert!(two.contains("That code is not right") && !two.contains("attempt(s)"), "{two}");
    let three = answer(&second, &page, &phone.wrong(&idp)).await;
    assert!(told(&three).contains("You have 2 login attempt(s) before your account is locked"), "{}", told(&three));
    let page = password(&third, None).await;
    let four = answer(&third, &page, &phone.wrong(&idp)).await;
    assert!(told(&four).contains("You have 1 login attempt(s) before your account is locked"), "{}", told(&four));
    let five = answer(&third, &page, &phone.wrong(&idp)).await;
    assert_eq!(five.status, StatusCode::FORBIDDEN);
    assert!(told(&five).contains("Your account is locked") && told(&five).contains("5 wrong"), "{}", told(&five));
    mail(&idp, "Your account is locked", 1).await;
    // Nothing opens it: no right code, no time, no other sign-in, and what was open is shut.
    idp.pass(30);
    let late = answer(&first, &waiting, &phone.code(&idp, 0)).await;
    assert!(!is_in(&late), "{}", late.location());
    idp.pass(7 * 86_400);
    let again = idp.browser().try_sign_in(None, ANN, PASSWORD).await;
    assert_eq!((again.status, again.text().contains("Your account is locked")), (StatusCode::FORBIDDEN, true));
    let guess = idp.browser().try_sign_in(None, ANN, "a wrong password").await;
    assert!(guess.text().contains("not right"), "who doesn't know the password learns nothing: {}", guess.text());
    assert!(browser.get(&security(&session)).await.location().starts_with("/login"));
    // An administrator does.
    let admin = idp.browser();
    let desk = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&desk, None).await[ANN].clone();
    admin.console(&format!("/admin/accounts/{id}/unlock"), &desk, &[]).await;
    let page = switch(&first, &password(&first, None).await, "backup").await;
    assert!(is_in(&answer(&first, &page, &codes[0].to_uppercase().replace('-', " ")).await), "and the count is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_code_ends_the_count_and_strangers_cannot_begin_it() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let (phone, _) = with_app(&idp, &browser, &session).await;
    for _ in 0..2 {
        let page = password(&browser, None).await;
        for _ in 0..4 {
            answer(&browser, &page, &phone.wrong(&idp)).await;
        }
        idp.pass(30);
        assert!(is_in(&answer(&browser, &page, &phone.code(&idp, 0)).await));
    }
    for _ in 0..5 {
        idp.browser().try_sign_in(None, ANN, "a wrong password").await;
    }
    let page = password(&browser, None).await;
    let told = answer(&browser, &page, &phone.wrong(&idp)).await.text();
    assert!(!told.contains("attempt(s)"), "wrong passwords count elsewhere: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_comes_by_mail_and_the_newest_works_once() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    with_email(&idp, &browser, &session).await;
    let page = password(&browser, None).await;
    assert!(page.text().contains("a•••@a•••.example") && page.text().contains("Resend"), "{}", page.text());
    let first = mail(&idp, "is your verification code", 1).await;
    assert!(first.subject.starts_with(&digits(&first)), "the code comes first: {}", first.subject);
    assert!(first.text.trim_end().ends_with(&format!("@localhost #{}", digits(&first))), "{}", first.text);
    let soon = browser.fill(&page, "/login/second/send", &[]).await;
    assert_eq!(soon.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(soon.headers.contains_key("retry-after"), "{}", soon.text());
    idp.pass(60);
    let sent = browser.fill(&page, "/login/second/send", &[]).await;
    let page = browser.get(&sent.location()).await;
    assert!(page.text().contains("We sent a new code to the same address"), "{}", page.text());
    let second = mail(&idp, "is your verification code", 2).await;
    let old = answer(&browser, &page, &digits(&first)).await;
    assert!(old.text().contains("Check the newest email"), "{}", old.text());
    let short = answer(&browser, &page, "12345").await;
    assert!(short.text().contains("The code has 6 digits"), "{}", short.text());
    assert!(is_in(&answer(&browser, &page, &digits(&second)).await));
    let again = answer(&browser, &page, &digits(&second)).await;
    assert_eq!((again.status, again.location().as_str()), (StatusCode::SEE_OTHER, "/account"), "it is worth nothing");
    assert!(!again.headers.contains_key("set-cookie"), "{:?}", again.headers);
    // A code that is too old is no guess, and another comes.
    let page = password(&browser, None).await;
    let third = mail(&idp, "is your verification code", 3).await;
    idp.pass(600);
    let late = answer(&browser, &page, &digits(&third)).await;
    assert!(late.text().contains("That code has expired"), "{}", late.text());
    let fourth = mail(&idp, "is your verification code", 4).await;
    assert!(is_in(&answer(&browser, &page, &digits(&fourth)).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_of_another_sign_in_is_none_and_cancel_ends_one() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    with_email(&idp, &browser, &session).await;
    let (one, two) = (idp.browser(), idp.browser());
    let first = password(&one, None).await;
    let code = digits(&mail(&idp, "is your verification code", 1).await);
    let second = password(&two, None).await;
    mail(&idp, "is your verification code", 2).await;
    assert!(!is_in(&answer(&two, &second, &code).await), "a code belongs to its sign-in");
    let (csrf, journey) = (first.field("csrf").unwrap(), first.field("journey").unwrap());
    let gone = one.post("/login/second/cancel", &[("csrf", &csrf), ("journey", &journey)]).await;
    assert_eq!(gone.location(), "/login");
    assert_eq!(answer(&one, &first, &code).await.status, StatusCode::BAD_REQUEST, "back at the beginning");
    assert!(one.get("/account").await.location().starts_with("/login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_codes_work_once_and_a_new_set_ends_the_old() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let (_, codes_) = with_app(&idp, &browser, &session).await;
    let enter = async |code: &str| {
        let page = switch(&browser, &password(&browser, None).await, "backup").await;
        answer(&browser, &page, code).await
    };
    let entered = enter(&codes_[0]).await;
    assert!(is_in(&entered));
    mail(&idp, "A backup code was used", 1).await;
    let again = enter(&codes_[0]).await;
    assert!(again.text().contains("choose one that you have not used"), "{}", again.text());
    let page = browser.get(&security(&entered.param("as").unwrap())).await;
    assert!(page.text().contains("9 left"), "{}", page.text());
    let anew = new_codes(&browser, &entered.param("as").unwrap()).await;
    assert!(!is_in(&enter(&codes_[1]).await), "the old set is dead");
    assert!(is_in(&enter(&format!("  {} ", anew[3].to_uppercase())).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_gives_a_code_with_a_reason() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    with_app(&idp, &browser, &session).await;
    let admin = idp.browser();
    let desk = admin.sign_in("200-acme", "admin password one").await;
    let ids = admin.accounts(&desk, None).await;
    let path = format!("/admin/accounts/{}/backup-code", ids[ANN]);
    let asked = admin.get(&format!("{path}?as={desk}&tenant=acme")).await;
    let refused = admin.fill(&asked, &path, &[("reason", "  ")]).await;
    assert!(refused.text().contains("Enter why the person needs it"), "{}", refused.text());
    let made = admin.fill(&asked, &path, &[("reason", "lost phone")]).await;
    let code = made.body.split("id=\"secret\"").nth(1).unwrap().split('>').nth(1).unwrap();
    let code = code.split('<').next().unwrap().to_owned();
    mail(&idp, "Your administrator issued a backup code", 1).await;
    let unprotected = format!("/admin/accounts/{}/backup-code", ids["202-acme"]);
    let none = admin.console(&unprotected, &desk, &[("reason", "lost phone"), ("tenant", "acme")]).await;
    assert_eq!(none.status, StatusCode::FORBIDDEN, "it would open nothing");
    let page = switch(&browser, &password(&browser, None).await, "backup").await;
    let entered = answer(&browser, &page, &code).await;
    assert!(browser.land(entered).await.text().contains("Set up a method that you have with you"));
    let page = switch(&browser, &password(&browser, None).await, "backup").await;
    assert!(!is_in(&answer(&browser, &page, &code).await), "once");
    idp.pass(3600);
    let late = admin.fill(&asked, &path, &[("reason", "lost phone")]).await;
    assert!(late.location().starts_with("/login?r=console-again"), "an hour later who he is: {}", late.location());
    let supervisor = idp.browser();
    let desk = supervisor.sign_in("210-acme", "supervisor password").await;
    let tried = supervisor.console(&path, &desk, &[("reason", "lost phone")]).await;
    assert_eq!(tried.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_ends_when_what_protects_the_account_changes() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let (phone, _) = with_app(&idp, &browser, &session).await;
    let thief = idp.browser();
    let waiting = password(&thief, None).await;
    idp.pass(30);
    let page = password(&browser, None).await;
    let session = answer(&browser, &page, &phone.code(&idp, 0)).await.param("as").unwrap();
    let settings = browser.get(&format!("/account/settings?as={session}")).await;
    let new = [("current", PASSWORD), ("new", "quite another one"), ("confirm", "quite another one")];
    let changed = browser.fill(&settings, "/account/settings/password", &new).await;
    assert!(changed.location().contains("saved=1"), "{}", changed.text());
    idp.pass(30);
    assert!(!is_in(&answer(&thief, &waiting, &phone.code(&idp, 0)).await), "also where other sessions go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_in_between_has_no_way_back() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let change = async |to: &str| {
        let settings = browser.get(&format!("/account/settings?as={session}")).await;
        let asked = browser.answer(&settings, "/account/settings/email", &[("email", to)]).await;
        let deadline = Instant::now() + Duration::from_secs(10);
        let told = loop {
            let mails = idp.mails();
            let told = mails.iter().find(|m| m.to == to && m.subject.contains("confirms your email address"));
            if let Some(told) = told {
                break told.clone();
            }
            assert!(Instant::now() < deadline, "no code to {to}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let done = browser.answer(&asked, "/account/settings/email/confirm", &[("code", &digits(&told))]).await;
        assert!(done.location().contains("saved=address"), "{}", done.text());
    };
    change("evil@evil.example").await;
    mail(&idp, "Your email address was changed", 1).await;
    change(MAILBOX).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let notices: Vec<_> = idp.mails().into_iter().filter(|m| m.subject.contains("was changed")).collect();
    let ways: Vec<_> = notices.iter().filter(|m| m.text.contains("/undo/")).collect();
    assert!(ways.iter().all(|m| m.to == MAILBOX), "the mailbox in between gets no way back");
    assert!(notices.iter().any(|m| m.to == "evil@evil.example"), "but it is told");
    let undo = ways[0].text.lines().find(|l| l.contains("/undo/")).unwrap().to_owned();
    browser.get(url::Url::parse(&undo).unwrap().path()).await;
    assert_eq!(browser.get("/undo").await.status, StatusCode::GONE, "and there is nothing to take back any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_for_once_is_replaced_after_the_second_factor() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN, PASSWORD).await;
    let (phone, _) = with_app(&idp, &browser, &session).await;
    let admin = idp.browser();
    let desk = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&desk, None).await[ANN].clone();
    let shown = admin.reset_password(&desk, &id, None).await;
    let once = shown.body.split("id=\"secret\"").nth(1).unwrap().split('>').nth(1).unwrap().split('<').next().unwrap();
    let led = browser.try_sign_in(None, ANN, once).await;
    let page = browser.get(&led.location()).await;
    idp.pass(30);
    let asked = answer(&browser, &page, &phone.code(&idp, 0)).await;
    assert!(asked.field("ticket").is_some(), "{}", asked.text());
    let new = [("new", "quite another one"), ("confirm", "quite another one")];
    assert!(is_in(&browser.fill(&asked, "/login/new-password", &new).await));
}
