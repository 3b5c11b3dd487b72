//! One's own passkeys: a new one, another name, none any more.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use cookie::time::Duration;
use http::StatusCode;
use idp_core::ids::PasskeyId;
use idp_core::session::Present;
use idp_pages::passkeys::{NewPasskey, NewPasskeyError, OnePasskey};
use idp_pages::signin::Within;
use idp_service::account::passkeys::{self as service, Made, Offered, Revoked};

use super::security::back;
use crate::web::cookies::{self, Kind};
use crate::web::extract::Fields;
use crate::web::extract::fields::Query;
use crate::web::extract::session::{self, Back};
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::signin::{Waits, context};
use crate::web::{App, Page, local, see_other};

/// After “not now” nothing is offered for so long, and after “not on this device” for so long.
const LATER: Duration = Duration::days(30);
const NEVER: Duration = Duration::days(365);

fn around(present: &Present) -> Around<'_> {
    let id = present.session.id.to_string();
    Around { present: Some(present), here: Some(local("/account/security", &[("as", &id)])), ..Around::default() }
}

/// Shows what is about to happen; the browser asks next.
pub async fn begin(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let (present, by) = match session::confirmed(&app, &browser, fields.given("as"), Back::Security).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    match service::begin(app.cx(), &browser.visitor, &by).await {
        Ok(Offered::Yes(offer)) => {
            let shell = shell(&app, &browser, around(&present)).await;
            let (options, ticket) = (offer.options, offer.ticket);
            Page::new(&NewPasskey { shell, within: Within::Account, options, ticket, error: None }).into_response()
        }
        Ok(Offered::Full) => back(&present, "passkey-full"),
        Ok(Offered::Closed) => Problem::Forbidden.answer(&app, &browser).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// It was made.
pub async fn confirm(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let (present, by) = match session::confirmed(&app, &browser, fields.given("as"), Back::Security).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let brought = (fields.get("ticket"), fields.get("credential"));
    match service::finish(app.cx(), &browser.visitor, &by, brought).await {
        Ok(Made::Yes) => back(&present, "passkey-made"),
        Ok(Made::Exists) => back(&present, "passkey-exists"),
        Ok(Made::Full) => back(&present, "passkey-full"),
        Ok(Made::Wrong | Made::Over) => back(&present, "passkey-wrong"),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// The offer to make one, to somebody who has just come in without; it is on the way to what waits.
pub async fn show_offer(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    offer_page(&app, &browser, (query.given("as"), query.given("r")), None).await
}

async fn offer_page(
    app: &App,
    browser: &Browser,
    (session, r): (Option<&str>, Option<&str>),
    error: Option<NewPasskeyError>,
) -> Response {
    let (present, by) = match session::confirmed(app, browser, session, Back::Account).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let waits = Waits::read(r);
    let offer = match service::begin(app.cx(), &browser.visitor, &by).await {
        Ok(Offered::Yes(offer)) => offer,
        Ok(Offered::Full | Offered::Closed) => return onward(&present, &waits),
        Err(error) => return Problem::of(&error).answer(app, browser).await,
    };
    let waiting = match context(app, browser, &waits, None).await {
        Ok(waiting) => waiting,
        Err(instead) => return instead,
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = shell(app, browser, around(&present)).await;
    let (within, options, ticket) = (Within::Offer { request: waits.field() }, offer.options, offer.ticket);
    let view = NewPasskey { shell, within, options, ticket, error };
    Page::new(&view).status(status).answering(waiting.answer_origin.clone()).into_response()
}

/// Somebody makes one, and goes on.
pub async fn take_offer(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let named = (fields.given("as"), fields.given("r"));
    let (present, by) = match session::confirmed(&app, &browser, named.0, Back::Account).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let brought = (fields.get("ticket"), fields.get("credential"));
    match service::finish(app.cx(), &browser.visitor, &by, brought).await {
        Ok(Made::Yes | Made::Full) => onward(&present, &Waits::read(named.1)),
        Ok(Made::Exists) => offer_page(&app, &browser, named, Some(NewPasskeyError::Exists)).await,
        Ok(Made::Wrong | Made::Over) => offer_page(&app, &browser, named, Some(NewPasskeyError::Wrong)).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Somebody doesn't want one now, or not in this browser.
pub async fn later(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let present = match session::required(&app, &browser, fields.given("as"), Back::Account).await {
        Ok(present) => present,
        Err(instead) => return instead,
    };
    let life = if fields.given("never").is_some() { NEVER } else { LATER };
    let mut response = onward(&present, &Waits::read(fields.given("r")));
    cookies::set(&mut response, &cookies::keep_for(Kind::NoOffer, "1", (life, app.public().secure)));
    response
}

/// To what waits.
fn onward(present: &Present, waits: &Waits) -> Response {
    let id = present.session.id.to_string();
    match waits {
        Waits::Client(sealed) | Waits::App(sealed) => see_other(&local("/authorize/resume", &[("r", sealed)])),
        Waits::Page(back) => see_other(&local(back.path(), &[("as", &id)])),
        Waits::Connect(ticket) => see_other(&local("/account/connect", &[("t", ticket), ("as", &id)])),
        Waits::Nobody => see_other(&local("/account", &[("as", &id)])),
    }
}

/// The page of one of them.
pub async fn show(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let (present, _) = match session::confirmed(&app, &browser, query.given("as"), Back::Security).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let known = match idp_service::account::security(app.cx(), &present).await {
        Ok(known) => known,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    let id = query.given("id").unwrap_or_default();
    let Some(passkey) = known.passkeys.unwrap_or_default().into_iter().find(|p| p.id.to_string() == id) else {
        return back(&present, "page-over");
    };
    let shell = shell(&app, &browser, around(&present)).await;
    Page::new(&OnePasskey { shell, id: id.to_owned(), name: passkey.name }).into_response()
}

/// Calls one something else.
pub async fn rename(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let (present, by) = match session::confirmed(&app, &browser, fields.given("as"), Back::Security).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let Some(id) = named(&fields) else { return back(&present, "page-over") };
    match service::rename(app.cx(), &by, id, fields.get("name")).await {
        Ok(true) => back(&present, ""),
        Ok(false) => back(&present, "page-over"),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Takes one away.
pub async fn revoke(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let (present, by) = match session::confirmed(&app, &browser, fields.given("as"), Back::Security).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let Some(id) = named(&fields) else { return back(&present, "page-over") };
    match service::revoke(app.cx(), &browser.visitor, &by, id).await {
        Ok(Revoked::Done) => back(&present, "passkey-revoked"),
        Ok(Revoked::Required) => back(&present, "required"),
        Ok(Revoked::LastWay) => back(&present, "passkey-last"),
        Ok(Revoked::None) => back(&present, "page-over"),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

fn named(fields: &Fields) -> Option<PasskeyId> {
    fields.get("id").parse().ok()
}
