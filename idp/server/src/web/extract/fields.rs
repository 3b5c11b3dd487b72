//! The fields of a form of ours, after its token was checked; and the parameters of a query.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use idp_core::secret::Secret;

use crate::web::App;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;

/// The longest form that is read, in bytes.
pub const LONGEST_FORM: usize = 16 * 1024;

/// Name and value pairs, in the order in which they came.
pub type Pairs = Vec<(String, String)>;

/// Reads `application/x-www-form-urlencoded` text. A NUL, which no database and no page can hold, becomes the sign for
/// what can't be read, as broken UTF-8 does.
pub fn pairs(text: &[u8]) -> Pairs {
    let readable = |text: String| if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text };
    url::form_urlencoded::parse(text).into_owned().map(|(n, v)| (readable(n), readable(v))).collect()
}

/// The fields of a form whose token was ours.
#[derive(Debug)]
pub struct Fields(Pairs);

impl Fields {
    /// A field's value; empty if it isn't there.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// A field's value, if it isn't empty.
    pub fn given(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|v| !v.is_empty())
    }

    /// A new password as it was typed, and typed again. Where scripts run there is no second field: people can see what
    /// they type.
    pub fn new_password(&self) -> (Secret<String>, Secret<String>) {
        let again = if self.0.iter().any(|(n, _)| n == "confirm") { self.get("confirm") } else { self.get("new") };
        (Secret::new(self.get("new").to_owned()), Secret::new(again.to_owned()))
    }

    /// All values of a field.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone()).collect()
    }
}

impl FromRequest<App> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let browser = request.extensions().get::<Browser>().cloned();
        let Some(browser) = browser else { return Err(http::StatusCode::INTERNAL_SERVER_ERROR.into_response()) };
        let body = match Bytes::from_request(request, app).await {
            Ok(body) => body,
            Err(_too_large) => return Err(Problem::TooLarge.page(app, &browser).await.into_response()),
        };
        let fields = Self(pairs(&body));
        if browser.owns(app, fields.get("csrf")) {
            Ok(fields)
        } else {
            Err(Problem::StaleForm.page(app, &browser).await.into_response())
        }
    }
}

/// The parameters of the query.
#[derive(Debug)]
pub struct Query(pub Pairs);

impl Query {
    /// A parameter's value, if it isn't empty.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str())
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(pairs(parts.uri.query().unwrap_or("").as_bytes())))
    }
}
