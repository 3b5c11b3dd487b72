//! What protects an account, who is signed in to it, and what happened to it.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use idp_core::audit::AuditEvent;
use idp_core::credential::passkey::{MOST, Passkey};
use idp_core::federation::Connector;
use idp_core::policy::second_factor::Demand;
use idp_core::session::Present;
use idp_core::signin::second_factor::{Mailbox, Means};
use idp_pages::account::{ActivityRow, DeviceRow, SecondCard, Security, SecurityNotice, Thing, TrustedRow, Wanted};
use idp_pages::connected::{ConnectedCard, ConnectedRow};
use idp_pages::passkeys::{PasskeyCard, PasskeyRow};
use idp_service::account as service;
use idp_service::context::Company;
use idp_service::error::ServiceError;
use idp_service::when::date_time;

use crate::web::extract::Fields;
use crate::web::extract::fields::Query;
use crate::web::extract::session::{self, Back};
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local, see_other};

/// The page.
pub async fn show(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let present = match session::required(&app, &browser, query.given("as"), Back::Security).await {
        Ok(present) => present,
        Err(instead) => return instead,
    };
    if let Err(error) = idp_service::sessions::seen(app.cx(), &present).await {
        return Problem::of(&error).answer(&app, &browser).await;
    }
    match view(&app, &browser, &present, query.given("done")).await {
        Ok(mut view) => {
            let waits = query.given("r").filter(|_| view.notice == Some(SecurityNotice::Review));
            view.go_on = waits.map(|sealed| local("/authorize/resume", &[("r", sealed)]));
            Page::new(&view).into_response()
        }
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

async fn view(app: &App, browser: &Browser, present: &Present, done: Option<&str>) -> Result<Security, ServiceError> {
    let company = app.cx().company(present.account.tenant).await?;
    let (zone, known) = (company.policy.zone().to_owned(), service::security(app.cx(), present).await?);
    let id = present.session.id.to_string();
    let here = Some(local("/account/security", &[("as", &id)]));
    let second = card(&known);
    let username = present.account.username(&company.tenant.code);
    let is_reached = present.account.email.is_some() && app.cx().post.is_on() && company.policy.password_enabled();
    let anew = is_reached.then(|| local("/forgot", &[("name", &username)]));
    let passkeys = passkeys(app, present, (known.passkeys, &username), &zone);
    let connected = connected(&company, &known.connected, &zone);
    let device = |d: service::Device| DeviceRow {
        id: d.session.id.to_string(),
        agent: d.session.seen_at.agent,
        address: d.session.seen_at.address,
        since: date_time(d.session.auth_time, &zone),
        seen: date_time(d.session.last_seen, &zone),
        apps: d.apps.join(", "),
        is_here: d.is_here,
    };
    let trusted = |t: idp_service::account::Trusted| TrustedRow {
        id: t.id.to_string(),
        agent: t.agent,
        until: date_time(t.expires_at, &zone),
    };
    let happened = |a: service::Activity| ActivityRow {
        means: by_what(&a.event),
        event: a.event.name(),
        at: date_time(a.at, &zone),
        address: a.address,
    };
    Ok(Security {
        notice: notice(done, &second),
        go_on: None,
        anew,
        has_password: known.has_password,
        connected,
        passkeys,
        second,
        trusted: known.trusted.into_iter().map(trusted).collect(),
        devices: known.devices.into_iter().map(device).collect(),
        activity: known.activity.into_iter().map(happened).collect(),
        shell: shell(app, browser, Around { present: Some(present), here, ..Around::default() }).await,
    })
}

fn passkeys(
    app: &App,
    present: &Present,
    (all, username): (Option<Vec<Passkey>>, &str),
    zone: &str,
) -> Option<PasskeyCard> {
    let row = |p: Passkey| PasskeyRow {
        id: p.id.to_string(),
        credential: service::passkeys::text(&p.credential),
        name: p.name,
        is_synced: p.is_synced,
        made: date_time(p.made_at, zone),
        used: p.used_at.map(|at| date_time(at, zone)),
    };
    all.zip(app.cx().passkeys.as_ref()).map(|(all, ceremonies)| PasskeyCard {
        rows: all.into_iter().map(row).collect(),
        most: MOST,
        host: ceremonies.host().to_owned(),
        user: service::passkeys::text(present.account.id.bytes()),
        username: username.to_owned(),
        name: present.account.name.clone(),
    })
}

/// Nothing, where the company has no other providers and the account no connection.
fn connected(company: &Company, all: &[(service::Connected, String, bool)], zone: &str) -> Option<ConnectedCard> {
    let row = |(one, provider, is_on): &(service::Connected, String, bool)| ConnectedRow {
        id: one.id.to_string(),
        provider: provider.clone(),
        shown: one.shown.clone(),
        made: date_time(one.made_at, zone),
        used: one.used_at.map(|at| date_time(at, zone)),
        is_on: *is_on,
    };
    let is_new = |c: &&Connector| all.iter().all(|(one, ..)| one.connector != c.id);
    let more = company.connectors.iter().filter(is_new).map(|c| (c.name.clone(), c.label.clone())).collect();
    let card = ConnectedCard { rows: all.iter().map(row).collect(), more };
    (!card.rows.is_empty() || !card.more.is_empty()).then_some(card)
}

fn by_what(event: &AuditEvent) -> Option<Means> {
    let (AuditEvent::SecondFactorOn { means, .. } | AuditEvent::SecondFactorOff { means, .. }) = event else {
        return None;
    };
    Means::from_name(means)
}

fn card(known: &service::Security) -> SecondCard {
    let (rules, own) = (&known.rules, &known.own);
    let thing = |is_on, is_wanted| match (is_on, is_wanted) {
        (true, _) => Thing::On,
        (false, true) => Thing::Offered,
        (false, false) => Thing::Closed,
    };
    let email = thing(own.email, rules.email && known.may_add_email);
    SecondCard {
        wanted: match rules.demand {
            Demand::Off => Wanted::Unused,
            Demand::Optional => Wanted::Optional,
            Demand::Required(_) => Wanted::Required,
        },
        app: thing(own.app, rules.app),
        email: if email == Thing::Offered && own.mailbox == Mailbox::None { Thing::NoAddress } else { email },
        may_trust: rules.trust.is_some(),
        codes: known.codes_left,
    }
}

/// What was just done; told only where it can be so, since anybody can make an address.
fn notice(done: Option<&str>, second: &SecondCard) -> Option<SecurityNotice> {
    match done {
        Some("off") if second.app != Thing::On || second.email != Thing::On => Some(SecurityNotice::Off),
        Some("signed-out") => Some(SecurityNotice::SignedOut),
        Some("distrusted") => Some(SecurityNotice::Distrusted),
        Some("review") => Some(SecurityNotice::Review),
        Some("check") => Some(SecurityNotice::CheckPasskeys),
        Some("code-over") => Some(SecurityNotice::CodeOver),
        Some("connected") => Some(SecurityNotice::Connected),
        Some("disconnected") => Some(SecurityNotice::Disconnected),
        Some("connect-taken") => Some(SecurityNotice::ConnectTaken),
        Some("connect-last") => Some(SecurityNotice::ConnectLast),
        Some("passkey-made") => Some(SecurityNotice::PasskeyMade),
        Some("passkey-revoked") => Some(SecurityNotice::PasskeyRevoked),
        Some("passkey-full") => Some(SecurityNotice::PasskeyFull),
        Some("passkey-exists") => Some(SecurityNotice::PasskeyExists),
        Some("passkey-wrong") => Some(SecurityNotice::PasskeyWrong),
        Some("passkey-last") => Some(SecurityNotice::PasskeyLast),
        Some("page-over") => Some(SecurityNotice::PageOver),
        Some("too-many") => Some(SecurityNotice::TooMany),
        Some("required") if second.wanted == Wanted::Required => Some(SecurityNotice::Required),
        _ => None,
    }
}

/// Back to the page, which says what was done.
pub(super) fn back(present: &Present, done: &str) -> Response {
    let id = present.session.id.to_string();
    see_other(&local("/account/security", &[("as", &id), ("done", done)]))
}

/// Trusts a browser no more.
pub async fn distrust(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let present = match session::required(&app, &browser, fields.given("as"), Back::Security).await {
        Ok(present) => present,
        Err(instead) => return instead,
    };
    let Ok(id) = fields.get("id").parse() else { return Problem::NotFound.answer(&app, &browser).await };
    match service::distrust(app.cx(), &browser.visitor, &session::holder(&present), id).await {
        Ok(()) => back(&present, "distrusted"),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Signs one device out, or, where none is named, all others.
pub async fn sign_out(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let present = match session::required(&app, &browser, fields.given("as"), Back::Security).await {
        Ok(present) => present,
        Err(instead) => return instead,
    };
    let holder = session::holder(&present);
    let done = match fields.given("id").map(str::parse) {
        Some(Ok(id)) => service::sign_out_one(app.cx(), &browser.visitor, &holder, id).await,
        Some(Err(_cause)) => return Problem::NotFound.answer(&app, &browser).await,
        None => service::sign_out_others(app.cx(), &browser.visitor, &holder).await,
    };
    match done {
        Ok(()) => back(&present, "signed-out"),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// A means as a form or an address names it.
pub(super) fn means(named: Option<&str>) -> Option<Means> {
    named.and_then(Means::from_name)
}
