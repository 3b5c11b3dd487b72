//! Telling a client that a session ended (OpenID Connect Back-Channel Logout).

use idp_core::oidc::logout_token::{Ended, TYPE, claims};
use idp_store::outbox::Message;

use super::outcome::Outcome;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::sessions::NoticePayload;

/// Sends one notice. Only 200 and 204 mean that the client has ended its session (section 2.8); 400 means that it
/// couldn't, which another try may mend, as may everything else.
pub(super) async fn send(cx: &Ctx, message: &Message) -> Result<Outcome, ServiceError> {
    let notice: NoticePayload = serde_json::from_str(&message.payload)?;
    let Some(client) = cx.client(&notice.client_id).await? else { return Ok(Outcome::Refused) };
    let now = cx.clock.now();
    let ended = Ended { client_id: &notice.client_id, subject: &notice.subject, sid: &notice.sid };
    let claims = claims(&cx.settings.issuer, ended, (message.id, message.attempts), now);
    let token = cx.keys.sign(client.algorithm, TYPE, &claims, now)?;
    match cx.http.post_form(&notice.uri, &[("logout_token", &token)]).await {
        Ok(200 | 204) => Ok(Outcome::Sent),
        Ok(status) => {
            tracing::warn!(event = "logout_notice_refused", client = %notice.client_id, status, "will be tried again");
            Ok(Outcome::Later)
        }
        Err(error) => {
            tracing::warn!(event = "logout_notice_failed", client = %notice.client_id, %error, "will be tried again");
            Ok(Outcome::Later)
        }
    }
}
