//! Documents that are the same for everybody: their bytes and headers are made once and handed out as they are, before
//! any layer is asked.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::web::middleware::headers;

/// A document ready to go.
#[derive(Clone, Debug)]
pub struct Document {
    body: Bytes,
    headers: HeaderMap,
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
        let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::ETAG, value(&tag));
        headers.insert(header::CACHE_CONTROL, value(keep));
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        Self { body, headers }
    }

    /// With the headers that every answer carries, for documents that no layer adds them to.
    #[must_use]
    pub fn hardened(mut self, secure: bool) -> Self {
        headers::complete(&mut self.headers, secure);
        self
    }
}

/// Hands a document out, or says that the asker has it already (RFC 9110 section 13.1.2).
pub fn document(document: &Document, asked: &HeaderMap) -> Response {
    let tag = document.headers.get(header::ETAG);
    let known = tag.is_some() && asked.get(header::IF_NONE_MATCH) == tag;
    let mut response = Response::new(if known { Body::empty() } else { Body::from(document.body.clone()) });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    response.headers_mut().clone_from(&document.headers);
    response
}
