//! Accounts at other providers: connecting one that somebody has just come from, and disconnecting.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use idp_core::authority::Confirmed;
use idp_core::session::Present;
use idp_pages::connected::Connect;
use idp_service::account::connected::{self as service, Connecting, Disconnected};
use idp_service::error::ServiceError;
use idp_service::signin::upstream::Ticket;

use super::security::back;
use crate::web::extract::Fields;
use crate::web::extract::fields::Query;
use crate::web::extract::session::{self, Back};
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::signin::Waits;
use crate::web::{App, Page, local, see_other};

/// Who came, and whose account it is to be.
struct Both {
    ticket: Ticket,
    present: Present,
    by: Confirmed,
}

/// Both, or the answer to give instead: the sign-in page, which comes back here.
async fn both(app: &App, browser: &Browser, (sealed, named): (&str, Option<&str>)) -> Result<Both, Response> {
    let Some(ticket) = Ticket::open(app.cx(), &browser.visitor, sealed) else {
        return Err(Problem::StartAgain(Some("/login".to_owned())).answer(app, browser).await);
    };
    match find(app, browser, &ticket, named).await {
        Ok(Some((present, by))) => Ok(Both { ticket, present, by }),
        Ok(None) => Err(see_other(&Waits::Connect(sealed.to_owned()).at("/login"))),
        Err(error) => Err(Problem::of(&error).answer(app, browser).await),
    }
}

/// The one account in this browser whose holder has shown for this that it is his.
async fn find(
    app: &App,
    browser: &Browser,
    ticket: &Ticket,
    named: Option<&str>,
) -> Result<Option<(Present, Confirmed)>, ServiceError> {
    let mut found = None;
    for present in idp_service::sessions::present(app.cx(), &browser.visitor).await? {
        if named.is_some_and(|named| present.session.id.to_string() != named) {
            continue;
        }
        if let Some(by) = service::may_connect(app.cx(), &present, ticket).await? {
            let is_second = found.replace((present, by)).is_some();
            if is_second {
                return Ok(None); // which one is meant has to be said
            }
        }
    }
    Ok(found)
}

/// Shows both before the last button.
pub async fn show(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let sealed = query.given("t").unwrap_or_default();
    let Both { ticket, present, .. } = match both(&app, &browser, (sealed, query.given("as"))).await {
        Ok(both) => both,
        Err(instead) => return instead,
    };
    let id = present.session.id.to_string();
    let here = Some(local("/account/connect", &[("t", sealed), ("as", &id)]));
    let shell = shell(&app, &browser, Around { present: Some(&present), here, ..Around::default() }).await;
    let view = Connect {
        brand: shell.brand.name.clone(),
        shell,
        ticket: sealed.to_owned(),
        provider: ticket.label,
        shown: ticket.shown,
        username: present.account.username(&present.tenant.code),
        name: present.account.name.clone(),
    };
    // The form may end at the portal that waits.
    let waits = Waits::of(ticket.waits);
    let waiting = match idp_service::signin::page(app.cx(), &browser.visitor, waits.sealed(), None).await {
        Ok(waiting) => waiting,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    Page::new(&view).answering(waiting.answer_origin).into_response()
}

/// Connects them, and goes on to what waited.
pub async fn connect(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let Both { ticket, present, by } = match both(&app, &browser, (fields.get("t"), fields.given("as"))).await {
        Ok(both) => both,
        Err(instead) => return instead,
    };
    match service::connect(app.cx(), &browser.visitor, &by, (fields.get("t"), &ticket)).await {
        Ok(Connecting::Done) => match Waits::of(ticket.waits) {
            Waits::App(sealed) => see_other(&local("/login/back-to-app", &[("r", &sealed)])),
            Waits::Client(sealed) => see_other(&local("/authorize/resume", &[("r", &sealed)])),
            Waits::Page(Back::Console) => onward(&present, Back::Console),
            Waits::Page(_) | Waits::Connect(_) | Waits::Nobody => back(&present, "connected"),
        },
        Ok(Connecting::Taken) => back(&present, "connect-taken"),
        Ok(Connecting::Over) => back(&present, "page-over"),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Connects nothing, and goes on all the same: who shows this page is in.
pub async fn cancel(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let Both { ticket, present, .. } = match both(&app, &browser, (fields.get("t"), fields.given("as"))).await {
        Ok(both) => both,
        Err(instead) => return instead,
    };
    match Waits::of(ticket.waits) {
        Waits::App(sealed) => see_other(&local("/login/back-to-app", &[("r", &sealed)])),
        Waits::Client(sealed) => see_other(&local("/authorize/resume", &[("r", &sealed)])),
        Waits::Page(page) => onward(&present, page),
        Waits::Connect(_) | Waits::Nobody => onward(&present, Back::Account),
    }
}

fn onward(present: &Present, to: Back) -> Response {
    see_other(&local(to.path(), &[("as", &present.session.id.to_string())]))
}

/// Takes a connection away.
pub async fn disconnect(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let (present, by) = match session::confirmed(&app, &browser, fields.given("as"), Back::Security).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let Ok(id) = fields.get("id").parse() else { return back(&present, "page-over") };
    match service::disconnect(app.cx(), &browser.visitor, &by, id).await {
        Ok(Disconnected::Done) => back(&present, "disconnected"),
        Ok(Disconnected::LastWay) => back(&present, "connect-last"),
        Ok(Disconnected::None) => back(&present, "page-over"),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}
