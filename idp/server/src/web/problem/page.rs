//! Error pages for people: what happened, what to do next, and a reference to tell.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use idp_pages::error::{Problem as View, ProblemKind};
use idp_service::error::ServiceError;

use crate::web::middleware::browser::Browser;
use crate::web::shell::{Around, shell, shell_alone, whose};
use crate::web::{App, Page};

/// Seconds until it makes sense to try again.
const SOON: u64 = 3;

/// What went wrong, as far as a person needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A client's request that nobody can be sent back with; the reason is for its developer.
    BadRequest(&'static str),
    /// The sign-in took too long, or belongs to another browser.
    StartAgain(Option<String>),
    /// The company is switched off; where people of another one sign in.
    TenantOff(String, String),
    /// There is no such page.
    NotFound,
    /// The page is only read, or only posted to.
    MethodNotAllowed,
    /// A form that isn't from one of our pages, or not from this browser's.
    StaleForm,
    /// Not permitted.
    Forbidden,
    /// Done already, or changed meanwhile.
    Gone,
    /// Too much at once.
    TooLarge,
    /// Our own fault; the details are in the log.
    Broken(String),
    /// Not now.
    Unavailable(String),
}

impl Problem {
    /// What a failed use case means for a person.
    pub fn of(error: &ServiceError) -> Self {
        match error {
            ServiceError::Busy(told) => Self::Unavailable(told.clone()),
            ServiceError::Broken(told) => Self::Broken(told.clone()),
        }
    }

    fn face(&self) -> (StatusCode, ProblemKind, Option<String>) {
        match self {
            Self::BadRequest(why) => (StatusCode::BAD_REQUEST, ProblemKind::BadRequest, Some((*why).to_owned())),
            Self::StartAgain(restart) => {
                (StatusCode::BAD_REQUEST, ProblemKind::StartAgain { restart: restart.clone() }, None)
            }
            Self::TenantOff(company, elsewhere) => {
                let (company, elsewhere) = (company.clone(), Some(elsewhere.clone()));
                (StatusCode::FORBIDDEN, ProblemKind::TenantOff { company, elsewhere }, None)
            }
            Self::NotFound => (StatusCode::NOT_FOUND, ProblemKind::NotFound, None),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, ProblemKind::MethodNotAllowed, None),
            Self::StaleForm => (StatusCode::FORBIDDEN, ProblemKind::StaleForm, None),
            Self::Forbidden => (StatusCode::FORBIDDEN, ProblemKind::Forbidden, None),
            Self::Gone => (StatusCode::GONE, ProblemKind::Gone, None),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, ProblemKind::TooLarge, None),
            Self::Broken(_) => (StatusCode::INTERNAL_SERVER_ERROR, ProblemKind::Broken, None),
            Self::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, ProblemKind::Unavailable { seconds: SOON }, None),
        }
    }

    /// The page.
    pub async fn page(&self, app: &App, browser: &Browser) -> Page {
        let (status, kind, detail) = self.face();
        match self {
            Self::Broken(told) => tracing::error!(event = "broken", reference = browser.reference, cause = told),
            Self::Unavailable(told) => {
                tracing::warn!(event = "unavailable", reference = browser.reference, cause = told);
            }
            Self::BadRequest(_)
            | Self::StartAgain(_)
            | Self::TenantOff(..)
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::StaleForm
            | Self::Forbidden
            | Self::Gone
            | Self::TooLarge => tracing::debug!(event = "refused", reference = browser.reference, kind = ?self),
        }
        let shell = match self {
            // The database just failed to answer: it isn't asked for the frame.
            Self::Unavailable(_) | Self::Broken(_) => shell_alone(app, browser),
            Self::NotFound | Self::MethodNotAllowed | Self::Forbidden | Self::Gone | Self::TooLarge => {
                let present = whose(app, browser).await;
                shell(app, browser, Around { present: present.as_ref(), ..Around::default() }).await
            }
            Self::BadRequest(_) | Self::StartAgain(_) | Self::TenantOff(..) | Self::StaleForm => {
                shell(app, browser, Around::default()).await
            }
        };
        Page::new(&View { shell, kind, reference: browser.reference.clone(), detail }).status(status)
    }

    /// The page, with the headers that go with it.
    pub async fn answer(&self, app: &App, browser: &Browser) -> Response {
        let mut response = self.page(app, browser).await.into_response();
        if matches!(self, Self::Unavailable(_)) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(SOON));
        }
        response
    }
}

/// For addresses that nobody answers.
pub async fn not_found(State(app): State<App>, Extension(browser): Extension<Browser>) -> Response {
    Problem::NotFound.answer(&app, &browser).await
}

/// For HEAD, where opening an address makes or ends something (RFC 9110 section 15.5.6).
pub async fn no_head(State(app): State<App>, Extension(browser): Extension<Browser>) -> Response {
    let mut response = Problem::MethodNotAllowed.answer(&app, &browser).await;
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
    response
}

/// For methods that an address doesn't take.
pub async fn method_not_allowed(State(app): State<App>, Extension(browser): Extension<Browser>) -> Response {
    Problem::MethodNotAllowed.answer(&app, &browser).await
}
