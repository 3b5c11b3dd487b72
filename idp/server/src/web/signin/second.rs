//! The second factor of a sign-in: the page, an answer, another code, giving up. Setting one up is in `set_up`.

use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use idp_core::secret::Secret;
use idp_core::signin::second_factor::{Means, digits};
use idp_core::time::Lifetime;
use idp_pages::signin::{Locked, SecondError, SecondFactor, SetUp, Within};
use idp_service::signin::second::{self, Answer, Asked, Brought, Due, LockedOut, Sent, Verified, View};
use idp_service::when::clock_time;

use super::{Waits, client_name, context, enter, must_change};
use crate::web::extract::Fields;
use crate::web::extract::fields::Query;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local, see_other};

/// Where a sign-in goes on that needs a second factor.
pub fn lead(journey: &str, waits: &Waits) -> Response {
    see_other(&at(journey, waits, &[]))
}

fn at(journey: &str, waits: &Waits, more: &[(&str, &str)]) -> String {
    address("/login/second", (journey, waits), more)
}

/// The address of a page of a sign-in.
pub(super) fn address(path: &str, (journey, waits): (&str, &Waits), more: &[(&str, &str)]) -> String {
    let r = waits.field().unwrap_or_default();
    let all: Vec<_> = [("r", r.as_str()), ("journey", journey)].into_iter().chain(more.iter().copied()).collect();
    local(path, &all)
}

/// There is no such sign-in any more: it begins again, unless somebody is in already, in another tab or by the same
/// form.
pub(super) async fn over(app: &App, browser: &Browser, waits: &Waits) -> Response {
    let here = idp_service::sessions::present(app.cx(), &browser.visitor).await.unwrap_or_default();
    if let (false, Waits::Client(sealed)) = (here.is_empty(), waits) {
        return see_other(&local("/authorize/resume", &[("r", sealed)]));
    }
    if !here.is_empty() {
        return see_other("/account");
    }
    Problem::StartAgain(Some(waits.at("/login"))).answer(app, browser).await
}

/// A sign-in as a form or an address names it.
pub(super) struct Named {
    pub(super) waits: Waits,
    pub(super) journey: String,
}

impl Named {
    pub(super) fn read(r: Option<&str>, journey: Option<&str>) -> Self {
        Self { waits: Waits::read(r), journey: journey.unwrap_or_default().to_owned() }
    }

    pub(super) fn of(fields: &Fields) -> Self {
        Self::read(fields.given("r"), fields.given("journey"))
    }

    pub(super) fn within(&self) -> Within {
        Within::SignIn { journey: self.journey.clone(), request: self.waits.field() }
    }
}

/// The page.
pub async fn show(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let named = Named::read(query.given("r"), query.given("journey"));
    let wanted = query.given("with").and_then(Means::from_name);
    let told = Told {
        said: query.given("said").and_then(Said::from_name),
        again: query.given("sent").is_some(),
        trust: query.given("trust").is_some(),
        ..Told::default()
    };
    page(&app, &browser, &named, (wanted, told)).await
}

/// What a page says beside what it asks.
#[derive(Default)]
struct Told {
    error: Option<SecondError>,
    /// When another code may be asked for, if that is later than the page knows.
    retry_after: Option<Lifetime>,
    /// What came of the answer before.
    said: Option<Said>,
    again: bool,
    /// The browser was to be trusted.
    trust: bool,
}

/// What came of an answer that leads back to the page. The address tells it: to load the page again answers nothing
/// again.
#[derive(Clone, Copy)]
enum Said {
    Wrong,
    Used,
    Expired,
}

impl Said {
    fn name(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Used => "used",
            Self::Expired => "expired",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Wrong, Self::Used, Self::Expired].into_iter().find(|said| said.name() == name)
    }

    /// What the page says. How many tries are left, once that is said, is the count as it stands.
    fn error(self, left: Option<u32>) -> SecondError {
        match (self, left) {
            (Self::Expired, _) => SecondError::Expired,
            (_, Some(left)) => SecondError::Left(left),
            (Self::Wrong, None) => SecondError::Wrong,
            (Self::Used, None) => SecondError::Used,
        }
    }
}

