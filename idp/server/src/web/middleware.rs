//! What happens around every handler: one layer for each kind of route, since for every request a layer copies whatever
//! lies inside it. The handlers of what programs ask all day call `around_program` themselves and have no layer.

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

/// Around what a browser shows.
pub async fn around_page(State(app): State<App>, request: Request, next: Next) -> Response {
    let run = async |request| handle(request, async |request| next.run(request).await).await;
    let caught = async |request| defect::catch(&app, request, run).await;
    guard(&app, request, async |request| browser::identify(&app, request, caught).await).await
}

/// Around what is the same for everybody.
pub async fn around_plain(State(app): State<App>, request: Request, next: Next) -> Response {
    around_program(&app, request, async |request| next.run(request).await).await
}

/// Around what programs ask all day: called by the handler of the route, it is a part of it and no layer.
pub async fn around_program(app: &App, request: Request, answer: impl AsyncFnOnce(Request) -> Response) -> Response {
    guard(app, request, async |request| handle(request, answer).await).await
}

/// Around every answer that isn't ready-made.
async fn guard(app: &App, request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let run = async |request| app.cx().as_one_request(deadline::keep(request, next)).await;
    let caught = async |request| defect::catch(app, request, run).await;
    let complete = async |request| headers::add(app, request, caught).await;
    log::request(request, complete).await
}

async fn handle(request: Request, answer: impl AsyncFnOnce(Request) -> Response) -> Response {
    defect::make_if_told(&request);
    answer(request).await
}
