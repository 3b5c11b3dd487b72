//! Signing in by another provider: the way there, and the way back.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use http::HeaderMap;
use idp_pages::signin::{Last, SignInError};
use idp_service::signin::upstream::{self, Answer, Back as Brought, Outcome, Start, Started};

use super::{Waits, context, enter, login, remember, restart, second, wants_recent};
use crate::web::App;
use crate::web::extract::fields::Query;
use crate::web::extract::session::{self, Back};
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::{local, see_other};

/// To the provider of that name. A link, since it changes nothing: what changes something comes back with what this
/// sends along.
pub async fn start(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    Path(connector): Path<String>,
    headers: HeaderMap,
    query: Query,
) -> Response {
    // A person goes there; a picture on somebody's page doesn't.
    if headers.get("sec-fetch-dest").is_some_and(|dest| dest != "document") {
        return Problem::NotFound.answer(&app, &browser).await;
    }
    let waits = Waits::read(query.given("r"));
    let session = match query.given("as") {
        None => None,
        // On the page of an account, to connect with it: first the person shows that it is his.
        Some(named) => match session::confirmed(&app, &browser, Some(named), Back::Security).await {
            Ok((present, _)) => Some(present.session.id),
            Err(instead) => return instead,
        },
    };
    let page = match context(&app, &browser, &waits, None).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    let start = Start {
        connector,
        waits: waits.told(),
        anew: session.is_none() && wants_recent(&waits, &page),
        hint: query.given("hint").map(str::to_owned),
        session,
    };
    match upstream::start(app.cx(), &browser.visitor, start).await {
        Ok(Started::To(address)) => see_other(&address),
        Ok(Started::Gone) => Problem::NotFound.answer(&app, &browser).await,
        Ok(Started::Busy(connector)) => {
            login::refused(&app, &browser, (&page, &waits, Some(connector.tenant)), SignInError::Busy).await
        }
        Ok(Started::Down(connector)) => {
            let error = SignInError::ProviderDown(connector.label.clone());
            login::refused(&app, &browser, (&page, &waits, Some(connector.tenant)), error).await
        }
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Back from it.
pub async fn callback(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    Path(connector): Path<String>,
    query: Query,
) -> Response {
    let given = |name| query.given(name).map(str::to_owned);
    let brought =
        Brought { connector, state: given("state"), code: given("code"), error: given("error"), iss: given("iss") };
    let answer = match upstream::finish(app.cx(), &browser.visitor, brought).await {
        Ok(answer) => answer,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    let Answer { connector, waits, outcome } = answer;
    let waits = Waits::of(waits);
    let label = connector.as_ref().map(|c| c.label.clone()).unwrap_or_default();
    let error = match outcome {
        Outcome::In(entry) => {
            let mut response = enter(&app, &entry, &waits);
            remember(&app, &mut response, connector.map(|c| Last::Provider(c.name.clone())));
            return response;
        }
        Outcome::Second(journey) => {
            let mut response = second::lead(&journey, &waits);
            remember(&app, &mut response, connector.map(|c| Last::Provider(c.name.clone())));
            return response;
        }
        Outcome::Connect(ticket) => return see_other(&local("/account/connect", &[("t", &ticket)])),
        Outcome::Cancelled => SignInError::ProviderCancelled(label),
        Outcome::NotConfirmed => SignInError::ProviderRefused(label),
        Outcome::Down => SignInError::ProviderDown(label),
        Outcome::Busy => SignInError::Busy,
        Outcome::Outside(domain) => SignInError::ProviderOutside(label, domain),
        Outcome::NoAccount(shown) => SignInError::NoAccount(shown),
        Outcome::Barred => SignInError::Barred,
        Outcome::Over => SignInError::ProviderOver,
    };
    // Whatever became of what waited: this is told in any case.
    let page = match idp_service::signin::page(app.cx(), &browser.visitor, waits.sealed(), None).await {
        Ok(page) => page,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    if let Some(how) = page.restart {
        return restart(&app, &browser, how).await;
    }
    login::refused(&app, &browser, (&page, &waits, connector.map(|c| c.tenant)), error).await
}
