//! One's own passkeys: a new one, another name, none any more.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use idp_core::ids::PasskeyId;
use idp_core::session::Present;
use idp_pages::passkeys::{NewPasskey, OnePasskey};
use idp_service::account::passkeys::{self as service, Made, Offered, Revoked};

use super::security::back;
use crate::web::extract::Fields;
use crate::web::extract::fields::Query;
use crate::web::extract::session::{self, Back};
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local};

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
            Page::new(&NewPasskey { shell, options: offer.options, ticket: offer.ticket }).into_response()
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
        Ok(Revoked::LastWay) => back(&present, "passkey-last"),
        Ok(Revoked::None) => back(&present, "page-over"),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

fn named(fields: &Fields) -> Option<PasskeyId> {
    fields.get("id").parse().ok()
}
