//! The company step: for a name that doesn't say its company. It asks for everything, whoever it is; nothing that was
//! typed before but the name is carried here.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use idp_core::secret::Secret;
use idp_core::signin::identifier::{self, read_company};
use idp_core::tenant::TenantCode;
use idp_pages::signin::{Company, CompanyError};
use idp_service::error::ServiceError;
use idp_service::signin::{self, Attempt, Name};

use super::login::busy;
use super::{Again, Waits, client_name, context, follow};
use crate::web::cookies::{self, Kind};
use crate::web::extract::Fields;
use crate::web::extract::fields::Query;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page};

struct Form<'a> {
    waits: &'a Waits,
    company: String,
    account: String,
    remember: bool,
    error: Option<CompanyError>,
}

/// The page.
pub async fn show(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let waits = Waits::read(query.given("r"));
    let page = match context(&app, &browser, &waits, None).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    let account = query.given("account").unwrap_or_default().to_owned();
    // A code and nothing else: anybody can make an address, and the page says its words.
    let (company, error) = match query.given("unknown").and_then(|typed| typed.parse::<TenantCode>().ok()) {
        Some(code) => (code.to_string(), Some(CompanyError::Unknown)),
        None => (browser.company.clone().unwrap_or_default(), None),
    };
    render(&app, &browser, &page, Form { waits: &waits, company, account, remember: true, error }).await
}

async fn render(app: &App, browser: &Browser, page: &signin::Page, form: Form<'_>) -> Response {
    let around = Around { waiting: Some(page), here: Some(form.waits.at("/login/company")), ..Around::default() };
    let status = if form.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = Company {
        shell: shell(app, browser, around).await,
        to: client_name(page),
        request: form.waits.field(),
        company: form.company,
        account: form.account,
        remember: form.remember,
        by_email: super::by_email(app, None),
        error: form.error,
    };
    Page::new(&view).status(status).answering(page.answer_origin.clone()).into_response()
}

fn missing(fields: &Fields) -> Option<CompanyError> {
    let is_empty = |name| fields.get(name).trim().is_empty();
    if is_empty("company") {
        Some(CompanyError::EmptyCompany)
    } else if is_empty("account") {
        Some(CompanyError::EmptyAccount)
    } else if fields.get("password").is_empty() {
        Some(CompanyError::EmptyPassword)
    } else {
        None
    }
}

/// Somebody signs in with company and account.
pub async fn submit(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let waits = Waits::read(fields.given("r"));
    let page = match context(&app, &browser, &waits, None).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    let remember = fields.given("remember").is_some();
    let (company, account) = (fields.get("company").to_owned(), fields.get("account").to_owned());
    let form = |error| Form {
        waits: &waits,
        company: company.clone(),
        account: account.clone(),
        remember,
        error: Some(error),
    };
    if let Some(error) = missing(&fields) {
        return render(&app, &browser, &page, form(error)).await;
    }
    let attempt = Attempt {
        request: waits.sealed().map(str::to_owned),
        name: Name::Two { company: company.clone(), account: account.clone() },
        password: Secret::new(fields.get("password").to_owned()),
        insists: waits.insists(),
    };
    let mut response = match signin::password(app.cx(), &browser.visitor, attempt).await {
        Ok(answer) => match follow(&app, &browser, (&page, &waits), answer).await {
            Ok(response) => response,
            Err(Again::Wrong | Again::AskCompany) => {
                return render(&app, &browser, &page, form(CompanyError::NoMatch)).await;
            }
        },
        Err(ServiceError::Busy(cause)) => {
            tracing::warn!(event = "sign_in_busy", cause);
            let mut response = render(&app, &browser, &page, form(CompanyError::Busy)).await;
            busy(&mut response);
            return response;
        }
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    // Of a company that somebody is let in to, not of one that he has to wait for.
    let is_let_in = response.status().is_redirection() || response.status().is_success();
    if let (true, identifier::Company::Code(code)) = (remember && is_let_in, read_company(&company)) {
        cookies::set(&mut response, &cookies::keep(Kind::Company, code.as_str(), app.public().secure));
    }
    response
}
