//! Signing in by mail.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use idp_core::credential::once::Purpose;
use idp_core::secret::Secret;
use idp_core::time::Lifetime;
use idp_pages::signin::{Anew, EmailCodeError, EmailSent, LinkHere, LinkOpened, LinkOver, LinkWhy};
use idp_service::signin::ask::{self, Ask, Asked};
use idp_service::signin::email::{self, Entered, Looked, Opened, Over};
use idp_service::signin::{self, Name};

use super::{Waits, client_name, context, enter_and_offer, second, wait};
use crate::web::cookies::{self, Kind};
use crate::web::extract::Fields;
use crate::web::extract::fields::Query;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local, see_other};

/// The code was wrong.
const WRONG: &str = "wrong";

/// Asks for a mail: by the sign-in page, or by the page with a company's name.
pub async fn ask(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let waits = Waits::read(fields.given("r"));
    let tenant = fields.given("tenant").and_then(|t| t.parse().ok());
    let (typed, company) = (fields.get("identifier").trim(), fields.given("company"));
    let account = fields.given("account").map_or(typed, str::trim);
    if account.is_empty() {
        return see_other(&local("/login", &[("r", &waits.field().unwrap_or_default()), ("missing", "name")]));
    }
    let name = match company {
        Some(company) => Name::Two { company: company.to_owned(), account: account.to_owned() },
        None => Name::One { typed: account.to_owned(), company: tenant },
    };
    send(&app, &browser, &waits, (name, account.to_owned(), false)).await
}

/// Another mail for the same name.
pub async fn again(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let waits = Waits::read(fields.given("r"));
    let journey = fields.get("journey").to_owned();
    let Some(pending) = email::pending(app.cx(), &browser.visitor, (&journey, Purpose::SignInLink)) else {
        return Problem::StartAgain(Some(waits.at("/login"))).answer(&app, &browser).await;
    };
    if pending.resend_in > Lifetime::ZERO {
        return page(&app, &browser, &waits, (journey, Some(EmailCodeError::TooSoon), false)).await;
    }
    let name = match pending.company {
        Some(company) => Name::Two { company, account: pending.typed.clone() },
        None => Name::One { typed: pending.typed.clone(), company: None },
    };
    send(&app, &browser, &waits, (name, pending.typed, true)).await
}

async fn send(app: &App, browser: &Browser, waits: &Waits, (name, typed, again): (Name, String, bool)) -> Response {
    let context = match context(app, browser, waits, None).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    let ask =
        Ask { request: waits.sealed().map(str::to_owned), name, typed: typed.clone(), purpose: Purpose::SignInLink };
    match ask::ask(app.cx(), &browser.visitor, ask).await {
        Ok(Asked::Sent(journey)) => {
            let r = waits.field().unwrap_or_default();
            let again = if again { "1" } else { "" };
            see_other(&local("/login/email", &[("r", &r), ("journey", &journey), ("again", again)]))
        }
        Ok(Asked::AskCompany) => {
            let r = waits.field().unwrap_or_default();
            see_other(&local("/login/company", &[("r", &r), ("account", &typed)]))
        }
        Ok(Asked::Wait(until)) => wait(app, browser, (&context, waits), &until).await,
        Err(error) => Problem::of(&error).answer(app, browser).await,
    }
}

/// The page after a mail was sent.
pub async fn sent(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let waits = Waits::read(query.given("r"));
    let journey = query.given("journey").unwrap_or_default().to_owned();
    let error = (query.given("said") == Some(WRONG)).then_some(EmailCodeError::Wrong);
    page(&app, &browser, &waits, (journey, error, query.given("again").is_some())).await
}

