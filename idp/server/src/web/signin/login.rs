//! The sign-in page.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use idp_core::federation::Connector;
use idp_core::ids::TenantId;
use idp_core::secret::Secret;
use idp_core::tenant::{TenantCode, TenantState};
use idp_pages::signin::{Connects, InApp, Notice, ProviderButton, Providers, SignIn, SignInError, Step};
use idp_service::context::Company;
use idp_service::error::ServiceError;
use idp_service::sessions;
use idp_service::signin::upstream::Ticket;
use idp_service::signin::{self, Attempt, Name};

use super::{Again, Waits, client_name, context, follow, tenant_off};
use crate::web::extract::Fields;
use crate::web::extract::fields::Query;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local, see_other};

/// The entry of a company: its people need not type its name.
pub async fn tenant_entry(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    Path(code): Path<String>,
) -> Response {
    let typed = code.to_lowercase();
    let known = match typed.parse::<TenantCode>() {
        Ok(code) => app.cx().company_by_code(&code).await,
        Err(_cause) => Ok(None),
    };
    match known {
        Ok(Some(company)) => see_other(&local("/login", &[("tenant", company.tenant.code.as_str())])),
        Ok(None) if typed.parse::<TenantCode>().is_ok() => see_other(&local("/login/company", &[("unknown", &typed)])),
        Ok(None) => Problem::NotFound.answer(&app, &browser).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// What the form shows.
struct Form<'a> {
    waits: &'a Waits,
    tenant: Option<String>,
    step: Step,
    identifier: String,
    notice: Option<Notice>,
    error: Option<SignInError>,
    /// The id of a passkey that nobody here has.
    unknown: Option<String>,
}

/// The page once more, which says why a provider let nobody in.
pub(super) async fn refused(
    app: &App,
    browser: &Browser,
    (page, waits, tenant): (&signin::Page, &Waits, Option<TenantId>),
    error: SignInError,
) -> Response {
    let company = match tenant {
        Some(tenant) => app.cx().company(tenant).await.ok().map(|company| company.tenant.code.to_string()),
        None => None,
    };
    once_more(app, browser, (page, waits, company), (error, None)).await
}

/// The page once more, which says why a passkey was not taken.
pub(super) async fn again(
    app: &App,
    browser: &Browser,
    (page, waits): (&signin::Page, &Waits),
    told: (SignInError, Option<String>),
) -> Response {
    once_more(app, browser, (page, waits, None), told).await
}

async fn once_more(
    app: &App,
    browser: &Browser,
    (page, waits, company): (&signin::Page, &Waits, Option<String>),
    (error, unknown): (SignInError, Option<String>),
) -> Response {
    let step = if asks_name_first(app, page).await { Step::Name } else { Step::Both };
    let known = || page.company.as_ref().map(|c| c.tenant.code.to_string());
    let tenant = company.or_else(known).or_else(|| browser.company.clone());
    let identifier = page.login_hint.clone();
    let form = Form { waits, tenant, step, identifier, notice: None, error: Some(error), unknown };
    render(app, browser, page, form).await
}

/// The page.
pub async fn show(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let waits = Waits::read(query.given("r"));
    let remembered = query.given("tenant").map(str::to_owned).or_else(|| browser.company.clone());
    let page = match context(&app, &browser, &waits, query.given("tenant")).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    if let Some(off) = page.company.as_ref().filter(|c| c.tenant.state == TenantState::Suspended) {
        return tenant_off(&app, &browser, &waits, &off.tenant.name).await;
    }
    let notice = match query.given("notice") {
        Some("ended") => Some(Notice::SessionEnded),
        Some("confirm") => Some(Notice::ConfirmIdentity),
        _ if page.is_renewal => Some(Notice::ConfirmIdentity),
        _ if ran_out(&app, &browser).await => Some(Notice::SignedOutIdle),
        _ => None,
    };
    let tenant = page.company.as_ref().map(|c| c.tenant.code.to_string()).or(remembered);
    let identifier = query.given("name").map_or_else(|| page.login_hint.clone(), str::to_owned);
    let step = if asks_name_first(&app, &page).await { Step::Name } else { Step::Both };
    let error = query.given("missing").map(|_name| SignInError::EmptyIdentifier);
    let form = Form { waits: &waits, tenant, step, identifier, notice, error, unknown: None };
    render(&app, &browser, &page, form).await
}

/// Does the company, or the vendor where none is known, want the name on a page of its own?
async fn asks_name_first(app: &App, page: &signin::Page) -> bool {
    match &page.company {
        Some(company) => company.policy.asks_name_first(),
        None => app.cx().company(app.cx().vendor).await.is_ok_and(|vendor| vendor.policy.asks_name_first()),
    }
}

/// Nobody is signed in here any more, because somebody's time ran out.
async fn ran_out(app: &App, browser: &Browser) -> bool {
    let here = sessions::present(app.cx(), &browser.visitor).await.unwrap_or_default();
    here.is_empty() && sessions::ran_out(app.cx(), &browser.visitor).await.unwrap_or_default()
}

async fn render(app: &App, browser: &Browser, page: &signin::Page, form: Form<'_>) -> Response {
    let others = signin::chooser(app.cx(), &browser.visitor).await.unwrap_or_default();
    let mut here = form.waits.at("/login");
    if let (Waits::Nobody, Some(tenant)) = (form.waits, &form.tenant) {
        here = local("/login", &[("tenant", tenant)]);
    }
    let Some((form, ticket)) = to_connect(app, browser, form).await else {
        return Problem::StartAgain(Some("/login".to_owned())).answer(app, browser).await;
    };
    let company = match form.tenant.as_deref().and_then(|t| t.parse().ok()) {
        Some(code) => app.cx().company_by_code(&code).await.ok().flatten(),
        None => None,
    };
    let company = company.filter(|c| c.tenant.state == TenantState::Active);
    let known = company.is_some();
    let by_email = super::by_email(app, company.as_deref());
    let by_passkey = super::by_passkey(app, company.as_deref());
    let host = app.cx().passkeys.as_ref().map(|passkeys| passkeys.host().to_owned());
    let providers = providers(app, (form.waits, page), company.as_deref(), ticket.as_ref()).await;
    let connects = ticket.zip(company.as_ref()).map(|(ticket, company)| Connects {
        provider: ticket.label,
        shown: ticket.shown,
        company: company.tenant.name.clone(),
        back: Waits::of(ticket.waits).field(),
    });
    let tenant = company.map(|c| c.tenant.id);
    let around = Around { waiting: Some(page), tenant, here: Some(here), ..Around::default() };
    let status = if form.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = SignIn {
        shell: shell(app, browser, around).await,
        to: client_name(page),
        request: form.waits.field(),
        tenant: form.tenant.filter(|_| known),
        step: form.step,
        identifier: form.identifier,
        notice: form.notice,
        error: form.error,
        by_email,
        by_passkey,
        app: in_app(form.waits, host.as_deref()),
        unknown: form.unknown.zip(host),
        providers,
        connects,
        last: super::last(browser),
        has_others: !(others.here.is_empty() && others.past.is_empty()),
    };
    Page::new(&view).status(status).answering(page.answer_origin.clone()).into_response()
}

/// Who came from a provider, if somebody is to be connected: with an account of the company whose provider it is.
/// Nothing, if that took too long.
async fn to_connect<'a>(app: &App, browser: &Browser, form: Form<'a>) -> Option<(Form<'a>, Option<Ticket>)> {
    let Waits::Connect(sealed) = form.waits else { return Some((form, None)) };
    let ticket = Ticket::open(app.cx(), &browser.visitor, sealed)?;
    let tenant = app.cx().company(ticket.tenant).await.ok().map(|c| c.tenant.code.to_string());
    Some((Form { tenant, ..form }, Some(ticket)))
}

