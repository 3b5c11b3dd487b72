//! The page for a code that shows that a mailbox is one's own. What came of a code, or of asking for another, is told
//! by its address: to load it again, or in another language, sends nothing and counts nothing.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use idp_core::session::Present;
use idp_core::signin::second_factor::MailboxFor;
use idp_pages::signin::{CodeError, EmailSetUp, Within};
use idp_service::account as service;

use super::security::back;
use crate::web::extract::fields::Query;
use crate::web::extract::session::{self, Back};
use crate::web::middleware::browser::Browser;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local, see_other};

/// Another code was sent.
const AGAIN: &str = "again";

fn path(what_for: MailboxFor) -> &'static str {
    match what_for {
        MailboxFor::SecondFactor => "/account/security/email",
        MailboxFor::Address => "/account/settings/email",
    }
}

fn at(present: &Present, what_for: MailboxFor, (ticket, said): (&str, &str)) -> String {
    let id = present.session.id.to_string();
    local(path(what_for), &[("as", &id), ("ticket", ticket), ("said", said)])
}

/// To the page, after a code was sent.
pub(super) fn sent(present: &Present, what_for: MailboxFor, (ticket, is_another): (&str, bool)) -> Response {
    see_other(&at(present, what_for, (ticket, if is_another { AGAIN } else { "" })))
}

/// To the page, which says what was wrong.
pub(super) fn wrong(present: &Present, what_for: MailboxFor, (ticket, error): (&str, CodeError)) -> Response {
    see_other(&at(present, what_for, (ticket, error.name())))
}

/// Too late, or too often.
pub(super) fn over(present: &Present, what_for: MailboxFor) -> Response {
    match what_for {
        MailboxFor::SecondFactor => back(present, "code-over"),
        MailboxFor::Address => {
            let id = present.session.id.to_string();
            see_other(&local("/account/settings", &[("as", &id), ("error", "code-over")]))
        }
    }
}

/// The page for a code that switches codes by mail on.
pub async fn for_second_factor(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    query: Query,
) -> Response {
    show(&app, &browser, (MailboxFor::SecondFactor, Back::Security), &query).await
}

/// The page for a code from another address.
pub async fn for_address(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    show(&app, &browser, (MailboxFor::Address, Back::Settings), &query).await
}

async fn show(app: &App, browser: &Browser, (what_for, to): (MailboxFor, Back), query: &Query) -> Response {
    let (present, by) = match session::confirmed(app, browser, query.given("as"), to).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let (ticket, said) = (query.given("ticket").unwrap_or_default(), query.given("said").unwrap_or_default());
    let Some((mailbox, resend_in)) = service::code_sent_to(app.cx(), &browser.visitor, &by, (what_for, ticket)) else {
        return over(&present, what_for);
    };
    let here = Some(at(&present, what_for, (ticket, said)));
    let view = EmailSetUp {
        shell: shell(app, browser, Around { present: Some(&present), here, ..Around::default() }).await,
        within: Within::Account,
        what_for,
        ticket: ticket.to_owned(),
        mailbox,
        resend_in: u64::try_from(resend_in.seconds_up()).unwrap_or(0),
        again: said == AGAIN,
        error: CodeError::from_name(said),
    };
    Page::new(&view).into_response()
}
