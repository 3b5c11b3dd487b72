//! A forgotten password.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use idp_core::credential::once::Purpose;
use idp_core::secret::Secret;
use idp_core::time::Lifetime;
use idp_pages::signin::{Forgot, ForgotError, ForgotSent, NewPasswordError, ResetPassword};
use idp_service::error::ServiceError;
use idp_service::signin::ask::{self, Ask, Asked};
use idp_service::signin::email;
use idp_service::signin::reset::{self, Reset, Whose};
use idp_service::signin::{Name, Page as Context};

use super::email::is_over;
use super::new_password::words;
use super::{Waits, enter_and_offer, wait};
use crate::web::cookies::{self, Kind};
use crate::web::extract::Fields;
use crate::web::extract::fields::Query;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local, see_other};

/// What the form shows.
struct Form {
    tenant: Option<String>,
    identifier: String,
    company: Option<String>,
    error: Option<ForgotError>,
}

/// The page.
pub async fn show(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let tenant = query.given("tenant").map(str::to_owned).or_else(|| browser.company.clone());
    let identifier = query.given("name").unwrap_or_default().to_owned();
    render(&app, &browser, Form { tenant, identifier, company: None, error: None }).await
}

async fn render(app: &App, browser: &Browser, form: Form) -> Response {
    let company = match form.tenant.as_deref().and_then(|t| t.parse().ok()) {
        Some(code) => app.cx().company_by_code(&code).await.ok().flatten(),
        None => None,
    };
    let tenant = company.as_ref().map(|c| c.tenant.id);
    let around = Around { tenant, here: Some("/forgot".to_owned()), ..Around::default() };
    let status = if form.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = Forgot {
        shell: shell(app, browser, around).await,
        tenant: company.map(|c| c.tenant.code.to_string()),
        identifier: form.identifier,
        company: form.company,
        by_email: app.cx().post.is_on(),
        error: form.error,
    };
    Page::new(&view).status(status).into_response()
}

/// Asks for a mail.
pub async fn ask(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let identifier = fields.get("identifier").trim().to_owned();
    let tenant = fields.given("tenant").map(str::to_owned);
    // Where it was asked for it is there, if only empty.
    let company = fields.all("company").first().map(|c| c.trim().to_owned());
    if identifier.is_empty() {
        let error = Some(ForgotError::EmptyIdentifier);
        return render(&app, &browser, Form { tenant, identifier, company, error }).await;
    }
    let missing = company.as_deref().filter(|c| c.is_empty()).map(|_| ForgotError::WhichCompany);
    let name = match company {
        Some(company) if !company.is_empty() => Name::Two { company, account: identifier.clone() },
        _ => Name::One { typed: identifier.clone(), company: tenant.as_deref().and_then(|t| t.parse().ok()) },
    };
    send(&app, &browser, (name, identifier, missing), false).await
}

/// Another mail for the same name.
pub async fn again(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let journey = fields.get("journey").to_owned();
    let Some(pending) = email::pending(app.cx(), &browser.visitor, (&journey, Purpose::Reset)) else {
        return see_other("/forgot");
    };
    if pending.resend_in > Lifetime::ZERO {
        return sent_page(&app, &browser, &journey, (false, true)).await;
    }
    let name = match pending.company {
        Some(company) => Name::Two { company, account: pending.typed.clone() },
        None => Name::One { typed: pending.typed.clone(), company: None },
    };
    send(&app, &browser, (name, pending.typed, None), true).await
}

async fn send(
    app: &App,
    browser: &Browser,
    (name, typed, missing): (Name, String, Option<ForgotError>),
    is_another: bool,
) -> Response {
    let purpose = Purpose::Reset;
    let ask = Ask { request: None, name, typed: typed.clone(), purpose };
    match ask::ask(app.cx(), &browser.visitor, ask).await {
        Ok(Asked::Sent(journey)) => {
            let again = if is_another { "1" } else { "" };
            see_other(&local("/forgot/sent", &[("journey", &journey), ("again", again)]))
        }
        Ok(Asked::AskCompany) => {
            let company = Some(browser.company.clone().unwrap_or_default());
            render(app, browser, Form { tenant: None, identifier: typed, company, error: missing }).await
        }
        Ok(Asked::Wait(until)) => wait(app, browser, (&Context::default(), &Waits::Nobody), &until).await,
        Err(error) => Problem::of(&error).answer(app, browser).await,
    }
}

