//! The pages of the Voice Portal. Not here: their words.

use askama::Template;
use axum::response::Response;
use switchboard_portal::{Visit, Who, company, initials};

use crate::texts::{self, Texts};
use crate::{HANDSET, HISTORY};

#[derive(Template)]
#[template(path = "phone.html")]
struct Phone<'a> {
    texts: &'static Texts,
    icon: &'static str,
    who: Who<'a>,
}

/// `GET /`: the tab that a sign-in lands on.
pub(crate) async fn phone(visit: Visit) -> Response {
    let texts = texts::of(visit.language);
    visit.page(texts.phone, &Phone { texts, icon: HANDSET, who: visit.who() })
}

#[derive(Template)]
#[template(path = "calls.html")]
struct Calls {
    texts: &'static Texts,
    icon: &'static str,
}

/// `GET /calls`.
pub(crate) async fn calls(visit: Visit) -> Response {
    let texts = texts::of(visit.language);
    visit.page(texts.calls, &Calls { texts, icon: HISTORY })
}

#[derive(Template)]
#[template(path = "team.html")]
struct Team<'a> {
    texts: &'static Texts,
    company: Option<&'a str>,
    name: &'a str,
    initials: String,
    username: Option<&'a str>,
}

/// `GET /team`.
pub(crate) async fn team(visit: Visit) -> Response {
    let texts = texts::of(visit.language);
    let name = visit.person.display_name();
    let username = visit.person.username.as_deref();
    let team = Team { texts, company: company(&visit.person), name, initials: initials(name), username };
    visit.page(texts.team, &team)
}
