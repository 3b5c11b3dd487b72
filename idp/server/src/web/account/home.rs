//! The first page of an account.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use idp_core::session::Method;
use idp_pages::account::{Home, HomeAdvice, LastBy};
use idp_pages::signin::App as AppLink;
use idp_service::account::Advice;

use crate::web::extract::fields::Query;
use crate::web::extract::session::{self, Back};
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page};
use idp_service::when::date_time;

/// The page.
pub async fn show(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let present = match session::required(&app, &browser, query.given("as"), Back::Account).await {
        Ok(present) => present,
        Err(instead) => return instead,
    };
    let shown = async {
        idp_service::sessions::seen(app.cx(), &present).await?;
        let company = app.cx().company(present.account.tenant).await?;
        Ok::<_, idp_service::error::ServiceError>((company, idp_service::account::home(app.cx(), &present).await?))
    };
    let (company, home) = match shown.await {
        Ok(shown) => shown,
        Err(error) => return Problem::of(&error).answer(&app, &browser).await,
    };
    let last = home.last_sign_in.as_ref().unwrap_or(&present.session);
    let by = match last.first_method() {
        Method::Email => LastBy::Email,
        Method::DeviceKey | Method::SyncedKey => LastBy::Passkey,
        Method::Upstream | Method::UpstreamBoth => LastBy::Upstream,
        Method::Password | Method::App | Method::BackupCode => LastBy::Password,
    };
    let view = Home {
        shell: shell(&app, &browser, Around { present: Some(&present), ..Around::default() }).await,
        company: company.tenant.name.clone(),
        last_sign_in: (date_time(last.auth_time, company.policy.zone()), last.seen_at.agent.clone(), by),
        advice: home.advice.map(|advice| match advice {
            Advice::AddEmail => HomeAdvice::AddEmail,
            Advice::SecondFactor => HomeAdvice::SecondFactor,
            Advice::NewCodes => HomeAdvice::NewCodes,
        }),
        apps: home.apps.into_iter().filter_map(|c| Some(AppLink { name: c.name, url: c.home_uri? })).collect(),
    };
    Page::new(&view).into_response()
}
