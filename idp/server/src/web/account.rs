//! The pages of somebody's account.

pub mod address;
pub mod connected;
pub mod home;
pub mod mailed_code;
pub mod passkeys;
pub mod second_factor;
pub mod security;
pub mod settings;
pub mod sign_out;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;

use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::{App, see_other};

/// The front door: whoever is signed in finds his account, everybody else the sign-in page, which knows where each
/// belongs.
pub async fn front_door(State(app): State<App>, Extension(browser): Extension<Browser>) -> Response {
    match idp_service::sessions::present(app.cx(), &browser.visitor).await {
        Ok(here) if here.is_empty() => see_other("/login"),
        Ok(_) => see_other("/account"),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}
