//! The account chooser: who is signed in in this browser.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use idp_core::logout::Reason;
use idp_pages::signin::{ChoiceCard, Choose};
use idp_service::sessions;
use idp_service::signin;

use super::{Waits, client_name, context};
use crate::web::extract::Fields;
use crate::web::extract::fields::Query;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local, see_other};

/// The page.
pub async fn show(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let waits = Waits::read(query.given("r"));
    let page = match context(&app, &browser, &waits, None).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    let here = match signin::chooser(app.cx(), &browser.visitor).await {
        Ok(here) => here,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    if here.is_empty() {
        return see_other(&waits.at("/login"));
    }
    let cards = here.iter().map(|p| ChoiceCard {
        session: p.session.id.to_string(),
        name: p.account.name.clone(),
        username: p.account.username(&p.tenant.code),
        company: p.tenant.name.clone(),
        signed_in: true,
    });
    let accounts = cards.collect();
    let around = Around { waiting: Some(&page), here: Some(waits.at("/login/choose")), ..Around::default() };
    let shell = shell(&app, &browser, around).await;
    let view = Choose { shell, to: client_name(&page), request: waits.field(), accounts };
    Page::new(&view).answering(page.answer_origin.clone()).into_response()
}

/// Somebody chose.
pub async fn submit(fields: Fields) -> Response {
    let chosen = fields.get("as");
    match Waits::read(fields.given("r")) {
        Waits::Client(sealed) => see_other(&local("/authorize/resume", &[("r", &sealed), ("as", chosen)])),
        Waits::Page(back) => see_other(&local(back.path(), &[("as", chosen)])),
        Waits::Nobody => see_other(&local("/account", &[("as", chosen)])),
    }
}

/// Somebody signs one account out and stays here.
pub async fn forget(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let here = match sessions::present(app.cx(), &browser.visitor).await {
        Ok(here) => here,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    let named = here.into_iter().find(|p| p.session.id.to_string() == fields.get("as"));
    if let Some(present) = named
        && let Err(error) = sessions::sign_out(app.cx(), &browser.visitor, present.session, Reason::Person).await
    {
        return Problem::of(&error).answer(&app, &browser).await;
    }
    see_other(&Waits::read(fields.given("r")).at("/login/choose"))
}
