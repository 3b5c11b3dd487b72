//! Light or dark, English or German: kept in the browser, and the language with the account, if a page belongs to one.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use idp_core::language::Language;
use idp_core::session::Present;
use idp_pages::shell::Theme;

use crate::web::cookies::{self, Kind};
use crate::web::extract::{Fields, session};
use crate::web::middleware::browser::Browser;
use crate::web::{App, see_other};

/// A local address to come back to: a path of ours, nothing that a browser could take for another host.
fn local_path(next: &str) -> &str {
    let plain = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && next.bytes().all(|b| b.is_ascii_graphic())
        && next.len() < 8192;
    if plain { next } else { "/" }
}

/// Another theme.
pub async fn theme(State(app): State<App>, fields: Fields) -> Response {
    let mut response = see_other(local_path(fields.get("next")));
    if let Some(theme) = Theme::from_name(fields.get("theme")) {
        cookies::set(&mut response, &cookies::keep(Kind::Theme, theme.name(), app.public().secure));
    }
    response
}

/// Another language.
pub async fn language(State(app): State<App>, Extension(browser): Extension<Browser>, fields: Fields) -> Response {
    let mut response = see_other(local_path(fields.get("next")));
    if let Some(language) = Language::from_tag(fields.get("language")) {
        let value = format!("{}.{}", language.tag(), app.cx().clock.now().seconds());
        cookies::set(&mut response, &cookies::keep(Kind::Language, &value, app.public().secure));
        if let Some(present) = owner(&app, &browser, fields.get("as")).await {
            let kept = idp_service::account::set_language(app.cx(), &session::holder(&present), Some(language)).await;
            if let Err(error) = kept {
                tracing::warn!(event = "language_not_kept", %error, "the cookie has it; the account not yet");
            }
        }
    }
    response
}

async fn owner(app: &App, browser: &Browser, named: &str) -> Option<Present> {
    let here = idp_service::sessions::present(app.cx(), &browser.visitor).await.ok()?;
    here.into_iter().find(|p| p.session.id.to_string() == named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_to_our_own_pages_only() {
        assert_eq!(local_path("/login?r=a"), "/login?r=a");
        for bad in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "javascript:x", "/\tx"]
        {
            assert_eq!(local_path(bad), "/", "{bad:?}");
        }
    }
}
