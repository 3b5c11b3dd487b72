//! The parameters of an authorization request, as they came. What we don't know is passed over (RFC 6749 section 3.1).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::session::ACR_MULTI;

/// The longest `state`, `nonce` or other free text that we carry, in bytes.
pub const LONGEST_TEXT: usize = 2048;

/// The names we read. `request` and `request_uri` are read in order to be refused: ignoring them would drop what the
/// client relies on (OpenID Connect Core section 6).
const KNOWN: [&str; 20] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "login_hint",
    "id_token_hint",
    "ui_locales",
    "acr_values",
    "display",
    "tenant",
    "claims",
    "request",
    "request_uri",
];

/// The parameters, each at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationParams {
    values: BTreeMap<String, String>,
    doubled: Vec<String>,
}

impl AuthorizationParams {
    /// Takes the pairs of a query or form. A parameter without a value counts as left out (RFC 6749 section 3.1); one
    /// that comes twice is remembered as such, never decided by order.
    pub fn from_pairs<K: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut params = Self::default();
        for (name, value) in pairs {
            let (name, value) = (name.as_ref(), value.as_ref());
            if !KNOWN.contains(&name) || value.is_empty() {
                continue;
            }
            if params.values.insert(name.to_owned(), value.to_owned()).is_some() {
                params.doubled.push(name.to_owned());
            }
        }
        params
    }

    /// A parameter's value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Does the client wish for two factors (OpenID Connect Core section 3.1.2.1, `acr_values`)?
    pub fn wants_multi(&self) -> bool {
        self.get("acr_values").is_some_and(|values| values.split(' ').any(|acr| acr == ACR_MULTI))
    }

    /// The parameters as a query, to ask the same again.
    pub fn to_query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.values).finish()
    }

    /// A parameter that has exactly one value.
    pub(super) fn unambiguous(&self, name: &str) -> Option<&str> {
        if self.doubled.iter().any(|d| d == name) { None } else { self.get(name) }
    }

    /// Did any parameter come twice?
    pub(super) fn has_doubled(&self) -> bool {
        !self.doubled.is_empty()
    }

    /// Is there a text longer than we carry, or one with characters that a header or page must not hold?
    pub(super) fn has_unfit_text(&self) -> bool {
        let unfit = |c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER;
        self.values.values().any(|v| v.len() > LONGEST_TEXT || v.chars().any(unfit))
    }
}
