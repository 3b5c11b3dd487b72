//! The library's own addresses on one screen. Not here: what each of them does.

mod backchannel_logout;
mod callback;
mod sign_in;
mod sign_out;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::rp::Rp;

/// No form that comes in here needs more.
const LARGEST_FORM: usize = 16 * 1024;

impl Rp {
    /// The routes that an application merges into its own, at the root of its origin.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        Router::new()
            .route("/sign-in", get(sign_in::start))
            .route("/callback", get(callback::finish))
            .route("/sign-out", post(sign_out::start))
            .route("/signed-out", get(sign_out::finish))
            .route("/backchannel-logout", post(backchannel_logout::receive))
            .layer(DefaultBodyLimit::max(LARGEST_FORM))
            .with_state(self.clone())
    }
}
