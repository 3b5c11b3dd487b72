//! Stylesheet and scripts: under names that change with them.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};

use crate::web::fast::{self, Document};

static DOCUMENTS: LazyLock<Vec<(&'static str, Document)>> = LazyLock::new(|| {
    let all = idp_pages::assets::assets().iter();
    all.map(|asset| (asset.path, Document::immutable(asset.bytes, asset.content_type))).collect()
});

/// One of them.
pub async fn get(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let found = DOCUMENTS.iter().find(|(path, _)| path.strip_prefix("/assets/") == Some(name.as_str()));
    match found {
        Some((_, document)) => fast::document(document, &headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
