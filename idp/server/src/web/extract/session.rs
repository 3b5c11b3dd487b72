//! Which of the accounts in this browser a page belongs to. There is no current one: a page names it, or it is the only
//! one.

use axum::response::Response;
use idp_core::authority::{Confirmed, Holder};
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

/// The same, of somebody who has shown just now all that he has to show: credentials change with nothing less.
///
/// # Errors
/// The answer to give instead: the same, or the sign-in page, which comes back.
pub async fn confirmed(
    app: &App,
    browser: &Browser,
    named: Option<&str>,
    back: Back,
) -> Result<(Present, Confirmed), Response> {
    let present = required(app, browser, named, back).await?;
    match idp_service::account::confirm(app.cx(), &present).await {
        Ok(Some(confirmed)) => Ok((present, confirmed)),
        Ok(None) => Err(ask_again(&present, back)),
        Err(error) => Err(Problem::of(&error).answer(app, browser).await),
    }
}

/// Leads to the sign-in page of the same person, and back.
pub fn ask_again(present: &Present, back: Back) -> Response {
    let name = present.account.username(&present.tenant.code);
    see_other(&local("/login", &[("r", back.name()), ("notice", "confirm"), ("name", &name)]))
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
    /// What protects it.
    Security,
    /// The console.
    Console,
    /// The console, to do what a person has to show for who he is.
    ConsoleAgain,
}

impl Back {
    const ALL: [Self; 5] = [Self::Account, Self::Settings, Self::Security, Self::Console, Self::ConsoleAgain];

    /// The word that stands where a sealed request would.
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Settings => "settings",
            Self::Security => "security",
            Self::Console => "console",
            Self::ConsoleAgain => "console-again",
        }
    }

    /// Reads the word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.name() == name)
    }

    /// Are credentials changed there?
    pub fn insists(self) -> bool {
        match self {
            Self::Settings | Self::Security | Self::ConsoleAgain => true,
            Self::Account | Self::Console => false,
        }
    }

    /// The address.
    pub fn path(self) -> &'static str {
        match self {
            Self::Account => "/account",
            Self::Settings => "/account/settings",
            Self::Security => "/account/security",
            Self::Console | Self::ConsoleAgain => "/admin",
        }
    }
}
