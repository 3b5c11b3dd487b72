//! Proofs of authority, for the console. Made here and nowhere else in the server: a handler that needs one can't be
//! written without it.

use std::sync::Arc;

use axum::response::Response;
use idp_core::authority::{Actor, Permission, TenantAdmin, TenantViewer};
use idp_core::session::Present;
use idp_service::context::Company;

use super::session::{self, Back, ask_again};
use crate::web::App;
use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;

/// Somebody in the console, looking at one company.
#[derive(Debug)]
pub struct Desk {
    /// Who.
    pub present: Present,
    /// As authority sees him.
    pub actor: Actor,
    /// The company he looks at.
    pub company: Arc<Company>,
    /// The proof that he may.
    pub viewer: TenantViewer,
}

/// Lets somebody into the console. A company that he may not see is answered like one that doesn't exist.
///
/// # Errors
/// The answer to give instead.
pub async fn desk(app: &App, browser: &Browser, named: Option<&str>, tenant: Option<&str>) -> Result<Desk, Response> {
    let present = session::required(app, browser, named, Back::Console).await?;
    match idp_service::second_factor::falls_short(app.cx(), &present).await {
        Ok(false) => {}
        Ok(true) => return Err(ask_again(&present, Back::Console)),
        Err(error) => return Err(Problem::of(&error).answer(app, browser).await),
    }
    let actor = idp_service::sessions::actor(app.cx(), &present);
    let company = match tenant {
        None => app.cx().company(present.account.tenant).await.map(Some),
        Some(code) => match code.parse() {
            Ok(code) => app.cx().company_by_code(&code).await,
            Err(_cause) => Ok(None),
        },
    };
    let company = match company {
        Ok(company) => company,
        Err(error) => return Err(Problem::of(&error).answer(app, browser).await),
    };
    let seen = company.and_then(|company| actor.view(company.tenant.id).map(|viewer| (company, viewer)));
    match seen {
        Some((company, viewer)) => Ok(Desk { present, actor, company, viewer }),
        None if actor.has_console() => Err(Problem::NotFound.answer(app, browser).await),
        None => Err(Problem::Forbidden.answer(app, browser).await),
    }
}

impl Desk {
    /// The proof that he may do this here.
    ///
    /// # Errors
    /// The answer to give instead.
    pub async fn manage(&self, app: &App, browser: &Browser, permission: Permission) -> Result<TenantAdmin, Response> {
        match self.actor.manage(permission, self.company.tenant.id) {
            Some(proof) => Ok(proof),
            None => Err(Problem::Forbidden.answer(app, browser).await),
        }
    }
}
