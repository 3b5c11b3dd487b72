//! Whether a request comes from the application's own pages. Not here: what follows if it does not.

use http::HeaderMap;
use http::header::ORIGIN;

/// Whether a page of `origin` sent the request.
///
/// Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`. `same-site` is not enough: it covers every port of
/// `localhost` and every subdomain. A request that names neither is refused, because browsers send at least `Origin`
/// with a POST.
pub(crate) fn is_same_origin(headers: &HeaderMap, origin: &str) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin" || site == "none",
        None => headers.get(ORIGIN).is_some_and(|found| found == origin),
    }
}

/// Whether a person opened this page, as opposed to a script or a browser that loads ahead.
///
/// Only this counts as activity: a page left open that polls in the background must not keep its session alive.
pub(crate) fn is_navigation(headers: &HeaderMap) -> bool {
    let ahead = ["sec-purpose", "purpose"].iter().any(|name| {
        headers.get(*name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("prefetch"))
    });
    let by_script = headers.get("sec-fetch-mode").is_some_and(|mode| mode != "navigate");
    !ahead && !by_script
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_our_own_pages_are_of_the_same_origin() {
        let is_ours = |pairs| is_same_origin(&headers(pairs), "http://localhost:8081");
        assert!(is_ours(&[("sec-fetch-site", "same-origin")]));
        assert!(is_ours(&[("origin", "http://localhost:8081")]));
        assert!(!is_ours(&[("sec-fetch-site", "same-site"), ("origin", "http://localhost:8081")]));
        assert!(!is_ours(&[("sec-fetch-site", "cross-site")]));
        assert!(!is_ours(&[("origin", "http://localhost:8082")]));
        assert!(!is_ours(&[("origin", "null")]));
        assert!(!is_ours(&[]));
    }

    #[test]
    fn scripts_and_prefetches_are_not_a_person() {
        assert!(is_navigation(&headers(&[("sec-fetch-mode", "navigate")])));
        assert!(is_navigation(&headers(&[])));
        assert!(!is_navigation(&headers(&[("sec-fetch-mode", "cors")])));
        assert!(!is_navigation(&headers(&[("sec-fetch-mode", "navigate"), ("sec-purpose", "prefetch;prerender")])));
    }
}
