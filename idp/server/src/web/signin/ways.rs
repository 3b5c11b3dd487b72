//! Other ways to sign in: which there are depends on the company, and it is asked for first.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use idp_core::tenant::TenantState;
use idp_pages::signin::{Ways, WaysError};
use idp_service::signin;

use super::{Waits, client_name, context};
use crate::web::extract::Fields;
use crate::web::extract::fields::Query;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local, see_other};

/// The page.
pub async fn show(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let waits = Waits::read(query.given("r"));
    let page = match context(&app, &browser, &waits, None).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    let company = browser.company.clone().unwrap_or_default();
    render(&app, &browser, (&page, &waits), (company, None)).await
}

async fn render(
    app: &App,
    browser: &Browser,
    (page, waits): (&signin::Page, &Waits),
    (company, error): (String, Option<WaysError>),
) -> Response {
    let around = Around { waiting: Some(page), here: Some(waits.at("/login/ways")), ..Around::default() };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (shell, to, request) = (shell(app, browser, around).await, client_name(page), waits.field());
    let view = Ways { shell, to, request, company, error };
    Page::new(&view).status(status).into_response()
}

/// Somebody says his company: its sign-in page shows the ways.
pub async fn submit(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let waits = Waits::read(fields.given("r"));
    let page = match context(&app, &browser, &waits, None).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    let typed = fields.get("company").trim().to_owned();
    let error = if typed.is_empty() {
        WaysError::Empty
    } else {
        match signin::company_named(app.cx(), &typed).await {
            Ok(Some(company)) if company.tenant.state == TenantState::Active && !company.connectors.is_empty() => {
                let r = waits.field().unwrap_or_default();
                return see_other(&local("/login", &[("r", &r), ("tenant", company.tenant.code.as_str())]));
            }
            Ok(Some(_)) => WaysError::None,
            Ok(None) => WaysError::Unknown,
            Err(error) => return Problem::of(&error).answer(&app, &browser).await,
        }
    };
    render(&app, &browser, (&page, &waits), (typed, Some(error))).await
}
