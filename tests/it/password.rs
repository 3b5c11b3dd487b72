//! Changing, resetting and replacing passwords.

use reqwest::StatusCode;
use support::{Browser, Page, TestIdp};

const ANN: (&str, &str) = ("201-acme", "agent password one");

async fn change(browser: &Browser, session: &str, (current, new, confirm): (&str, &str, &str), others: bool) -> Page {
    let csrf = browser.csrf().await;
    let mut fields =
        vec![("csrf", csrf.as_str()), ("as", session), ("current", current), ("new", new), ("confirm", confirm)];
    fields.extend(others.then_some(("others", "on")));
    browser.post("/account/settings/password", &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_stays_signed_in_and_the_others_end_as_ticked() {
    let idp = TestIdp::start().await;
    let (here, there, portal) = (idp.browser(), idp.browser(), idp.portal());
    let own = portal.tokens(&here, ANN.0, ANN.1).await;
    let other = portal.tokens(&there, ANN.0, ANN.1).await;
    let page = here.get("/account").await;
    let session = page.field("as").unwrap();
    let kept = change(&here, &session, (ANN.1, "another good one", "another good one"), false).await;
    assert_eq!(kept.param("saved").as_deref(), Some("1"), "{}", kept.text());
    assert_eq!(there.get("/account").await.status, StatusCode::OK);
    let ended = change(&here, &session, ("another good one", "a third good one", "a third good one"), true).await;
    assert_eq!(ended.param("saved").as_deref(), Some("1"), "{}", ended.text());
    assert!(there.get("/account").await.location().starts_with("/login"));
    assert_eq!(portal.refresh(&other.text("refresh_token")).await.error(), "invalid_grant");
    assert_eq!(here.get(&format!("/account?as={session}")).await.status, StatusCode::OK);
    assert_eq!(portal.refresh(&own.text("refresh_token")).await.status, StatusCode::OK);
    assert_eq!(idp.browser().try_sign_in(None, ANN.0, ANN.1).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    idp.browser().sign_in(ANN.0, "a third good one").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_changes_nothing() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN.0, ANN.1).await;
    for (fields, told) in [
        (("wrong password", "another good one", "another good one"), "current"),
        ((ANN.1, "another good one", "another good two"), "not the same"),
        ((ANN.1, "seven77", "seven77"), "8"),
        ((ANN.1, "Password1", "Password1"), "known"),
        ((ANN.1, ANN.1, ANN.1), "new"),
    ] {
        let page = change(&browser, &session, fields, true).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        assert!(page.text().to_lowercase().contains(told), "{told}: {}", page.text());
    }
    idp.browser().sign_in(ANN.0, ANN.1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_the_current_password_has_to_wait_too() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let session = browser.sign_in(ANN.0, ANN.1).await;
    for _ in 0..5 {
        change(&browser, &session, ("wrong password", "another good one", "another good one"), true).await;
    }
    let page = change(&browser, &session, (ANN.1, "another good one", "another good one"), true).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
}

/// Resets a password in the console and reads it from the page.
async fn reset(idp: &TestIdp, username: &str) -> String {
    let admin = idp.browser();
    let session = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&session, None).await[username].clone();
    let page = admin.reset_password(&session, &id, None).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let is_one = |w: &&str| w.len() == 19 && w.matches('-').count() == 3;
    page.text().split(' ').find(is_one).expect("a password on the page").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_from_an_administrator_is_replaced_at_the_first_sign_in() {
    let idp = TestIdp::start().await;
    let old = idp.browser();
    old.sign_in(ANN.0, ANN.1).await;
    let once = reset(&idp, "201-acme").await;
    assert!(old.get("/account").await.location().starts_with("/login"), "a reset ends what was open");
    assert_eq!(idp.browser().try_sign_in(None, ANN.0, ANN.1).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (browser, portal) = (idp.browser(), idp.portal());
    let r = portal.authorize(&browser, &[]).await.param("r").unwrap();
    let page = browser.try_sign_in(Some(&r), ANN.0, &once).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let (ticket, csrf) = (page.field("ticket").expect("a new password is asked for"), page.field("csrf").unwrap());
    assert!(page.text().contains("Acme"), "the company's page: {}", page.text());
    assert!(browser.get("/account").await.location().starts_with("/login"), "not signed in yet");
    let skip = browser.get(&format!("/authorize/resume?r={r}")).await;
    assert!(skip.location().starts_with("/login"), "the step can't be skipped");
    let send = async |browser: &Browser, new: &str| {
        let fields =
            [("csrf", csrf.as_str()), ("r", r.as_str()), ("ticket", ticket.as_str()), ("new", new), ("confirm", new)];
        browser.post("/login/new-password", &fields).await
    };
    assert_eq!(send(&browser, &once).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send(&browser, "short").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = send(&browser, "mine alone now").await;
    assert!(done.location().starts_with("/authorize/resume"), "{} {}", done.status, done.text());
    assert!(browser.get(&done.location()).await.param("code").is_some());
    assert_eq!(send(&browser, "again and again").await.status, StatusCode::BAD_REQUEST, "a ticket works once");
    idp.browser().sign_in(ANN.0, "mine alone now").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_its_browsers_for_a_quarter_of_an_hour() {
    let idp = TestIdp::start().await;
    let once = reset(&idp, "201-acme").await;
    let browser = idp.browser();
    let page = browser.try_sign_in(None, ANN.0, &once).await;
    let ticket = page.field("ticket").unwrap();
    let other = idp.browser();
    let csrf = other.csrf().await;
    let stolen = other
        .post(
            "/login/new-password",
            &[("csrf", &csrf), ("ticket", &ticket), ("new", "mine alone now"), ("confirm", "mine alone now")],
        )
        .await;
    assert_eq!(stolen.status, StatusCode::BAD_REQUEST);
    idp.pass(15 * 60);
    let csrf = browser.csrf().await;
    let late = browser
        .post(
            "/login/new-password",
            &[("csrf", &csrf), ("ticket", &ticket), ("new", "mine alone now"), ("confirm", "mine alone now")],
        )
        .await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_password_dies_after_three_days() {
    let idp = TestIdp::start().await;
    let once = reset(&idp, "201-acme").await;
    idp.pass(72 * 3600);
    assert_eq!(idp.browser().try_sign_in(None, ANN.0, &once).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_the_cookie_dies_with_the_old_password() {
    let idp = TestIdp::start().await;
    let browser = idp.browser();
    let page = browser.try_sign_in(None, ANN.0, ANN.1).await;
    let all = page.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap());
    let copied = all.filter_map(|v| v.split(';').next()).find(|v| v.starts_with("idp_session=")).unwrap().to_owned();
    let thief = idp.browser();
    assert_eq!(thief.get_with("/account", &[("cookie", &copied)]).await.status, StatusCode::OK);
    let session = page.param("as").unwrap();
    change(&browser, &session, (ANN.1, "another good one", "another good one"), true).await;
    assert!(thief.get_with("/account", &[("cookie", &copied)]).await.location().starts_with("/login"));
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
}

/// A browser with a ticket, and the fields of its form.
async fn ticket(idp: &TestIdp) -> (Browser, Vec<(String, String)>) {
    let once = reset(idp, "201-acme").await;
    let browser = idp.browser();
    let page = browser.try_sign_in(None, ANN.0, &once).await;
    let field = |name: &str| (name.to_owned(), page.field(name).expect("a field"));
    let new = |name: &str| (name.to_owned(), "mine alone now".to_owned());
    let fields = vec![field("csrf"), field("ticket"), new("new"), new("confirm")];
    (browser, fields)
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_makes_a_ticket_worthless_and_the_password_stays_what_it_was() {
    let idp = TestIdp::start().await;
    let (browser, fields) = ticket(&idp).await;
    let admin = idp.browser();
    let session = admin.sign_in("200-acme", "admin password one").await;
    let id = admin.accounts(&session, None).await["201-acme"].clone();
    admin.console(&format!("/admin/accounts/{id}/lock"), &session, &[]).await;
    let late = browser.post("/login/new-password", &borrowed(&fields)).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST);
    admin.console(&format!("/admin/accounts/{id}/unlock"), &session, &[]).await;
    let tried = idp.browser().try_sign_in(None, ANN.0, "mine alone now").await;
    assert_eq!(tried.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_ticket_sent_many_times_at_once_works_once() {
    for backend in support::backends() {
        let name = backend.name;
        let idp = TestIdp::on(std::sync::Arc::new(backend)).await;
        let (browser, fields) = ticket(&idp).await;
        let mut all = tokio::task::JoinSet::new();
        for n in 0..8 {
            let (browser, mut fields) = (browser.clone(), fields.clone());
            for (name, value) in &mut fields {
                if name == "new" || name == "confirm" {
                    *value = format!("mine alone {n}");
                }
            }
            all.spawn(async move { browser.post("/login/new-password", &borrowed(&fields)).await.status });
        }
        let won = all.join_all().await.into_iter().filter(|s| *s == StatusCode::SEE_OTHER).count();
        assert_eq!(won, 1, "{name}");
    }
}
