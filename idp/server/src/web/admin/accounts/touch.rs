//! What is done to one account.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use idp_core::authority::{Permission, TenantAdmin};
use idp_core::ids::AccountId;
use idp_pages::admin::{BackupCode, CodeShown, Confirm, Intent, PasswordShown};
use idp_service::admin::accounts::{self, OneTimePassword, Refused};

use crate::web::extract::Fields;
use crate::web::extract::authority::{self, Desk};
use crate::web::extract::fields::Query;
use crate::web::extract::session::{Back, ask_again};
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

/// The account session and the company that an address or a form names.
type Named<'a> = (Option<&'a str>, Option<&'a str>);

fn named(query: &Query) -> Named<'_> {
    (query.given("as"), query.given("tenant"))
}

fn named_in(fields: &Fields) -> Named<'_> {
    (fields.given("as"), fields.given("tenant"))
}

/// # Errors
/// The answer to give instead.
async fn hand(
    app: &App,
    browser: &Browser,
    ((session, tenant), id): (Named<'_>, &str),
    permission: Permission,
) -> Result<Hand, Response> {
    let desk = authority::desk(app, browser, session, tenant).await?;
    let proof = desk.manage(app, browser, permission).await?;
    match id.parse() {
        Ok(id) => Ok(Hand { desk, proof, id }),
        Err(_cause) => Err(Problem::NotFound.answer(app, browser).await),
    }
}

/// What opens somebody's account is handed out by who has shown just now who he is.
///
/// # Errors
/// The answer to give instead: the sign-in page of the same person.
async fn confirmed(app: &App, browser: &Browser, hand: &Hand) -> Result<(), Response> {
    match idp_service::account::confirm(app.cx(), &hand.desk.present).await {
        Ok(Some(_confirmed)) => Ok(()),
        Ok(None) => Err(ask_again(&hand.desk.present, Back::ConsoleAgain)),
        Err(error) => Err(Problem::of(&error).answer(app, browser).await),
    }
}

/// An account that isn't in this company looks like one that isn't anywhere.
async fn refused(app: &App, browser: &Browser, why: Refused) -> Response {
    let problem = match why {
        Refused::NotFound => Problem::NotFound,
        Refused::Stale => Problem::Gone,
        Refused::AboveYou
        | Refused::Yourself
        | Refused::Taken
        | Refused::BadLogin
        | Refused::BadName
        | Refused::BadEmail
        | Refused::BadPassword(_)
        | Refused::NoMail
        | Refused::NoSecondFactor
        | Refused::BadReason
        | Refused::BadPortal => Problem::Forbidden,
    };
    problem.answer(app, browser).await
}

/// Back to the list, which says what was done.
fn back(hand: &Hand, done: &str) -> Response {
    let (session, tenant) = (hand.desk.present.session.id.to_string(), hand.desk.company.tenant.code.to_string());
    let whom = hand.id.to_string();
    see_other(&local("/admin", &[("as", &session), ("tenant", &tenant), ("done", done), ("whom", &whom)]))
}

/// Asks before somebody is kept out.
pub async fn ask_lock(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    Path(id): Path<String>,
    query: Query,
) -> Response {
    let hand = match hand(&app, &browser, (named(&query), &id), Permission::LockAccount).await {
        Ok(hand) => hand,
        Err(instead) => return instead,
    };
    confirm(&app, &browser, &hand, Intent::Lock).await
}

/// Asks before somebody gets a new one-time password.
pub async fn ask_reset(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    Path(id): Path<String>,
    query: Query,
) -> Response {
    let hand = match hand(&app, &browser, (named(&query), &id), Permission::ResetPassword).await {
        Ok(hand) => hand,
        Err(instead) => return instead,
    };
    if let Err(instead) = confirmed(&app, &browser, &hand).await {
        return instead;
    }
    match accounts::password_stamp(app.cx(), &hand.proof, hand.id).await {
        Ok(stamp) => confirm(&app, &browser, &hand, Intent::Reset { instead_of: stamp.to_string() }).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

async fn confirm(app: &App, browser: &Browser, hand: &Hand, intent: Intent) -> Response {
    let account = match accounts::by_id(app.cx(), &hand.desk.viewer, hand.id).await {
        Ok(Some(account)) => account,
        Ok(None) => return Problem::NotFound.answer(app, browser).await,
        Err(error) => return Problem::of(&error).answer(app, browser).await,
    };
    let view = Confirm {
        shell: shell(app, browser, Around { present: Some(&hand.desk.present), ..Around::default() }).await,
        intent,
        id: hand.id.to_string(),
        username: account.username(&hand.desk.company.tenant.code),
        tenant: hand.desk.company.tenant.code.to_string(),
    };
    Page::new(&view).into_response()
}

/// Keeps somebody out.
pub async fn lock(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    let hand = match hand(&app, &browser, (named_in(&fields), &id), Permission::LockAccount).await {
        Ok(hand) => hand,
        Err(instead) => return instead,
    };
    match accounts::lock(app.cx(), &hand.proof, hand.id).await {
        Ok(Ok(_touched)) => back(&hand, "locked"),
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
    let hand = match hand(&app, &browser, (named_in(&fields), &id), Permission::UnlockAccount).await {
        Ok(hand) => hand,
        Err(instead) => return instead,
    };
    match accounts::unlock(app.cx(), &hand.proof, hand.id).await {
        Ok(Ok(_touched)) => back(&hand, "unlocked"),
        Ok(Err(why)) => refused(&app, &browser, why).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Invites somebody again.
pub async fn invite(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    let hand = match hand(&app, &browser, (named_in(&fields), &id), Permission::InviteAccount).await {
        Ok(hand) => hand,
        Err(instead) => return instead,
    };
    match accounts::invite(app.cx(), &hand.proof, hand.id).await {
        Ok(Ok(())) => back(&hand, "invited"),
        Ok(Err(Refused::NoMail)) => back(&hand, "no-mail"),
        Ok(Err(why)) => refused(&app, &browser, why).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Lets mails go again to an address that was refused.
pub async fn allow_mail(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    let hand = match hand(&app, &browser, (named_in(&fields), &id), Permission::InviteAccount).await {
        Ok(hand) => hand,
        Err(instead) => return instead,
    };
    match accounts::allow_mail(app.cx(), &hand.proof, hand.id).await {
        Ok(Ok(())) => back(&hand, "mail-allowed"),
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
    let hand = match hand(&app, &browser, (named_in(&fields), &id), Permission::ResetPassword).await {
        Ok(hand) => hand,
        Err(instead) => return instead,
    };
    if let Err(instead) = confirmed(&app, &browser, &hand).await {
        return instead;
    }
    // Without the stamp of the page that asked it is nobody's considered wish.
    let Some(stamp) = fields.given("instead_of").and_then(|text| text.parse().ok()) else {
        return Problem::Gone.answer(&app, &browser).await;
    };
    match accounts::reset_password(app.cx(), &hand.proof, (hand.id, Some(stamp))).await {
        Ok(Ok(made)) => show_password(&app, &browser, &hand.desk, (hand.id, made)).await,
        Ok(Err(why)) => refused(&app, &browser, why).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Asks why somebody is to get a backup code.
pub async fn ask_code(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    Path(id): Path<String>,
    query: Query,
) -> Response {
    let hand = match hand(&app, &browser, (named(&query), &id), Permission::IssueBackupCode).await {
        Ok(hand) => hand,
        Err(instead) => return instead,
    };
    match confirmed(&app, &browser, &hand).await {
        Ok(()) => code_form(&app, &browser, &hand, None).await,
        Err(instead) => instead,
    }
}

/// The form; again, with a reason that won't do.
async fn code_form(app: &App, browser: &Browser, hand: &Hand, refused: Option<&str>) -> Response {
    let account = match accounts::by_id(app.cx(), &hand.desk.viewer, hand.id).await {
        Ok(Some(account)) => account,
        Ok(None) => return Problem::NotFound.answer(app, browser).await,
        Err(error) => return Problem::of(&error).answer(app, browser).await,
    };
    let view = BackupCode {
        shell: shell(app, browser, Around { present: Some(&hand.desk.present), ..Around::default() }).await,
        id: hand.id.to_string(),
        username: account.username(&hand.desk.company.tenant.code),
        tenant: hand.desk.company.tenant.code.to_string(),
        reason: refused.unwrap_or_default().to_owned(),
        is_wrong: refused.is_some(),
    };
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Page::new(&view).status(status).into_response()
}

/// Gives somebody a backup code, and shows it, once.
pub async fn backup_code(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    Path(id): Path<String>,
    fields: Fields,
) -> Response {
    let hand = match hand(&app, &browser, (named_in(&fields), &id), Permission::IssueBackupCode).await {
        Ok(hand) => hand,
        Err(instead) => return instead,
    };
    if let Err(instead) = confirmed(&app, &browser, &hand).await {
        return instead;
    }
    let made = match accounts::backup_code(app.cx(), &hand.proof, (hand.id, fields.get("reason"))).await {
        Ok(Ok(made)) => made,
        Ok(Err(Refused::BadReason)) => {
            return code_form(&app, &browser, &hand, Some(fields.get("reason"))).await;
        }
        Ok(Err(why)) => return refused(&app, &browser, why).await,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    let account = match accounts::by_id(app.cx(), &hand.desk.viewer, hand.id).await {
        Ok(Some(account)) => account,
        Ok(None) => return Problem::NotFound.answer(&app, &browser).await,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    let view = CodeShown {
        shell: shell(&app, &browser, Around { present: Some(&hand.desk.present), ..Around::default() }).await,
        username: account.username(&hand.desk.company.tenant.code),
        code: made.code.expose().clone(),
        tenant: hand.desk.company.tenant.code.to_string(),
        hours: u64::try_from(made.life.as_seconds() / 3600).unwrap_or(0),
    };
    Page::new(&view).into_response()
}

/// Shows a one-time password, once.
pub(super) async fn show_password(
    app: &App,
    browser: &Browser,
    desk: &Desk,
    (id, made): (AccountId, OneTimePassword),
) -> Response {
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