async fn providers(
    app: &App,
    (waits, page): (&Waits, &signin::Page),
    company: Option<&Company>,
    ticket: Option<&Ticket>,
) -> Providers {
    // By one that doesn't tell when, nobody shows that he is there now.
    let is_recent = super::wants_recent(waits, page);
    let serves = |c: &&Connector| !is_recent || c.kind.tells_when();
    match (company, ticket) {
        (Some(company), None) => Providers::These(company.connectors.iter().filter(serves).map(button).collect()),
        (None, None) if signin::has_connectors(app.cx()).await.unwrap_or_default() => Providers::AskCompany,
        (None, None) | (_, Some(_)) => Providers::These(Vec::new()),
    }
}

/// What the window of an installed app needs, where a client waits in it.
fn in_app(waits: &Waits, host: Option<&str>) -> Option<InApp> {
    let (Waits::Client(sealed), Some(host)) = (waits, host) else { return None };
    let browser = Waits::App(sealed.clone()).at("/login");
    Some(InApp { host: host.to_owned(), browser, resume: local("/authorize/resume", &[("r", sealed)]) })
}

fn button(connector: &Connector) -> ProviderButton {
    ProviderButton { name: connector.name.clone(), label: connector.label.clone(), kind: connector.kind }
}

/// What was typed, read.
struct Typed {
    waits: Waits,
    tenant: Option<String>,
    identifier: String,
    password: Secret<String>,
    only_name: bool,
}

