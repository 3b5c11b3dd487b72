//! Setting a second factor up in the middle of a sign-in, where one is required.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use idp_core::ids::TenantId;
use idp_core::secret::Secret;
use idp_core::signin::second_factor::MailboxFor;
use idp_pages::passkeys::{NewPasskey, NewPasskeyError};
use idp_pages::signin::{BackupCodes, CodeError, EmailSetUp};
use idp_service::second_factor::AppOffer;
use idp_service::signin::second::{self, Due, Sent, Verified, View};
use idp_service::signin::set_up::{self, Confirmed, First};

use super::second::{Named, address, follow_must_change, locked, over};
use super::{by_way_of_offer, context, keep, wait};
use crate::web::code::{app_page, unfit};
use crate::web::extract::Fields;
use crate::web::extract::fields::Query;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, see_other};

/// Somebody wants to set an app up.
pub async fn app(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let named = Named::of(&fields);
    match set_up::app(app.cx(), &browser.visitor, &named.journey).await {
        Ok(Some(offer)) => picture(&app, &browser, &named, (offer, None)).await,
        Ok(None) => over(&app, &browser, &named.waits).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// The page with the picture. Its form may end at the portal that waits.
async fn picture(
    app: &App,
    browser: &Browser,
    named: &Named,
    (offer, error): (AppOffer, Option<CodeError>),
) -> Response {
    match context(app, browser, &named.waits, None).await {
        Ok(waiting) => {
            let around = Around { waiting: Some(&waiting), ..of(offer.tenant) };
            app_page(app, browser, (named.within(), around), (offer, error)).await
        }
        Err(instead) => instead,
    }
}

fn of(tenant: TenantId) -> Around<'static> {
    Around { tenant: Some(tenant), ..Around::default() }
}

fn first(named: &Named, fields: &Fields) -> First {
    First {
        journey: named.journey.clone(),
        request: named.waits.sealed().map(str::to_owned),
        ticket: fields.get("ticket").to_owned(),
        code: Secret::new(fields.get("code").to_owned()),
    }
}

/// The first code of an app.
pub async fn confirm_app(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let named = Named::of(&fields);
    let first = first(&named, &fields);
    let ticket = first.ticket.clone();
    let wrong = match unfit(&first.code) {
        Some(error) => error,
        None => match set_up::confirm_app(app.cx(), &browser.visitor, first).await {
            Ok(Confirmed::Wrong) => CodeError::Wrong,
            Ok(Confirmed::Done { tenant, codes, verified }) => {
                return done(&app, &browser, &named, (tenant, codes, verified)).await;
            }
            Ok(Confirmed::Locked(lock)) => return locked(&app, &browser, (&named.waits, lock)).await,
            Ok(Confirmed::Expired | Confirmed::Taken | Confirmed::Over) => {
                return over(&app, &browser, &named.waits).await;
            }
            Err(error) => return Problem::of(&error).answer(&app, &browser).await,
        },
    };
    match set_up::app_again(app.cx(), &browser.visitor, (&named.journey, &ticket)).await {
        Ok(Some(offer)) => picture(&app, &browser, &named, (offer, Some(wrong))).await,
        Ok(None) => over(&app, &browser, &named.waits).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Somebody wants to set a passkey up.
pub async fn key(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    key_page(&app, &browser, &Named::of(&fields), None).await
}

/// The page for it: for each try what is asked for anew.
async fn key_page(app: &App, browser: &Browser, named: &Named, error: Option<NewPasskeyError>) -> Response {
    let (tenant, offer) = match set_up::key(app.cx(), &browser.visitor, &named.journey).await {
        Ok(Some(offered)) => offered,
        Ok(None) => return over(app, browser, &named.waits).await,
        Err(error) => return Problem::of(&error).answer(app, browser).await,
    };
    let waiting = match context(app, browser, &named.waits, None).await {
        Ok(waiting) => waiting,
        Err(instead) => return instead,
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = shell(app, browser, Around { waiting: Some(&waiting), ..of(tenant) }).await;
    let (within, options, ticket) = (named.within(), offer.options, offer.ticket);
    let view = NewPasskey { shell, within, options, ticket, error };
    Page::new(&view).status(status).answering(waiting.answer_origin.clone()).into_response()
}

/// A passkey was made.
pub async fn confirm_key(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let named = Named::of(&fields);
    let (ticket, code) = (fields.get("ticket").to_owned(), Secret::new(fields.get("credential").to_owned()));
    let made = First { ticket, code, ..first(&named, &fields) };
    match set_up::confirm_key(app.cx(), &browser.visitor, made).await {
        Ok(Confirmed::Done { tenant, codes, verified }) => {
            done(&app, &browser, &named, (tenant, codes, verified)).await
        }
        Ok(Confirmed::Taken) => key_page(&app, &browser, &named, Some(NewPasskeyError::Exists)).await,
        Ok(Confirmed::Wrong) => key_page(&app, &browser, &named, Some(NewPasskeyError::Wrong)).await,
        Ok(Confirmed::Locked(lock)) => locked(&app, &browser, (&named.waits, lock)).await,
        Ok(Confirmed::Expired | Confirmed::Over) => over(&app, &browser, &named.waits).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

const EMAIL: &str = "/login/second/email";

/// Somebody wants to set codes in mails up: the first is sent; or another, from the page for the code.
pub async fn email(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let named = Named::of(&fields);
    let is_another = fields.given("email").is_some();
    match post(&app, &browser, &named).await {
        Ok(Posted::Now) if is_another => lead(&named, ("sent", "1")),
        Ok(Posted::JustBefore) if is_another => lead(&named, ("said", CodeError::TooSoon.name())),
        Ok(Posted::Now | Posted::JustBefore) => lead(&named, ("sent", "")),
        Err(instead) => instead,
    }
}

fn lead(named: &Named, more: (&str, &str)) -> Response {
    see_other(&address(EMAIL, (&named.journey, &named.waits), &[more]))
}

enum Posted {
    Now,
    JustBefore,
}

/// Mails a code, unless there were too many.
async fn post(app: &App, browser: &Browser, named: &Named) -> Result<Posted, Response> {
    match second::send(app.cx(), &browser.visitor, &named.journey).await {
        Ok(Sent::Yes) => Ok(Posted::Now),
        Ok(Sent::TooSoon) => Ok(Posted::JustBefore),
        Ok(Sent::TooMany(until)) => {
            let page = idp_service::signin::Page::default();
            Err(wait(app, browser, (&page, &named.waits), &until).await)
        }
        Ok(Sent::Over) => Err(over(app, browser, &named.waits).await),
        Err(error) => Err(Problem::of(&error).answer(app, browser).await),
    }
}

/// The page for that code. What came of one is told by its address: to load it again tries nothing again.
pub async fn email_page(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let named = Named::read(query.given("r"), query.given("journey"));
    let (tenant, mailbox, resend_in, left) = match second::view(app.cx(), &browser.visitor, &named.journey, None).await
    {
        Ok(Some(View { tenant, due: Due::SetUp { mailbox, resend_in, left, .. }, .. })) => {
            (tenant, mailbox, resend_in, left)
        }
        Ok(Some(_)) => return see_other(&address("/login/second", (&named.journey, &named.waits), &[])),
        Ok(None) => return over(&app, &browser, &named.waits).await,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    let waiting = match context(&app, &browser, &named.waits, None).await {
        Ok(waiting) => waiting,
        Err(instead) => return instead,
    };
    let said = query.given("said").and_then(CodeError::from_name);
    let view = EmailSetUp {
        shell: shell(&app, &browser, Around { waiting: Some(&waiting), ..of(tenant) }).await,
        within: named.within(),
        what_for: MailboxFor::SecondFactor,
        ticket: String::new(),
        mailbox,
        resend_in: u64::try_from(resend_in.seconds_up()).unwrap_or(0),
        again: query.given("sent").is_some(),
        error: match (said, left) {
            (Some(CodeError::Wrong) | None, Some(left)) => Some(CodeError::Left(left)),
            _ => said,
        },
    };
    Page::new(&view).answering(waiting.answer_origin.clone()).into_response()
}

/// The code that shows that mails arrive.
pub async fn confirm_email(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let named = Named::of(&fields);
    let first = first(&named, &fields);
    if let Some(error) = unfit(&first.code) {
        return lead(&named, ("said", error.name()));
    }
    match set_up::confirm_email(app.cx(), &browser.visitor, first).await {
        Ok(Confirmed::Done { tenant, codes, verified }) => {
            done(&app, &browser, &named, (tenant, codes, verified)).await
        }
        Ok(Confirmed::Wrong) => lead(&named, ("said", CodeError::Wrong.name())),
        Ok(Confirmed::Locked(lock)) => locked(&app, &browser, (&named.waits, lock)).await,
        Ok(Confirmed::Expired) => match post(&app, &browser, &named).await {
            Ok(Posted::Now) => lead(&named, ("said", CodeError::Expired.name())),
            Ok(Posted::JustBefore) => lead(&named, ("said", CodeError::TooSoon.name())),
            Err(instead) => instead,
        },
        Ok(Confirmed::Taken | Confirmed::Over) => over(&app, &browser, &named.waits).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// It is set up: the backup codes, once, and then where the sign-in leads.
async fn done(
    app: &App,
    browser: &Browser,
    named: &Named,
    (tenant, codes, verified): (TenantId, Vec<Secret<String>>, Verified),
) -> Response {
    let entry = match verified {
        Verified::In(entry) => *entry,
        // The codes can be made again once the password is another; showing both at once would lose one.
        Verified::MustChange(asked) => return follow_must_change(app, browser, named, asked).await,
        Verified::Wrong | Verified::Used | Verified::Expired | Verified::Locked(_) | Verified::Over => {
            return over(app, browser, &named.waits).await;
        }
    };
    // Whatever became of the request that waited: he is in, and these codes are shown now or never.
    let context = context(app, browser, &named.waits, None).await.unwrap_or_default();
    let around = Around { waiting: Some(&context), ..of(tenant) };
    let (path, with) = by_way_of_offer(browser, &entry, &named.waits);
    let view = BackupCodes {
        shell: shell(app, browser, around).await,
        codes: codes.iter().map(|code| code.expose().clone()).collect(),
        is_first: true,
        replaced: false,
        next: (path.to_owned(), with),
    };
    let mut response = Page::new(&view).answering(context.answer_origin.clone()).into_response();
    keep(app, &mut response, &entry);
    response
}
