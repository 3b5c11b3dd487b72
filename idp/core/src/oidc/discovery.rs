//! What we say about ourselves (OpenID Connect Discovery section 3, RFC 8414). Only what works is named.

use serde_json::{Value, json};

use crate::oidc::client::{AuthMethod, SigningAlgorithm};
use crate::oidc::scope::Scope;
use crate::session::{ACR_KEY, ACR_MULTI, ACR_SINGLE};

/// The metadata document.
pub fn document(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    json!({
        "issuer": issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks.json"),
        "end_session_endpoint": at("/logout"),
        "scopes_supported": Scope::ALL.map(Scope::name),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "acr_values_supported": [ACR_SINGLE, ACR_MULTI, ACR_KEY],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": SigningAlgorithm::ALL.map(SigningAlgorithm::name),
        "token_endpoint_auth_methods_supported": AuthMethod::ALL.map(AuthMethod::name),
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "amr", "sid", "nonce", "name",
            "preferred_username", "locale", "updated_at", "email", "email_verified", "tenant",
            "tenant_name", "roles"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "select_account", "consent"],
        "ui_locales_supported": ["en", "de"],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
    })
}
