//! What a person sees when the library itself has to answer. Not here: how it looks, which is the application's affair.

use axum::response::{Html, IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};

use crate::local_path::LocalPath;

/// Something that a person has to be told. Every notice has a next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The provider does not answer. Next: try again.
    ProviderUnavailable {
        /// Leads to the same attempt.
        retry: LocalPath,
    },
    /// The sign-in did not work out; the log has the reason. Next: sign in again.
    SignInFailed {
        /// Starts a sign-in.
        retry: LocalPath,
    },
    /// The sign-in is not known in this browser: too old, started elsewhere, or its page was loaded twice. Next: sign
    /// in again.
    SignInExpired {
        /// Starts a sign-in.
        retry: LocalPath,
    },
    /// The person has no access to this application, or cancelled. Next: sign in, perhaps as somebody else.
    AccessDenied {
        /// Starts a sign-in that asks which account to use.
        retry: LocalPath,
    },
    /// The person is signed out. Next: sign in.
    SignedOut {
        /// The provider confirmed it, so that the session there has ended too.
        at_provider: bool,
    },
    /// Another site sent the request to sign out. Next: the start page, which has the button.
    ForeignRequest {
        /// The start page.
        home: LocalPath,
    },
}

impl Notice {
    /// The status that fits the notice.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::ProviderUnavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::SignInFailed { .. } | Self::SignInExpired { .. } => StatusCode::BAD_REQUEST,
            Self::AccessDenied { .. } | Self::ForeignRequest { .. } => StatusCode::FORBIDDEN,
            Self::SignedOut { .. } => StatusCode::OK,
        }
    }
}

/// Draws the pages that the library has to show, so that they look like the application's others.
pub trait Pages: Send + Sync {
    /// The page for a notice. The library sets the status and forbids storing it.
    fn notice(&self, notice: &Notice, request: &Parts) -> Response;

    /// The languages that the provider's pages should have, as `ui_locales` (`de` or `de en`).
    fn ui_locales(&self, _request: &Parts) -> Option<String> {
        None
    }
}

/// Pages without any style, for an application that has none yet.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainPages;

impl Pages for PlainPages {
    fn notice(&self, notice: &Notice, _request: &Parts) -> Response {
        let (title, next, label) = match notice {
            Notice::ProviderUnavailable { retry } => {
                ("Signing in is not possible right now", retry.as_str(), "Try again")
            }
            Notice::SignInFailed { retry } => ("The sign-in did not work", retry.as_str(), "Sign in again"),
            Notice::SignInExpired { retry } => ("The sign-in took too long", retry.as_str(), "Sign in again"),
            Notice::AccessDenied { retry } => ("You have no access", retry.as_str(), "Use another account"),
            Notice::SignedOut { .. } => ("You are signed out", "/sign-in", "Sign in"),
            Notice::ForeignRequest { home } => ("You are still signed in", home.as_str(), "Go to the start page"),
        };
        let next = next.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
        Html(format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><main><h1>{title}</h1><p><a href=\"{next}\">{label}</a></p></main></html>"
        ))
        .into_response()
    }
}

/// The application's page with the status of the notice.
pub(crate) fn answer(pages: &dyn Pages, notice: &Notice, request: &Parts) -> Response {
    let mut response = pages.notice(notice, request);
    *response.status_mut() = notice.status();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