async fn page(app: &App, browser: &Browser, named: &Named, (wanted, told): (Option<Means>, Told)) -> Response {
    let view = match second::view(app.cx(), &browser.visitor, &named.journey, wanted).await {
        Ok(Some(view)) => view,
        Ok(None) => return over(app, browser, &named.waits).await,
        Err(error) => return Problem::of(&error).answer(app, browser).await,
    };
    let context = match context(app, browser, &named.waits, None).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    let here = Some(at(&named.journey, &named.waits, &[]));
    let around = Around { waiting: Some(&context), tenant: Some(view.tenant), here, ..Around::default() };
    let (shell, to, origin) = (shell(app, browser, around).await, client_name(&context), context.answer_origin.clone());
    match view.due {
        Due::Proof(asked) => {
            let status = status(told.error.as_ref());
            let seconds = told.retry_after.unwrap_or(asked.resend_in).seconds_up();
            let View { username, .. } = view;
            let page = proof(shell, (to, named), (asked, username), told);
            let mut response = Page::new(&page).status(status).answering(origin).into_response();
            if status == StatusCode::TOO_MANY_REQUESTS {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.max(1).into());
            }
            response
        }
        Due::SetUp { means, days, mailbox, .. } => {
            let company = match app.cx().company(view.tenant).await {
                Ok(company) => company.tenant.name.clone(),
                Err(error) => return Problem::of(&error).answer(app, browser).await,
            };
            let (request, journey) = (named.waits.field(), named.journey.clone());
            let page = SetUp { shell, to, request, journey, company, means, mailbox, days: days.map(u64::from) };
            Page::new(&page).answering(origin).into_response()
        }
        Due::Nothing => go_on(app, browser, named).await,
    }
}

