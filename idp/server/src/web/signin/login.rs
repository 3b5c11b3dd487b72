//! The sign-in page.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use idp_core::secret::Secret;
use idp_core::tenant::TenantCode;
use idp_pages::signin::{Notice, SignIn, SignInError};
use idp_service::error::ServiceError;
use idp_service::sessions;
use idp_service::signin::{self, Answer, Attempt, Name};

use super::{Waits, client_name, context, enter, must_change, wait};
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
    match code.to_lowercase().parse::<TenantCode>() {
        Ok(code) => see_other(&local("/login", &[("tenant", code.as_str())])),
        Err(_cause) => Problem::NotFound.answer(&app, &browser).await,
    }
}

/// What the form shows.
struct Form<'a> {
    waits: &'a Waits,
    tenant: Option<String>,
    identifier: String,
    notice: Option<Notice>,
    error: Option<SignInError>,
}

/// The page.
pub async fn show(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let waits = Waits::read(query.given("r"));
    let remembered = query.given("tenant").map(str::to_owned).or_else(|| browser.company.clone());
    let page = match context(&app, &browser, &waits, query.given("tenant")).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    let notice = match query.given("notice") {
        Some("ended") => Some(Notice::SessionEnded),
        _ if page.is_renewal => Some(Notice::ConfirmIdentity),
        _ if ran_out(&app, &browser).await => Some(Notice::SignedOutIdle),
        _ => None,
    };
    let tenant = page.company.as_ref().map(|c| c.tenant.code.to_string()).or(remembered);
    let form = Form { waits: &waits, tenant, identifier: page.login_hint.clone(), notice, error: None };
    render(&app, &browser, &page, form).await
}

/// Nobody is signed in here any more, because somebody's time ran out.
async fn ran_out(app: &App, browser: &Browser) -> bool {
    let here = signin::chooser(app.cx(), &browser.visitor).await.unwrap_or_default();
    here.is_empty() && sessions::ran_out(app.cx(), &browser.visitor).await.unwrap_or_default()
}

async fn render(app: &App, browser: &Browser, page: &signin::Page, form: Form<'_>) -> Response {
    let others = signin::chooser(app.cx(), &browser.visitor).await.unwrap_or_default();
    let mut here = form.waits.at("/login");
    if let (Waits::Nobody, Some(tenant)) = (form.waits, &form.tenant) {
        here = local("/login", &[("tenant", tenant)]);
    }
    let company = match form.tenant.as_deref().and_then(|t| t.parse().ok()) {
        Some(code) => app.cx().company_by_code(&code).await.ok().flatten(),
        None => None,
    };
    let known = company.is_some();
    let tenant = company.map(|c| c.tenant.id);
    let around = Around { waiting: Some(page), tenant, here: Some(here), ..Around::default() };
    let status = if form.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = SignIn {
        shell: shell(app, browser, around).await,
        to: client_name(page),
        request: form.waits.field(),
        tenant: form.tenant.filter(|_| known),
        identifier: form.identifier,
        notice: form.notice,
        error: form.error,
        signed_in_others: !others.is_empty(),
    };
    Page::new(&view).status(status).answering(page.answer_origin.clone()).into_response()
}

/// Somebody signs in.
pub async fn submit(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let waits = Waits::read(fields.given("r"));
    let tenant = fields.given("tenant").map(str::to_owned);
    let page = match context(&app, &browser, &waits, tenant.as_deref()).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    let typed = fields.get("identifier").to_owned();
    let form = |error| Form { waits: &waits, tenant: tenant.clone(), identifier: typed.clone(), notice: None, error };
    if typed.trim().is_empty() {
        return render(&app, &browser, &page, form(Some(SignInError::EmptyIdentifier))).await;
    }
    if fields.get("password").is_empty() {
        return render(&app, &browser, &page, form(Some(SignInError::EmptyPassword))).await;
    }
    let attempt = Attempt {
        request: waits.sealed().map(str::to_owned),
        name: Name::One { typed: typed.clone(), company: tenant.as_deref().and_then(|t| t.parse().ok()) },
        password: Secret::new(fields.get("password").to_owned()),
    };
    match signin::password(app.cx(), &browser.visitor, attempt).await {
        Ok(Answer::In(entry)) => enter(&app, entry, &waits),
        Ok(Answer::Wait(until)) => wait(&app, &browser, (&page, &waits), &until).await,
        Ok(Answer::MustChange(asked)) => must_change(&app, &browser, (&page, &waits), (asked, None)).await,
        Ok(Answer::AskCompany) => {
            let r = waits.field().unwrap_or_default();
            see_other(&local("/login/company", &[("r", &r), ("account", typed.trim())]))
        }
        Ok(Answer::Wrong) => render(&app, &browser, &page, form(Some(SignInError::WrongCredentials))).await,
        Err(ServiceError::Busy(cause)) => {
            tracing::warn!(event = "sign_in_busy", cause);
            let mut response = render(&app, &browser, &page, form(Some(SignInError::Busy))).await;
            busy(&mut response);
            response
        }
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Too much to do: programs learn when to come back.
pub(super) fn busy(response: &mut Response) {
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("3"));
}