impl Typed {
    fn read(fields: &Fields) -> Self {
        Self {
            waits: Waits::read(fields.given("r")),
            tenant: fields.given("tenant").map(str::to_owned),
            identifier: fields.get("identifier").to_owned(),
            password: Secret::new(fields.get("password").to_owned()),
            only_name: fields.get("step") == "name",
        }
    }

    fn company(&self) -> Option<TenantCode> {
        self.tenant.as_deref().and_then(|t| t.parse().ok())
    }

    fn form(&self, step: Step, error: Option<SignInError>) -> Form<'_> {
        let (tenant, identifier) = (self.tenant.clone(), self.identifier.clone());
        Form { waits: &self.waits, tenant, step, identifier, notice: None, error, unknown: None }
    }

    /// What has to be shown before a password can be looked at, if anything. Nobody is looked up for it.
    fn unfinished(&self, name_first: bool) -> Option<(Step, Option<SignInError>)> {
        let apart = |both| if name_first { both } else { Step::Both };
        if self.identifier.trim().is_empty() {
            Some((apart(Step::Name), Some(SignInError::EmptyIdentifier)))
        } else if self.only_name {
            Some((Step::Password, None))
        } else if self.password.expose().is_empty() {
            Some((apart(Step::Password), Some(SignInError::EmptyPassword)))
        } else {
            None
        }
    }

    fn attempt(&self) -> Attempt {
        Attempt {
            request: self.waits.sealed().map(str::to_owned),
            name: Name::One { typed: self.identifier.clone(), company: self.company() },
            password: self.password.clone(),
            insists: self.waits.insists(),
        }
    }
}

/// Somebody signs in, or says his name first.
pub async fn submit(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let typed = Typed::read(&fields);
    let page = match context(&app, &browser, &typed.waits, typed.tenant.as_deref()).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    let name_first = asks_name_first(&app, &page).await;
    if typed.only_name && signin::is_bare(&typed.identifier, typed.company().as_ref()) {
        return ask_company(&typed);
    }
    if let Some((step, error)) = typed.unfinished(name_first) {
        return render(&app, &browser, &page, typed.form(step, error)).await;
    }
    let answer = signin::password(app.cx(), &browser.visitor, typed.attempt()).await;
    let again = |error| typed.form(if name_first { Step::Password } else { Step::Both }, Some(error));
    match answer {
        Ok(answer) => match follow(&app, &browser, (&page, &typed.waits), answer).await {
            Ok(response) => response,
            Err(Again::AskCompany) => ask_company(&typed),
            Err(Again::Wrong) => render(&app, &browser, &page, again(SignInError::WrongCredentials)).await,
        },
        Err(ServiceError::Busy(cause)) => {
            tracing::warn!(event = "sign_in_busy", cause);
            let mut response = render(&app, &browser, &page, again(SignInError::Busy)).await;
            busy(&mut response);
            response
        }
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// The name alone doesn't say which company.
fn ask_company(typed: &Typed) -> Response {
    let r = typed.waits.field().unwrap_or_default();
    see_other(&local("/login/company", &[("r", &r), ("account", typed.identifier.trim())]))
}

/// Too much to do: programs learn when to come back.
pub(super) fn busy(response: &mut Response) {
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("3"));
}
