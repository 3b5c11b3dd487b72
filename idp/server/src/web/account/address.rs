//! One's mail address, and taking a change of it back.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use idp_core::secret::Secret;
use idp_core::signin::second_factor::MailboxFor;
use idp_pages::account::{AddressError, SettingsError, UndoAddress};
use idp_pages::signin::CodeError;
use idp_service::account::{self as service, CodeSent, Moved};
use idp_service::signin::email::Over;

use super::mailed_code::{over, sent, wrong};
use super::settings::{Told, render};
use crate::web::code::unfit;
use crate::web::cookies::{self, Kind};
use crate::web::extract::Fields;
use crate::web::extract::session::{self, Back};
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::signin::email::{is_over, keep_token, meant};
use crate::web::{App, Page, local, see_other};

/// Somebody wants another address: a code goes there.
pub async fn ask(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let (present, by) = match session::confirmed(&app, &browser, fields.given("as"), Back::Settings).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let (typed, before) = (fields.get("email").trim(), fields.given("ticket"));
    let error = if typed.is_empty() {
        AddressError::Empty
    } else {
        match service::change_address(app.cx(), &browser.visitor, &by, (typed, before)).await {
            Ok(CodeSent::Yes(ticket)) => return sent(&present, MailboxFor::Address, (&ticket, before.is_some())),
            Ok(CodeSent::TooSoon) => {
                return wrong(&present, MailboxFor::Address, (before.unwrap_or_default(), CodeError::TooSoon));
            }
            Ok(CodeSent::Unfit) => AddressError::Unfit,
            Ok(CodeSent::Same) => AddressError::Same,
            Ok(CodeSent::TooMany) => AddressError::TooMany,
            Err(error) => return Problem::of(&error).answer(&app, &browser).await,
        }
    };
    let told = Told { error: Some(SettingsError::Address(error)), new_email: typed.to_owned(), saved: None };
    render(&app, &browser, &present, told).await
}

/// The code from the new mailbox.
pub async fn confirm(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let (present, by) = match session::confirmed(&app, &browser, fields.given("as"), Back::Settings).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let (ticket, code) = (fields.get("ticket"), Secret::new(fields.get("code").to_owned()));
    if let Some(error) = unfit(&code) {
        return wrong(&present, MailboxFor::Address, (ticket, error));
    }
    match service::confirm_address(app.cx(), &browser.visitor, &by, (ticket, &code)).await {
        Ok(Moved::Done) => {
            let id = present.session.id.to_string();
            see_other(&local("/account/settings", &[("as", &id), ("saved", "address")]))
        }
        Ok(Moved::Over) => over(&present, MailboxFor::Address),
        Ok(Moved::Wrong) => wrong(&present, MailboxFor::Address, (ticket, CodeError::Wrong)),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// A link from a mail: what it carries goes into a cookie, and out of the address before anything is shown.
pub async fn open_undo(State(app): State<App>, Path(token): Path<String>) -> Response {
    keep_token(&app, "/undo", &token)
}

/// Asks before anything is taken back: programs open links, too.
pub async fn show_undo(State(app): State<App>, Extension(browser): Extension<Browser>) -> Response {
    let token = browser.link.clone().unwrap_or_else(|| Secret::new(String::new()));
    match service::look_undo(app.cx(), token.expose()).await {
        Ok(Some(undo)) => {
            let around = Around { tenant: Some(undo.tenant), ..Around::default() };
            let (shell, link) = (shell(&app, &browser, around).await, browser.link_name());
            let view = UndoAddress { shell, link, username: Some(undo.username) };
            Page::new(&view).into_response()
        }
        Ok(None) => is_over(&app, &browser, Over::Expired).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Takes it back.
pub async fn undo(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let token = match meant(&app, &browser, &fields).await {
        Ok(token) => token,
        Err(instead) => return instead,
    };
    let tenant = match service::look_undo(app.cx(), token.expose()).await {
        Ok(undo) => undo.map(|undo| undo.tenant),
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    let mut response = match service::undo(app.cx(), &browser.visitor, &token).await {
        Ok(true) => {
            let around = Around { tenant, here: Some("/login".to_owned()), ..Around::default() };
            let shell = shell(&app, &browser, around).await;
            Page::new(&UndoAddress { shell, link: String::new(), username: None })
                .status(StatusCode::OK)
                .into_response()
        }
        Ok(false) => is_over(&app, &browser, Over::Used).await,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    cookies::set(&mut response, &cookies::drop(Kind::Link, app.public().secure));
    response
}
