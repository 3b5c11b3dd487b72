//! The pages before a sign-in.

pub mod choose;
pub mod company;
pub mod email;
pub mod forgot;
pub mod login;
pub mod new_password;
pub mod passkey;
pub mod second;
pub mod set_up;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use idp_pages::signin::{MustChange as MustChangeView, Wait as WaitView};
use idp_service::context::Company;
use idp_service::sessions::Cookies;
use idp_service::signin::{self, Answer, Entry, MustChange, Next, Wait};
use idp_service::waiting::Restart;

use crate::web::cookies::{self, Kind};
use crate::web::extract::session::Back;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local, see_other};
use idp_service::when::clock_time;

/// What the hidden field `r` says: a sealed request of a client, or one of our own pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waits {
    /// A client waits.
    Client(String),
    /// A page of ours waits.
    Page(Back),
    /// Nobody waits.
    Nobody,
}

impl Waits {
    /// Reads the field.
    pub fn read(r: Option<&str>) -> Self {
        match r.filter(|r| !r.is_empty()) {
            None => Self::Nobody,
            Some(r) => Back::from_name(r).map_or_else(|| Self::Client(r.to_owned()), Self::Page),
        }
    }

    /// The sealed request, for the use cases.
    pub fn sealed(&self) -> Option<&str> {
        match self {
            Self::Client(sealed) => Some(sealed),
            Self::Page(_) | Self::Nobody => None,
        }
    }

    /// Does a page of ours wait on which credentials are changed? Then everything is asked for again.
    pub fn insists(&self) -> bool {
        match self {
            Self::Page(back) => back.insists(),
            Self::Client(_) | Self::Nobody => false,
        }
    }

    /// The field again, for the next form.
    pub fn field(&self) -> Option<String> {
        match self {
            Self::Client(sealed) => Some(sealed.clone()),
            Self::Page(back) => Some(back.name().to_owned()),
            Self::Nobody => None,
        }
    }

    /// The address of a page with the field in it.
    pub fn at(&self, path: &str) -> String {
        match self.field() {
            Some(r) => local(path, &[("r", &r)]),
            None => path.to_owned(),
        }
    }
}

/// What a page before the sign-in knows, or the answer to give instead: a request that can't be answered begins again.
///
/// # Errors
/// The answer to give instead.
pub async fn context(
    app: &App,
    browser: &Browser,
    waits: &Waits,
    tenant: Option<&str>,
) -> Result<signin::Page, Response> {
    let code = tenant.and_then(|t| t.parse().ok());
    match signin::page(app.cx(), &browser.visitor, waits.sealed(), code.as_ref()).await {
        Ok(page) => match page.restart {
            Some(how) => Err(restart(app, browser, how).await),
            None => Ok(page),
        },
        Err(error) => Err(Problem::of(&error).answer(app, browser).await),
    }
}

/// The waiting request begins again.
pub async fn restart(app: &App, browser: &Browser, how: Restart) -> Response {
    let address = |query| format!("/authorize?{query}");
    match how {
        Restart::AtOnce(query) => see_other(&address(query)),
        Restart::ByHand(query) => Problem::StartAgain(Some(address(query))).answer(app, browser).await,
        Restart::Elsewhere => Problem::StartAgain(None).answer(app, browser).await,
    }
}

/// The name of the client that waits.
pub fn client_name(page: &signin::Page) -> Option<String> {
    page.client.as_ref().map(|c| c.name.clone())
}

/// Where somebody goes who is in, and what has to come along.
pub fn destination(entry: &Entry, waits: &Waits) -> (&'static str, Vec<(String, String)>) {
    let of_account = || vec![("as".to_owned(), entry.session.to_string())];
    match (&entry.next, waits) {
        (Next::Resume(sealed), _) => ("/authorize/resume", vec![("r".to_owned(), sealed.clone())]),
        (Next::Review(sealed), _) => {
            let review = ("done".to_owned(), "review".to_owned());
            let waits = sealed.iter().map(|sealed| ("r".to_owned(), sealed.clone()));
            ("/account/security", of_account().into_iter().chain([review]).chain(waits).collect())
        }
        (Next::Console | Next::Account, Waits::Page(back)) => (back.path(), of_account()),
        (Next::Console, _) => ("/admin", of_account()),
        (Next::Account, _) => ("/account", of_account()),
    }
}

