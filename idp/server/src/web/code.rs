//! What pages for a code have in common, in a sign-in and on the pages of an account.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use idp_core::secret::Secret;
use idp_core::signin::second_factor::digits;
use idp_pages::signin::{AppSetUp, CodeError, Within};
use idp_service::second_factor::AppOffer;

use super::middleware::browser::Browser;
use super::shell::{Around, shell};
use super::{App, Page};

/// What was wrong with a code: nothing was typed, not enough, or not the right one.
pub(super) fn fault(code: &Secret<String>) -> CodeError {
    match digits(code.expose()).len() {
        6 => CodeError::Wrong,
        _ if code.expose().trim().is_empty() => CodeError::Empty,
        _ => CodeError::Length,
    }
}

/// The status of such a page.
pub(super) fn status(error: Option<CodeError>) -> StatusCode {
    match error {
        None => StatusCode::OK,
        Some(CodeError::TooSoon) => StatusCode::TOO_MANY_REQUESTS,
        Some(CodeError::Empty | CodeError::Wrong | CodeError::Length | CodeError::Expired) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    }
}

/// The page with the picture.
pub(super) async fn app_page(
    app: &App,
    browser: &Browser,
    (within, around): (Within, Around<'_>),
    (offer, error): (AppOffer, Option<CodeError>),
) -> Response {
    let status = status(error);
    let shell = shell(app, browser, around).await;
    let view = AppSetUp { shell, within, ticket: offer.ticket, secret: offer.secret, uri: offer.uri, error };
    Page::new(&view).status(status).into_response()
}
