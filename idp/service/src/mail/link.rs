//! What the row behind a link in a mail remembers.

use serde::{Deserialize, Serialize};

use crate::error::ServiceError;

/// What the row remembers beside the account.
#[derive(Serialize, Deserialize)]
pub(crate) struct Link {
    pub(crate) v: u8,
    /// The address it was sent to.
    pub(crate) to: String,
    /// The browser that asked, as a digest of its anonymous cookie.
    pub(crate) browser: Vec<u8>,
    /// A digest of the code.
    pub(crate) code: Vec<u8>,
    /// What waited then.
    pub(crate) request: Option<String>,
    /// The rows of other accounts whose mailbox it is, too: their mails have codes of their own, typed in the same
    /// place.
    #[serde(default)]
    pub(crate) others: Vec<Vec<u8>>,
}

/// What the row of an invitation remembers: nobody asked for it.
pub(crate) fn welcome_payload(to: &str) -> Result<String, ServiceError> {
    let (browser, code) = (Vec::new(), Vec::new());
    let link = Link { v: 1, to: to.to_owned(), browser, code, request: None, others: Vec::new() };
    Ok(serde_json::to_string(&link)?)
}
