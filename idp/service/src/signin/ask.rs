//! Asking for a mail: a link to sign in, or to a new password. Who has no account, no address or no permission gets the
//! same answer and the same work, to the statement: what was asked for goes sealed into the outbox, for nobody as for
//! somebody, and only the worker that takes it out finds out which it is. Only the mail doesn't come.

mod fulfil;

use idp_core::credential::once::Purpose;
use idp_core::ids::{AccountId, OutboxId, TenantId};
use idp_core::secret::{TokenHash, bearer};
use idp_core::standing::Epochs;
use idp_core::throttle::Lane;
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::seal;
use idp_store::ephemeral::Budget;
use idp_store::outbox::Message;
use idp_store::throttles::Key;
use serde::{Deserialize, Serialize};

pub(crate) use self::fulfil::fulfil;
use super::email::{Journey, browser};
use super::find::{self, Found, Someone, Target};
use super::{Name, Wait};
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::visitor::Visitor;

/// The kind of what was asked for, in the outbox.
pub(crate) const ASKED: &str = "asked_mail";

/// Mails that one network may cause: a whole office begins its day behind one address.
const NETWORK: Budget = Budget { most: 200, window: Lifetime::hours(1) };

/// What somebody asks for.
#[derive(Debug)]
pub struct Ask {
    /// The sealed request that waits, if one does.
    pub request: Option<String>,
    /// Who he says he is.
    pub name: Name,
    /// The same as he typed it, for the page that follows.
    pub typed: String,
    /// To sign in, or to set a new password.
    pub purpose: Purpose,
}

/// What he is told: the same, whoever he is.
#[derive(Debug)]
pub enum Asked {
    /// A mail was sent, if there is an account with an address. The page carries this.
    Sent(String),
    /// The name alone doesn't say which company.
    AskCompany,
    /// Too many mails from that network.
    Wait(Wait),
}

/// What was asked for, sealed in the outbox.
#[derive(Serialize, Deserialize)]
struct Wanted {
    v: u8,
    whose: Whose,
    /// The account knows the browser that asks.
    is_known: bool,
    is_reset: bool,
    token: String,
    code: String,
    /// The browser that asks, and what waits in it.
    browser: Vec<u8>,
    request: Option<String>,
    asked_by: String,
    asked_at: Timestamp,
}

/// Whom it is for.
#[derive(Clone, Serialize, Deserialize)]
enum Whose {
    Nobody,
    Account {
        tenant: TenantId,
        account: AccountId,
        /// What a lock or a reset that comes meanwhile ends it by.
        epochs: Epochs,
        /// The address of then.
        to: String,
    },
    /// A mail address that is no single account's: nobody's, or several accounts'.
    Mailbox {
        address: String,
        within: Option<TenantId>,
    },
}

impl Whose {
    fn of(found: &Found) -> Self {
        match (&found.someone, &found.mailbox) {
            (Some(Someone { account, standing, .. }), _) => Self::Account {
                tenant: account.tenant,
                account: account.id,
                epochs: standing.epochs,
                to: account.email.as_ref().map(ToString::to_string).unwrap_or_default(),
            },
            (None, Some(address)) => Self::Mailbox { address: address.to_string(), within: found.company },
            (None, None) => Self::Nobody,
        }
    }
}

impl Wanted {
    fn purpose(&self) -> Purpose {
        if self.is_reset { Purpose::Reset } else { Purpose::SignInLink }
    }
}

/// Sends a link, if there is somebody to send it to.
///
/// # Errors
/// If it can't be done now.
pub async fn ask(cx: &Ctx, visitor: &Visitor, ask: Ask) -> Result<Asked, ServiceError> {
    let now = cx.clock.now();
    if let Err(until) = cx.ephemeral.take(&format!("mail:{}", visitor.network()), NETWORK, now).await {
        let zone = cx.company(cx.vendor).await?.policy.zone().to_owned();
        return Ok(Asked::Wait(Wait { until, left: until.since(now), zone }));
    }
    let company = match &ask.name {
        Name::Two { company, .. } => Some(company.clone()),
        Name::One { company, .. } => company.as_ref().map(ToString::to_string),
    };
    let (purpose, typed) = (ask.purpose, ask.typed);
    let found = match find::target(cx, visitor, ask.name, now).await? {
        Target::AskCompany => return Ok(Asked::AskCompany),
        Target::Someone(found) => *found,
    };
    // What the page tells is what the name says, never what the account's own company has set: that would tell who
    // exists.
    let said = cx.company(found.company.unwrap_or(cx.vendor)).await?;
    let wanted = Wanted {
        v: 2,
        whose: Whose::of(&found),
        is_known: found.known,
        is_reset: purpose == Purpose::Reset,
        token: bearer("sbl", &cx.random.bytes()?).expose().clone(),
        code: cx.random.digits()?.expose().clone(),
        browser: browser(cx, visitor)?,
        request: ask.request,
        asked_by: visitor.agent.clone(),
        asked_at: now,
    };
    let (digest, ends) = (TokenHash::of(&wanted.token).bytes().to_vec(), now + life(&said, purpose));
    hand_in(cx, (&found, &said), (&wanted, ends), now).await?;
    let is_reset = wanted.is_reset;
    let journey = Journey { v: 1, digest, is_reset, typed, company, asked_at: now, ends };
    Ok(Asked::Sent(journey.seal(cx, visitor)?))
}

/// How long such a link works.
fn life(company: &Company, purpose: Purpose) -> Lifetime {
    if purpose == Purpose::Reset { company.policy.reset_life() } else { company.policy.link_life() }
}

/// Puts it into the outbox: one act, the same for everybody.
async fn hand_in(
    cx: &Ctx,
    (found, said): (&Found, &Company),
    (wanted, expires_at): (&Wanted, Timestamp),
    now: Timestamp,
) -> Result<(), ServiceError> {
    let id = OutboxId::at(now, cx.random.bytes()?);
    let payload = cx.sealer.seal_text(seal::Purpose::Mail, id.bytes(), &serde_json::to_vec(wanted)?, &cx.random)?;
    let tenant = said.tenant.id;
    let message = Message { id, tenant, kind: ASKED.to_owned(), payload, next_at: now, expires_at, attempts: 0 };
    let key = Key { subject: found.subject, lane: Lane::Mail };
    let handed = cx.store.write(move |w| {
        idp_store::throttles::note(w, key, now)?;
        idp_store::outbox::push(w, &message)
    });
    handed.await?;
    cx.wake_outbox();
    Ok(())
}
