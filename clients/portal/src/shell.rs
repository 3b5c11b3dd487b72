//! What stands around every page. Not here: what stands in it.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use switchboard_rp::Person;

use crate::config::PortalConfig;
use crate::language::Language;
use crate::portal::{Product, Section};
use crate::preferences::Preferences;
use crate::texts::{self, Texts};
use crate::theme::Theme;

/// The shell for one answer.
#[derive(Debug)]
pub(crate) struct Shell<'a> {
    product: &'static Product,
    config: &'a PortalConfig,
    preferences: Preferences,
    here: &'a str,
    person: Option<&'a Person>,
}

impl<'a> Shell<'a> {
    pub(crate) fn new(
        product: &'static Product,
        config: &'a PortalConfig,
        preferences: Preferences,
        here: &'a str,
    ) -> Self {
        Self { product, config, preferences, here, person: None }
    }

    pub(crate) fn with_person(mut self, person: &'a Person) -> Self {
        self.person = Some(person);
        self
    }

    pub(crate) fn page(self, title: &str, content: &impl Template) -> Response {
        let layout = Layout { title, content, texts: texts::of(self.preferences.language), shell: self };
        match layout.render() {
            Ok(html) => Html(html).into_response(),
            Err(error) => {
                tracing::error!(%error, title, "a page could not be drawn");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    fn is_here(&self, section: &Section) -> bool {
        self.here.split('?').next() == Some(section.path)
    }

    fn language(&self) -> Language {
        self.preferences.language
    }

    fn theme(&self) -> Theme {
        self.preferences.theme
    }
}

#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'a, C: Template> {
    title: &'a str,
    content: &'a C,
    texts: &'static Texts,
    shell: Shell<'a>,
}
