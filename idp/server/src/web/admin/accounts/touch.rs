//! What is done to one account.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use idp_core::authority::{Permission, TenantAdmin};
use idp_core::ids::AccountId;
use idp_pages::admin::PasswordShown;
use idp_service::admin::accounts::{self, Refused};

use crate::web::extract::Fields;
use crate::web::extract::authority::{self, Desk};
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local, see_other};

/// Done, or refused.
pub(super) type Tried<T> = Result<T, Refused>;

/// Somebody at his desk, with the proof that he may do this, and to whom.
struct Hand {
    desk: Desk,
    proof: TenantAdmin,
    id: AccountId,
}

/// # Errors
/// The answer to give instead.
async fn hand(
    app: &App,
    browser: &Browser,
    (fields, id): (&Fields, &str),
    permission: Permission,
) -> Result<Hand, Response> {
    let desk = authority::desk(app, browser, fields.given("as"), fields.given("tenant")).await?;
    let proof = desk.manage(app, browser, permission).await?;
    match id.parse() {
        Ok(id) => Ok(Hand { desk, proof, id }),
        Err(_cause) => Err(Problem::NotFound.answer(app, browser).await),
    }
}

/// An account that isn't in this company looks like one that isn't anywhere.
async fn refused(app: &App, browser: &Browser, why: Refused) -> Response {
    let problem = if why == Refused::NotFound { Problem::NotFound } else { Problem::Forbidden };
    problem.answer(app, browser).await
}

/// Back to the list, which says what was done.
async fn back(app: &App, browser: &Browser, hand: &Hand, done: &str) -> Response {
    let whom = match accounts::by_id(app.cx(), &hand.desk.viewer, hand.id).await {
        Ok(account) => account.map(|a| a.username(&hand.desk.company.tenant.code)).unwrap_or_default(),
        Err(error) => return Problem::of(&error).answer(app, browser).await,
    };
    let (session, tenant) = (hand.desk.present.session.id.to_string(), hand.desk.company.tenant.code.to_string());
    see_other(&local("/admin", &[("as", &session), ("tenant", &tenant), ("done", done), ("whom", &whom)]))
}

/// Keeps somebody out.
pub async fn lock(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    let hand = match hand(&app, &browser, (&fields, &id), Permission::LockAccount).await {
        Ok(hand) => hand,
        Err(instead) => return instead,
    };
    match accounts::lock(app.cx(), &hand.proof, hand.id).await {
        Ok(Ok(())) => back(&app, &browser, &hand, "locked").await,
        Ok(Err(why)) => refused(&app, &browser, why).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Lets somebody in again.
pub async fn unlock(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    let hand = match hand(&app, &browser, (&fields, &id), Permission::UnlockAccount).await {
        Ok(hand) => hand,
        Err(instead) => return instead,
    };
    match accounts::unlock(app.cx(), &hand.proof, hand.id).await {
        Ok(Ok(())) => back(&app, &browser, &hand, "unlocked").await,
        Ok(Err(why)) => refused(&app, &browser, why).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Gives somebody a new one-time password.
pub async fn reset_password(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    let hand = match hand(&app, &browser, (&fields, &id), Permission::ResetPassword).await {
        Ok(hand) => hand,
        Err(instead) => return instead,
    };
    show_password(&app, &browser, &hand.desk, hand.id).await
}

/// Makes a one-time password and shows it, once.
pub(super) async fn show_password(app: &App, browser: &Browser, desk: &Desk, id: AccountId) -> Response {
    let proof = match desk.manage(app, browser, Permission::ResetPassword).await {
        Ok(proof) => proof,
        Err(instead) => return instead,
    };
    let made = match accounts::reset_password(app.cx(), &proof, id).await {
        Ok(Ok(made)) => made,
        Ok(Err(why)) => return refused(app, browser, why).await,
        Err(error) => return Problem::of(&error).answer(app, browser).await,
    };
    let account = match accounts::by_id(app.cx(), &desk.viewer, id).await {
        Ok(Some(account)) => account,
        Ok(None) => return Problem::NotFound.answer(app, browser).await,
        Err(error) => return Problem::of(&error).answer(app, browser).await,
    };
    let (session, tenant) = (desk.present.session.id.to_string(), desk.company.tenant.code.to_string());
    let here = Some(local("/admin", &[("as", &session), ("tenant", &tenant)]));
    let hours = desk.company.policy.temporary_password_life().as_seconds() / 3600;
    let view = PasswordShown {
        shell: shell(app, browser, Around { present: Some(&desk.present), here, ..Around::default() }).await,
        username: account.username(&desk.company.tenant.code),
        password: made.password.expose().clone(),
        tenant,
        hours: u32::try_from(hours).unwrap_or(u32::MAX),
    };
    Page::new(&view).into_response()
}
