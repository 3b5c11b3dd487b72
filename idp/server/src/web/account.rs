//! The pages of somebody's account.

pub mod home;
pub mod settings;
pub mod sign_out;

use axum::response::Response;

use crate::web::see_other;

/// The front door: whoever is signed in finds his account, everybody else the sign-in page.
pub async fn front_door() -> Response {
    see_other("/account")
}
