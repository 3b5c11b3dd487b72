//! The errors of the protocol, by the codes that its documents give them.

/// A refusal at the authorization endpoint that goes back to the client (RFC 6749 section 4.1.2.1, OpenID Connect Core
/// section 3.1.2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// Something is missing, doubled or malformed.
    InvalidRequest,
    /// This client may not ask so.
    UnauthorizedClient,
    /// The person, or his company, says no.
    AccessDenied,
    /// Only `code` is served.
    UnsupportedResponseType,
    /// A scope that can't be.
    InvalidScope,
    /// `prompt=none`, and nobody is signed in.
    LoginRequired,
    /// `prompt=none`, and it isn't clear who is meant.
    AccountSelectionRequired,
    /// The parameter `request` isn't served.
    RequestNotSupported,
    /// The parameter `request_uri` isn't served.
    RequestUriNotSupported,
}

impl ErrorCode {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::LoginRequired => "login_required",
            Self::AccountSelectionRequired => "account_selection_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
        }
    }
}

/// A refusal at the token endpoint (RFC 6749 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Something is missing, doubled or malformed.
    #[error("invalid_request")]
    InvalidRequest(&'static str),
    /// Not a client, or not this one.
    #[error("invalid_client")]
    InvalidClient,
    /// The code or refresh token is worth nothing here and now.
    #[error("invalid_grant")]
    InvalidGrant,
    /// This client may not ask so.
    #[error("unauthorized_client")]
    UnauthorizedClient,
    /// No such way to ask.
    #[error("unsupported_grant_type")]
    UnsupportedGrantType,
    /// More than was given.
    #[error("invalid_scope")]
    InvalidScope,
}

impl TokenError {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
        }
    }

    /// A sentence for the client's developer: what to do next. It tells nothing about anybody's account.
    pub fn description(self) -> &'static str {
        match self {
            Self::InvalidRequest(why) => why,
            Self::InvalidClient => "Authenticate in the way this client is registered for, with its current secret.",
            Self::InvalidGrant => {
                "The code or refresh token is used, expired, revoked or another client's. Start a new authorization."
            }
            Self::UnauthorizedClient => "This client is not registered for this grant type.",
            Self::UnsupportedGrantType => "Use authorization_code or refresh_token.",
            Self::InvalidScope => "Ask for the scopes that were granted, or fewer.",
        }
    }
}
