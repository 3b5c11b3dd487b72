//! The console: who has an account, in what state, and what an administrator can do about it.

use askama::Template;
use idp_core::language::Language;

use crate::form::{Fault, Field, Kind};
use crate::link;
use crate::shell::Shell;

/// The accounts of one company, a page at a time.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/accounts.html", whitespace = "minimize")]
pub struct Accounts {
    /// The frame.
    pub shell: Shell,
    /// The company's name.
    pub company: String,
    /// The companies to switch between; the vendor's staff only.
    pub companies: Vec<CompanyLink>,
    /// One row each.
    pub rows: Vec<AccountRow>,
    /// What was searched for.
    pub search: String,
    /// The query string of the next page.
    pub next: Option<String>,
    /// What was just done.
    pub notice: Option<AdminNotice>,
    /// True where accounts may be made, locked and given new passwords; without it only unlocking is offered.
    pub can_manage: bool,
}

/// A company to switch to.
#[derive(Clone, Debug)]
pub struct CompanyLink {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// True for the one that is shown.
    pub current: bool,
}

/// One account in the list.
#[derive(Clone, Debug)]
pub struct AccountRow {
    /// Its id, as it stands in addresses.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// The username with its company.
    pub username: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// Its roles, as stored.
    pub roles: Vec<String>,
    /// Whether it can sign in.
    pub state: AccountState,
    /// Has it a second factor?
    pub has_second: bool,
    /// False for accounts above the reader's own rank: no action is offered.
    pub may_touch: bool,
}

/// Whether an account can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// It can.
    Active,
    /// It never has; what became of the invitation, if one was sent.
    Invited(Invitation),
    /// It may sign in, but the mail server refuses its address.
    Silent {
        /// It has not signed in yet.
        invited: bool,
    },
    /// Not before the given time: too many wrong passwords.
    Waiting(String),
    /// Not until somebody unlocks it.
    Locked,
    /// Switched off.
    Disabled,
}

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invitation {
    /// None was sent by mail.
    None,
    /// The mail server took it.
    Sent,
    /// It waits to be sent.
    Waiting,
    /// The mail server refused it, or it was never taken.
    Refused,
}

/// What was just done, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminNotice {
    /// Let in again.
    Unlocked(String),
    /// Kept out.
    LockedNow(String),
    /// Invited.
    Invited(String),
    /// Mails go to the address again.
    MailAllowed(String),
    /// Not invited: there is no address, or no mail server.
    NoMail(String),
}

/// Something that can be done to an account: the last part of the address, and the button's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Action {
    verb: &'static str,
    key: &'static str,
    /// Does a page ask first? What ends somebody's sessions is not done by one click, nor by a second on the same spot.
    asks: bool,
}

const UNLOCK: Action = Action { verb: "unlock", key: "accounts-unlock", asks: false };
const LOCK: Action = Action { verb: "lock", key: "accounts-lock", asks: true };
const INVITE: Action = Action { verb: "invite", key: "accounts-invite", asks: false };
const MAIL: Action = Action { verb: "allow-mail", key: "accounts-allow-mail", asks: false };
const CODE: Action = Action { verb: "backup-code", key: "accounts-backup-code", asks: true };
const RESET: Action = Action { verb: "reset-password", key: "accounts-reset", asks: true };

impl AccountState {
    /// The class of the badge.
    fn class(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Invited(Invitation::Refused) | Self::Silent { .. } | Self::Locked => "locked",
            Self::Invited(_) => "invited",
            Self::Waiting(_) => "waiting",
            Self::Disabled => "disabled",
        }
    }

    fn text(&self, shell: &Shell) -> String {
        match self {
            Self::Active => shell.text("state-active"),
            Self::Invited(Invitation::None) => shell.text("state-invited"),
            Self::Invited(Invitation::Sent) => shell.text("state-invited-sent"),
            Self::Invited(Invitation::Waiting) => shell.text("state-invited-waiting"),
            Self::Invited(Invitation::Refused) => shell.text("state-invited-bounced"),
            Self::Silent { .. } => shell.text("state-silent"),
            Self::Waiting(until) => shell.text1("state-waiting", "until", until),
            Self::Locked => shell.text("state-locked"),
            Self::Disabled => shell.text("state-disabled"),
        }
    }

    /// What fits the state.
    fn actions(&self) -> &'static [Action] {
        match self {
            Self::Invited(_) => &[INVITE, LOCK, RESET],
            Self::Active => &[LOCK, RESET, CODE],
            Self::Silent { invited: true } => &[MAIL, INVITE, LOCK, RESET],
            Self::Silent { invited: false } => &[MAIL, LOCK, RESET, CODE],
            Self::Waiting(_) => &[UNLOCK, LOCK, RESET, CODE],
            Self::Locked => &[UNLOCK, RESET],
            Self::Disabled => &[],
        }
    }
}

