//! Second factors and links, used by twenty browsers at once.

use std::time::{Duration, Instant};

use idp_core::account::AccountState;
use idp_core::ids::AccountId;
use idp_core::time::Lifetime;
use support::{Authenticator, Browser, Page, now};
use tokio::task::JoinSet;

use crate::kinds::{ADMIN, ANN, CROWD, Nodes, coming_back, shown, signed_in, won};

const BACKUP: &str = "backup";

/// A right password: the page of the second factor.
async fn between(browser: &Browser) -> Page {
    let led = shown(browser, None, ANN).await;
    assert!(led.location().starts_with("/login/second?"), "{} {}", led.location(), led.text());
    browser.get(&led.location()).await
}

/// A session was made: the way on names it. Who comes too late in a browser that is in already is led to it without a
/// name.
fn is_in(page: &Page) -> bool {
    page.status.is_redirection() && page.param("as").is_some()
}

/// An app for Ann, whose newest code is not used yet, and her backup codes.
async fn with_app(nodes: &Nodes) -> (Authenticator, Vec<String>) {
    let browser = nodes.at(0).browser();
    let session = signed_in(&browser, ANN).await;
    let page = browser.get(&format!("/account/security?as={session}")).await;
    let offer = browser.fill(&page, "/account/security/app", &[]).await;
    let app = Authenticator::scan(&offer);
    let confirm = async || {
        let code = app.code(now().seconds() - 30);
        browser.fill(&offer, "/account/security/app/confirm", &[("code", &code)]).await
    };
    let mut done = confirm().await;
    if !done.body.contains("<ol") {
        done = confirm().await; // a new time step began while the first code was on its way
    }
    let list = done.body.split("<ol").nth(1).unwrap_or_else(|| panic!("{}", done.text()));
    let list = list.split("</ol>").next().unwrap_or_default();
    (app, list.split("<code>").skip(1).map(|c| c.split('<').next().unwrap().to_owned()).collect())
}

/// Twenty browsers that have shown the password: four at a time, as more at once would have to wait.
async fn crowd(nodes: &Nodes) -> Vec<(Browser, Page)> {
    let mut shown = Vec::new();
    while shown.len() < CROWD {
        let mut all = JoinSet::new();
        for n in 0..4 {
            let browser = nodes.at(n).browser();
            all.spawn(async move {
                let page = between(&browser).await;
                (browser, page)
            });
        }
        shown.extend(all.join_all().await);
    }
    shown
}

/// Ann as she was: unprotected, unlocked.
async fn forget(nodes: &Nodes) {
    let done = nodes.store.write(|w| {
        let tenant = idp_store::tenants::by_code(w, &"acme".parse().unwrap())?.unwrap().id;
        let ann: AccountId = idp_store::logins::holder(w, tenant, &"201".parse().unwrap())?.unwrap();
        idp_store::accounts::change_state(w, ann, AccountState::Locked, AccountState::Active)?;
        idp_store::second_factors::drop_app(w, ann)?;
        idp_store::second_factors::set_email(w, (tenant, ann), false)?;
        idp_store::second_factors::clear(w, ann)?;
        idp_store::journeys::forget(w, now() + Lifetime::days(1), 1_000)
    });
    done.await.unwrap();
}

/// One code of an app in twenty sign-ins.
pub(crate) async fn app(nodes: &Nodes) -> usize {
    let (app, _) = with_app(nodes).await;
    answered(nodes, &app.code(now().seconds()), "app").await
}

/// One backup code in twenty sign-ins.
pub(crate) async fn backup(nodes: &Nodes) -> usize {
    let (_, codes) = with_app(nodes).await;
    answered(nodes, &codes[0], BACKUP).await
}

