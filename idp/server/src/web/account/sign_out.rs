//! The sign-out icon.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use idp_core::logout::Reason;
use idp_service::sessions;

use crate::web::App;
use crate::web::extract::Fields;
use crate::web::middleware::browser::Browser;
use crate::web::oidc::logout::{Way, signed_out};
use crate::web::problem::page::Problem;

/// Signs the account of the page out; the portals hear of it.
pub async fn submit(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let here = match sessions::present(app.cx(), &browser.visitor).await {
        Ok(here) => here,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    let Some(present) = here.into_iter().find(|p| p.session.id.to_string() == fields.get("as")) else {
        return signed_out(&app, &browser, &[], Way::default()).await;
    };
    match sessions::sign_out(app.cx(), &browser.visitor, present.session, Reason::Person).await {
        Ok(told) => signed_out(&app, &browser, &told, Way { back: None, left: Some(&present.account) }).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}
