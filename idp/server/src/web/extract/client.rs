//! Who a client says it is at the token endpoint, and how (RFC 6749 section 2.3.1).

use data_encoding::BASE64;
use http::{HeaderMap, header};
use idp_core::oidc::client::{AuthMethod, ClientCredentials};
use idp_core::oidc::error::TokenError;
use idp_core::secret::TokenHash;

use super::fields::Pairs;

/// Reads a parameter that may come once (RFC 6749 section 3.2).
///
/// # Errors
/// If it comes twice.
pub fn once<'a>(form: &'a Pairs, name: &str) -> Result<Option<&'a str>, TokenError> {
    let mut values = form.iter().filter(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.as_str());
    let first = values.next();
    if values.next().is_some() { Err(TokenError::InvalidRequest("a parameter comes twice")) } else { Ok(first) }
}

/// The credentials, from the header or from the body, never from both.
///
/// # Errors
/// If there are none, or they can't be read, or there are two kinds.
pub fn credentials(headers: &HeaderMap, form: &Pairs) -> Result<ClientCredentials, TokenError> {
    let credentials = read(headers, form)?;
    // No client has such a name (RFC 6749 appendix A.1), and a database trips over some of them.
    if credentials.client_id.contains(|c: char| !(' '..='~').contains(&c)) {
        return Err(TokenError::InvalidClient);
    }
    Ok(credentials)
}

fn read(headers: &HeaderMap, form: &Pairs) -> Result<ClientCredentials, TokenError> {
    let (id, secret) = (once(form, "client_id")?, once(form, "client_secret")?);
    match (headers.get(header::AUTHORIZATION), id, secret) {
        (Some(_), _, Some(_)) => Err(TokenError::InvalidRequest("authenticate in one way, not in two")),
        (Some(value), id, None) => {
            let basic = basic(value.to_str().unwrap_or("")).ok_or(TokenError::InvalidClient)?;
            let same = id.is_none_or(|id| id == basic.client_id);
            if same {
                Ok(basic)
            } else {
                Err(TokenError::InvalidRequest("client_id and Authorization name two clients"))
            }
        }
        (None, Some(id), Some(secret)) => Ok(ClientCredentials {
            client_id: id.to_owned(),
            method: AuthMethod::SecretPost,
            secret: Some(TokenHash::of(secret)),
        }),
        (None, Some(id), None) => {
            Ok(ClientCredentials { client_id: id.to_owned(), method: AuthMethod::None, secret: None })
        }
        (None, None, _) => Err(TokenError::InvalidClient),
    }
}

/// Name and secret are form-encoded before they are put together.
fn basic(value: &str) -> Option<ClientCredentials> {
    let (scheme, encoded) = value.split_once(' ')?;
    let decoded = BASE64.decode(encoded.trim().as_bytes()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let text = String::from_utf8(decoded).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some(ClientCredentials {
        client_id: form_decode(id)?,
        method: AuthMethod::SecretBasic,
        secret: Some(TokenHash::of(&form_decode(secret)?)),
    })
}

fn form_decode(text: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    let one = pairs.next().map(|(name, _)| name.into_owned()).unwrap_or_default();
    pairs.next().is_none().then_some(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(authorization: Option<&str>, form: &[(&str, &str)]) -> Result<ClientCredentials, TokenError> {
        let mut headers = HeaderMap::new();
        if let Some(value) = authorization {
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        }
        credentials(&headers, &form.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn each_way_is_told_apart() {
        let encoded = format!("Basic {}", BASE64.encode(b"voice:a%2Bb"));
        let basic = run(Some(&encoded), &[]).unwrap();
        assert_eq!((basic.method, basic.secret), (AuthMethod::SecretBasic, Some(TokenHash::of("a+b"))));
        assert_eq!(run(None, &[("client_id", "a"), ("client_secret", "b")]).unwrap().method, AuthMethod::SecretPost);
        assert_eq!(run(None, &[("client_id", "a")]).unwrap().method, AuthMethod::None);
    }

    #[test]
    fn two_ways_at_once_or_none_are_refused() {
        let encoded = format!("Basic {}", BASE64.encode(b"voice:x"));
        assert!(matches!(run(Some(&encoded), &[("client_secret", "x")]), Err(TokenError::InvalidRequest(_))));
        assert!(matches!(run(Some(&encoded), &[("client_id", "crm")]), Err(TokenError::InvalidRequest(_))));
        assert!(matches!(run(None, &[("client_id", "a"), ("client_id", "b")]), Err(TokenError::InvalidRequest(_))));
        assert_eq!(run(None, &[]).unwrap_err(), TokenError::InvalidClient);
        let zero = format!("Basic {}", BASE64.encode(b"a%00b:x"));
        for broken in ["Basic", "Basic %%%", "Bearer x", "Basic dm9pY2U=", &zero] {
            assert!(run(Some(broken), &[]).is_err(), "{broken}");
        }
    }
}
