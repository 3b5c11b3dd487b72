//! What making a passkey and signing with one have in common, wherever it happens: on the pages of an account, in a
//! sign-in.

use idp_core::account::Account;
use idp_core::audit::AuditEvent;
use idp_core::credential::once::{OneTime, Purpose};
use idp_core::credential::passkey::{MOST, PATIENCE, Passkey, made_by};
use idp_core::ids::{AccountId, PasskeyId, TenantId};
use idp_core::mail::Happening;
use idp_core::secret::TokenHash;
use idp_core::standing::{Epochs, Standing};
use idp_core::time::Timestamp;
use idp_crypto::passkey::{Begun, Owner, PasskeyError};
use idp_crypto::seal;
use idp_store::{StoreError, Write};

use crate::audit::scribe::Log;
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::{Parcel, notice};
use crate::visitor::Visitor;

/// What an authenticator is called that nobody knows.
const UNKNOWN: &str = "Passkey";

/// What the page for a new one needs.
#[derive(Debug)]
pub struct Offer {
    /// The options, for the browser.
    pub options: String,
    /// What the form has to bring back.
    pub ticket: String,
}

pub(crate) fn broken(error: &PasskeyError) -> ServiceError {
    ServiceError::Broken(format!("passkey: {error}"))
}

/// What an authenticator was asked to sign: it is taken once.
#[derive(Clone, Debug)]
pub(crate) struct Challenge {
    digest: TokenHash,
    made: OneTime,
}

impl Challenge {
    pub(crate) fn new(
        digest: TokenHash,
        (tenant, account, epochs): (TenantId, AccountId, Epochs),
        now: Timestamp,
    ) -> Self {
        let (purpose, payload, expires_at) = (Purpose::Challenge, String::new(), now + PATIENCE);
        Self { digest, made: OneTime { tenant, account, purpose, payload, epochs, expires_at } }
    }

    /// One that was asked for without a row: whoever comes first leaves it. False if somebody did before.
    pub(crate) fn take(&self, w: &mut Write<'_>, now: Timestamp) -> Result<bool, StoreError> {
        idp_store::one_time::insert(w, self.digest, &self.made, now)?;
        Ok(idp_store::one_time::spend(w, self.digest, Purpose::Challenge, now)?.is_some())
    }
}

/// Begins to make one, at home in this place: a page of this browser and of this session or sign-in.
pub(crate) fn offer(
    cx: &Ctx,
    place: &[u8],
    (account, company): (&Account, &Company),
    there: Vec<Passkey>,
) -> Result<Option<Offer>, ServiceError> {
    let Some(ceremonies) = cx.passkeys.as_ref().filter(|_| company.policy.passkeys_enabled()) else { return Ok(None) };
    let known: Vec<Vec<u8>> = there.into_iter().map(|passkey| passkey.credential).collect();
    let username = account.username(&company.tenant.code);
    let owner = Owner { handle: *account.id.bytes(), username: &username, name: &account.name };
    let Begun { options, state } = ceremonies.begin(owner, &known).map_err(|e| broken(&e))?;
    let progress = serde_json::to_vec(&(state, cx.clock.now() + PATIENCE))?;
    let ticket = cx.sealer.seal_text(seal::Purpose::Ticket, place, &progress, &cx.random)?;
    Ok(Some(Offer { options, ticket }))
}

/// What came of looking at what a browser brings.
pub(crate) enum Looked {
    /// It may be kept.
    Good(Box<New>),
    /// It isn't what was asked for.
    Wrong,
    /// It took too long, or is another's.
    Over,
}

/// A passkey that was made, with all that has to be told about it.
pub(crate) struct New {
    challenge: TokenHash,
    account: Account,
    passkey: Passkey,
    told: Option<Parcel>,
    now: Timestamp,
}

/// Looks at what was made.
pub(crate) fn look(
    cx: &Ctx,
    visitor: &Visitor,
    (account, company): (&Account, &Company),
    (place, ticket, answer): (&[u8], &str, &str),
) -> Result<Looked, ServiceError> {
    let now = cx.clock.now();
    let Some(ceremonies) = cx.passkeys.as_ref().filter(|_| company.policy.passkeys_enabled()) else {
        return Ok(Looked::Over);
    };
    let progress = cx.sealer.open_text(seal::Purpose::Ticket, place, ticket).ok();
    let progress = progress.and_then(|plain| serde_json::from_slice::<(Vec<u8>, Timestamp)>(&plain).ok());
    let Some((state, _)) = progress.filter(|(_, ends)| !ends.reached(now)) else { return Ok(Looked::Over) };
    let made = match ceremonies.finish(&state, answer) {
        Ok(made) => made,
        Err(error) => {
            tracing::info!(event = "passkey_refused", %error, "an authenticator's answer is not what was asked for");
            return Ok(Looked::Wrong);
        }
    };
    let passkey = Passkey {
        id: PasskeyId::at(now, cx.random.bytes()?),
        credential: made.credential,
        key: made.key,
        name: made_by(made.aaguid).unwrap_or(UNKNOWN).to_owned(),
        is_synced: made.is_synced,
        made_at: now,
        used_at: None,
    };
    let told = notice(cx, company, account, (Some(visitor), now), Happening::PasskeyMade)?;
    Ok(Looked::Good(Box::new(New { challenge: TokenHash::of(ticket), account: account.clone(), passkey, told, now })))
}

/// What keeping one came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is there.
    Yes,
    /// Somebody has it already.
    Exists,
    /// There are as many as there may be.
    Full,
    /// It was sent before.
    Over,
}

impl New {
    pub(crate) fn is_synced(&self) -> bool {
        self.passkey.is_synced
    }

    /// Keeps it. The account's row is held: of many at once each sees what the one before it made.
    pub(crate) fn keep(&self, w: &mut Write<'_>, standing: &Standing, log: &mut Log<'_>) -> Result<Kept, StoreError> {
        let whose = (self.account.tenant, self.account.id);
        let challenge = Challenge::new(self.challenge, (whose.0, whose.1, standing.epochs), self.now);
        if !challenge.take(w, self.now)? {
            return Ok(Kept::Over);
        }
        if idp_store::passkeys::of(w, whose.1)?.len() >= MOST {
            return Ok(Kept::Full);
        }
        if !idp_store::passkeys::insert(w, whose, &self.passkey)? {
            return Ok(Kept::Exists);
        }
        log.add(w, whose.0, AuditEvent::PasskeyMade { account: whose.1, name: self.passkey.name.clone() })?;
        if let Some(told) = &self.told {
            told.post(w)?;
        }
        Ok(Kept::Yes)
    }
}

/// A signature that was right, for the transaction that takes it.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    challenge: Challenge,
    id: PasskeyId,
    before: String,
    after: String,
    pub(crate) is_synced: bool,
}

impl Signed {
    pub(crate) fn new(challenge: Challenge, passkey: &Passkey, after: String) -> Self {
        let (before, is_synced) = (passkey.key.clone(), passkey.is_synced);
        Self { challenge, id: passkey.id, before, after, is_synced }
    }

    /// Burnt whatever follows.
    pub(crate) fn take(&self, w: &mut Write<'_>, now: Timestamp) -> Result<bool, StoreError> {
        self.challenge.take(w, now)
    }

    /// Notes that it was used; false if it was meanwhile: a counter goes up once.
    pub(crate) fn note(&self, w: &mut Write<'_>, now: Timestamp) -> Result<bool, StoreError> {
        idp_store::passkeys::used(w, self.id, (&self.before, &self.after), now)
    }
}
