//! What handlers ask for: the signed-in person. Not here: how a session is found or refreshed.

use std::convert::Infallible;
use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts, OriginalUri};
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use http::{Method, StatusCode};
use url::form_urlencoded;

use crate::local_path::LocalPath;
use crate::pages::{Notice, answer};
use crate::provider::Unavailable;
use crate::rp::Rp;
use crate::same_origin::is_navigation;
use crate::session::Person;

/// The signed-in person. A page that a stranger opens leads to the sign-in and comes back; any other request of a
/// stranger is answered 401.
#[derive(Clone, Debug)]
pub struct User(pub Person);

/// The signed-in person, if there is one. For pages that are there for everybody, so never a refusal: a person whose
/// session cannot be confirmed right now is a stranger here.
#[derive(Clone, Debug)]
pub struct MaybeUser(pub Option<Person>);

impl Deref for User {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.0
    }
}

impl<S> FromRequestParts<S> for User
where
    Rp: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let rp = Rp::from_ref(state);
        match rp.current(&parts.headers).await {
            Ok(Some(session)) => Ok(Self(session.person)),
            Ok(None) => Err(turn_away(parts)),
            Err(Unavailable) => {
                let retry = here(parts).filter(|_| opens_page(parts)).unwrap_or_else(LocalPath::root);
                Err(answer(rp.pages(), &Notice::ProviderUnavailable { retry }, parts))
            }
        }
    }
}

impl<S> FromRequestParts<S> for MaybeUser
where
    Rp: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let session = Rp::from_ref(state).current(&parts.headers).await;
        Ok(Self(session.ok().flatten().map(|session| session.person)))
    }
}

fn turn_away(parts: &Parts) -> Response {
    if !opens_page(parts) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let return_to = here(parts).unwrap_or_else(LocalPath::root);
    let query: String =
        form_urlencoded::Serializer::new(String::new()).append_pair("return_to", return_to.as_str()).finish();
    Redirect::to(&format!("/sign-in?{query}")).into_response()
}

fn opens_page(parts: &Parts) -> bool {
    (parts.method == Method::GET || parts.method == Method::HEAD) && is_navigation(&parts.headers)
}

/// The address of the request, as the browser sees it.
fn here(parts: &Parts) -> Option<LocalPath> {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
    LocalPath::parse(uri.path_and_query()?.as_str())
}