/// The page after a mail was sent.
pub async fn sent(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let journey = query.given("journey").unwrap_or_default().to_owned();
    sent_page(&app, &browser, &journey, (query.given("again").is_some(), false)).await
}

async fn sent_page(app: &App, browser: &Browser, journey: &str, (again, too_soon): (bool, bool)) -> Response {
    let Some(pending) = email::pending(app.cx(), &browser.visitor, (journey, Purpose::Reset)) else {
        return see_other("/forgot");
    };
    let around = Around { here: Some(local("/forgot/sent", &[("journey", journey)])), ..Around::default() };
    let view = ForgotSent {
        shell: shell(app, browser, around).await,
        journey: journey.to_owned(),
        identifier: pending.typed,
        minutes: u64::try_from(pending.minutes).unwrap_or(0),
        resend_in: u64::try_from(pending.resend_in.seconds_up()).unwrap_or(0),
        again,
        too_soon,
    };
    let status = if too_soon { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::OK };
    let mut response = Page::new(&view).status(status).into_response();
    if too_soon {
        response.headers_mut().insert(http::header::RETRY_AFTER, pending.resend_in.seconds_up().into());
    }
    response
}

/// A link from a mail: what it carries goes into a cookie, and out of the address before anything is shown.
pub async fn open(State(app): State<App>, Path(token): Path<String>) -> Response {
    super::email::keep_token(&app, "/reset", &token)
}

/// The page for a new password, if the link is good.
pub async fn opened(State(app): State<App>, Extension(browser): Extension<Browser>) -> Response {
    let token = browser.link.clone().unwrap_or_else(|| Secret::new(String::new()));
    match reset::look(app.cx(), token.expose()).await {
        Ok(Ok(whose)) => form(&app, &browser, (whose, None)).await,
        Ok(Err(over)) => is_over(&app, &browser, over).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

async fn form(app: &App, browser: &Browser, (whose, error): (Whose, Option<NewPasswordError>)) -> Response {
    let around = Around { tenant: Some(whose.tenant), here: Some("/reset".to_owned()), ..Around::default() };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = ResetPassword {
        shell: shell(app, browser, around).await,
        link: browser.link_name(),
        username: whose.username,
        min_length: whose.least,
        error,
    };
    Page::new(&view).status(status).into_response()
}

/// Somebody chose a new password.
pub async fn submit(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let token = match super::email::meant(&app, &browser, &fields).await {
        Ok(token) => token,
        Err(instead) => return instead,
    };
    let (new, confirm) = fields.new_password();
    match reset::reset(app.cx(), &browser.visitor, &token, (&new, &confirm)).await {
        Ok(Reset::In(entry)) => {
            let mut response = enter_and_offer(&app, &browser, &entry, &Waits::Nobody);
            cookies::set(&mut response, &cookies::drop(Kind::Link, app.public().secure));
            response
        }
        Ok(Reset::Second(journey)) => {
            let mut response = super::second::lead(&journey, &Waits::Nobody);
            cookies::set(&mut response, &cookies::drop(Kind::Link, app.public().secure));
            response
        }
        Ok(Reset::Refused(whose, why)) => form(&app, &browser, (whose, Some(words(why)))).await,
        Ok(Reset::Over(over)) => is_over(&app, &browser, over).await,
        Err(ServiceError::Busy(_)) => match reset::look(app.cx(), token.expose()).await {
            Ok(Ok(whose)) => form(&app, &browser, (whose, Some(NewPasswordError::Busy))).await,
            Ok(Err(over)) => is_over(&app, &browser, over).await,
            Err(error) => Problem::of(&error).answer(&app, &browser).await,
        },
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}
