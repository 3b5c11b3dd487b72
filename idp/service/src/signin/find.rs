//! Whom a typed name means: from text to rows. The same reads for those who exist and those who don't.

use std::sync::Arc;

use idp_core::account::{Account, Email};
use idp_core::credential::password::StoredPassword;
use idp_core::ids::{AccountId, TenantId};
use idp_core::secret::TokenHash;
use idp_core::signin::identifier::{self, Identifier};
use idp_core::standing::Standing;
use idp_core::tenant::{Tenant, TenantCode};
use idp_core::time::Timestamp;
use idp_crypto::seal::{SealError, Sealer};
use idp_store::{Read, StoreError};

use crate::context::Ctx;
use crate::error::ServiceError;
use crate::sessions;
use crate::visitor::Visitor;

/// A name as it was typed.
#[derive(Debug, Clone)]
pub enum Name {
    /// In one field; the company may be known from the address of the page.
    One {
        /// The text.
        typed: String,
        /// The company the page was opened for.
        company: Option<TenantCode>,
    },
    /// In two fields.
    Two {
        /// The company: code or name.
        company: String,
        /// The account: user name or mail address.
        account: String,
    },
}

/// Whom it means.
pub(super) enum Target {
    /// The name alone doesn't say which company.
    AskCompany,
    /// Somebody, or nobody: both are worked on alike.
    Someone(Box<Found>),
}

/// What was found.
pub(super) struct Found {
    /// What attempts are counted by: the account, or the bucket that a name which nobody has falls into.
    pub(super) subject: [u8; 16],
    /// The company that the name or the page says, if it exists. Never the account's own: who learns that learns that
    /// it exists.
    pub(super) company: Option<TenantId>,
    /// The account.
    pub(super) someone: Option<Someone>,
    /// The name is this mail address, which may be several accounts': then it is nobody's name.
    pub(super) mailbox: Option<Email>,
    /// Does the account know this browser?
    pub(super) known: bool,
}

/// An account that may be meant.
pub(super) struct Someone {
    pub(super) account: Account,
    pub(super) stored: Option<StoredPassword>,
    pub(super) standing: Standing,
}

/// Finds out.
pub(super) async fn target(cx: &Ctx, visitor: &Visitor, name: Name, now: Timestamp) -> Result<Target, ServiceError> {
    let spelled = spell(&name);
    if let (Name::One { .. }, Identifier::Bare(_)) = (&name, &spelled.identifier) {
        return Ok(Target::AskCompany);
    }
    let (device, sealer) = (visitor.device, Arc::clone(&cx.sealer));
    let read = cx.store.read(move |r| {
        let company = company(r, &spelled)?;
        let account = account(r, &spelled, company.as_ref())?;
        let subject = match &account {
            Some(account) => *account.id.bytes(),
            None => bucket(&sealer, &spelled, company.as_ref()).map_err(|e| StoreError::Broken(e.to_string()))?,
        };
        let (someone, known) = look(r, account, device, now)?;
        // Beside a company that doesn't exist it is nobody's.
        let is_anywhere = spelled.company.is_none() || company.is_some();
        let mailbox = match spelled.identifier {
            Identifier::Mail(email) => Some(email).filter(|_| is_anywhere),
            Identifier::InCompany(..) | Identifier::Bare(_) | Identifier::Nobody => None,
        };
        Ok(Found { subject, company: company.map(|c| c.id), someone, mailbox, known })
    });
    Ok(Target::Someone(Box::new(read.await?)))
}

/// What there is to know about an account; about nobody the same is asked, and the answers are thrown away.
fn look(
    r: &mut Read<'_>,
    account: Option<Account>,
    device: Option<TokenHash>,
    now: Timestamp,
) -> Result<(Option<Someone>, bool), StoreError> {
    let nobody = (TenantId::from_bytes([0; 16]), AccountId::from_bytes([0; 16]));
    let (tenant, id) = account.as_ref().map_or(nobody, |a| (a.tenant, a.id));
    let stored = idp_store::passwords::of(r, id)?;
    let known = match device {
        Some(device) => idp_store::known_browsers::is_known(r, id, device, now)?,
        None => false,
    };
    let standing = sessions::standing(r, tenant, id)?;
    let someone = account.zip(standing).map(|(account, standing)| Someone { account, stored, standing });
    Ok((someone, known))
}

