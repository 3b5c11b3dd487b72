//! Mails on their way: packed before the act that causes them, posted in it, sent by a job after it.

pub(crate) mod link;
pub(crate) mod write;

use idp_core::account::Account;
use idp_core::ids::{AccountId, OutboxId, TenantId};
use idp_core::language::Language;
use idp_core::mail::{Happening, Letter, MailState};
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::seal::Purpose;
use idp_store::mails::Noted;
use idp_store::outbox::Message;
use idp_store::{StoreError, Write};
use serde::{Deserialize, Serialize};

use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::visitor::Visitor;

/// The kind of a mail in the outbox.
pub(crate) const MAIL: &str = "mail";

/// Mails of one kind to one mailbox, in an hour, that somebody may cause who has shown nothing yet. Each kind has its
/// own count: that one is used up must not tell what another was asked for.
const BY_STRANGERS: i64 = 3;

/// What waits, sealed, in the outbox.
#[derive(Serialize, Deserialize)]
pub(crate) struct Posted {
    v: u8,
    pub(crate) to: String,
    pub(crate) language: Language,
    pub(crate) tenant: TenantId,
    pub(crate) account: Option<AccountId>,
    pub(crate) letter: Letter,
}

/// To whom a mail goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct To<'a> {
    pub(crate) address: &'a str,
    pub(crate) company: &'a Company,
    pub(crate) account: Option<&'a Account>,
}

/// A mail, sealed and ready to be posted. Made before the transaction, which may run twice and has to post the same.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    message: Message,
    noted: Noted,
}

/// Packs a mail.
pub(crate) fn pack(
    cx: &Ctx,
    to: To<'_>,
    letter: Letter,
    (now, useful, by_stranger): (Timestamp, Lifetime, bool),
) -> Result<Parcel, ServiceError> {
    let id = OutboxId::at(now, cx.random.bytes()?);
    let tenant = to.company.tenant.id;
    let account = to.account.map(|a| a.id);
    let language = to.account.and_then(|a| a.language).unwrap_or(to.company.tenant.language);
    let kind = letter.kind().to_owned();
    let posted = Posted { v: 1, to: to.address.to_owned(), language, tenant, account, letter };
    let payload = cx.sealer.seal_text(Purpose::Mail, id.bytes(), &serde_json::to_vec(&posted)?, &cx.random)?;
    let expires_at = now + useful;
    let message = Message { id, tenant, kind: MAIL.to_owned(), payload, next_at: now, expires_at, attempts: 0 };
    let mailbox = cx.sealer.digest(&[b"mailbox", mailbox(to.address).as_bytes()])?;
    let (state, told) = (MailState::Queued, String::new());
    let noted = Noted { id, tenant, account, kind, mailbox, by_stranger, state, told, created_at: now };
    Ok(Parcel { message, noted })
}

/// The mailbox that an address leads to, as far as that shows: what comes after a plus sign is its owner's to choose,
/// and anybody's who wants to fill it.
fn mailbox(address: &str) -> String {
    let address = address.to_lowercase();
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}@{domain}", local.split('+').next().unwrap_or(local)),
        None => address,
    }
}

impl Parcel {
    /// Posts it in the act that causes it; false if it is not to be sent: strangers have caused too many to that
    /// mailbox.
    pub(crate) fn post(&self, w: &mut Write<'_>) -> Result<bool, StoreError> {
        let noted = &self.noted;
        if noted.by_stranger {
            let since = noted.created_at - Lifetime::hours(1);
            if idp_store::mails::by_strangers(w, &noted.mailbox, (&noted.kind, since))? >= BY_STRANGERS {
                return Ok(false);
            }
        }
        self.post_too(w)?;
        Ok(true)
    }

    /// Posts it beside another one to the same mailbox, which was allowed.
    pub(crate) fn post_too(&self, w: &mut Write<'_>) -> Result<(), StoreError> {
        idp_store::mails::note(w, &self.noted)?;
        idp_store::outbox::push(w, &self.message)
    }
}

/// A notice is of no use after so long.
const NOTICE: Lifetime = Lifetime::days(1);

/// Where something came from: a browser, or nobody's.
pub(crate) type From<'a> = (Option<&'a Visitor>, Timestamp);

/// Tells the mailbox what happened to its account, where there is one and a way to it.
pub(crate) fn notice(
    cx: &Ctx,
    company: &Company,
    account: &Account,
    (visitor, now): From<'_>,
    what: Happening,
) -> Result<Option<Parcel>, ServiceError> {
    let Some(address) = account.email.as_ref().filter(|_| cx.post.is_on()) else { return Ok(None) };
    let letter = Letter::Happened {
        what,
        username: account.username(&company.tenant.code),
        at: now,
        agent: visitor.map(|v| v.agent.clone()).unwrap_or_default(),
        address: visitor.map(|v| v.address.to_string()).unwrap_or_default(),
    };
    let to = To { address: address.as_str(), company, account: Some(account) };
    pack(cx, to, letter, (now, NOTICE, false)).map(Some)
}

/// Opens what waits in the outbox.
pub(crate) fn open(cx: &Ctx, message: &Message) -> Result<Posted, ServiceError> {
    let plain = cx.sealer.open_text(Purpose::Mail, message.id.bytes(), &message.payload)?;
    Ok(serde_json::from_slice(&plain)?)
}

/// Sends a test, now and not by the outbox: whoever asks waits for what the mail server says.
///
/// # Errors
/// If it can't be written.
pub async fn test(
    cx: &Ctx,
    _by: &idp_core::authority::SystemAdmin,
    to: &str,
) -> Result<Result<String, crate::outside::post::PostError>, ServiceError> {
    let vendor = cx.company(cx.vendor).await?;
    let id = OutboxId::at(cx.clock.now(), cx.random.bytes()?);
    let posted = Posted {
        v: 1,
        to: to.to_owned(),
        language: vendor.tenant.language,
        tenant: cx.vendor,
        account: None,
        letter: Letter::Test,
    };
    let sending = write::write(cx, &vendor, id, &posted);
    Ok(cx.post.send(sending).await)
}
