//! The end-session endpoint (OpenID Connect RP-Initiated Logout).

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use idp_core::account::Account;
use idp_core::logout::Notice;
use idp_core::oidc::token::ACCESS_LIFE;
use idp_pages::signin::{ConfirmSignOut, SignedOut};
use idp_service::error::ServiceError;
use idp_service::logout::{Answer, Farewell, Params};

use crate::web::extract::Fields;
use crate::web::extract::fields::{Pairs, Query, pairs};
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page, local, see_other};

const NAMES: [&str; 4] = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];

fn read(pairs: &Pairs) -> Params {
    let value = |name: &str| pairs.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.clone());
    let twice = |name: &&str| pairs.iter().filter(|(n, v)| n == name && !v.is_empty()).count() > 1;
    Params {
        id_token_hint: value("id_token_hint"),
        client_id: value("client_id"),
        post_logout_redirect_uri: value("post_logout_redirect_uri"),
        state: value("state"),
        has_doubled: NAMES.iter().any(twice),
    }
}

/// A client sends somebody here to sign out.
pub async fn get(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let answer = idp_service::logout::begin(app.cx(), &browser.visitor, &read(&query.0)).await;
    match answer {
        Ok(Answer::Client(location)) => see_other(&location),
        Ok(Answer::Done(told)) => signed_out(&app, &browser, &told, Way::default()).await,
        Ok(Answer::Ask) => ask(&app, &browser, &query.0).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

/// The same by POST. Browsers send no cookie along, so it is asked again by GET.
pub async fn post(body: Bytes) -> Response {
    let params = pairs(&body);
    let params: Vec<(&str, &str)> = params.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    see_other(&local("/logout", &params))
}

async fn ask(app: &App, browser: &Browser, params: &Pairs) -> Response {
    let hidden = params.iter().filter(|(n, _)| NAMES.contains(&n.as_str())).cloned().collect();
    let shell = shell(app, browser, Around::default()).await;
    Page::new(&ConfirmSignOut { shell, product: app.cx().settings.product.clone(), hidden }).into_response()
}

/// The person said yes.
pub async fn confirm(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let pairs: Pairs = NAMES.iter().filter_map(|n| Some(((*n).to_owned(), fields.given(n)?.to_owned()))).collect();
    match end(&app, &browser, &read(&pairs)).await {
        Ok((told, back)) => signed_out(&app, &browser, &told, Way { back, left: None }).await,
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

async fn end(app: &App, browser: &Browser, params: &Params) -> Result<(Vec<Notice>, Option<String>), ServiceError> {
    let told = idp_service::logout::confirm(app.cx(), &browser.visitor).await?;
    Ok((told, idp_service::logout::way_back(app.cx(), params).await?))
}

/// Where from and where to.
#[derive(Debug, Default)]
pub struct Way<'a> {
    /// Where the client wants the person to go.
    pub back: Option<String>,
    /// Who left.
    pub left: Option<&'a Account>,
}

/// The page that says of what.
pub async fn signed_out(app: &App, browser: &Browser, told: &[Notice], way: Way<'_>) -> Response {
    let around = Around { left: way.left, here: Some("/login".to_owned()), ..Around::default() };
    let shell = shell(app, browser, around).await;
    let Farewell { left, may_stay } = idp_service::logout::farewell(app.cx(), told).await;
    let minutes = ACCESS_LIFE.seconds_up() / 60;
    Page::new(&SignedOut { shell, left, may_stay, minutes, back: way.back }).into_response()
}