/// A name, read.
struct Spelled {
    identifier: Identifier,
    company: Option<identifier::Company>,
}

fn spell(name: &Name) -> Spelled {
    match name {
        Name::One { typed, company } => Spelled {
            identifier: identifier::read(typed, company.as_ref()),
            company: company.clone().map(identifier::Company::Code),
        },
        Name::Two { company, account } => {
            let company = identifier::read_company(company);
            let code = match &company {
                identifier::Company::Code(code) => Some(code),
                identifier::Company::Name(_) => None,
            };
            Spelled { identifier: identifier::read(account, code), company: Some(company) }
        }
    }
}

/// The company that the name says: in the identifier itself, or beside it.
fn company(r: &mut Read<'_>, spelled: &Spelled) -> Result<Option<Tenant>, StoreError> {
    if let Identifier::InCompany(code, _) = &spelled.identifier {
        let found = idp_store::tenants::by_code(r, code)?;
        let beside = matches!(&spelled.company, Some(identifier::Company::Code(given)) if given == code);
        return if found.is_none() && beside { idp_store::tenants::by_name(r, code.as_str()) } else { Ok(found) };
    }
    match &spelled.company {
        Some(identifier::Company::Code(code)) => match idp_store::tenants::by_code(r, code)? {
            Some(tenant) => Ok(Some(tenant)),
            None => idp_store::tenants::by_name(r, code.as_str()),
        },
        Some(identifier::Company::Name(name)) => idp_store::tenants::by_name(r, name),
        None => Ok(None),
    }
}

fn account(r: &mut Read<'_>, spelled: &Spelled, company: Option<&Tenant>) -> Result<Option<Account>, StoreError> {
    let login = match &spelled.identifier {
        Identifier::Mail(email) if spelled.company.is_some() => {
            return match company {
                Some(tenant) => idp_store::accounts::by_email(r, Some(tenant.id), email),
                None => Ok(None),
            };
        }
        Identifier::Mail(email) => return idp_store::accounts::by_email(r, None, email),
        Identifier::InCompany(_, login) | Identifier::Bare(login) => login,
        Identifier::Nobody => return Ok(None),
    };
    let Some(tenant) = company else { return Ok(None) };
    match idp_store::logins::holder(r, tenant.id, login)? {
        Some(id) => idp_store::accounts::by_id(r, tenant.id, id),
        None => Ok(None),
    }
}

/// One of 65,536 counters for names that nobody has: strangers can't make the table grow. Every spelling of a name
/// falls into the same one, as every spelling of somebody's name meets the same account.
fn bucket(sealer: &Sealer, spelled: &Spelled, company: Option<&Tenant>) -> Result<[u8; 16], SealError> {
    let said = match (company, &spelled.company) {
        (Some(tenant), _) => tenant.id.to_string(),
        (None, Some(identifier::Company::Code(code))) => code.to_string(),
        (None, Some(identifier::Company::Name(name))) => name.clone(),
        (None, None) => String::new(),
    };
    let name = match &spelled.identifier {
        Identifier::InCompany(code, login) if company.is_none() => format!("{login}\0{code}"),
        Identifier::InCompany(_, login) | Identifier::Bare(login) => format!("{login}\0{said}"),
        // With a company and without one it may be two accounts, or none: two counters in any case.
        Identifier::Mail(email) if spelled.company.is_some() => format!("{email}\0{said}"),
        Identifier::Mail(email) => email.to_string(),
        Identifier::Nobody => String::new(),
    };
    Ok(one_of(&sealer.digest(&[b"unknown name", name.as_bytes()])?))
}

/// The counter of a mail that went to nobody.
pub(super) fn nobody(row: TokenHash) -> [u8; 16] {
    one_of(row.bytes())
}

fn one_of(digest: &[u8; 32]) -> [u8; 16] {
    let mut bucket = [0xff; 16]; // no account's id begins so: its first bytes are a time
    let ([.., high, low], [a, b, ..]) = (&mut bucket, digest);
    (*high, *low) = (*a, *b);
    bucket
}
