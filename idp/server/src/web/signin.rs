//! The pages before a sign-in.

pub mod app_window;
pub mod choose;
pub mod company;
pub mod email;
pub mod forgot;
pub mod login;
pub mod new_password;
pub mod passkey;
pub mod second;
pub mod set_up;
pub mod upstream;
pub mod ways;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use idp_core::session::Method;
use idp_pages::signin::{Last, MustChange as MustChangeView, Wait as WaitView};
use idp_service::context::Company;
use idp_service::signin::upstream::Waiting;
use idp_service::signin::{self, Answer, Entry, MustChange, Next, Review, Wait};
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
    /// A client waits in the window of an app, and somebody signs in for it in the browser.
    App(String),
    /// A page of ours waits.
    Page(Back),
    /// Who came from another provider waits to be connected with the account that is signed in to.
    Connect(String),
    /// Nobody waits.
    Nobody,
}

/// What the field begins with, up to a dot, where somebody is to be connected.
const CONNECT: &str = "connect";

/// And where somebody signs in for the window of an app.
const APP: &str = "app";

impl Waits {
    /// Reads the field.
    pub fn read(r: Option<&str>) -> Self {
        match r.filter(|r| !r.is_empty()) {
            None => Self::Nobody,
            Some(r) => match (r.split_once('.'), Back::from_name(r)) {
                (Some((CONNECT, ticket)), _) => Self::Connect(ticket.to_owned()),
                (Some((APP, sealed)), _) => Self::App(sealed.to_owned()),
                (_, Some(back)) => Self::Page(back),
                (_, None) => Self::Client(r.to_owned()),
            },
        }
    }

    /// What waits, in the words of the use cases.
    pub fn told(&self) -> Waiting {
        let page = match self {
            Self::App(_) => Some(APP.to_owned()),
            Self::Page(_) | Self::Connect(_) => self.field(),
            Self::Client(_) | Self::Nobody => None,
        };
        Waiting { request: self.sealed().map(str::to_owned), page }
    }

    /// The same, read.
    pub fn of(told: Waiting) -> Self {
        match (told.request, told.page.as_deref()) {
            (Some(sealed), Some(APP)) => Self::App(sealed),
            (Some(sealed), _) => Self::Client(sealed),
            (None, page) => Self::read(page),
        }
    }

    /// The sealed request, for the use cases.
    pub fn sealed(&self) -> Option<&str> {
        match self {
            Self::Client(sealed) | Self::App(sealed) => Some(sealed),
            Self::Page(_) | Self::Connect(_) | Self::Nobody => None,
        }
    }

    /// Does a page of ours wait on which credentials are changed? Then everything is asked for again.
    pub fn insists(&self) -> bool {
        match self {
            Self::Page(back) => back.insists(),
            Self::Connect(_) => true,
            Self::Client(_) | Self::App(_) | Self::Nobody => false,
        }
    }

