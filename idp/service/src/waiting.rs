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
    /// It can only be asked again.
    Restart(Restart),
}

/// How a request that can't be answered begins again; with the query it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Restart {
    /// Another browser's: at once.
    AtOnce(String),
    /// Too old, or this browser keeps no cookies: the person is told first. Without cookies, at once would be for ever.
    ByHand(String),
    /// Not ours: at the client.
    Elsewhere,
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
        return Ok(Opened::Restart(Restart::Elsewhere));
    }
    let plain = cx.sealer.open_text(Purpose::Request, b"", text).ok();
    let Some(waiting) = plain.and_then(|plain| serde_json::from_slice::<Waiting>(&plain).ok()) else {
        return Ok(Opened::Restart(Restart::Elsewhere));
    };
    let own = cx.sealer.is_digest(&waiting.browser, &[b"waiting request", visitor.anonymous.as_bytes()])?;
    let is_late = (waiting.started + PATIENCE).reached(now);
    Ok(match (own, is_late || visitor.is_new) {
        (true, false) => Opened::Good(Box::new(waiting)),
        (false, false) => Opened::Restart(Restart::AtOnce(waiting.params.to_query())),
        (_, true) => Opened::Restart(Restart::ByHand(waiting.params.to_query())),
    })
}
