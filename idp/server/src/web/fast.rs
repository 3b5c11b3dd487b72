//! Documents that are the same for everybody: their bytes, tag and headers are made once and handed out as they are.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

/// A document ready to go.
#[derive(Clone, Debug)]
pub struct Document {
    body: Bytes,
    tag: HeaderValue,
    kind: HeaderValue,
    keep: HeaderValue,
}

impl Document {
    /// Prepares a document that may be kept for so many seconds.
    pub fn new(body: Vec<u8>, kind: &'static str, seconds: i64) -> Self {
        Self::with(body.into(), kind, &format!("public, max-age={seconds}"))
    }

    /// Prepares a document whose address changes with it: it may be kept for ever.
    pub fn immutable(body: &'static [u8], kind: &'static str) -> Self {
        Self::with(Bytes::from_static(body), kind, "public, max-age=31536000, immutable")
    }

    fn with(body: Bytes, kind: &'static str, keep: &str) -> Self {
        let digest = Sha256::digest(&body);
        let tag = format!("\"{}\"", HEXLOWER.encode(digest.get(..8).unwrap_or_default()));
        let header = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
        Self { tag: header(&tag), kind: HeaderValue::from_static(kind), keep: header(keep), body }
    }
}

/// Hands a document out, or says that the asker has it already (RFC 9110 section 13.1.2).
pub fn document(document: &Document, asked: &HeaderMap) -> Response {
    let known = asked.get(header::IF_NONE_MATCH).is_some_and(|tag| *tag == document.tag);
    let mut response = Response::new(if known { Body::empty() } else { Body::from(document.body.clone()) });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, document.kind.clone());
    headers.insert(header::ETAG, document.tag.clone());
    headers.insert(header::CACHE_CONTROL, document.keep.clone());
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
