//! What pages for a code have in common.

use http::StatusCode;
use idp_core::secret::Secret;
use idp_core::signin::second_factor::digits;
use idp_pages::signin::CodeError;

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
        Some(CodeError::Empty | CodeError::Wrong | CodeError::Length) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