async fn page(
    app: &App,
    browser: &Browser,
    waits: &Waits,
    (journey, error, again): (String, Option<EmailCodeError>, bool),
) -> Response {
    let context: signin::Page = match context(app, browser, waits, None).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    let Some(pending) = email::pending(app.cx(), &browser.visitor, (&journey, Purpose::SignInLink)) else {
        return Problem::StartAgain(Some(waits.at("/login"))).answer(app, browser).await;
    };
    let r = waits.field().unwrap_or_default();
    let here = Some(local("/login/email", &[("r", &r), ("journey", &journey)]));
    let around = Around { waiting: Some(&context), here, ..Around::default() };
    let view = EmailSent {
        shell: shell(app, browser, around).await,
        to: client_name(&context),
        request: waits.field(),
        journey,
        identifier: pending.typed,
        minutes: u64::try_from(pending.minutes).unwrap_or(0),
        resend_in: u64::try_from(pending.resend_in.seconds_up()).unwrap_or(0),
        again,
        error,
    };
    let status = match error {
        Some(EmailCodeError::TooSoon) => StatusCode::TOO_MANY_REQUESTS,
        Some(EmailCodeError::Empty) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(EmailCodeError::Wrong) | None => StatusCode::OK,
    };
    let seconds = view.resend_in;
    let mut response = Page::new(&view).status(status).answering(context.answer_origin.clone()).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// Somebody types the code.
pub async fn code(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let waits = Waits::read(fields.given("r"));
    let (journey, typed) = (fields.get("journey").to_owned(), fields.get("code").to_owned());
    if typed.trim().is_empty() {
        return page(&app, &browser, &waits, (journey, Some(EmailCodeError::Empty), false)).await;
    }
    match email::by_code(app.cx(), &browser.visitor, &journey, &typed).await {
        Ok(Entered::In(entry)) => enter_and_offer(&app, &browser, &entry, &waits),
        Ok(Entered::Second(journey, _)) => second::lead(&journey, &waits),
        // To the page, not as the page: to load it again must not try the code again.
        Ok(Entered::WrongCode | Entered::NeedsCode) => {
            let r = waits.field().unwrap_or_default();
            see_other(&local("/login/email", &[("r", &r), ("journey", &journey), ("said", WRONG)]))
        }
        Ok(Entered::Over(why)) => worthless(&app, &browser, (because(why), None, false)).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// A link from a mail: what it carries goes into a cookie, and out of the address before anything is shown. Nothing is
/// spent: programs that look at mails open it, too.
pub async fn open(State(app): State<App>, Path(token): Path<String>) -> Response {
    keep_token(&app, "/m", &token)
}

/// Puts a token into its cookie and leads to the page without it.
pub(in crate::web) fn keep_token(app: &App, page: &str, token: &str) -> Response {
    let mut response = see_other(page);
    let fits = token.len() < 100 && token.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if fits {
        cookies::set(&mut response, &cookies::keep(Kind::Link, token, app.public().secure));
    }
    response
}

/// What the link is worth.
pub async fn opened(State(app): State<App>, Extension(browser): Extension<Browser>) -> Response {
    let Some(token) = browser.link.clone() else { return is_over(&app, &browser, Over::Expired).await };
    match email::look(app.cx(), &browser.visitor, token.expose()).await {
        Ok(Looked::Good { here, username, tenant, request }) => {
            let company = match app.cx().company(tenant).await {
                Ok(company) => company.tenant.name.clone(),
                Err(error) => return Problem::of(&error).answer(&app, &browser).await,
            };
            let around = Around { tenant: Some(tenant), here: Some("/m".to_owned()), ..Around::default() };
            let shell = shell(&app, &browser, around).await;
            // Browsers hold the page's policy against the redirects after its form: the portal's origin has to be in
            // it.
            let origin = match signin::page(app.cx(), &browser.visitor, request.as_deref(), None).await {
                Ok(page) => page.answer_origin,
                Err(error) => return Problem::of(&error).answer(&app, &browser).await,
            };
            let here = match here {
                Opened::ByAsker => LinkHere::GoesOn,
                Opened::Elsewhere => LinkHere::Button,
                Opened::NeedsCode => LinkHere::NeedsCode,
            };
            let view = LinkOpened { shell, company, username, here, link: browser.link_name() };
            Page::new(&view).answering(origin).into_response()
        }
        Ok(Looked::Over(why)) => is_over(&app, &browser, why).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Somebody wants in by the link he opened.
pub async fn by_link(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let token = match meant(&app, &browser, &fields).await {
        Ok(token) => token,
        Err(instead) => return instead,
    };
    let mut response = match email::by_link(app.cx(), &browser.visitor, &token).await {
        Ok(Entered::In(entry)) => enter_and_offer(&app, &browser, &entry, &Waits::Nobody),
        Ok(Entered::Second(journey, request)) => second::lead(&journey, &request.map_or(Waits::Nobody, Waits::Client)),
        Ok(Entered::NeedsCode) => return see_other("/m"),
        Ok(Entered::WrongCode) => is_over(&app, &browser, Over::Expired).await,
        Ok(Entered::Over(why)) => is_over(&app, &browser, why).await,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    cookies::set(&mut response, &cookies::drop(Kind::Link, app.public().secure));
    response
}

/// The link that a form is about. The browser carries the one that was opened last; a form of another does nothing.
pub(in crate::web) async fn meant(app: &App, browser: &Browser, fields: &Fields) -> Result<Secret<String>, Response> {
    match &browser.link {
        Some(link) if fields.get("link") == browser.link_name() => Ok(link.clone()),
        Some(_) => Err(worthless(app, browser, (LinkWhy::Another, None, false)).await),
        None => Err(is_over(app, browser, Over::Expired).await),
    }
}

/// The link that was opened is worth nothing: what to do now.
pub(in crate::web) async fn is_over(app: &App, browser: &Browser, why: Over) -> Response {
    let why = because(why);
    tracing::info!(event = "link_over", why = ?why, "a link from a mail was opened that is worth nothing any more");
    let is_invited = browser.link.as_ref().is_some_and(|token| email::is_invitation(token.expose()));
    let anew = match &browser.link {
        Some(token) => email::anew(app.cx(), token.expose()).await.unwrap_or_default(),
        None => None,
    };
    let anew = anew.map(|email::Anew { username, is_reset }| Anew { username, is_reset });
    worthless(app, browser, (why, anew, is_invited)).await
}

fn because(why: Over) -> LinkWhy {
    match why {
        Over::Used => LinkWhy::Used,
        Over::Newer => LinkWhy::Newer,
        Over::Expired => LinkWhy::Expired,
    }
}

async fn worthless(app: &App, browser: &Browser, (why, anew, is_invited): (LinkWhy, Option<Anew>, bool)) -> Response {
    let around = Around { here: Some("/m".to_owned()), ..Around::default() };
    let view = LinkOver { shell: shell(app, browser, around).await, why, anew, is_invited };
    Page::new(&view).status(StatusCode::GONE).into_response()
}
