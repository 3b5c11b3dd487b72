//! What an account has beside its first factor: the facts that decisions rest on, and what is drawn when something is
//! set up. How a sign-in asks for it is in `signin`, how a person sets it up for himself in `account`.

use idp_core::account::Account;
use idp_core::credential::once::{OneTime, Purpose};
use idp_core::ids::{AccountId, TenantId};
use idp_core::policy::second_factor::{Demand, Rules};
use idp_core::secret::{SealContext, Sealed, Secret, TokenHash};
use idp_core::session::{Present, Second};
use idp_core::signin::second_factor::{BACKUP_CODES, Mailbox, Need, Own, backup_code, digits, need};
use idp_core::standing::{Epochs, Standing};
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::seal::{self, Mac, SealError, Sealer};
use idp_crypto::totp::Seed;
use idp_store::second_factors::Kept;
use idp_store::trusted_browsers::Trusted;
use idp_store::{Read, StoreError, Write};
use serde::{Deserialize, Serialize};

use crate::context::{Company, Ctx};
use crate::error::ServiceError;
use crate::visitor::Visitor;

/// Codes that are written down are good until they are used or replaced.
const FOR_EVER: Lifetime = Lifetime::days(36_500);

/// What holds for an account.
pub(crate) fn rules(company: &Company, account: &Account) -> Rules {
    company.policy.second_factor(&account.roles)
}

/// What an account has, as the rules see it.
pub(crate) fn own(kept: &Kept, account: &Account, mail_is_on: bool) -> Own {
    Own {
        app: kept.app_seed.is_some(),
        email: kept.by_email,
        key: kept.has_key,
        mailbox: match account.email.as_ref().filter(|_| mail_is_on) {
            None => Mailbox::None,
            Some(_) if account.email_verified => Mailbox::Shown,
            Some(_) => Mailbox::Unshown,
        },
        due_since: kept.due_since,
    }
}

/// The same, read now.
///
/// # Errors
/// If the database can't be read.
pub async fn of(cx: &Ctx, account: &Account) -> Result<Own, ServiceError> {
    let id = account.id;
    let kept = cx.store.read(move |r| idp_store::second_factors::of(r, id)).await?;
    Ok(own(&kept, account, cx.post.is_on()))
}

/// Could the account have a passkey, and has none?
pub(crate) fn lacks_key(cx: &Ctx, rules: &Rules, own: &Own) -> bool {
    cx.passkeys.is_some() && rules.key.is_any() && !own.key
}

/// Does the company ask more of a session today than its sign-in showed? Then the person is asked before anything else
/// is given out.
///
/// # Errors
/// If the database can't be read.
pub async fn falls_short(cx: &Ctx, present: &Present) -> Result<bool, ServiceError> {
    let (account, session) = (&present.account, &present.session);
    let rules = rules(&*cx.company(account.tenant).await?, account);
    let Demand::Required(_) = rules.demand else { return Ok(false) };
    Ok(match session.second {
        Second::NotDue => true,
        Second::Shown | Second::Trusted => false,
        Second::Postponed => {
            let need = need(&rules, &of(cx, account).await?, (session.first_method(), false), cx.clock.now());
            !matches!(need, Need::SetUp(_, Some(_)))
        }
    })
}

/// Does the account's trust in a browser still count? The policy of today rules over trust of before.
fn counts(trusted: &Trusted, rules: &Rules, (epochs, now): (&Epochs, Timestamp)) -> bool {
    let in_time = |life| !(trusted.made_at + life).reached(now) && !trusted.expires_at.reached(now);
    rules.trust.is_some_and(in_time) && trusted.epochs == *epochs
}

/// Is this browser spared, as rows read now tell?
pub(crate) fn is_trusted(
    r: &mut Read<'_>,
    (account, device): (AccountId, Option<TokenHash>),
    rules: &Rules,
    (standing, now): (&Standing, Timestamp),
) -> Result<bool, StoreError> {
    let Some(device) = device else { return Ok(false) };
    let trusted = idp_store::trusted_browsers::of(r, account, device)?;
    Ok(trusted.is_some_and(|t| counts(&t, rules, (&standing.epochs, now))))
}

/// Where the seed of an app is kept.
pub(crate) fn place(account: &AccountId) -> SealContext<'_> {
    SealContext { table: "second_factors", column: "app_seed", row: account.bytes() }
}

