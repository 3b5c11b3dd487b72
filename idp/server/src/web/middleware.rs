//! What happens around every handler: one layer around all, and one for each kind of route, since for every request a layer copies
//! whatever lies inside it.

pub mod address;
pub mod browser;
pub mod deadline;
pub mod defect;
pub mod headers;
pub mod log;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::web::App;

/// Around every answer that isn't ready-made.
pub async fn around(State(app): State<App>, request: Request, next: Next) -> Response {
    let run = async |request| deadline::keep(request, async |request| next.run(request).await).await;
    let caught = async |request| defect::catch(&app, request, run).await;
    let complete = async |request| headers::add(&app, request, caught).await;
    log::request(&app, request, complete).await
}

/// Around what a browser shows.
pub async fn around_page(State(app): State<App>, request: Request, next: Next) -> Response {
    let run = async |request| handle(request, next).await;
    let caught = async |request| defect::catch(&app, request, run).await;
    log::name_route(request, async |request| browser::identify(&app, request, caught).await).await
}

/// Around what programs ask.
pub async fn around_program(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let address = address::of(&app, &request);
    request.extensions_mut().insert(address::ClientAddress(address));
    around_plain(request, next).await
}

/// Around what is the same for everybody.
pub async fn around_plain(request: Request, next: Next) -> Response {
    log::name_route(request, async |request| handle(request, next).await).await
}

async fn handle(request: Request, next: Next) -> Response {
    defect::make_if_told(&request);
    next.run(request).await
}
