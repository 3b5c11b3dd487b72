//! A code for tokens. Spending the code, deciding what it is worth and beginning the line of refresh tokens is one act.

use std::sync::Arc;

use idp_core::audit::AuditEvent;
use idp_core::ids::{FamilyId, GrantId};
use idp_core::oidc::client::Client;
use idp_core::oidc::error::TokenError;
use idp_core::oidc::token::Grant;
use idp_core::oidc::token::authorization_code::{CodePayload, CodeRequest, check};
use idp_core::oidc::token::refresh_token::Family;
use idp_core::secret::{Secret, TokenHash};
use idp_core::time::Timestamp;
use idp_store::codes::Spent;
use idp_store::{StoreError, Write};

use super::{Answer, Issue, issue, refresh_text, revoke, still_counts};
use crate::audit::scribe::Scribe;
use crate::context::Ctx;
use crate::error::ServiceError;

/// What the transaction works with.
struct Exchange {
    client: Arc<Client>,
    code: TokenHash,
    request: CodeRequest,
    family: FamilyId,
    first: TokenHash,
    scribe: Scribe,
    now: Timestamp,
}

pub(super) async fn exchange(
    cx: &Ctx,
    client: Arc<Client>,
    (code, request): (&Secret<String>, CodeRequest),
    now: Timestamp,
) -> Result<Answer, ServiceError> {
    let family = FamilyId::from_bytes(cx.random.bytes()?);
    let refresh_token = refresh_text(family, &cx.random.bytes()?);
    let work = Exchange {
        client: Arc::clone(&client),
        code: TokenHash::of(code.expose()),
        request,
        family,
        first: TokenHash::of(refresh_token.expose()),
        scribe: Scribe::new(cx, now)?,
        now,
    };
    match cx.store.write(move |w| work.commit(w)).await? {
        Ok((grant, payload)) => {
            let scope = grant.scope.clone();
            issue(cx, &client, Issue { grant, nonce: payload.nonce, scope, refresh_token }, now)
        }
        Err(refused) => Ok(Answer::Refused(refused)),
    }
}

impl Exchange {
    /// A refusal commits: the code stays burnt.
    fn commit(&self, w: &mut Write<'_>) -> Result<Result<(Grant, CodePayload), TokenError>, StoreError> {
        let (grant, payload) = match idp_store::codes::spend(w, self.code, self.now)? {
            Spent::First(grant, payload) => (grant, payload),
            Spent::Again(grant, payload) => {
                self.reused(w, grant, &payload)?;
                return Ok(Err(TokenError::InvalidGrant));
            }
            Spent::Unknown => return Ok(Err(TokenError::InvalidGrant)),
        };
        if let Err(refused) = check(&payload, &self.client, &self.request, self.now) {
            return Ok(Err(refused));
        }
        let Some(held) = idp_store::grants::held(w, grant)? else { return Ok(Err(TokenError::InvalidGrant)) };
        if still_counts(w, &held, self.now)?.is_none() {
            return Ok(Err(TokenError::InvalidGrant));
        }
        self.begin_line(w, &held.grant)?;
        Ok(Ok((held.grant, payload)))
    }

    /// The owner's second use ends what the first one got (RFC 6749 section 4.1.2). Another client's attempt ends
    /// nothing: else anybody who saw a code could sign its owner out.
    fn reused(&self, w: &mut Write<'_>, grant: GrantId, payload: &CodePayload) -> Result<(), StoreError> {
        if payload.client != self.client.key || !revoke(w, grant, self.now)? {
            return Ok(());
        }
        let Some(held) = idp_store::grants::held(w, grant)? else { return Ok(()) };
        let event = AuditEvent::TokenReused { grant, kind: "code".to_owned() };
        self.scribe.begin().add(w, held.grant.tenant, event)
    }

    fn begin_line(&self, w: &mut Write<'_>, grant: &Grant) -> Result<(), StoreError> {
        idp_store::families::insert(
            w,
            &Family {
                id: self.family,
                grant: grant.id,
                current: self.first,
                previous: None,
                generation: 0,
                rotated_at: self.now,
                retried: false,
                expires_at: grant.ends,
                revoked_at: None,
            },
        )
    }
}
