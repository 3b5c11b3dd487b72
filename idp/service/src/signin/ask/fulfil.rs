//! What was asked for, out of the outbox: who gets a mail, its link and its code. Only here it shows whether there is
//! anybody.

use std::str::FromStr;

use idp_core::account::{Account, Email};
use idp_core::credential::once::{OneTime, Purpose};
use idp_core::mail::Letter;
use idp_core::secret::{TokenHash, bearer};
use idp_core::standing::Epochs;
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::seal;
use idp_store::ephemeral::Budget;
use idp_store::outbox::Message;
use idp_store::{StoreError, Write};

use super::super::email::code_digest;
use super::{Wanted, Whose, life};
use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::mail::link::Link;
use crate::mail::{Parcel, To, pack};
use crate::sessions;

/// Mails that visitors of one company may cause: a morning on which two hundred people begin has room in it.
const COMPANY: Budget = Budget { most: 1000, window: Lifetime::hours(1) };

/// So many accounts with one mailbox get a mail each.
const SHARED: usize = 5;

/// So many are looked at: some may be locked, or switched off.
const LOOKED_AT: i64 = 50;

/// Mails that somebody may have in an hour in a browser that his account knows, whatever strangers have asked for.
const OWN: Budget = Budget { most: 5, window: Lifetime::hours(1) };

/// Does the company let people do this by mail?
fn is_allowed(company: &Company, purpose: Purpose) -> bool {
    if purpose == Purpose::Reset { company.policy.password_enabled() } else { company.policy.links_enabled() }
}

/// Keeps the link and posts the mail, if there is somebody to get it; of several with one mailbox each gets his own.
/// Taken out twice, after a crash, it is done once.
///
/// # Errors
/// If it can't be done now.
pub(crate) async fn fulfil(cx: &Ctx, message: &Message) -> Result<(), ServiceError> {
    let plain = cx.sealer.open_text(seal::Purpose::Mail, message.id.bytes(), &message.payload)?;
    let wanted: Wanted = serde_json::from_slice(&plain)?;
    let (now, purpose) = (cx.clock.now(), wanted.purpose());
    let mut mails = Vec::new();
    for (account, epochs) in whom(cx, wanted.whose.clone()).await? {
        if mails.len() == SHARED {
            break;
        }
        let company = cx.company(account.tenant).await?;
        if cx.post.is_on() && is_allowed(&company, purpose) && has_room(cx, &company, now).await {
            let is_own =
                wanted.is_known && cx.ephemeral.take(&format!("mail-own:{}", account.id), OWN, now).await.is_ok();
            mails.push(mail(cx, &wanted, (account, epochs, &company), (mails.is_empty(), is_own, now))?);
        }
    }
    let others: Vec<Vec<u8>> = mails.iter().skip(1).map(|mail| mail.digest.bytes().to_vec()).collect();
    if let Some(first) = mails.first_mut() {
        first.link.others = others;
    }
    let kept = cx.store.write(move |w| {
        for (n, mail) in mails.iter().enumerate() {
            let is_done = n == 0 && idp_store::one_time::look(w, mail.digest, purpose)?.is_some();
            if n > 0 {
                mail.parcel.post_too(w)?; // what the mailbox may get was asked with the first
            } else if is_done || !mail.parcel.post(w)? {
                return Ok(());
            }
            mail.keep(w, (purpose, now))?;
        }
        Ok(())
    });
    kept.await?;
    cx.wake_outbox();
    Ok(())
}

/// Who gets a mail: as they are now, not as they were when it was asked for.
async fn whom(cx: &Ctx, whose: Whose) -> Result<Vec<(Account, Epochs)>, ServiceError> {
    let read = cx.store.read(move |r| {
        let (accounts, asked) = match whose {
            Whose::Nobody => return Ok(Vec::new()),
            Whose::Account { tenant, account, epochs, to } => {
                let is_his = |a: &Account| a.email.as_ref().is_some_and(|e| e.as_str() == to);
                let found = idp_store::accounts::by_id(r, tenant, account)?.filter(is_his);
                (found.into_iter().collect(), Some(epochs))
            }
            Whose::Mailbox { address, within } => match Email::from_str(&address) {
                Ok(address) => (idp_store::accounts::of_mailbox(r, within, (&address, LOOKED_AT))?, None),
                Err(_cause) => return Ok(Vec::new()),
            },
        };
        let mut all = Vec::new();
        for account in accounts {
            let Some(standing) = sessions::standing(r, account.tenant, account.id)? else { continue };
            let epochs = asked.unwrap_or(standing.epochs);
            // The mail server refuses the address: an administrator has to look at it.
            let address = account.email.as_ref().map(ToString::to_string).unwrap_or_default();
            let is_refused = idp_store::mails::is_refused(r, account.id, &address)?;
            if !is_refused && standing.may_receive(&epochs).is_ok() {
                all.push((account, epochs));
            }
        }
        Ok(all)
    });
    Ok(read.await?)
}

async fn has_room(cx: &Ctx, company: &Company, now: Timestamp) -> bool {
    let has = cx.ephemeral.take(&format!("mail-company:{}", company.tenant.id), COMPANY, now).await.is_ok();
    if !has {
        tracing::warn!(event = "mail_budget_spent", company = %company.tenant.code, "visitors of this company asked for too many mails");
    }
    has
}

/// A mail, and the row behind its link.
struct Mail {
    account: Account,
    epochs: Epochs,
    digest: TokenHash,
    link: Link,
    parcel: Parcel,
    until: Timestamp,
}

/// The first mail has the link and the code that the page of the asking browser knows of.
fn mail(
    cx: &Ctx,
    wanted: &Wanted,
    (account, epochs, company): (Account, Epochs, &Company),
    (is_first, is_own, now): (bool, bool, Timestamp),
) -> Result<Mail, ServiceError> {
    let (token, code) = if is_first {
        (wanted.token.clone(), wanted.code.clone())
    } else {
        (bearer("sbl", &cx.random.bytes()?).expose().clone(), cx.random.digits()?.expose().clone())
    };
    let useful = life(company, wanted.purpose());
    let (digest, until, asked_by) = (TokenHash::of(&token), wanted.asked_at + useful, wanted.asked_by.clone());
    let to = account.email.as_ref().map(ToString::to_string).unwrap_or_default();
    let link = Link {
        v: 1,
        to: to.clone(),
        browser: wanted.browser.clone(),
        code: code_digest(&cx.sealer, digest, &code)?,
        request: wanted.request.clone(),
        others: Vec::new(),
    };
    let username = account.username(&company.tenant.code);
    let letter = if wanted.is_reset {
        Letter::Reset { token, username, until, asked_by }
    } else {
        Letter::SignIn { username, token, code, until, asked_by }
    };
    let to = To { address: &to, company, account: Some(&account) };
    let parcel = pack(cx, to, letter, (now, useful, is_first && !is_own))?;
    Ok(Mail { account, epochs, digest, link, parcel, until })
}

impl Mail {
    /// Keeps what the link stands for; what was asked for before is worth nothing.
    fn keep(&self, w: &mut Write<'_>, (purpose, now): (Purpose, Timestamp)) -> Result<(), StoreError> {
        let row = OneTime {
            tenant: self.account.tenant,
            account: self.account.id,
            purpose,
            payload: serde_json::to_string(&self.link).map_err(|e| StoreError::Broken(e.to_string()))?,
            epochs: self.epochs,
            expires_at: self.until,
        };
        idp_store::one_time::supersede(w, self.account.id, purpose, now)?;
        idp_store::one_time::insert(w, self.digest, &row, now).map(drop)
    }
}
