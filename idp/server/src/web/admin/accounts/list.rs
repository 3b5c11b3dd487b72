//! The list.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use idp_core::account::AccountState as State_;
use idp_core::authority::{Permission, rank};
use idp_core::mail::MailState;
use idp_pages::admin::{AccountRow, AccountState, Accounts, AdminNotice, CompanyLink, Invitation};
use idp_service::admin::accounts::{Listed, Page as Listing};
use idp_service::admin::tenants;
use idp_service::error::ServiceError;

use crate::web::extract::authority::{self, Desk};
use crate::web::extract::fields::Query;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::shell::{Around, shell};
use crate::web::{App, Page};
use idp_service::when::clock_time;

/// The page.
pub async fn list(State(app): State<App>, Extension(browser): Extension<Browser>, query: Query) -> Response {
    let desk = match authority::desk(&app, &browser, query.given("as"), query.given("tenant")).await {
        Ok(desk) => desk,
        Err(instead) => return instead,
    };
    match render(&app, &browser, &desk, &query).await {
        Ok(page) => page.into_response(),
        Err(error) => Problem::of(&error).answer(&app, &browser).await,
    }
}

async fn render(app: &App, browser: &Browser, desk: &Desk, query: &Query) -> Result<Page, ServiceError> {
    let (search, after) = (query.given("q").unwrap_or(""), query.given("after").unwrap_or(""));
    idp_service::sessions::seen(app.cx(), &desk.present).await?;
    let listing = idp_service::admin::accounts::list(app.cx(), &desk.viewer, search, after).await?;
    let can_manage = desk.actor.may(Permission::CreateAccount, desk.company.tenant.id);
    let view = Accounts {
        shell: shell(app, browser, Around { present: Some(&desk.present), ..Around::default() }).await,
        company: desk.company.tenant.name.clone(),
        companies: companies(app, desk).await?,
        next: listing.next.as_ref().map(|after| next_page(desk, search, after)),
        rows: rows(desk, listing),
        search: search.to_owned(),
        notice: notice(app, desk, query).await?,
        can_manage,
    };
    Ok(Page::new(&view))
}

/// Only those who reach beyond their own company see others.
async fn companies(app: &App, desk: &Desk) -> Result<Vec<CompanyLink>, ServiceError> {
    if !desk.actor.is_vendor {
        return Ok(Vec::new());
    }
    let all = tenants::list(app.cx()).await?;
    let link = |t: idp_core::tenant::Tenant| CompanyLink {
        current: t.id == desk.company.tenant.id,
        code: t.code.to_string(),
        name: t.name,
    };
    Ok(all.into_iter().map(link).collect())
}

fn next_page(desk: &Desk, search: &str, after: &str) -> String {
    let (session, tenant) = (desk.present.session.id.to_string(), desk.company.tenant.code.to_string());
    let params = [("as", session.as_str()), ("tenant", &tenant), ("q", search), ("after", after)];
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish()
}

fn rows(desk: &Desk, listing: Listing) -> Vec<AccountRow> {
    let zone = desk.company.policy.zone();
    let may_unlock = desk.actor.may(Permission::UnlockAccount, desk.company.tenant.id);
    let own_rank = rank(&desk.actor.roles);
    let row = |Listed { account, waits_until, invitation, mail_refused, has_second }| {
        let state = match (account.state, waits_until) {
            (State_::Active | State_::Invited, Some(until)) => AccountState::Waiting(clock_time(until, zone)),
            (State_::Active, None) if mail_refused => AccountState::Silent { invited: false },
            (State_::Invited, None) if mail_refused && invitation.is_none() => AccountState::Silent { invited: true },
            (State_::Active, None) => AccountState::Active,
            (State_::Invited, None) => AccountState::Invited(became(invitation)),
            (State_::Locked, _) => AccountState::Locked,
            (State_::Disabled, _) => AccountState::Disabled,
        };
        let below = account.roles.iter().all(|r| r.rank() <= own_rank);
        AccountRow {
            id: account.id.to_string(),
            username: account.username(&desk.company.tenant.code),
            email: account.email.as_ref().map(ToString::to_string),
            roles: account.roles.iter().map(|r| r.name().to_owned()).collect(),
            may_touch: may_unlock && below && account.id != desk.present.account.id,
            state,
            has_second,
            name: account.name,
        }
    };
    listing.accounts.into_iter().map(row).collect()
}

fn became(invitation: Option<MailState>) -> Invitation {
    match invitation {
        None => Invitation::None,
        Some(MailState::Sent) => Invitation::Sent,
        Some(MailState::Queued | MailState::Deferred) => Invitation::Waiting,
        Some(MailState::Bounced | MailState::Expired) => Invitation::Refused,
    }
}

/// What was just done. The address names it and to whom, and it is told only if the account really is so: anybody can
/// make an address.
async fn notice(app: &App, desk: &Desk, query: &Query) -> Result<Option<AdminNotice>, ServiceError> {
    let (Some(done), Some(Ok(id))) = (query.given("done"), query.given("whom").map(str::parse)) else {
        return Ok(None);
    };
    let Some(account) = idp_service::admin::accounts::by_id(app.cx(), &desk.viewer, id).await? else { return Ok(None) };
    let who = account.username(&desk.company.tenant.code);
    Ok(match (done, account.state) {
        ("unlocked", State_::Active | State_::Invited) => Some(AdminNotice::Unlocked(who)),
        ("invited", State_::Invited) => Some(AdminNotice::Invited(who)),
        ("mail-allowed", _) if !idp_service::admin::accounts::is_mail_refused(app.cx(), &account).await? => {
            Some(AdminNotice::MailAllowed(who))
        }
        ("no-mail", _) if account.email.is_none() || !app.cx().post.is_on() => Some(AdminNotice::NoMail(who)),
        ("locked", State_::Locked) => Some(AdminNotice::LockedNow(who)),
        _ => None,
    })
}