/// Gives the browser its new cookies.
pub fn keep(app: &App, response: &mut Response, made: &Cookies) {
    let secure = app.public().secure;
    cookies::set(response, &cookies::keep(Kind::Session, made.session.expose(), secure));
    if let Some(device) = &made.device {
        cookies::set(response, &cookies::keep(Kind::Device, device.expose(), secure));
    }
}

/// Somebody is in: new cookies, and on to where he wanted.
pub fn enter(app: &App, entry: &Entry, waits: &Waits) -> Response {
    let (path, with) = destination(entry, waits);
    let with: Vec<_> = with.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut response = see_other(&local(path, &with));
    keep(app, &mut response, &entry.cookies);
    response
}

/// What leads back to the form it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// The name alone doesn't say which company.
    AskCompany,
    /// Not right.
    Wrong,
}

/// What follows from a password, on whichever page it was typed.
///
/// # Errors
/// If the form is to be shown again.
pub async fn follow(
    app: &App,
    browser: &Browser,
    (page, waits): (&signin::Page, &Waits),
    answer: Answer,
) -> Result<Response, Again> {
    Ok(match answer {
        Answer::In(entry) => enter(app, &entry, waits),
        Answer::Second(journey) => second::lead(&journey, waits),
        Answer::Locked(count) => second::locked(app, browser, (waits, count)).await,
        Answer::Wait(until) => wait(app, browser, (page, waits), &until).await,
        Answer::MustChange(asked) => must_change(app, browser, (page, waits), (asked, None)).await,
        Answer::TenantOff(company) => tenant_off(app, browser, waits, &company).await,
        Answer::AskCompany => return Err(Again::AskCompany),
        Answer::Wrong => return Err(Again::Wrong),
    })
}

/// May a mail bring a link? Where the company isn't known, whenever there is a mail server.
pub fn by_email(app: &App, company: Option<&Company>) -> bool {
    app.cx().post.is_on() && company.is_none_or(|c| c.policy.links_enabled())
}

/// May people sign in with passkeys?
pub fn by_passkey(app: &App, company: Option<&Company>) -> bool {
    app.cx().passkeys.is_some() && company.is_none_or(|c| c.policy.passkeys_enabled())
}

/// The wait page: when it goes on, for people and for programs.
pub async fn wait(app: &App, browser: &Browser, (page, waits): (&signin::Page, &Waits), wait: &Wait) -> Response {
    let around = Around { waiting: Some(page), here: Some(waits.at("/login")), ..Around::default() };
    let seconds = wait.left.seconds_up().max(1);
    let view = WaitView {
        shell: shell(app, browser, around).await,
        to: client_name(page),
        request: waits.field(),
        minutes: u32::try_from((seconds + 59) / 60).unwrap_or(u32::MAX),
        at: clock_time(wait.until, &wait.zone),
        seconds: u64::try_from(seconds).unwrap_or(0),
        by_email: by_email(app, page.company.as_deref()),
    };
    let mut response = Page::new(&view).status(StatusCode::TOO_MANY_REQUESTS).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Nobody of this company comes in; the request may be another's.
pub async fn tenant_off(app: &App, browser: &Browser, waits: &Waits, company: &str) -> Response {
    Problem::TenantOff(company.to_owned(), waits.at("/login/company")).answer(app, browser).await
}

/// The page that asks for a new password.
pub async fn must_change(
    app: &App,
    browser: &Browser,
    (page, waits): (&signin::Page, &Waits),
    (asked, error): (MustChange, Option<idp_pages::signin::NewPasswordError>),
) -> Response {
    let (tenant, here) = (Some(asked.tenant), Some(waits.at("/login")));
    let around = Around { waiting: Some(page), tenant, here, ..Around::default() };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = MustChangeView {
        shell: shell(app, browser, around).await,
        request: waits.field(),
        ticket: asked.ticket,
        username: asked.username,
        min_length: asked.least,
        error,
    };
    Page::new(&view).status(status).answering(page.answer_origin.clone()).into_response()
}
