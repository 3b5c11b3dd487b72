//! The window of an installed app, which may not reach the passkeys of its device: somebody signs in in the browser,
//! and the window goes on. Both are one browser and have the same cookies; nothing is handed over.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use http::header;
use idp_core::secret::TokenHash;
use idp_core::session::Session;
use idp_pages::signin::BackToApp;

use super::{Waits, context};
use crate::web::extract::fields::Query;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local};

/// Another word after each sign-in in this browser: the window asks whether it has changed.
pub async fn newest(State(app): State<App>, Extension(browser): Extension<Browser>) -> Response {
    match idp_service::sessions::present(app.cx(), &browser.visitor).await {
        Ok(here) => {
            let of = |s: &Session| format!("{} {} {:?} ", s.id, s.auth_time.micros(), s.answered);
            let all: String = here.iter().map(|p| of(&p.session)).collect();
            let word = HEXLOWER.encode(TokenHash::of(&all).bytes());
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], word).into_response()
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
