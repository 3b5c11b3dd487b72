//! The window of an installed app, which may not reach the passkeys of its device: somebody signs in in the browser, and the window
//! goes on. Both are one browser and have the same cookies; nothing is handed over.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use idp_pages::signin::BackToApp;

use super::{Waits, context};
use crate::web::extract::fields::Query;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local};

/// When somebody last signed in in this browser, in microseconds: the window asks whether that has changed.
pub async fn newest(State(app): State<App>, Extension(browser): Extension<Browser>) -> Response {
    match idp_service::sessions::present(app.cx(), &browser.visitor).await {
        Ok(here) => {
            let newest = here.iter().map(|p| p.session.auth_time.micros()).max().unwrap_or(0);
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], newest.to_string()).into_response()
        }
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// The page in the browser, once somebody is in.
pub async fn back(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let waits = Waits::read(query.given("r"));
    let page = match context(&app, &browser, &waits, None).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    let sealed = waits.sealed().unwrap_or_default();
    let around = Around { waiting: Some(&page), here: Some("/account".to_owned()), ..Around::default() };
    let shell = shell(&app, &browser, around).await;
    Page::new(&BackToApp { shell, resume: local("/authorize/resume", &[("r", sealed)]) }).into_response()
}
