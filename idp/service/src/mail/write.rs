//! Writing a mail: in the person's language, under the company's brand, with its time.

use idp_core::ids::OutboxId;
use idp_core::time::{Lifetime, Timestamp};
use idp_pages::mail::{Frame, render};

use super::Posted;
use crate::context::{Company, Ctx};
use crate::outside::post::Sending;
use crate::when::{clock_time, date_time};

/// Of what is further ahead, and of everything that has been, the day is told, too: a mail is read when it is read.
const NEAR: Lifetime = Lifetime::hours(12);

/// Writes a mail as it leaves.
pub(crate) fn write(cx: &Ctx, company: &Company, id: OutboxId, posted: &Posted) -> Sending {
    let is_vendor = company.tenant.id == cx.vendor;
    let own = if is_vendor { &cx.settings.product } else { &company.tenant.name };
    let brand = company.policy.brand().unwrap_or(own);
    let now = cx.clock.now();
    let clock = |at: Timestamp| {
        let is_near = !at.reached(now) && at.since(now) < NEAR;
        if is_near { clock_time(at, company.policy.zone()) } else { date_time(at, company.policy.zone()) }
    };
    let frame = Frame { language: posted.language, brand, base: &cx.settings.issuer, clock: &clock, pseudo: None };
    let written = render(frame, &posted.letter);
    Sending {
        to: posted.to.clone(),
        sender: brand.to_owned(),
        from: company.policy.mail_from().map(str::to_owned),
        id: id.to_string(),
        subject: written.subject,
        text: written.text,
        html: written.html,
    }
}