/// The seed of an account's app.
pub(crate) fn open_seed(sealer: &Sealer, account: AccountId, kept: &Sealed) -> Result<Seed, StoreError> {
    let broken = |e: &dyn std::fmt::Display| StoreError::Broken(format!("second_factors.app_seed: {e}"));
    let plain = sealer.open_column(place(&account), kept).map_err(|e| broken(&e))?;
    Seed::from_bytes(plain.expose().clone()).map_err(|e| broken(&e))
}

/// What a table knows a written code by: short, so under a key, and worth something for one account only. The key is
/// the one that outlives master keys, since nobody can hash anew what only a drawer knows.
fn code_hash(key: &Mac, account: AccountId, purpose: Purpose, typed: &str) -> Result<TokenHash, SealError> {
    let plain = backup_code(typed);
    let digest = key.digest(&[b"written code", purpose.name().as_bytes(), account.bytes(), plain.as_bytes()])?;
    TokenHash::from_slice(&digest).ok_or(SealError::Foreign)
}

/// Written codes, drawn before the transaction that makes them good.
#[derive(Clone, Debug)]
pub(crate) struct Codes {
    /// As they are shown, once.
    pub(crate) plain: Vec<Secret<String>>,
    hashes: Vec<TokenHash>,
    purpose: Purpose,
    life: Lifetime,
}

impl Codes {
    /// A set of backup codes.
    pub(crate) fn draw(cx: &Ctx, account: AccountId) -> Result<Self, ServiceError> {
        Self::some(cx, account, (Purpose::BackupCode, BACKUP_CODES, FOR_EVER))
    }

    /// One code that an administrator hands over.
    pub(crate) fn for_once(cx: &Ctx, account: AccountId, life: Lifetime) -> Result<Self, ServiceError> {
        Self::some(cx, account, (Purpose::AdminCode, 1, life))
    }

    fn some(
        cx: &Ctx,
        account: AccountId,
        (purpose, count, life): (Purpose, usize, Lifetime),
    ) -> Result<Self, ServiceError> {
        let mut plain = Vec::with_capacity(count);
        let mut hashes = Vec::with_capacity(count);
        while plain.len() < count {
            let code = cx.random.backup_code()?;
            hashes.push(code_hash(&cx.audit, account, purpose, &code)?);
            plain.push(Secret::new(code));
        }
        Ok(Self { plain, hashes, purpose, life })
    }

    /// Makes them good; those of before are worth nothing.
    pub(crate) fn commit(
        &self,
        w: &mut Write<'_>,
        (tenant, account): (TenantId, AccountId),
        (standing, now): (&Standing, Timestamp),
    ) -> Result<(), StoreError> {
        idp_store::one_time::supersede(w, account, self.purpose, now)?;
        for hash in &self.hashes {
            let row = OneTime {
                tenant,
                account,
                purpose: self.purpose,
                payload: String::new(),
                epochs: standing.epochs,
                expires_at: now + self.life,
            };
            idp_store::one_time::insert(w, *hash, &row, now)?;
        }
        Ok(())
    }
}

/// What a written code was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// One of the set; so many are left.
    OfSet(usize),
    /// An administrator's.
    FromAdmin,
}

/// Uses a written code up. A restored backup ends them all: which of them were used since nobody knows.
pub(crate) fn spend_code(
    w: &mut Write<'_>,
    key: &Mac,
    account: AccountId,
    (typed, standing, now): (&str, &Standing, Timestamp),
) -> Result<Option<Written>, StoreError> {
    for purpose in [Purpose::BackupCode, Purpose::AdminCode] {
        let hash = code_hash(key, account, purpose, typed).map_err(|e| StoreError::Broken(e.to_string()))?;
        let Some(row) = idp_store::one_time::spend(w, hash, purpose, now)? else { continue };
        let is_good =
            row.account == account && !row.expires_at.reached(now) && row.epochs.instance == standing.epochs.instance;
        if is_good {
            let is_of_set = purpose == Purpose::BackupCode;
            return Ok(Some(if is_of_set {
                Written::OfSet(idp_store::one_time::unspent(w, account, purpose)?)
            } else {
                Written::FromAdmin
            }));
        }
    }
    Ok(None)
}

