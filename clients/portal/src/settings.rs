//! The settings page, which is the same in all portals. Not here: how a choice is kept.

use askama::Template;
use axum::response::Response;

use crate::language::Language;
use crate::texts::{self, Texts};
use crate::theme::Theme;
use crate::visit::{Visit, company};

/// `GET /settings`.
pub(crate) async fn page(visit: Visit) -> Response {
    let texts = texts::of(visit.language);
    let config = visit.portal().config();
    let settings = Settings {
        texts,
        name: visit.person.display_name(),
        username: visit.person.username.as_deref(),
        company: company(&visit.person),
        email: visit.person.email.as_deref(),
        account: &config.account_settings(),
        theme: visit.preferences().theme,
        language: visit.language,
    };
    visit.page(texts.settings, &settings)
}

#[derive(Template)]
#[template(path = "settings.html")]
struct Settings<'a> {
    texts: &'static Texts,
    name: &'a str,
    username: Option<&'a str>,
    company: Option<&'a str>,
    email: Option<&'a str>,
    account: &'a str,
    theme: Theme,
    language: Language,
}
