//! Replacing a one-time password.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use idp_core::credential::password::PasswordError;
use idp_pages::signin::NewPasswordError;
use idp_service::error::ServiceError;
use idp_service::signin::{MustChange, NewPassword, Renewed, new_password};

use super::{Waits, context, enter, must_change};
use crate::web::App;
use crate::web::extract::Fields;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;

/// The words for each reason.
pub fn words(why: PasswordError) -> NewPasswordError {
    match why {
        PasswordError::Empty => NewPasswordError::Empty,
        PasswordError::TooShort(least) => NewPasswordError::TooShort(least),
        PasswordError::TooLong => NewPasswordError::TooLong,
        PasswordError::Known => NewPasswordError::Common,
        PasswordError::Mismatch => NewPasswordError::Mismatch,
    }
}

/// Somebody chose a new password.
pub async fn submit(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let waits = Waits::read(fields.given("r"));
    let page = match context(&app, &browser, &waits, None).await {
        Ok(page) => page,
        Err(instead) => return instead,
    };
    let ticket = fields.get("ticket").to_owned();
    let (new, confirm) = fields.new_password();
    let form = NewPassword { ticket: ticket.clone(), request: waits.sealed().map(str::to_owned), new, confirm };
    let (whose, why) = match new_password(app.cx(), &browser.visitor, form).await {
        Ok(Renewed::In(entry)) => return enter(&app, &entry, &waits),
        Ok(Renewed::Refused(whose, why)) => (whose, words(why)),
        Ok(Renewed::Same(whose)) => (whose, NewPasswordError::Same),
        Ok(Renewed::StartAgain) => {
            return Problem::StartAgain(Some(waits.at("/login"))).answer(&app, &browser).await;
        }
        Err(error @ (ServiceError::Busy(_) | ServiceError::Broken(_))) => {
            return Problem::of(&error).answer(&app, &browser).await;
        }
    };
    let asked = MustChange { ticket, username: whose.username, tenant: whose.tenant, least: whose.least };
    must_change(&app, &browser, (&page, &waits), (asked, Some(why))).await
}