fn status(error: Option<&SecondError>) -> StatusCode {
    match error {
        None => StatusCode::OK,
        Some(SecondError::TooSoon | SecondError::TooMany(_)) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn proof(
    shell: idp_pages::shell::Shell,
    (to, named): (Option<String>, &Named),
    (asked, username): (Asked, String),
    told: Told,
) -> SecondFactor {
    SecondFactor {
        shell,
        to,
        request: named.waits.field(),
        journey: named.journey.clone(),
        username,
        means: asked.means,
        others: asked.others,
        mailbox: asked.mailbox,
        code_sent: asked.code_sent,
        resend_in: u64::try_from(asked.resend_in.seconds_up()).unwrap_or(0),
        trust: told.trust,
        trust_days: asked.trust_days.and_then(|days| u64::try_from(days).ok()),
        again: told.again && asked.resend_in > Lifetime::ZERO,
        // Who begins anew is told what others have used up.
        error: told.error.or_else(|| match told.said {
            Some(said) => Some(said.error(asked.left)),
            None => asked.left.map(SecondError::Left),
        }),
    }
}

/// What is wrong with an answer before anybody looks at it.
fn unfit(means: Means, typed: &str) -> Option<SecondError> {
    if means == Means::Key {
        return typed.is_empty().then_some(SecondError::Expired);
    }
    if typed.trim().is_empty() {
        return Some(SecondError::Empty);
    }
    match means {
        Means::App | Means::Email => (digits(typed).len() != 6).then_some(SecondError::Length),
        Means::Backup | Means::Key => None,
    }
}

/// Somebody answers.
pub async fn submit(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let named = Named::of(&fields);
    let means = Means::from_name(fields.get("means")).unwrap_or(Means::Backup);
    let field = if means == Means::Key { "credential" } else { "code" };
    let (typed, trust) = (fields.get(field).to_owned(), fields.given("trust").is_some());
    if let Some(error) = unfit(means, &typed) {
        let told = Told { error: Some(error), trust, ..Told::default() };
        return page(&app, &browser, &named, (Some(means), told)).await;
    }
    let answer = Answer {
        journey: named.journey.clone(),
        request: named.waits.sealed().map(str::to_owned),
        means,
        shown: match means {
            Means::Key => Brought::Key { state: fields.get("state").to_owned(), answer: typed },
            Means::App | Means::Email | Means::Backup => Brought::Code(Secret::new(typed)),
        },
        trust,
    };
    match second::verify(app.cx(), &browser.visitor, answer).await {
        Ok(verified) => follow(&app, &browser, &named, (verified, means, trust)).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// What follows from an answer.
async fn follow(
    app: &App,
    browser: &Browser,
    named: &Named,
    (verified, means, trust): (Verified, Means, bool),
) -> Response {
    let said = match verified {
        Verified::In(entry) => return enter(app, &entry, &named.waits),
        Verified::MustChange(asked) => return follow_must_change(app, browser, named, asked).await,
        Verified::Locked(lock) => return locked(app, browser, (&named.waits, lock)).await,
        Verified::Over => return over(app, browser, &named.waits).await,
        Verified::Wrong => Said::Wrong,
        Verified::Used => Said::Used,
        Verified::Expired if means == Means::Key => Said::Expired,
        Verified::Expired => match second::send(app.cx(), &browser.visitor, &named.journey).await {
            Ok(Sent::Yes | Sent::TooSoon) => Said::Expired,
            Ok(Sent::TooMany(until)) => return too_many(app, browser, named, &until).await,
            Ok(Sent::Over) => return over(app, browser, &named.waits).await,
            Err(error) => return Problem::of(&error).answer(app, browser).await,
        },
    };
    let trust = if trust { "1" } else { "" };
    see_other(&at(&named.journey, &named.waits, &[("with", means.name()), ("said", said.name()), ("trust", trust)]))
}

/// The account is locked, after so many wrong answers; only who has shown the first factor sees this.
pub(super) async fn locked(app: &App, browser: &Browser, (waits, lock): (&Waits, LockedOut)) -> Response {
    let around = Around { tenant: Some(lock.tenant), here: Some(waits.at("/login")), ..Around::default() };
    let view = Locked {
        shell: shell(app, browser, around).await,
        count: lock.count.into(),
        back: waits.at("/login"),
        reference: browser.reference.clone(),
    };
    Page::new(&view).status(StatusCode::FORBIDDEN).into_response()
}

/// Another code, or the first one by mail.
pub async fn send(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let named = Named::of(&fields);
    let error = match second::send(app.cx(), &browser.visitor, &named.journey).await {
        Ok(Sent::Yes) => {
            return see_other(&at(&named.journey, &named.waits, &[("with", Means::Email.name()), ("sent", "1")]));
        }
        Ok(Sent::Over) => return over(&app, &browser, &named.waits).await,
        Ok(Sent::TooMany(until)) => return too_many(&app, &browser, &named, &until).await,
        Ok(Sent::TooSoon) => SecondError::TooSoon,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    page(&app, &browser, &named, (Some(Means::Email), Told { error: Some(error), ..Told::default() })).await
}

async fn too_many(app: &App, browser: &Browser, named: &Named, until: &idp_service::signin::Wait) -> Response {
    let error = SecondError::TooMany(clock_time(until.until, &until.zone));
    let told = Told { error: Some(error), retry_after: Some(until.left), ..Told::default() };
    page(app, browser, named, (Some(Means::Email), told)).await
}

/// Somebody gives up.
pub async fn cancel(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let named = Named::of(&fields);
    match second::cancel(app.cx(), &browser.visitor, &named.journey).await {
        Ok(()) => see_other(&named.waits.at("/login")),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Setting one up may wait, and somebody lets it wait.
pub async fn skip(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    go_on(&app, &browser, &Named::of(&fields)).await
}

async fn go_on(app: &App, browser: &Browser, named: &Named) -> Response {
    let request = named.waits.sealed().map(str::to_owned);
    match second::go_on(app.cx(), &browser.visitor, (&named.journey, request)).await {
        Ok(Verified::In(entry)) => enter(app, &entry, &named.waits),
        Ok(Verified::MustChange(asked)) => follow_must_change(app, browser, named, asked).await,
        Ok(_) => over(app, browser, &named.waits).await,
        Err(error) => Problem::of(&error).answer(app, browser).await,
    }
}

pub(super) async fn follow_must_change(
    app: &App,
    browser: &Browser,
    named: &Named,
    asked: idp_service::signin::MustChange,
) -> Response {
    match context(app, browser, &named.waits, None).await {
        Ok(page) => must_change(app, browser, (&page, &named.waits), (asked, None)).await,
        Err(instead) => instead,
    }
}
