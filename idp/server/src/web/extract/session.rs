//! Which of the accounts in this browser a page belongs to. There is no current one: a page names it, or it is the only one.

use axum::response::Response;
use idp_core::authority::Holder;
use idp_core::ids::SessionId;
use idp_core::session::Present;

use crate::web::middleware::browser::Browser;
use crate::web::problem::page::Problem;
use crate::web::{App, local, see_other};

/// The account session that a page or form names, or the only one. Otherwise the answer is where to go first.
///
/// # Errors
/// The answer to give instead: the sign-in page, the chooser, or a page that says why not.
pub async fn required(app: &App, browser: &Browser, named: Option<&str>, back: Back) -> Result<Present, Response> {
    let mut here = match idp_service::sessions::present(app.cx(), &browser.visitor).await {
        Ok(here) => here,
        Err(error) => return Err(Problem::of(&error).answer(app, browser).await),
    };
    if let Some(id) = named.and_then(|text| text.parse::<SessionId>().ok()) {
        let found = here.into_iter().find(|p| p.session.id == id);
        return found.ok_or_else(|| see_other(&local("/login", &[("r", back.name()), ("notice", "ended")])));
    }
    match (here.pop(), here.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(see_other(&local("/login/choose", &[("r", back.name())]))),
        (None, _) => Err(see_other(&local("/login", &[("r", back.name())]))),
    }
}

/// The proof that the person holds the account.
pub fn holder(present: &Present) -> Holder {
    Holder { account: present.account.id, tenant: present.account.tenant, session: present.session.id }
}

/// Where somebody goes after a sign-in that no client waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Back {
    /// The page of his account.
    Account,
    /// Its settings.
    Settings,
    /// The console.
    Console,
}

impl Back {
    const ALL: [Self; 3] = [Self::Account, Self::Settings, Self::Console];

    /// The word that stands where a sealed request would.
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Settings => "settings",
            Self::Console => "console",
        }
    }

    /// Reads the word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.name() == name)
    }

    /// The address.
    pub fn path(self) -> &'static str {
        match self {
            Self::Account => "/account",
            Self::Settings => "/account/settings",
            Self::Console => "/admin",
        }
    }
}
