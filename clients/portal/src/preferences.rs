//! Theme and language of a browser: kept in cookies, set by plain forms. Not here: what they change on a page.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use switchboard_rp::LocalPath;

use crate::config::PortalConfig;
use crate::language::Language;
use crate::portal::{Portal, Product};
use crate::theme::Theme;

const A_YEAR: u32 = 365 * 24 * 60 * 60;

/// What a browser chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Preferences {
    pub(crate) theme: Theme,
    pub(crate) language: Language,
}

impl Preferences {
    /// The cookies first, then what the browser says about itself.
    pub(crate) fn of(headers: &HeaderMap, product: &Product, config: &PortalConfig) -> Self {
        let chosen = |what| cookie(headers, &cookie_name(product, config, what));
        let language = chosen("language").and_then(Language::from_tag).or_else(|| Language::accepted(headers));
        Self {
            theme: chosen("theme").and_then(Theme::from_name).unwrap_or_default(),
            language: language.unwrap_or_default(),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct ThemeForm {
    theme: String,
    back: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct LanguageForm {
    language: String,
    back: String,
}

/// `POST /theme`.
pub(crate) async fn set_theme(
    State(portal): State<Portal>,
    headers: HeaderMap,
    Form(form): Form<ThemeForm>,
) -> Response {
    let theme = Theme::from_name(&form.theme).map(Theme::name);
    remember(&portal, &headers, ("theme", theme), &form.back)
}

/// `POST /language`.
pub(crate) async fn set_language(
    State(portal): State<Portal>,
    headers: HeaderMap,
    Form(form): Form<LanguageForm>,
) -> Response {
    let language = Language::from_tag(&form.language).map(Language::tag);
    remember(&portal, &headers, ("language", language), &form.back)
}

fn remember(portal: &Portal, headers: &HeaderMap, (what, choice): (&str, Option<&str>), back: &str) -> Response {
    if !portal.rp().is_same_origin(headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(choice) = choice else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let back = LocalPath::parse(back).unwrap_or_else(LocalPath::root);
    let name = cookie_name(portal.product(), portal.config(), what);
    let secure = if is_https(portal.config()) { "; Secure" } else { "" };
    let cookie = format!("{name}={choice}; Path=/; Max-Age={A_YEAR}; HttpOnly; SameSite=Lax{secure}");
    ([(SET_COOKIE, cookie)], Redirect::to(back.as_str())).into_response()
}

fn cookie_name(product: &Product, config: &PortalConfig, what: &str) -> String {
    let host = if is_https(config) { "__Host-" } else { "" };
    format!("{host}{}_{what}", product.key)
}

fn is_https(config: &PortalConfig) -> bool {
    config.public_url.scheme() == "https"
}

fn cookie<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(found, value)| (found == name).then_some(value))
}