/// Takes everything away that was set up.
pub(crate) fn clear(w: &mut Write<'_>, account: &Account, now: Timestamp) -> Result<(), StoreError> {
    idp_store::second_factors::drop_app(w, account.id)?;
    idp_store::second_factors::set_email(w, (account.tenant, account.id), false)?;
    for purpose in [Purpose::BackupCode, Purpose::AdminCode] {
        idp_store::one_time::supersede(w, account.id, purpose, now)?;
    }
    idp_store::trusted_browsers::drop_all(w, account.id).map(drop)
}

/// How long somebody may take to set an app up.
const SET_UP: Lifetime = Lifetime::minutes(30);

/// What an app needs to know.
#[derive(Clone, Debug)]
pub struct AppOffer {
    /// Whose company.
    pub tenant: TenantId,
    /// The seed, sealed, for this browser and account: the next form has to bring it back.
    pub ticket: String,
    /// The seed as people type it.
    pub secret: String,
    /// The seed as a camera reads it (the key URI format that apps share).
    pub uri: String,
}

#[derive(Serialize, Deserialize)]
struct AppTicket {
    v: u8,
    seed: Vec<u8>,
    ends: Timestamp,
}

fn ticket_place(visitor: &Visitor, account: AccountId) -> Vec<u8> {
    [b"app ".as_slice(), account.bytes(), visitor.anonymous.as_bytes()].concat()
}

/// Draws a seed and keeps nothing: it becomes the account's once its first code was typed.
pub(crate) fn offer_app(
    cx: &Ctx,
    visitor: &Visitor,
    (account, company): (&Account, &Company),
) -> Result<AppOffer, ServiceError> {
    let seed = Seed::generate(&cx.random)?;
    let ticket = AppTicket { v: 1, seed: seed.expose().to_vec(), ends: cx.clock.now() + SET_UP };
    let (place, plain) = (ticket_place(visitor, account.id), serde_json::to_vec(&ticket)?);
    let ticket = cx.sealer.seal_text(seal::Purpose::Ticket, &place, &plain, &cx.random)?;
    Ok(AppOffer { ticket, ..describe(cx, &seed, (account, company)) })
}

/// The same seed again: its first code was not right.
pub(crate) fn offer_again(
    cx: &Ctx,
    visitor: &Visitor,
    (account, company): (&Account, &Company),
    ticket: &str,
) -> Option<AppOffer> {
    let seed = open_ticket(cx, visitor, account.id, ticket)?;
    Some(AppOffer { ticket: ticket.to_owned(), ..describe(cx, &seed, (account, company)) })
}

fn describe(cx: &Ctx, seed: &Seed, (account, company): (&Account, &Company)) -> AppOffer {
    let issuer = company.policy.brand().unwrap_or(&cx.settings.product);
    let encode =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let (name, issuer, secret) = (account.username(&company.tenant.code), encode(issuer), seed.text());
    let label = format!("{issuer}:{}", encode(&name));
    let uri = format!("otpauth://totp/{label}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30");
    AppOffer { tenant: account.tenant, ticket: String::new(), secret, uri }
}

fn open_ticket(cx: &Ctx, visitor: &Visitor, account: AccountId, ticket: &str) -> Option<Seed> {
    let plain = cx.sealer.open_text(seal::Purpose::Ticket, &ticket_place(visitor, account), ticket).ok()?;
    let ticket: AppTicket = serde_json::from_slice(&plain).ok()?;
    if ticket.ends.reached(cx.clock.now()) { None } else { Seed::from_bytes(ticket.seed).ok() }
}

/// What a code at the set-up of an app turned out to be.
pub(crate) enum FirstCode {
    /// Right: the seed, sealed for its row, and the step that is used up with it.
    Right(Sealed, i64),
    /// Wrong.
    Wrong,
    /// The seed is too old, or another's.
    Over,
}

/// Looks at the first code of an app.
pub(crate) fn first_code(
    cx: &Ctx,
    visitor: &Visitor,
    account: AccountId,
    (ticket, typed): (&str, &str),
) -> Result<FirstCode, ServiceError> {
    let Some(seed) = open_ticket(cx, visitor, account, ticket) else { return Ok(FirstCode::Over) };
    let Some(step) = seed.step_of(&digits(typed), cx.clock.now()) else { return Ok(FirstCode::Wrong) };
    let sealed = cx.sealer.seal_column(place(&account), seed.expose(), &cx.random)?;
    Ok(FirstCode::Right(sealed, step))
}
