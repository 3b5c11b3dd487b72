//! Passkey ceremonies (WebAuthn Level 3, sections 7.1 and 7.2). What is in progress leaves here as bytes that are
//! sealed, and a public key as text; nothing else knows what is in them.

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use url::Url;
use webauthn_rs::prelude::{
    CreationChallengeResponse, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};
use webauthn_rs_proto::{AllowCredentials, ResidentKeyRequirement};

/// The relying party of this host.
#[derive(Debug)]
pub struct Ceremonies {
    webauthn: Webauthn,
    origin: String,
}

/// A ceremony that has begun: what the browser is told, and what has to come back to finish it.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The options, as JSON for the browser.
    pub options: String,
    /// What is in progress: to be sealed, and used once.
    pub state: Vec<u8>,
}

/// Whose passkey is made.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// What the authenticator knows the account by.
    pub handle: [u8; 16],
    /// The user name.
    pub username: &'a str,
    /// The person's name.
    pub name: &'a str,
}

/// A passkey that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// What the authenticator knows it by.
    pub credential: Vec<u8>,
    /// Its public key.
    pub key: String,
    /// The kind of authenticator, as it says.
    pub aaguid: [u8; 16],
    /// It may be on other devices, too.
    pub is_synced: bool,
}

/// What a browser brings, before it is looked at.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The account that the authenticator names.
    pub handle: [u8; 16],
    /// The passkey.
    pub credential: Vec<u8>,
    signed: PublicKeyCredential,
}

/// Why a ceremony failed.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// Not what a browser sends.
    #[error("this is no answer of an authenticator")]
    Unreadable,
    /// It was signed for a page that isn't ours.
    #[error("it was signed for another origin")]
    Origin,
    /// It can't be found again without a name.
    #[error("it was not kept on the authenticator")]
    NotDiscoverable,
    /// It isn't right.
    #[error("{0}")]
    Refused(WebauthnError),
}

impl From<WebauthnError> for PasskeyError {
    fn from(error: WebauthnError) -> Self {
        Self::Refused(error)
    }
}

/// What a browser says it signed for (section 5.8.1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    top_origin: Option<String>,
}

impl Ceremonies {
    /// For the pages under this address; nothing if it has no name that a passkey could belong to, as an IP address has
    /// none.
    pub fn at(public_url: &Url, product: &str) -> Option<Self> {
        let host = public_url.domain()?;
        let builder = WebauthnBuilder::new(host, public_url).ok()?.rp_name(product);
        let webauthn = builder.timeout(std::time::Duration::from_mins(5)).build().ok()?;
        Some(Self { webauthn, origin: public_url.origin().ascii_serialization() })
    }

    /// The name that passkeys belong to.
    pub fn host(&self) -> &str {
        let rest = self.origin.split("://").last().unwrap_or_default();
        rest.split(':').next().unwrap_or_default()
    }

    /// Begins to make one, for none of these authenticators again.
    ///
    /// # Errors
    /// If it can't be drawn.
    pub fn begin(&self, owner: Owner<'_>, there: &[Vec<u8>]) -> Result<Begun, PasskeyError> {
        let exclude = there.to_vec();
        let handle = Uuid::from_bytes(owner.handle);
        let (mut told, state) =
            self.webauthn.start_passkey_registration(handle, owner.username, owner.name, Some(exclude))?;
        // The library leaves it to the authenticator; a sign-in without a name takes one that keeps it.
        if let Some(selection) = &mut told.public_key.authenticator_selection {
            selection.resident_key = Some(ResidentKeyRequirement::Required);
            selection.require_resident_key = true;
        }
        let CreationChallengeResponse { public_key } = told;
        Ok(Begun { options: json(&public_key)?, state: bytes(&state)? })
    }

    /// Looks at what was made.
    ///
    /// # Errors
    /// If it isn't what was asked for.
    pub fn finish(&self, state: &[u8], answer: &str) -> Result<Made, PasskeyError> {
        let state: PasskeyRegistration = read(state)?;
        let made: RegisterPublicKeyCredential = serde_json::from_str(answer).map_err(|_e| PasskeyError::Unreadable)?;
        self.check_origin(&made.response.client_data_json)?;
        if made.extensions.cred_props.as_ref().is_some_and(|props| props.rk == Some(false)) {
            return Err(PasskeyError::NotDiscoverable);
        }
        let (aaguid, is_synced) = told(&made.response.attestation_object).ok_or(PasskeyError::Unreadable)?;
        let passkey = self.webauthn.finish_passkey_registration(&made, &state)?;
        Ok(Made { credential: passkey.cred_id().clone(), key: json(&passkey)?, aaguid, is_synced })
    }

