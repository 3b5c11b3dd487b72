//! An authorization request on its way through sign-in. The browser carries it, sealed; the server keeps nothing. What
//! travels is what was asked, never what was decided.

use idp_core::ids::RequestId;
use idp_core::oidc::authorize::AuthorizationParams;
use idp_core::time::{Lifetime, Timestamp};
use idp_crypto::seal::Purpose;
use serde::{Deserialize, Serialize};

use crate::context::Ctx;
use crate::error::ServiceError;
use crate::visitor::Visitor;

/// Longer ones are refused: addresses have limits.
const LONGEST: usize = 6 * 1024;

/// A sign-in may take so long.
const PATIENCE: Lifetime = Lifetime::minutes(60);

/// The request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Waiting {
    v: u8,
    /// Its id, which the sign-in that answers it remembers.
    pub(crate) id: RequestId,
    /// When it came.
    pub(crate) started: Timestamp,
    /// What it asks.
    pub(crate) params: AuthorizationParams,
    /// The browser it belongs to, as a digest of the anonymous cookie.
    browser: [u8; 32],
}

/// What a sealed request turned out to be.
#[derive(Debug)]
pub(crate) enum Opened {
    /// This browser's, and in time.
    Good(Box<Waiting>),
    /// Ours, but too old or another browser's: it can only be asked again.
    Again(AuthorizationParams),
    /// Not ours.
    Nothing,
}

fn browser(cx: &Ctx, visitor: &Visitor) -> Result<[u8; 32], ServiceError> {
    Ok(cx.sealer.digest(&[b"waiting request", visitor.anonymous.as_bytes()])?)
}

/// Seals a request that came now; nothing if it is too long to travel.
pub(crate) fn seal(
    cx: &Ctx,
    visitor: &Visitor,
    params: &AuthorizationParams,
    now: Timestamp,
) -> Result<Option<String>, ServiceError> {
    let id = RequestId::from_bytes(cx.random.bytes()?);
    let waiting = Waiting { v: 1, id, started: now, params: params.clone(), browser: browser(cx, visitor)? };
    let plain = serde_json::to_vec(&waiting)?;
    let text = cx.sealer.seal_text(Purpose::Request, b"", &plain, &cx.random)?;
    Ok((text.len() <= LONGEST).then_some(text))
}

/// Opens a sealed request.
pub(crate) fn open(cx: &Ctx, visitor: &Visitor, text: &str, now: Timestamp) -> Result<Opened, ServiceError> {
    if text.len() > LONGEST {
        return Ok(Opened::Nothing);
    }
    let Ok(plain) = cx.sealer.open_text(Purpose::Request, b"", text) else { return Ok(Opened::Nothing) };
    let Ok(waiting) = serde_json::from_slice::<Waiting>(&plain) else { return Ok(Opened::Nothing) };
    let own = !visitor.anonymous.is_empty() && idp_core::secret::same(&waiting.browser, &browser(cx, visitor)?);
    let in_time = !(waiting.started + PATIENCE).reached(now);
    if own && in_time { Ok(Opened::Good(Box::new(waiting))) } else { Ok(Opened::Again(waiting.params)) }
}
