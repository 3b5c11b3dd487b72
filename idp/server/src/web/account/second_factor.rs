//! Setting a second factor up for oneself, and taking it away.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use idp_core::secret::Secret;
use idp_core::session::Present;
use idp_core::signin::second_factor::MailboxFor;
use idp_pages::account::{NewCodes, TurnOff};
use idp_pages::signin::{BackupCodes, CodeError, Within};
use idp_service::account::{self as service, CodeSent, Enrolled, Off};

use super::mailed_code::{over, sent, wrong};
use super::security::{back, means};
use crate::web::code::{app_page, unfit};
use crate::web::extract::Fields;
use crate::web::extract::fields::Query;
use crate::web::extract::session::{self, Back, ask_again};
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local};

/// What is around a page of this account; its forms lead back to the page of what protects it.
fn around(present: &Present) -> Around<'_> {
    let id = present.session.id.to_string();
    Around { present: Some(present), here: Some(local("/account/security", &[("as", &id)])), ..Around::default() }
}

/// Shows what an app needs to know.
pub async fn app(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let (present, by) = match session::confirmed(&app, &browser, fields.given("as"), Back::Security).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    match service::app(app.cx(), &browser.visitor, &by).await {
        Ok(Some(offer)) => app_page(&app, &browser, (Within::Account, around(&present)), (offer, None)).await,
        Ok(None) => Problem::Forbidden.answer(&app, &browser).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// The first code of an app.
pub async fn confirm_app(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let (present, by) = match session::confirmed(&app, &browser, fields.given("as"), Back::Security).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let (ticket, code) = (fields.get("ticket"), Secret::new(fields.get("code").to_owned()));
    let wrong = match unfit(&code) {
        Some(error) => error,
        None => match service::confirm_app(app.cx(), &browser.visitor, &by, (ticket, &code)).await {
            Ok(Enrolled::Wrong) => CodeError::Wrong,
            Ok(Enrolled::Done { codes, replaced }) => {
                return show_codes(&app, &browser, &present, (codes, true, replaced)).await;
            }
            Ok(Enrolled::Over) => return back(&present, "page-over"),
            Err(error) => return Problem::of(&error).answer(&app, &browser).await,
        },
    };
    match service::app_again(app.cx(), &browser.visitor, &by, ticket).await {
        Ok(Some(offer)) => app_page(&app, &browser, (Within::Account, around(&present)), (offer, Some(wrong))).await,
        Ok(None) => ask_again(&present, Back::Security),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Shows backup codes, once.
async fn show_codes(
    app: &App,
    browser: &Browser,
    present: &Present,
    (codes, is_first, replaced): (Vec<Secret<String>>, bool, bool),
) -> Response {
    let view = BackupCodes {
        shell: shell(app, browser, around(present)).await,
        codes: codes.iter().map(|code| code.expose().clone()).collect(),
        is_first,
        replaced,
        next: ("/account/security".to_owned(), vec![("as".to_owned(), present.session.id.to_string())]),
    };
    Page::new(&view).into_response()
}

/// Sends the code that shows that mails arrive; or another, from the page for it.
pub async fn email(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let (present, by) = match session::confirmed(&app, &browser, fields.given("as"), Back::Security).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let before = fields.given("ticket");
    match service::email(app.cx(), &browser.visitor, &by, before).await {
        Ok(CodeSent::Yes(ticket)) => sent(&present, MailboxFor::SecondFactor, (&ticket, before.is_some())),
        Ok(CodeSent::TooSoon) => {
            wrong(&present, MailboxFor::SecondFactor, (before.unwrap_or_default(), CodeError::TooSoon))
        }
        Ok(CodeSent::TooMany) => back(&present, "too-many"),
        Ok(CodeSent::Unfit | CodeSent::Same) => Problem::Forbidden.answer(&app, &browser).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// The code has arrived.
pub async fn confirm_email(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let (present, by) = match session::confirmed(&app, &browser, fields.given("as"), Back::Security).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let (ticket, code) = (fields.get("ticket"), Secret::new(fields.get("code").to_owned()));
    if let Some(error) = unfit(&code) {
        return wrong(&present, MailboxFor::SecondFactor, (ticket, error));
    }
    match service::confirm_email(app.cx(), &browser.visitor, &by, (ticket, &code)).await {
        Ok(Enrolled::Done { codes, replaced }) => show_codes(&app, &browser, &present, (codes, true, replaced)).await,
        Ok(Enrolled::Over) => over(&present, MailboxFor::SecondFactor),
        Ok(Enrolled::Wrong) => wrong(&present, MailboxFor::SecondFactor, (ticket, CodeError::Wrong)),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Asks before new backup codes take the place of the ones there are.
pub async fn ask_new_codes(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let (present, _) = match session::confirmed(&app, &browser, query.given("as"), Back::Security).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let form = match service::new_form(app.cx()) {
        Ok(form) => form,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    let shell = shell(&app, &browser, around(&present)).await;
    Page::new(&NewCodes { shell, form }).into_response()
}

/// Makes new backup codes.
pub async fn new_codes(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let (present, by) = match session::confirmed(&app, &browser, fields.given("as"), Back::Security).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let Some(form) = fields.given("form") else { return back(&present, "page-over") };
    match service::new_codes(app.cx(), &browser.visitor, &by, form).await {
        Ok(Enrolled::Done { codes, replaced }) => show_codes(&app, &browser, &present, (codes, false, replaced)).await,
        Ok(Enrolled::Wrong | Enrolled::Over) => back(&present, "page-over"),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Asks before it is turned off.
pub async fn ask_off(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let (present, _) = match session::confirmed(&app, &browser, query.given("as"), Back::Security).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let own = match idp_service::second_factor::of(app.cx(), &present.account).await {
        Ok(own) => own,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    let Some(means) = means(query.given("means")) else { return back(&present, "") };
    let stays = own.app && own.email;
    let shell = shell(&app, &browser, around(&present)).await;
    let view = TurnOff { shell, means, stays };
    Page::new(&view).into_response()
}

/// Turns one means off.
pub async fn off(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let (present, by) = match session::confirmed(&app, &browser, fields.given("as"), Back::Security).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let Some(means) = means(fields.given("means")) else { return back(&present, "") };
    match service::turn_off(app.cx(), &browser.visitor, &by, means).await {
        Ok(Off::Done) => back(&present, "off"),
        Ok(Off::Required) => back(&present, "required"),
        Ok(Off::Nothing) => back(&present, ""),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}
