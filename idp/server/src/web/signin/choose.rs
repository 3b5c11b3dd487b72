//! The account chooser: who is signed in in this browser.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use idp_core::federation::Connector;
use idp_pages::signin::{ChoiceCard, Choose};
use idp_service::signin::{self, Chooser};

use super::{Waits, client_name, context, wants_recent};
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
    let chooser = match signin::chooser(app.cx(), &browser.visitor).await {
        Ok(chooser) => chooser,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    let accounts = cards(&chooser, (&waits, &page));
    if accounts.is_empty() {
        return see_other(&waits.at("/login"));
    }
    let around = Around { waiting: Some(&page), here: Some(waits.at("/login/choose")), ..Around::default() };
    let shell = shell(&app, &browser, around).await;
    let view = Choose { shell, to: client_name(&page), request: waits.field(), accounts };
    Page::new(&view).answering(page.answer_origin.clone()).into_response()
}

fn cards(chooser: &Chooser, (waits, page): (&Waits, &signin::Page)) -> Vec<ChoiceCard> {
    let here = chooser.here.iter().map(|p| ChoiceCard {
        session: p.session.id.to_string(),
        name: p.account.name.clone(),
        username: p.account.username(&p.tenant.code),
        company: p.tenant.name.clone(),
        signed_in: true,
        by: None,
    });
    let is_recent = wants_recent(waits, page);
    let serves = |connector: &Connector| !is_recent || connector.kind.tells_when();
    let past = chooser.past.iter().map(|p| ChoiceCard {
        session: p.session.id.to_string(),
        name: p.account.name.clone(),
        username: p.account.username(&p.company.tenant.code),
        company: p.company.tenant.name.clone(),
        signed_in: false,
        by: p
            .by
            .as_ref()
            .filter(|(connector, _)| serves(connector))
            .map(|(connector, hint)| (connector.label.clone(), there(connector, hint, waits))),
    });
    here.chain(past).collect()
}

/// Where somebody goes who came in by another provider: a link, since a form would be held to this page's policy on the
/// way.
fn there(connector: &Connector, hint: &str, waits: &Waits) -> String {
    let (path, r) = (format!("/upstream/{}", connector.name), waits.field().unwrap_or_default());
    local(&path, &[("r", &r), ("hint", hint)])
}

/// Somebody chose. Who is signed out has to sign in first, with his name filled in.
pub async fn submit(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let waits = Waits::read(fields.given("r"));
    let chosen = fields.get("as");
    let past = match signin::chooser(app.cx(), &browser.visitor).await {
        Ok(chooser) => chooser.past.into_iter().find(|p| p.session.id.to_string() == chosen),
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    if let Some(past) = past {
        let (r, name) = (waits.field().unwrap_or_default(), past.account.username(&past.company.tenant.code));
        return see_other(&local("/login", &[("r", &r), ("name", &name)]));
    }
    match waits {
        Waits::App(sealed) => see_other(&local("/login/back-to-app", &[("r", &sealed)])),
        Waits::Client(sealed) => see_other(&local("/authorize/resume", &[("r", &sealed), ("as", chosen)])),
        Waits::Page(back) => see_other(&local(back.path(), &[("as", chosen)])),
        Waits::Connect(ticket) => see_other(&local("/account/connect", &[("t", &ticket), ("as", chosen)])),
        Waits::Nobody => see_other(&local("/account", &[("as", chosen)])),
    }
}

/// Somebody takes an account away from this browser; it is signed out.
pub async fn forget(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    if let Ok(session) = fields.get("as").parse()
        && let Err(error) = signin::forget(app.cx(), &browser.visitor, session).await
    {
        return Problem::of(&error).answer(&app, &browser).await;
    }
    see_other(&Waits::read(fields.given("r")).at("/login/choose"))
}
