//! Samples of the console.

use super::{Ink, Sample};
use crate::admin::{
    AccountRow, AccountState, Accounts, AdminNotice, BackupCode, CodeShown, CompanyLink, Confirm, Intent, Invitation,
    NewAccount, NewAccountError, NewAccountForm, PasswordShown,
};
use crate::shell::{Shell, View};

const LIST: &str = "/admin";
const NEW: &str = "/admin/accounts/new";
const CODE: &str = "/admin/accounts/acc_201/backup-code";
const CONFIRM: &str = "/admin/accounts/acc_203/lock";

pub(super) const SAMPLES: &[Sample] = &[
    Sample::new("accounts", LIST, |s, ink| accounts(s, ink).render()).signed_in(),
    Sample::new("accounts-vendor", LIST, |s, ink| {
        let next = Some("as=ses_4q8k&tenant=wickedsprockets&after=acc_6".to_owned());
        Accounts { companies: companies(ink), next, ..accounts(s, ink) }.render()
    })
    .signed_in(),
    Sample::new("accounts-read-only", LIST, |s, ink| Accounts { can_manage: false, ..accounts(s, ink) }.render())
        .signed_in(),
    Sample::new("accounts-long", LIST, |s, ink| Accounts { rows: long_rows(ink), ..accounts(s, ink) }.render())
        .signed_in(),
    Sample::new("accounts-none", LIST, |s, ink| Accounts { rows: Vec::new(), ..accounts(s, ink) }.render()).signed_in(),
    Sample::new("accounts-none-read-only", LIST, |s, ink| {
        Accounts { rows: Vec::new(), can_manage: false, ..accounts(s, ink) }.render()
    })
    .signed_in(),
    Sample::new("accounts-no-match", LIST, |s, ink| {
        Accounts { rows: Vec::new(), search: ink("zeppelin"), ..accounts(s, ink) }.render()
    })
    .signed_in(),
    Sample::new("accounts-unlocked", LIST, |s, ink| noticed(s, ink, AdminNotice::Unlocked)).signed_in(),
    Sample::new("accounts-no-mail", LIST, |s, ink| noticed(s, ink, AdminNotice::NoMail)).signed_in(),
    Sample::new("accounts-invited", LIST, |s, ink| noticed(s, ink, AdminNotice::Invited)).signed_in(),
    Sample::new("accounts-locked", LIST, |s, ink| noticed(s, ink, AdminNotice::LockedNow)).signed_in(),
    Sample::new("new-account", NEW, |s, ink| {
        NewAccount { form: NewAccountForm::default(), ..new_account(s, ink, None) }.render()
    })
    .signed_in(),
    Sample::new("new-account-taken", NEW, |s, ink| refused(s, ink, NewAccountError::Taken)).signed_in(),
    Sample::new("new-account-bad-username", NEW, |s, ink| refused(s, ink, NewAccountError::BadUsername)).signed_in(),
    Sample::new("new-account-bad-email", NEW, |s, ink| refused(s, ink, NewAccountError::BadEmail)).signed_in(),
    Sample::new("new-account-bad-name", NEW, |s, ink| refused(s, ink, NewAccountError::BadName)).signed_in(),
    Sample::new("new-account-no-name", NEW, |s, ink| refused(s, ink, NewAccountError::EmptyName)).signed_in(),
    Sample::new("new-account-no-username", NEW, |s, ink| {
        let page = new_account(s, ink, Some(NewAccountError::EmptyUsername));
        NewAccount { form: NewAccountForm { username: String::new(), ..page.form.clone() }, ..page }.render()
    })
    .signed_in(),
    Sample::new("new-account-role", NEW, |s, ink| refused(s, ink, NewAccountError::RoleAboveYours)).signed_in(),
    Sample::new("new-account-portal", NEW, |s, ink| refused(s, ink, NewAccountError::BadPortal)).signed_in(),
    Sample::new("confirm-lock", CONFIRM, |s, ink| confirm(s, ink, Intent::Lock)).signed_in(),
    Sample::new("confirm-reset", CONFIRM, |s, ink| {
        let intent = Intent::Reset { instead_of: ink("1764045000000000") };
        confirm(s, ink, intent)
    })
    .signed_in(),
    Sample::new("backup-code", CODE, |s, ink| backup_code(s, ink, false)).signed_in(),
    Sample::new("backup-code-no-reason", CODE, |s, ink| backup_code(s, ink, true)).signed_in(),
    Sample::new("backup-code-shown", CODE, |s, ink| {
        let (username, tenant) = (ink("201-wickedsprockets"), ink("wickedsprockets"));
        CodeShown { shell: s, username, tenant, code: ink("abcd-2345"), hours: 24 }.render()
    })
    .signed_in(),
    Sample::new("password-shown", "/admin/accounts", password_shown).signed_in(),
];