impl AccountRow {
    fn actions(&self, can_manage: bool) -> Vec<Action> {
        let allowed = |action: &Action| {
            self.may_touch
                && (can_manage || *action == UNLOCK)
                && (*action != INVITE || self.email.is_some())
                && (*action != CODE || self.has_second)
        };
        self.state.actions().iter().copied().filter(allowed).collect()
    }

    /// The e-mail address, cut where a narrow column may break it.
    fn email_parts(&self) -> Option<(&str, &str)> {
        let email = self.email.as_deref()?;
        Some(email.find('@').and_then(|at| email.split_at_checked(at)).unwrap_or((email, "")))
    }

    fn action_link(&self, action: Action) -> String {
        action_link(&self.id, action)
    }

    /// Where the page is that asks first.
    fn ask_link(&self, action: Action, list: &Accounts) -> String {
        link::local(&self.action_link(action), &[("as", list.shell.session()), ("tenant", list.tenant())])
    }

    /// The username, cut where a narrow column may break it.
    fn username_parts(&self) -> (&str, &str) {
        self.username.find('@').and_then(|at| self.username.split_at_checked(at)).unwrap_or((&self.username, ""))
    }
}

fn action_link(id: &str, action: Action) -> String {
    format!("/admin/accounts/{}/{}", link::encode(id), action.verb)
}

/// What an administrator is about to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Keep somebody out.
    Lock,
    /// Make a temporary password, in the place of the one that there is.
    Reset {
        /// Which that is, as the use case names it: the form is good for that one only.
        instead_of: String,
    },
}

/// Asks why somebody is to get a backup code.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/backup_code.html", whitespace = "minimize")]
pub struct BackupCode {
    /// The frame.
    pub shell: Shell,
    /// The account.
    pub id: String,
    /// For whom.
    pub username: String,
    /// The company's code.
    pub tenant: String,
    /// What was entered before.
    pub reason: String,
    /// No reason was given, or none that can be kept.
    pub is_wrong: bool,
}

impl BackupCode {
    fn fault(&self) -> Option<Fault> {
        self.is_wrong.then(|| Fault::new(&["reason"], self.shell.text("admin-code-error-reason")))
    }

    fn reason_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        Field::new(&self.shell, Kind::Text, "reason", self.shell.text("admin-code-reason"))
            .hint(self.shell.text("admin-code-reason-hint"))
            .value(&self.reason)
            .fault(fault)
            .focus_if(true)
            .last()
    }

    fn post_link(&self) -> String {
        action_link(&self.id, CODE)
    }

    fn back_link(&self) -> String {
        link::local("/admin", &[("as", self.shell.session()), ("tenant", Some(&self.tenant))])
    }
}

/// A backup code, shown once.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/code_shown.html", whitespace = "minimize")]
pub struct CodeShown {
    /// The frame.
    pub shell: Shell,
    /// For whom.
    pub username: String,
    /// The code.
    pub code: String,
    /// The company's code.
    pub tenant: String,
    /// For so many hours it works.
    pub hours: u64,
}

impl CodeShown {
    fn life(&self) -> String {
        self.shell.number("admin-code-life", "count", self.hours)
    }

    fn back_link(&self) -> String {
        link::local("/admin", &[("as", self.shell.session()), ("tenant", Some(&self.tenant))])
    }
}

/// Asks before somebody's sessions end.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/confirm.html", whitespace = "minimize")]
pub struct Confirm {
    /// The frame.
    pub shell: Shell,
    /// What.
    pub intent: Intent,
    /// The account.
    pub id: String,
    /// To whom.
    pub username: String,
    /// The company's code.
    pub tenant: String,
}

impl Confirm {
    fn action(&self) -> Action {
        match self.intent {
            Intent::Lock => LOCK,
            Intent::Reset { .. } => RESET,
        }
    }

