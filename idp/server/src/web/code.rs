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

/// What is wrong with a code before anybody looks at it: nothing was typed, or not enough.
pub(super) fn unfit(code: &Secret<String>) -> Option<CodeError> {
    match digits(code.expose()).len() {
        6 => None,
        _ if code.expose().trim().is_empty() => Some(CodeError::Empty),
        _ => Some(CodeError::Length),
    }
}

/// The status of such a page.
pub(super) fn status(error: Option<CodeError>) -> StatusCode {
    match error {
        None => StatusCode::OK,
        Some(CodeError::TooSoon) => StatusCode::TOO_MANY_REQUESTS,
        Some(CodeError::Empty | CodeError::Wrong | CodeError::Left(_) | CodeError::Length | CodeError::Expired) => {
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
    let origin = around.waiting.and_then(|waiting| waiting.answer_origin.clone());
    let shell = shell(app, browser, around).await;
    let view = AppSetUp { shell, within, ticket: offer.ticket, secret: offer.secret, uri: offer.uri, error };
    Page::new(&view).status(status).answering(origin).into_response()
}
