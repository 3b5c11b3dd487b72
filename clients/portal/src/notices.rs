//! The pages around signing in, and the one for addresses that do not exist. Not here: when they are shown.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use switchboard_rp::{MaybeUser, Notice, Pages};

use crate::config::PortalConfig;
use crate::portal::{Portal, Product};
use crate::preferences::Preferences;
use crate::shell::Shell;
use crate::texts::{self, Message, Texts};

/// Draws what the relying party has to say like the portal's own pages.
#[derive(Debug)]
pub(crate) struct PortalPages {
    product: &'static Product,
    config: PortalConfig,
}

impl PortalPages {
    pub(crate) fn new(product: &'static Product, config: PortalConfig) -> Self {
        Self { product, config }
    }
}

impl Pages for PortalPages {
    fn notice(&self, notice: &Notice, request: &Parts) -> Response {
        let preferences = Preferences::of(&request.headers, self.product, &self.config);
        let (message, next) = choose(notice, texts::of(preferences.language));
        // The address of a notice may carry a code or a state, which a form must not send on: it comes back to the
        // start.
        let shell = Shell::new(self.product, &self.config, preferences, back(notice));
        shell.page(message.title, &NoticePage { message, next })
    }

    fn ui_locales(&self, request: &Parts) -> Option<String> {
        Some(Preferences::of(&request.headers, self.product, &self.config).language.tag().to_owned())
    }
}

/// Where the theme and language buttons of a notice lead: to the same notice only where that starts nothing.
fn back(notice: &Notice) -> &'static str {
    match notice {
        Notice::SignedOut { .. } => "/signed-out",
        Notice::ProviderUnavailable { .. }
        | Notice::SignInFailed { .. }
        | Notice::SignInExpired { .. }
        | Notice::AccessDenied { .. }
        | Notice::ForeignRequest { .. } => "/",
    }
}

fn choose<'notice>(notice: &'notice Notice, texts: &'static Texts) -> (&'static Message, &'notice str) {
    match notice {
        Notice::ProviderUnavailable { retry } => (&texts.provider_unavailable, retry.as_str()),
        Notice::SignInFailed { retry } => (&texts.sign_in_failed, retry.as_str()),
        Notice::SignInExpired { retry } => (&texts.sign_in_expired, retry.as_str()),
        Notice::AccessDenied { retry } => (&texts.access_denied, retry.as_str()),
        Notice::SignedOut { at_provider: true } => (&texts.signed_out_everywhere, "/sign-in"),
        Notice::SignedOut { at_provider: false } => (&texts.signed_out_here, "/sign-in"),
        Notice::ForeignRequest { home } => (&texts.foreign_request, home.as_str()),
    }
}

/// Every address that does not exist.
pub(crate) async fn not_found(State(portal): State<Portal>, MaybeUser(person): MaybeUser, parts: Parts) -> Response {
    let preferences = Preferences::of(&parts.headers, portal.product(), portal.config());
    let message = &texts::of(preferences.language).not_found;
    let here = parts.uri.path();
    let mut shell = Shell::new(portal.product(), portal.config(), preferences, here);
    if let Some(person) = &person {
        shell = shell.with_person(person);
    }
    let mut response = shell.page(message.title, &NoticePage { message, next: "/" });
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage<'a> {
    message: &'static Message,
    next: &'a str,
}