    fn title(&self) -> String {
        let key = match self.intent {
            Intent::Lock => "confirm-lock-title",
            Intent::Reset { .. } => "confirm-reset-title",
        };
        self.shell.text1(key, "who", &self.username)
    }

    fn text(&self) -> String {
        match self.intent {
            Intent::Lock => self.shell.text("confirm-lock-text"),
            Intent::Reset { .. } => self.shell.text("confirm-reset-text"),
        }
    }

    fn button(&self) -> String {
        match self.intent {
            Intent::Lock => self.shell.text("accounts-lock"),
            Intent::Reset { .. } => self.shell.text("confirm-reset-button"),
        }
    }

    fn instead_of(&self) -> Option<&str> {
        match &self.intent {
            Intent::Lock => None,
            Intent::Reset { instead_of } => Some(instead_of),
        }
    }

    fn post_link(&self) -> String {
        action_link(&self.id, self.action())
    }

    fn back_link(&self) -> String {
        link::local("/admin", &[("as", self.shell.session()), ("tenant", Some(&self.tenant))])
    }
}

impl Accounts {
    fn tenant(&self) -> Option<&str> {
        self.companies.iter().find(|company| company.current).map(|company| company.code.as_str())
    }

    fn new_link(&self) -> String {
        link::local("/admin/accounts/new", &[("as", self.shell.session()), ("tenant", self.tenant())])
    }

    fn all_link(&self) -> String {
        link::local("/admin", &[("as", self.shell.session()), ("tenant", self.tenant())])
    }

    fn notice_text(&self) -> Option<String> {
        let text = |key, who: &str| self.shell.text1(key, "who", who);
        self.notice.as_ref().map(|notice| match notice {
            AdminNotice::Unlocked(who) => text("admin-unlocked", who),
            AdminNotice::Invited(who) => text("admin-invited", who),
            AdminNotice::MailAllowed(who) => text("admin-mail-allowed", who),
            AdminNotice::NoMail(who) => text("admin-no-mail", who),
            AdminNotice::LockedNow(who) => text("admin-locked", who),
        })
    }

    /// Why the list is empty, if it is.
    fn empty_text(&self) -> Option<String> {
        if !self.rows.is_empty() {
            return None;
        }
        Some(match (self.search.is_empty(), self.can_manage) {
            (false, _) => self.shell.text1("accounts-no-match", "search", &self.search),
            (true, true) => self.shell.text("accounts-none"),
            (true, false) => self.shell.text("accounts-none-plain"),
        })
    }

    fn roles(&self, row: &AccountRow) -> String {
        row.roles.iter().map(|role| self.shell.role(role)).collect::<Vec<_>>().join(", ")
    }
}

/// The form for a new account.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/new_account.html", whitespace = "minimize")]
pub struct NewAccount {
    /// The frame.
    pub shell: Shell,
    /// The company's name.
    pub company: String,
    /// The company's code.
    pub tenant: String,
    /// What was entered before.
    pub form: NewAccountForm,
    /// The roles to choose from, as stored.
    pub roles: Vec<String>,
    /// The portals to choose from, as (client id, name).
    pub portals: Vec<(String, String)>,
    /// What went wrong.
    pub error: Option<NewAccountError>,
}

/// What an administrator entered.
#[derive(Clone, Debug, Default)]
pub struct NewAccountForm {
    /// The person's name.
    pub name: String,
    /// The username without its company.
    pub username: String,
    /// The e-mail address; may be empty.
    pub email: String,
    /// A language tag; empty for the company's language.
    pub language: String,
    /// The chosen roles.
    pub roles: Vec<String>,
    /// The client ids of the chosen portals.
    pub portals: Vec<String>,
}

/// What was wrong with a new account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewAccountError {
    /// The username belongs to somebody.
    Taken,
    /// The username cannot be one.
    BadUsername,
    /// The e-mail address cannot be one.
    BadEmail,
    /// The name cannot be one.
    BadName,
    /// No name.
    EmptyName,
    /// No username.
    EmptyUsername,
    /// A role that the administrator may not give.
    RoleAboveYours,
    /// A portal that the company does not have.
    BadPortal,
}

