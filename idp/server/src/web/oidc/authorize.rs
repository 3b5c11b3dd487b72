//! The authorization endpoint (RFC 6749 section 3.1, OpenID Connect Core section 3.1.2).

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use idp_core::oidc::authorize::AuthorizationParams;
use idp_pages::signin::App as AppLink;
use idp_pages::signin::NotEntitled as View;
use idp_service::authorize::{Answer, NotEntitled};
use idp_service::error::ServiceError;

use crate::web::extract::fields::{Query, pairs};
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::signin::restart;
use crate::web::{App, Page, local, see_other};

/// A request comes.
pub async fn get(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let params = AuthorizationParams::from_pairs(query.0);
    let answer = idp_service::authorize::begin(app.cx(), &browser.visitor, params).await;
    respond(&app, &browser, answer).await
}

/// A request comes by POST. Browsers send no cookie along, so it is asked again by GET.
pub async fn post(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    query: Query,
    body: Bytes,
) -> Response {
    if !query.0.is_empty() {
        return Problem::BadRequest("a POST has its parameters in the body alone").answer(&app, &browser).await;
    }
    let params: Vec<(String, String)> = pairs(&body);
    let params: Vec<(&str, &str)> = params.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    see_other(&local("/authorize", &params))
}

/// A request comes back from sign-in or the chooser.
pub async fn resume(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let chosen = query.given("as").and_then(|id| id.parse().ok());
    let sealed = query.given("r").unwrap_or("");
    let answer = idp_service::authorize::resume(app.cx(), &browser.visitor, sealed, chosen).await;
    respond(&app, &browser, answer).await
}

async fn respond(app: &App, browser: &Browser, answer: Result<Answer, ServiceError>) -> Response {
    match answer {
        Ok(Answer::Client(location)) => see_other(&location),
        Ok(Answer::SignIn(sealed)) => see_other(&local("/login", &[("r", &sealed)])),
        Ok(Answer::Choose(sealed)) => see_other(&local("/login/choose", &[("r", &sealed)])),
        Ok(Answer::Restart(how)) => restart(app, browser, how).await,
        Ok(Answer::NotEntitled(who)) => not_entitled(app, browser, *who).await,
        Ok(Answer::Page(why)) => Problem::BadRequest(why).answer(app, browser).await,
        Err(error) => Problem::of(&error).answer(app, browser).await,
    }
}

async fn not_entitled(app: &App, browser: &Browser, who: NotEntitled) -> Response {
    let apps = match idp_service::account::apps(app.cx(), &who.present).await {
        Ok(apps) => apps,
        Err(error) => return Problem::of(&error).answer(app, browser).await,
    };
    let around = Around { present: Some(&who.present), ..Around::default() };
    let view = View {
        shell: shell(app, browser, around).await,
        to: who.client.name.clone(),
        request: Some(who.request),
        company: who.present.tenant.name.clone(),
        apps: apps.into_iter().filter_map(|c| Some(AppLink { name: c.name, url: c.home_uri? })).collect(),
        reference: browser.reference.clone(),
        session: who.present.session.id.to_string(),
    };
    Page::new(&view).status(StatusCode::FORBIDDEN).into_response()
}
