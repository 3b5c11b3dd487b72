//! Settings: the password, the language; the mail address has a room of its own.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use idp_core::language::Language;
use idp_core::secret::Secret;
use idp_core::session::Present;
use idp_pages::account::{AddressError, Saved, Settings, SettingsError};
use idp_pages::signin::NewPasswordError;
use idp_service::account::{Change, Changed, First};
use idp_service::error::ServiceError;
use idp_service::signin::Wait;

use crate::web::cookies::{self, Kind};
use crate::web::extract::Fields;
use crate::web::extract::fields::Query;
use crate::web::extract::session::{self, Back};
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::signin::new_password::words;
use crate::web::signin::{Waits, wait};
use crate::web::{App, Page, local, see_other};

/// The page.
pub async fn show(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let present = match session::required(&app, &browser, query.given("as"), Back::Settings).await {
        Ok(present) => present,
        Err(instead) => return instead,
    };
    if let Err(error) = idp_service::sessions::seen(app.cx(), &present).await {
        return Problem::of(&error).answer(&app, &browser).await;
    }
    let saved = match query.given("saved") {
        Some("address") => Some(Saved::Address),
        Some("1") => Some(Saved::Password),
        _ => None,
    };
    let is_over = query.given("error") == Some("code-over");
    let error = is_over.then_some(SettingsError::Address(AddressError::CodeOver));
    render(&app, &browser, &present, Told { saved, error, ..Told::default() }).await
}

/// What the page says beside what there is.
#[derive(Default)]
pub(super) struct Told {
    pub(super) saved: Option<Saved>,
    pub(super) error: Option<SettingsError>,
    pub(super) new_email: String,
}

pub(super) async fn render(app: &App, browser: &Browser, present: &Present, told: Told) -> Response {
    let facts = async {
        let company = app.cx().company(present.account.tenant).await?;
        let has_password = idp_service::account::has_password(app.cx(), &session::holder(present)).await?;
        Ok::<_, ServiceError>((company, has_password))
    };
    let (company, has_password) = match facts.await {
        Ok(facts) => facts,
        Err(error) => return Problem::of(&error).answer(app, browser).await,
    };
    let id = present.session.id.to_string();
    let here = Some(local("/account/settings", &[("as", &id)]));
    let status = if told.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = Settings {
        shell: shell(app, browser, Around { present: Some(present), here, ..Around::default() }).await,
        min_length: company.policy.password_min(),
        others_forced: company.policy.ends_others_on_change(),
        has_password,
        email: present.account.email.as_ref().map(|e| (e.to_string(), present.account.email_verified)),
        by_email: app.cx().post.is_on(),
        new_email: told.new_email,
        own_language: present.account.language,
        saved: told.saved,
        error: told.error,
    };
    Page::new(&view).status(status).into_response()
}

/// Somebody sets his first password.
pub async fn set_password(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let (present, by) = match session::confirmed(&app, &browser, fields.given("as"), Back::Settings).await {
        Ok(confirmed) => confirmed,
        Err(instead) => return instead,
    };
    let first = First {
        new: Secret::new(fields.get("new").to_owned()),
        confirm: Secret::new(fields.get("confirm").to_owned()),
        end_others: fields.given("others").is_some(),
    };
    let changed = idp_service::account::set_password(app.cx(), &browser.visitor, &by, first).await;
    answer(&app, &browser, &present, changed).await
}

/// Somebody chooses his language, or the company's.
pub async fn set_language(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let present = match session::required(&app, &browser, fields.given("as"), Back::Settings).await {
        Ok(present) => present,
        Err(instead) => return instead,
    };
    let language = Language::from_tag(fields.get("language"));
    match idp_service::account::set_language(app.cx(), &session::holder(&present), language).await {
        Ok(()) => {
            let id = present.session.id.to_string();
            let mut response = see_other(&local("/account/settings", &[("as", &id)]));
            // The icon's choice of before would speak louder.
            cookies::set(&mut response, &cookies::drop(Kind::Language, app.public().secure));
            response
        }
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// Somebody changes his password.
pub async fn change_password(
    State(app): State<App>,
    Extension(browser): Extension<Browser>,
    fields: Fields,
) -> Response {
    let present = match session::required(&app, &browser, fields.given("as"), Back::Settings).await {
        Ok(present) => present,
        Err(instead) => return instead,
    };
    match idp_service::account::is_complete(app.cx(), &present).await {
        Ok(true) => {}
        Ok(false) => return session::ask_again(&present, Back::Settings),
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    }
    let change = Change {
        current: Secret::new(fields.get("current").to_owned()),
        new: Secret::new(fields.get("new").to_owned()),
        confirm: Secret::new(fields.get("confirm").to_owned()),
        end_others: fields.given("others").is_some(),
    };
    let changed =
        idp_service::account::change_password(app.cx(), &browser.visitor, &session::holder(&present), change).await;
    answer(&app, &browser, &present, changed).await
}

/// What follows from a change of the password.
async fn answer(app: &App, browser: &Browser, present: &Present, changed: Result<Changed, ServiceError>) -> Response {
    let why = match changed {
        Ok(Changed::Done(cookie)) => {
            let id = present.session.id.to_string();
            let mut response = see_other(&local("/account/settings", &[("as", &id), ("saved", "1")]));
            cookies::set(&mut response, &cookies::keep(Kind::Session, cookie.expose(), app.public().secure));
            return response;
        }
        Ok(Changed::Wait(until)) => return waiting(app, browser, present, (Back::Settings, until)).await,
        Ok(Changed::Refused(why)) => words(why),
        Ok(Changed::Same) => NewPasswordError::Same,
        Ok(Changed::WrongCurrent) => NewPasswordError::WrongCurrent,
        Err(ServiceError::Busy(_)) => NewPasswordError::Busy,
        Err(error @ ServiceError::Broken(_)) => return Problem::of(&error).answer(app, browser).await,
    };
    render(app, browser, present, Told { error: Some(SettingsError::Password(why)), ..Told::default() }).await
}

/// Not before then.
async fn waiting(
    app: &App,
    browser: &Browser,
    present: &Present,
    (back, until): (Back, idp_core::time::Timestamp),
) -> Response {
    let zone = match app.cx().company(present.account.tenant).await {
        Ok(company) => company.policy.zone().to_owned(),
        Err(error) => return Problem::of(&error).answer(app, browser).await,
    };
    let told = Wait { until, left: until.since(app.cx().clock.now()), zone };
    let page = idp_service::signin::Page::default();
    wait(app, browser, (&page, &Waits::Page(back)), &told).await
}