fn backup_code(shell: Shell, ink: Ink, is_wrong: bool) -> String {
    let (id, username, tenant) = (ink("acc_201"), ink("201-wickedsprockets"), ink("wickedsprockets"));
    BackupCode { shell, id, username, tenant, reason: String::new(), is_wrong }.render()
}

fn accounts(shell: Shell, ink: Ink) -> Accounts {
    Accounts {
        shell,
        company: ink("Wicked Sprockets"),
        companies: Vec::new(),
        rows: rows(ink),
        search: String::new(),
        next: None,
        notice: None,
        can_manage: true,
    }
}

fn rows(ink: Ink) -> Vec<AccountRow> {
    let row = |extension: &str, name, email: Option<&str>, role, state| AccountRow {
        id: ink(&format!("acc_{extension}")),
        name: ink(name),
        username: ink(&format!("{extension}-wickedsprockets")),
        email: email.map(ink),
        roles: vec![ink(role)],
        state,
        has_second: role == "tenant_admin",
        may_touch: true,
    };
    let system = row("100", "Sam Vendor", Some("sam@switchboard.example"), "system_admin", AccountState::Active);
    vec![
        AccountRow { may_touch: false, ..system },
        row("201", "Anna Berg", Some("anna.berg@wickedsprockets.example"), "tenant_admin", AccountState::Active),
        row("202", "Bruno Castellanos", None, "supervisor", AccountState::Invited(Invitation::None)),
        row("203", "Chidi Okafor", Some("chidi@wickedsprockets.example"), "agent", AccountState::Waiting(ink("14:32"))),
        row("204", "Dora Lindqvist", Some("dora@wickedsprockets.example"), "auditor", AccountState::Locked),
        row(
            "206",
            "Frida Haugen",
            Some("frida@wickedsprockets.example"),
            "agent",
            AccountState::Silent { invited: false },
        ),
        AccountRow { roles: Vec::new(), ..row("205", "Emil Novák", None, "support", AccountState::Disabled) },
    ]
}

/// What needs the most room: long names, long addresses, every role of a company, the longest state.
fn long_rows(ink: Ink) -> Vec<AccountRow> {
    let row = |id: &str, name: &str, username: &str, email: &str, state| AccountRow {
        id: ink(id),
        name: ink(name),
        username: ink(username),
        email: Some(ink(email)),
        roles: ["agent", "supervisor", "auditor", "tenant_admin"].map(ink).to_vec(),
        state,
        has_second: true,
        may_touch: true,
    };
    vec![
        row(
            "acc_1",
            "Maximiliane von Schwarzenberg-Hohenlohe",
            "reception.2041-wickedsprocketsinternational",
            "maximiliane.schwarzenberg-hohenlohe@office.wickedsprocketsinternational.example",
            AccountState::Waiting(ink("14:32 CEST")),
        ),
        row(
            "acc_2",
            "Wolfeschlegelsteinhausenbergerdorff",
            "2042-wickedsprocketsinternational",
            "wolfeschlegelsteinhausenbergerdorff@wickedsprocketsinternational.example",
            AccountState::Locked,
        ),
    ]
}

fn companies(ink: Ink) -> Vec<CompanyLink> {
    let company = |code, name, current| CompanyLink { code: ink(code), name: ink(name), current };
    vec![company("wickedsprockets", "Wicked Sprockets", true), company("northwind", "Northwind Trading", false)]
}

fn noticed(shell: Shell, ink: Ink, notice: fn(String) -> AdminNotice) -> String {
    Accounts { notice: Some(notice(ink("203-wickedsprockets"))), ..accounts(shell, ink) }.render()
}

fn new_account(shell: Shell, ink: Ink, error: Option<NewAccountError>) -> NewAccount {
    NewAccount {
        shell,
        company: ink("Wicked Sprockets"),
        tenant: ink("wickedsprockets"),
        form: NewAccountForm {
            name: ink("Frida Holm"),
            username: ink("206"),
            email: ink("frida@wickedsprockets.example"),
            language: ink("de"),
            roles: vec![ink("agent")],
            portals: vec![ink("cli_voice")],
        },
        roles: vec![ink("agent"), ink("supervisor"), ink("auditor"), ink("tenant_admin")],
        portals: vec![(ink("cli_voice"), ink("Voice Portal")), (ink("cli_crm"), ink("CRM"))],
        error,
    }
}

fn refused(shell: Shell, ink: Ink, error: NewAccountError) -> String {
    new_account(shell, ink, Some(error)).render()
}

fn confirm(shell: Shell, ink: Ink, intent: Intent) -> String {
    let (id, username, tenant) = (ink("acc_203"), ink("203-wickedsprockets"), ink("wickedsprockets"));
    Confirm { shell, intent, id, username, tenant }.render()
}

fn password_shown(shell: Shell, ink: Ink) -> String {
    PasswordShown {
        shell,
        username: ink("206-wickedsprockets"),
        password: ink("kelp-vase-6102-tulip"),
        tenant: ink("wickedsprockets"),
        hours: 72,
    }
    .render()
}
