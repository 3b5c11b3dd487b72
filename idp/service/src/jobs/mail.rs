//! Sending mails: written now, in the person's language, and handed to the mail server.

use idp_core::mail::MailState;
use idp_store::outbox::Message;

use super::outcome::Outcome;
use crate::context::Ctx;
use crate::error::ServiceError;
use crate::mail;
use crate::mail::write::write;
use crate::outside::post::PostError;

/// Sends one, and notes what became of it.
pub(super) async fn send(cx: &Ctx, message: &Message) -> Result<Outcome, ServiceError> {
    let posted = mail::open(cx, message)?;
    let company = cx.company(posted.tenant).await?;
    let kind = posted.letter.kind();
    let sent = cx.post.send(write(cx, &company, message.id, &posted)).await;
    let is_mailbox = matches!(sent, Err(PostError::Refused(_)));
    let (state, told, outcome) = match sent {
        Ok(told) => (MailState::Sent, told, Outcome::Sent),
        Err(PostError::Refused(told) | PostError::Rejected(told)) => (MailState::Bounced, told, Outcome::Refused),
        Err(error) => (MailState::Deferred, error.to_string(), Outcome::Later),
    };
    metrics::counter!("idp_mails_total", "kind" => kind, "state" => state.name()).increment(1);
    if state != MailState::Sent {
        // What the server says may repeat the address; it goes to the row, which the administrator sees, not to the
        // log.
        tracing::warn!(event = "mail_not_sent", kind, state = state.name(), "see the account's mails");
    }
    let (id, now, account, to) = (message.id, cx.clock.now(), posted.account, posted.to);
    let told: String = told.chars().filter(|c| !c.is_control()).take(300).collect();
    let noted = cx.store.write(move |w| {
        idp_store::mails::became(w, id, state, (&told, now))?;
        match (state, account) {
            (MailState::Bounced, Some(account)) if is_mailbox => idp_store::mails::refuse(w, account, (&to, now)),
            (MailState::Sent, Some(account)) => idp_store::mails::allow(w, account, &to).map(drop),
            _ => Ok(()),
        }
    });
    noted.await?;
    Ok(outcome)
}

/// Notes that one had lost its use before it was taken.
pub(super) async fn expired(cx: &Ctx, message: &Message) -> Result<(), ServiceError> {
    let (id, now) = (message.id, cx.clock.now());
    let told = "no longer of use";
    Ok(cx.store.write(move |w| idp_store::mails::became(w, id, MailState::Expired, (told, now))).await?)
}
