//! A refresh token for new tokens. One conditional update moves the line on; of many at once one wins.

use std::sync::Arc;

use idp_core::audit::AuditEvent;
use idp_core::ids::FamilyId;
use idp_core::oidc::client::{Client, Refresh};
use idp_core::oidc::error::TokenError;
use idp_core::oidc::scope::{Scope, Scopes};
use idp_core::oidc::token::Grant;
use idp_core::oidc::token::refresh_token::{Decision, Family, decide};
use idp_core::secret::{Secret, TokenHash};
use idp_core::time::Timestamp;
use idp_store::grants::Held;
use idp_store::{StoreError, Write};

use super::{Answer, Issue, Standby, issue, read_refresh, refresh_text, revoke, still_counts};
use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;

/// What the transaction works with.
struct Renewal {
    client: Arc<Client>,
    family: FamilyId,
    presented: TokenHash,
    next: TokenHash,
    scope: Option<String>,
    scribe: Scribe,
    now: Timestamp,
}

pub(super) async fn refresh(
    cx: &Ctx,
    client: Arc<Client>,
    (token, scope): (&Secret<String>, Option<String>),
    now: Timestamp,
) -> Result<Answer, ServiceError> {
    let Some((family, presented)) = read_refresh(token.expose()) else {
        return Ok(Answer::Refused(TokenError::InvalidGrant));
    };
    let refresh_token = refresh_text(family, &cx.random.bytes()?);
    let work = Renewal {
        client: Arc::clone(&client),
        family,
        presented,
        next: TokenHash::of(refresh_token.expose()),
        scope,
        scribe: Scribe::new(cx, now)?,
        now,
    };
    match cx.store.write(move |w| work.commit(w)).await? {
        Ok((grant, scope)) => issue(cx, &client, Issue { grant, nonce: None, scope, refresh_token }, now),
        Err(refused) => Ok(Answer::Refused(refused)),
    }
}

type Decided<T> = Result<Result<T, TokenError>, StoreError>;

impl Renewal {
    /// A refusal commits: a line that somebody stole from stays dead.
    fn commit(&self, w: &mut Write<'_>) -> Decided<(Grant, String)> {
        // Twice at most: whoever loses the conditional update looks again and finds himself to be the second.
        for _ in 0..2 {
            let Some((family, held)) = idp_store::families::held(w, self.family)? else { break };
            if held.grant.client != self.client.key {
                break; // another client's token: it gets nothing and ends nothing
            }
            match decide(&family, self.presented, self.now) {
                Decision::Dead | Decision::Decline => break,
                Decision::Revoke => return self.stolen(w, &held),
                step @ (Decision::Rotate | Decision::Replace) => {
                    let scope = match self.scope(&held.grant) {
                        Ok(scope) => scope,
                        Err(refused) => return Ok(Err(refused)),
                    };
                    if !self.is_alive(w, &held)? {
                        break;
                    }
                    if idp_store::families::advance(w, &family, &self.successor(&family, step))? {
                        return granted(w, held.grant, (scope, step));
                    }
                }
            }
        }
        Ok(Err(TokenError::InvalidGrant))
    }

    fn successor(&self, family: &Family, step: Decision) -> Family {
        let (previous, retried) = match step {
            // The lost one is overwritten; the one before it stays the one before.
            Decision::Replace => (family.previous, true),
            Decision::Rotate | Decision::Decline | Decision::Revoke | Decision::Dead => (Some(family.current), false),
        };
        Family { current: self.next, previous, retried, rotated_at: self.now, ..family.clone() }
    }

    /// Fewer scopes are fine, more are not (RFC 6749 section 6).
    fn scope(&self, grant: &Grant) -> Result<String, TokenError> {
        let granted = Scopes::read(&grant.scope);
        match &self.scope {
            None => Ok(grant.scope.clone()),
            Some(text) => {
                let asked = Scopes::read(text);
                let known = text.split(' ').filter(|w| !w.is_empty()).all(|w| Scope::from_name(w).is_some());
                if known && asked.within(&granted) && asked.has(Scope::OpenId) {
                    Ok(asked.text())
                } else {
                    Err(TokenError::InvalidScope)
                }
            }
        }
    }

    /// The refreshes of some clients keep the session alive, because they happen on a person's request only.
    fn is_alive(&self, w: &mut Write<'_>, held: &Held) -> Result<bool, StoreError> {
        match still_counts(w, held, self.now)? {
            None => Ok(false),
            Some(Standby::Session(session)) if self.client.refresh == Refresh::Activity => {
                match session.touched(self.now) {
                    Some(idle_ends) => idp_store::sessions::touch(w, session.id, self.now, idle_ends),
                    None => Ok(true),
                }
            }
            Some(Standby::Session(_) | Standby::Alone) => Ok(true),
        }
    }

    fn stolen(&self, w: &mut Write<'_>, held: &Held) -> Decided<(Grant, String)> {
        idp_store::families::revoke(w, self.family, self.now)?;
        if revoke(w, held.grant.id, self.now)? {
            let event = AuditEvent::TokenReused { grant: held.grant.id, kind: "refresh_token".to_owned() };
            self.scribe.begin().add(w, held.grant.tenant, event)?;
        }
        Ok(Err(TokenError::InvalidGrant))
    }
}

fn granted(w: &mut Write<'_>, mut grant: Grant, (scope, step): (String, Decision)) -> Decided<(Grant, String)> {
    if step == Decision::Replace {
        idp_store::grants::raise_access_epoch(w, grant.id)?; // the access token of the lost answer dies with it
        grant.access_epoch += 1;
    }
    Ok(Ok((grant, scope)))
}