impl NewAccount {
    fn fault(&self) -> Option<Fault> {
        self.error.map(|error| {
            let (fields, key): (&[&str], _) = match error {
                NewAccountError::Taken => (&["username"], "newaccount-error-taken"),
                NewAccountError::BadUsername => (&["username"], "newaccount-error-bad-username"),
                NewAccountError::BadEmail => (&["email"], "newaccount-error-bad-email"),
                NewAccountError::BadName => (&["name"], "newaccount-error-bad-name"),
                NewAccountError::EmptyName => (&["name"], "newaccount-error-empty-name"),
                NewAccountError::EmptyUsername => (&["username"], "newaccount-error-empty-username"),
                NewAccountError::RoleAboveYours => (&["roles"], "newaccount-error-role-above-yours"),
                NewAccountError::BadPortal => (&["portals"], "newaccount-error-bad-portal"),
            };
            Fault::new(fields, self.shell.text(key))
        })
    }

    fn name_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        Field::new(&self.shell, Kind::Text, "name", self.shell.text("accounts-name"))
            .value(&self.form.name)
            .fault(fault)
            .focus_if(true)
    }

    fn username_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        Field::new(&self.shell, Kind::Exact, "username", self.shell.text("accounts-username"))
            .hint(self.shell.text1("newaccount-username-hint", "tenant", &self.tenant))
            .value(&self.form.username)
            .fault(fault)
    }

    fn email_field<'a>(&'a self, fault: Option<&'a Fault>) -> Field<'a> {
        let label = self.shell.text1("optional", "label", &self.shell.text("accounts-email"));
        Field::new(&self.shell, Kind::Email, "email", label).value(&self.form.email).fault(fault)
    }

    /// The words at a group of checkboxes.
    fn group_error(fault: Option<&Fault>, group: &str) -> Option<String> {
        Fault::at(fault, group)
    }

    /// The languages as (tag, own name, chosen).
    fn languages(&self) -> [(&'static str, &'static str, bool); 2] {
        Language::ALL.map(|language| (language.tag(), language.own_name(), language.tag() == self.form.language))
    }

    fn has_role(&self, role: &str) -> bool {
        self.form.roles.iter().any(|chosen| chosen == role)
    }

    fn has_portal(&self, client_id: &str) -> bool {
        self.form.portals.iter().any(|chosen| chosen == client_id)
    }

    fn back_link(&self) -> String {
        link::local("/admin", &[("as", self.shell.session()), ("tenant", Some(&self.tenant))])
    }
}

/// A password that was made for somebody, shown once.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/password_shown.html", whitespace = "minimize")]
pub struct PasswordShown {
    /// The frame.
    pub shell: Shell,
    /// Whose password it is.
    pub username: String,
    /// The password.
    pub password: String,
    /// The company's code.
    pub tenant: String,
    /// How long it can be used.
    pub hours: u32,
}

impl PasswordShown {
    fn validity(&self) -> String {
        self.shell.number("handover-text", "hours", self.hours.into())
    }

    fn back_link(&self) -> String {
        link::local("/admin", &[("as", self.shell.session()), ("tenant", Some(&self.tenant))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(state: AccountState, may_touch: bool) -> AccountRow {
        AccountRow {
            id: "acc_1".to_owned(),
            name: String::new(),
            username: String::new(),
            email: Some("a@b.example".to_owned()),
            roles: Vec::new(),
            state,
            has_second: true,
            may_touch,
        }
    }

    #[test]
    fn only_actions_that_fit_the_state_are_offered() {
        assert_eq!(row(AccountState::Active, true).actions(true), [LOCK, RESET, CODE]);
        let unprotected = AccountRow { has_second: false, ..row(AccountState::Active, true) };
        assert_eq!(unprotected.actions(true), [LOCK, RESET]);
        assert_eq!(row(AccountState::Invited(Invitation::Sent), true).actions(true), [INVITE, LOCK, RESET]);
        assert_eq!(row(AccountState::Locked, true).actions(true), [UNLOCK, RESET]);
        assert_eq!(row(AccountState::Disabled, true).actions(true), []);
    }

    #[test]
    fn who_may_not_manage_can_still_unlock_and_nobody_reaches_above_himself() {
        assert_eq!(row(AccountState::Waiting("14:30".to_owned()), true).actions(false), [UNLOCK]);
        assert_eq!(row(AccountState::Active, true).actions(false), []);
        assert_eq!(row(AccountState::Locked, false).actions(true), []);
    }
}
