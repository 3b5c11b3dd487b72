//! Signing in with a passkey: what a browser asks an authenticator, and what comes back.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::header;
use idp_pages::signin::SignInError;
use idp_service::signin::passkey::{self, Answer, Asked, Brought};
use serde_json::{Value, json};

use super::{Waits, context, enter, login, second, wait};
use crate::web::App;
use crate::web::extract::Fields;
use crate::web::extract::fields::Query;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;

/// What a script hands to the browser (WebAuthn section 5.5, in the form of section 5.1.10).
pub async fn ask(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let asked = match query.given("journey") {
        Some(journey) => passkey::ask_second(app.cx(), &browser.visitor, journey).await,
        None => passkey::ask(app.cx(), &browser.visitor),
    };
    match asked {
        Ok(Some(Asked { options, state })) => {
            let options = serde_json::from_str::<Value>(&options).unwrap_or_default();
            let told = Json(json!({ "options": options, "state": state }));
            ([(header::CACHE_CONTROL, "no-store")], told).into_response()
        }
        Ok(None) => Problem::NotFound.answer(&app, &browser).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Somebody signs in.
pub async fn submit(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let waits = Waits::read(fields.given("r"));
    let page = match context(&app, &browser, &waits, None).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    let brought = Brought {
        state: fields.get("state").to_owned(),
        answer: fields.get("credential").to_owned(),
        request: waits.sealed().map(str::to_owned),
    };
    let (error, unknown) = match passkey::sign_in(app.cx(), &browser.visitor, brought).await {
        Ok(Answer::In(entry)) => return enter(&app, &entry, &waits),
        Ok(Answer::Second(journey)) => return second::lead(&journey, &waits),
        Ok(Answer::Wait(until)) => return wait(&app, &browser, (&page, &waits), &until).await,
        Ok(Answer::Unknown(id)) => (SignInError::PasskeyUnknown, Some(id)),
        Ok(Answer::Wrong | Answer::Over) => (SignInError::PasskeyWrong, None),
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    login::again(&app, &browser, (&page, &waits), (error, unknown)).await
}
