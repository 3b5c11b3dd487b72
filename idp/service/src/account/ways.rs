//! The ways into an account: before one is taken away, another has to be there.

use idp_core::account::Account;
use idp_core::ids::{IdentityId, PasskeyId};
use idp_store::{Read, StoreError};

use crate::context::{Company, Ctx};

/// What works here at all.
#[derive(Clone, Copy)]
pub(super) struct Works {
    mail: bool,
    passkeys: bool,
}

/// What works in this installation.
pub(super) fn works(cx: &Ctx) -> Works {
    Works { mail: cx.post.is_on(), passkeys: cx.passkeys.is_some() }
}

/// What is about to go.
#[derive(Clone, Copy)]
pub(super) enum Leaving {
    /// A passkey.
    Passkey(PasskeyId),
    /// A person at another provider.
    Identity(IdentityId),
}

/// Does the person get in by something else?
pub(super) fn is_another(
    r: &mut Read<'_>,
    (company, works): (&Company, Works),
    account: &Account,
    leaving: Leaving,
) -> Result<bool, StoreError> {
    let policy = &company.policy;
    if works.mail && policy.links_enabled() && account.email.is_some() {
        return Ok(true);
    }
    let has_password = idp_store::passwords::of(r, account.id)?.is_some_and(|p| !p.temporary);
    if has_password && policy.password_enabled() {
        return Ok(true);
    }
    // Devices get lost: passkeys alone are no way in that something else is given up for. Of several one may go.
    if let Leaving::Passkey(gone) = leaving {
        let stays = idp_store::passkeys::of(r, account.id)?.iter().any(|passkey| passkey.id != gone);
        if stays && works.passkeys && policy.passkeys_enabled() {
            return Ok(true);
        }
    }
    let stays = |id: IdentityId| !matches!(leaving, Leaving::Identity(gone) if gone == id);
    Ok(idp_store::identities::of(r, account.id)?.iter().any(|(one, _, is_on)| *is_on && stays(one.id)))
}