    /// The field again, for the next form.
    pub fn field(&self) -> Option<String> {
        match self {
            Self::Client(sealed) => Some(sealed.clone()),
            Self::Page(back) => Some(back.name().to_owned()),
            Self::App(sealed) => Some(format!("{APP}.{sealed}")),
            Self::Connect(ticket) => Some(format!("{CONNECT}.{ticket}")),
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
        (Next::Resume(sealed), Waits::App(_)) => ("/login/back-to-app", vec![("r".to_owned(), sealed.clone())]),
        (Next::Resume(sealed), _) => ("/authorize/resume", vec![("r".to_owned(), sealed.clone())]),
        (Next::Review(why, sealed), _) => {
            let why = match why {
                Review::IssuedCode => "review",
                Review::Passkeys => "check",
            };
            let review = ("done".to_owned(), why.to_owned());
            let waits = sealed.iter().map(|sealed| ("r".to_owned(), sealed.clone()));
            ("/account/security", of_account().into_iter().chain([review]).chain(waits).collect())
        }
        (Next::Console | Next::Account, Waits::Page(back)) => (back.path(), of_account()),
        (Next::Console | Next::Account, Waits::Connect(ticket)) => {
            ("/account/connect", of_account().into_iter().chain([("t".to_owned(), ticket.clone())]).collect())
        }
        (Next::Console, _) => ("/admin", of_account()),
        (Next::Account, _) => ("/account", of_account()),
    }
}

/// Gives the browser its new cookies.
pub fn keep(app: &App, response: &mut Response, entry: &Entry) {
    let (secure, made) = (app.public().secure, &entry.cookies);
    remember(app, response, last_of(entry.way.by));
    cookies::set(response, &cookies::keep(Kind::Session, made.session.expose(), secure));
    if let Some(device) = &made.device {
        cookies::set(response, &cookies::keep(Kind::Device, device.expose(), secure));
    }
}

/// Has the person to show that he is there now, or lately was?
pub fn wants_recent(waits: &Waits, page: &signin::Page) -> bool {
    waits.insists() || page.is_renewal || page.wants_recent
}

/// How somebody came in, as his browser remembers it. The name of a provider is remembered where it is known.
fn last_of(method: Method) -> Option<Last> {
    match method {
        Method::Password | Method::App | Method::BackupCode => Some(Last::Password),
        Method::Email => Some(Last::Email),
        Method::DeviceKey | Method::SyncedKey => Some(Last::Passkey),
        Method::Upstream | Method::UpstreamBoth => None,
    }
}

/// Before the name of a provider.
const AT: &str = "at.";

/// Lets the browser remember how somebody came in: a word, and nobody's name.
pub fn remember(app: &App, response: &mut Response, last: Option<Last>) {
    let value = match last {
        Some(Last::Password) => "password".to_owned(),
        Some(Last::Email) => "email".to_owned(),
        Some(Last::Passkey) => "passkey".to_owned(),
        Some(Last::Provider(name)) => format!("{AT}{name}"),
        None => return,
    };
    cookies::set(response, &cookies::keep(Kind::Last, &value, app.public().secure));
}

/// How somebody came in here the last time.
pub fn last(browser: &Browser) -> Option<Last> {
    match browser.last.as_deref()? {
        "password" => Some(Last::Password),
        "email" => Some(Last::Email),
        "passkey" => Some(Last::Passkey),
        other => other.strip_prefix(AT).map(|name| Last::Provider(name.to_owned())),
    }
}

/// The same for somebody who came in without a passkey and could have one: an offer comes before, unless this browser's
/// people don't want to see it.
pub fn by_way_of_offer(browser: &Browser, entry: &Entry, waits: &Waits) -> (&'static str, Vec<(String, String)>) {
    let onward = match (&entry.next, waits) {
        (Next::Review(..), _) | (_, Waits::Connect(_) | Waits::App(_)) => return destination(entry, waits),
        (Next::Resume(sealed), _) => sealed.clone(),
        (Next::Console | Next::Account, Waits::Page(back)) => back.name().to_owned(),
        (Next::Console, _) => Back::Console.name().to_owned(),
        (Next::Account, _) => Back::Account.name().to_owned(),
    };
    if !entry.way.lacks_key || browser.wants_no_offer {
        return destination(entry, waits);
    }
    let with = [("as".to_owned(), entry.session.to_string()), ("r".to_owned(), onward)];
    ("/account/passkey", with.into())
}

/// Somebody is in: new cookies, and on to where he wanted.
pub fn enter(app: &App, entry: &Entry, waits: &Waits) -> Response {
    lead_in(app, entry, destination(entry, waits))
}

/// The same, by way of the offer.
pub fn enter_and_offer(app: &App, browser: &Browser, entry: &Entry, waits: &Waits) -> Response {
    lead_in(app, entry, by_way_of_offer(browser, entry, waits))
}

fn lead_in(app: &App, entry: &Entry, (path, with): (&str, Vec<(String, String)>)) -> Response {
    let with: Vec<_> = with.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut response = see_other(&local(path, &with));
    keep(app, &mut response, entry);
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
