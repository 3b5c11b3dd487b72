//! Why a use case gave no answer at all. Refusals are answers and stand in each use case's own result.

use idp_crypto::keys::KeyError;
use idp_crypto::password::HashError;
use idp_crypto::random::NoRandomness;
use idp_crypto::seal::SealError;
use idp_store::StoreError;

/// What the caller does: ask to come back, or report a defect.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Too much to do; come back in a few seconds.
    #[error("{0}")]
    Busy(String),
    /// Something is wrong with us.
    #[error("{0}")]
    Broken(String),
}

impl From<StoreError> for ServiceError {
    fn from(cause: StoreError) -> Self {
        match cause {
            StoreError::Busy | StoreError::Unavailable(_) => Self::Busy(cause.to_string()),
            StoreError::Broken(_) => Self::Broken(cause.to_string()),
        }
    }
}

impl From<HashError> for ServiceError {
    fn from(cause: HashError) -> Self {
        match cause {
            HashError::Busy | HashError::Stopped => Self::Busy(cause.to_string()),
            HashError::Unusable | HashError::TooDear => Self::Broken(cause.to_string()),
        }
    }
}

impl From<SealError> for ServiceError {
    fn from(cause: SealError) -> Self {
        Self::Broken(cause.to_string())
    }
}

impl From<KeyError> for ServiceError {
    fn from(cause: KeyError) -> Self {
        Self::Broken(cause.to_string())
    }
}

impl From<NoRandomness> for ServiceError {
    fn from(cause: NoRandomness) -> Self {
        Self::Broken(cause.to_string())
    }
}

impl From<serde_json::Error> for ServiceError {
    fn from(cause: serde_json::Error) -> Self {
        Self::Broken(format!("JSON: {cause}"))
    }
}
