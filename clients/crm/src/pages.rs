//! The pages of the CRM Portal. Not here: their words.

use askama::Template;
use axum::response::Response;
use switchboard_portal::{Visit, Who};

use crate::articles::{self, Article};
use crate::texts::{self, Texts};
use crate::{BOOK, TICKET};

#[derive(Template)]
#[template(path = "dashboard.html")]
struct Dashboard<'a> {
    texts: &'static Texts,
    ticket: &'static str,
    book: &'static str,
    articles: &'static [Article],
    who: Who<'a>,
}

/// `GET /`: where a sign-in lands.
pub(crate) async fn dashboard(visit: Visit) -> Response {
    let texts = texts::of(visit.language);
    let articles = articles::of(visit.language);
    visit.page(texts.dashboard, &Dashboard { texts, ticket: TICKET, book: BOOK, articles, who: visit.who() })
}

#[derive(Template)]
#[template(path = "requests.html")]
struct Requests {
    texts: &'static Texts,
    icon: &'static str,
}

/// `GET /requests`.
pub(crate) async fn requests(visit: Visit) -> Response {
    let texts = texts::of(visit.language);
    visit.page(texts.requests, &Requests { texts, icon: TICKET })
}

#[derive(Template)]
#[template(path = "documentation.html")]
struct Documentation {
    texts: &'static Texts,
    articles: &'static [Article],
}

/// `GET /documentation`.
pub(crate) async fn documentation(visit: Visit) -> Response {
    let texts = texts::of(visit.language);
    visit.page(texts.documentation, &Documentation { texts, articles: articles::of(visit.language) })
}