    /// Begins a sign-in by whichever passkey the person chooses, or by one of these.
    ///
    /// # Errors
    /// If it can't be drawn.
    pub fn ask(&self, by: &[&[u8]]) -> Result<Begun, PasskeyError> {
        let (mut told, state) = self.webauthn.start_discoverable_authentication()?;
        told.public_key.allow_credentials = by.iter().map(|id| allowed(id)).collect();
        Ok(Begun { options: json(&told.public_key)?, state: bytes(&state)? })
    }

    /// Reads what a browser brings: whose it claims to be.
    ///
    /// # Errors
    /// If it is no such thing, or was signed for another page.
    pub fn claimed(&self, answer: &str) -> Result<Claimed, PasskeyError> {
        let signed: PublicKeyCredential = serde_json::from_str(answer).map_err(|_e| PasskeyError::Unreadable)?;
        self.check_origin(&signed.response.client_data_json)?;
        let (handle, credential) = self.webauthn.identify_discoverable_authentication(&signed)?;
        Ok(Claimed { handle: *handle.as_bytes(), credential: credential.to_vec(), signed })
    }

    /// Looks at a signature: the key as it is to be kept from now on.
    ///
    /// # Errors
    /// If it isn't right, the person was not verified, or the counter says that there are two of it.
    pub fn verify(&self, state: &[u8], claimed: &Claimed, key: &str) -> Result<String, PasskeyError> {
        let state: DiscoverableAuthentication = read(state)?;
        let mut passkey: Passkey = serde_json::from_str(key).map_err(|_e| PasskeyError::Unreadable)?;
        let result = self.webauthn.finish_discoverable_authentication_v2(&claimed.signed, state, &passkey)?;
        if !result.user_verified() {
            return Err(PasskeyError::Refused(WebauthnError::UserNotVerified));
        }
        passkey.update_credential(&result);
        json(&passkey)
    }

    /// Exactly ours, whatever the library would let pass, and in no page of others.
    fn check_origin(&self, client_data: &[u8]) -> Result<(), PasskeyError> {
        let told: ClientData = serde_json::from_slice(client_data).map_err(|_e| PasskeyError::Unreadable)?;
        let is_ours = told.origin == self.origin && !told.cross_origin && told.top_origin.is_none();
        if is_ours { Ok(()) } else { Err(PasskeyError::Origin) }
    }
}

fn allowed(credential: &[u8]) -> AllowCredentials {
    let id = credential.to_vec();
    AllowCredentials { type_: "public-key".to_owned(), id, transports: None }
}

/// The kind of authenticator and whether the passkey may be elsewhere, too, from the authenticator data (section 6.1):
/// 32 bytes of a hash, the flags, four bytes of a counter, the AAGUID.
fn told(attestation: &[u8]) -> Option<([u8; 16], bool)> {
    const BACKUP_ELIGIBLE: u8 = 1 << 3;
    let object: ciborium::Value = ciborium::from_reader(attestation).ok()?;
    let data = object.as_map()?.iter().find(|(name, _)| name.as_text() == Some("authData"))?.1.as_bytes()?;
    let aaguid = data.get(37..53)?.try_into().ok()?;
    Some((aaguid, data.get(32)? & BACKUP_ELIGIBLE != 0))
}

fn json(value: &impl serde::Serialize) -> Result<String, PasskeyError> {
    serde_json::to_string(value).map_err(|_e| PasskeyError::Unreadable)
}

fn bytes(value: &impl serde::Serialize) -> Result<Vec<u8>, PasskeyError> {
    serde_json::to_vec(value).map_err(|_e| PasskeyError::Unreadable)
}

fn read<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, PasskeyError> {
    serde_json::from_slice(bytes).map_err(|_e| PasskeyError::Unreadable)
}

/// The text that stands for bytes in what browsers are told.
pub fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}