async fn answered(nodes: &Nodes, code: &str, means: &str) -> usize {
    let all = std::sync::Mutex::new(crowd(nodes).await);
    let winners = won(|_| {
        let (browser, page) = all.lock().unwrap().pop().unwrap();
        let (code, means) = (code.to_owned(), means.to_owned());
        async move {
            let means = format!("name=\"means\" value=\"{means}\"");
            let page = Page { body: page.body.replace("name=\"means\" value=\"app\"", &means), ..page };
            // What is under way when the answer is given up has to be over before the next round begins.
            let fields = [("code", code.as_str())];
            is_in(&coming_back(|| browser.fill(&page, "/login/second", &fields)).await)
        }
    });
    let winners = winners.await;
    forget(nodes).await;
    winners
}

/// Wrong codes for an app in twenty sign-ins: how many were looked at.
pub(crate) async fn guess(nodes: &Nodes) -> usize {
    let (app, _) = with_app(nodes).await;
    let before = nodes.looked_at();
    answered(nodes, &app.wrong(now().seconds()), "app").await;
    nodes.looked_at() - before
}

/// One mailed code, sent twenty times by one browser.
pub(crate) async fn mail_code(nodes: &Nodes) -> usize {
    let ann = nodes.store.write(|w| {
        let tenant = idp_store::tenants::by_code(w, &"acme".parse().unwrap())?.unwrap().id;
        let ann = idp_store::logins::holder(w, tenant, &"201".parse().unwrap())?.unwrap();
        idp_store::second_factors::set_email(w, (tenant, ann), true)
    });
    ann.await.unwrap();
    let before = nodes.mail.taken().len();
    let browser = nodes.at(0).browser();
    let page = between(&browser).await;
    let code = subject(nodes, before).await;
    let winners = won(|n| {
        let (browser, page, code) = (browser.clone(), page.clone(), code.clone());
        let to = format!("{}/login/second", nodes.at(n).url);
        async move { is_in(&browser.fill_at(&page, ("/login/second", &to), &[("code", &code)]).await) }
    });
    let winners = winners.await;
    forget(nodes).await;
    winners
}

/// The digits in the subject of the next verification mail.
async fn subject(nodes: &Nodes, before: usize) -> String {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let taken = nodes.mail.taken();
        let lines = taken.iter().skip(before).flat_map(|m| m.lines()).filter_map(|l| l.strip_prefix("Subject: "));
        if let Some(line) = lines.rev().find(|l| l.contains("verification code")) {
            return line.chars().take(6).collect();
        }
        assert!(Instant::now() < deadline, "no code by mail");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// One link of an invitation, opened in twenty browsers.
pub(crate) async fn link(nodes: &Nodes) -> usize {
    let (before, admin) = (nodes.mail.taken().len(), nodes.at(0).browser());
    let session = signed_in(&admin, ADMIN).await;
    let id = admin.accounts(&session, None).await[ANN.0].clone();
    admin.console(&format!("/admin/accounts/{id}/invite"), &session, &[]).await;
    let link = invitation(nodes, before).await;
    won(|n| {
        let (browser, link) = (nodes.at(n).browser(), link.clone());
        async move {
            browser.get(&link).await;
            let page = browser.get("/m").await;
            if page.field("csrf").is_none() || !page.body.contains("action=\"/m\"") {
                return false; // somebody was faster
            }
            is_in(&browser.fill(&page, "/m", &[]).await)
        }
    })
    .await
}

/// The link in the next invitation.
async fn invitation(nodes: &Nodes, before: usize) -> String {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let taken = nodes.mail.taken();
        // Long lines are cut with an equals sign (RFC 2045 section 6.7).
        let texts = taken.iter().skip(before).map(|m| m.replace("\r\n", "\n").replace("=\n", ""));
        let mut found =
            texts.filter_map(|t| t.split("/m/sbw_").nth(1).map(|rest| rest.chars().take(43).collect::<String>()));
        if let Some(token) = found.next_back() {
            return format!("/m/sbw_{token}");
        }
        assert!(Instant::now() < deadline, "no invitation");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
