//! The help page.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use idp_pages::help::Help;

use crate::web::middleware::browser::Browser;
use crate::web::shell::{Around, shell, whose};
use crate::web::{App, Page};

/// What to do when one can't get in.
pub async fn show(State(app): State<App>, Extension(browser): Extension<Browser>) -> Response {
    let present = whose(&app, &browser).await;
    let around = Around { present: present.as_ref(), ..Around::default() };
    let view = Help { shell: shell(&app, &browser, around).await, by_email: app.cx().post.is_on() };
    Page::new(&view).into_response()
}
