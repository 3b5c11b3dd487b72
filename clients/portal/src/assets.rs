//! The stylesheet and the script, under names that change with their content. Not here: the icon, which each portal
//! draws.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use http::{StatusCode, header};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("../assets/portal.css");
const SCRIPT: &str = include_str!("../assets/portal.js");
const FOR_EVER: &str = "public, max-age=31536000, immutable";

static STYLE_NAME: LazyLock<String> = LazyLock::new(|| format!("portal.{}.css", digest(STYLE)));
static SCRIPT_NAME: LazyLock<String> = LazyLock::new(|| format!("portal.{}.js", digest(SCRIPT)));

pub(crate) fn style() -> &'static str {
    &STYLE_NAME
}

pub(crate) fn script() -> &'static str {
    &SCRIPT_NAME
}

/// `GET /assets/{name}`.
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    let (kind, text) = if name == *STYLE_NAME {
        ("text/css; charset=utf-8", STYLE)
    } else if name == *SCRIPT_NAME {
        ("text/javascript; charset=utf-8", SCRIPT)
    } else {
        return StatusCode::NOT_FOUND.into_response();
    };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, FOR_EVER)], text).into_response()
}

fn digest(text: &str) -> String {
    HEXLOWER.encode(Sha256::digest(text).get(..6).unwrap_or_default())
}
