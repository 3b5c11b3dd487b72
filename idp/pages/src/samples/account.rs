//! Samples of the pages of a signed-in person.

use idp_core::signin::second_factor::Means;

use super::{Ink, Sample};
use crate::account::{
    ActivityRow, AddressError, DeviceRow, Home, HomeAdvice, LastBy, NewCodes, Saved, SecondCard, Security,
    SecurityNotice, Settings, SettingsError, Thing, TrustedRow, TurnOff, UndoAddress, Wanted,
};
use crate::connected::{Connect, ConnectedCard, ConnectedRow};
use crate::passkeys::{NewPasskey, NewPasskeyError, OnePasskey, PasskeyCard, PasskeyRow};
use crate::shell::{Shell, View};
use crate::signin::{App, NewPasswordError, Within};

const HOME: &str = "/account";
const SETTINGS: &str = "/account/settings";
const SECURITY: &str = "/account/security";

pub(super) const SAMPLES: &[Sample] = &[
    Sample::new("home", HOME, |s, ink| home(s, ink).render()).signed_in(),
    Sample::new("home-no-apps", HOME, |s, ink| {
        Home { apps: Vec::new(), advice: Some(HomeAdvice::AddEmail), ..home(s, ink) }.render()
    })
    .signed_in(),
    Sample::new("settings", SETTINGS, |s, ink| settings(s, ink, None).render()).signed_in(),
    Sample::new("settings-saved", SETTINGS, |s, ink| {
        Settings { saved: Some(Saved::Password), ..settings(s, ink, None) }.render()
    })
    .signed_in(),
    Sample::new("settings-address-saved", SETTINGS, |s, ink| {
        Settings { saved: Some(Saved::Address), ..settings(s, ink, None) }.render()
    })
    .signed_in(),
    Sample::new("settings-wrong", SETTINGS, |s, ink| password(s, ink, NewPasswordError::WrongCurrent)).signed_in(),
    Sample::new("settings-empty", SETTINGS, |s, ink| password(s, ink, NewPasswordError::Empty)).signed_in(),
    Sample::new("settings-busy", SETTINGS, |s, ink| password(s, ink, NewPasswordError::Busy)).signed_in(),
    Sample::new("settings-forced", SETTINGS, |s, ink| {
        Settings { others_forced: true, ..settings(s, ink, None) }.render()
    })
    .signed_in(),
    Sample::new("settings-no-password", SETTINGS, |s, ink| {
        Settings { has_password: false, ..settings(s, ink, None) }.render()
    })
    .signed_in(),
    Sample::new("settings-no-address", SETTINGS, |s, ink| Settings { email: None, ..settings(s, ink, None) }.render())
        .signed_in(),
    Sample::new("settings-no-mail", SETTINGS, |s, ink| {
        Settings { email: None, by_email: false, ..settings(s, ink, None) }.render()
    })
    .signed_in(),
    Sample::new("settings-address-empty", SETTINGS, |s, ink| address(s, ink, AddressError::Empty)).signed_in(),
    Sample::new("settings-address-wrong", SETTINGS, |s, ink| address(s, ink, AddressError::Unfit)).signed_in(),
    Sample::new("settings-address-same", SETTINGS, |s, ink| address(s, ink, AddressError::Same)).signed_in(),
    Sample::new("settings-address-often", SETTINGS, |s, ink| address(s, ink, AddressError::TooMany)).signed_in(),
    Sample::new("security", SECURITY, |s, ink| security(s, ink).render()).signed_in(),
    Sample::new("security-bare", SECURITY, |s, ink| {
        let second = SecondCard { app: Thing::Offered, email: Thing::Offered, may_trust: false, codes: 0, ..CARD };
        let page = security(s, ink);
        let devices = page.devices.iter().take(1).cloned().collect();
        Security { has_password: false, second, devices, activity: Vec::new(), ..page }.render()
    })
    .signed_in(),
    Sample::new("security-no-address", SECURITY, |s, ink| {
        carded(s, ink, SecondCard { email: Thing::NoAddress, ..CARD })
    })
    .signed_in(),
    Sample::new("security-unused", SECURITY, |s, ink| carded(s, ink, SecondCard { wanted: Wanted::Unused, ..CARD }))
        .signed_in(),
    Sample::new("security-required", SECURITY, |s, ink| {
        carded(s, ink, SecondCard { wanted: Wanted::Required, email: Thing::Offered, codes: 2, ..CARD })
    })
    .signed_in(),
    Sample::new("security-no-passkeys", SECURITY, |s, ink| {
        Security { passkeys: Some(PasskeyCard { most: 10, ..PasskeyCard::default() }), ..security(s, ink) }.render()
    })
    .signed_in(),
    Sample::new("security-ten-passkeys", SECURITY, |s, ink| {
        let mut full = security(s, ink);
        if let Some(card) = &mut full.passkeys {
            card.most = card.rows.len();
        }
        full.render()
    })
    .signed_in(),
    Sample::new("security-passkey-made", SECURITY, |s, ink| told(s, ink, SecurityNotice::PasskeyMade)).signed_in(),
    Sample::new("security-passkey-revoked", SECURITY, |s, ink| told(s, ink, SecurityNotice::PasskeyRevoked))
        .signed_in(),
    Sample::new("security-passkey-full", SECURITY, |s, ink| told(s, ink, SecurityNotice::PasskeyFull)).signed_in(),
    Sample::new("security-passkey-exists", SECURITY, |s, ink| told(s, ink, SecurityNotice::PasskeyExists)).signed_in(),
    Sample::new("security-passkey-wrong", SECURITY, |s, ink| told(s, ink, SecurityNotice::PasskeyWrong)).signed_in(),
    Sample::new("security-passkey-last", SECURITY, |s, ink| told(s, ink, SecurityNotice::PasskeyLast)).signed_in(),
    Sample::new("passkey-new", SECURITY, |s, ink| {
        let (options, ticket) = (ink("{\"challenge\":\"Y2hhbGxlbmdl\"}"), ink("dGlja2V0"));
        NewPasskey { shell: s, within: Within::Account, options, ticket, error: None }.render()
    })
    .signed_in(),
    Sample::new("passkey-offer", "/account/passkey", |s, ink| {
        let (options, ticket) = (ink("{\"challenge\":\"Y2hhbGxlbmdl\"}"), ink("dGlja2V0"));
        let within = Within::Offer { request: Some(ink("c2VhbGVk")) };
        NewPasskey { shell: s, within, options, ticket, error: Some(NewPasskeyError::Wrong) }.render()
    })
    .signed_in(),
    Sample::new("connect", "/account/connect", |s, ink| {
        Connect {
            shell: s,
            ticket: ink("dGlja2V0"),
            provider: ink("Google"),
            shown: ink("anna@wicked.example"),
            brand: ink("Wicked Sprockets"),
            username: ink("201-wickedsprockets"),
            name: ink("Anna Berg"),
        }
        .render()
    })
    .signed_in(),
    Sample::new("security-connected", SECURITY, |s, ink| told(s, ink, SecurityNotice::Connected)).signed_in(),
    Sample::new("security-disconnected", SECURITY, |s, ink| told(s, ink, SecurityNotice::Disconnected)).signed_in(),
    Sample::new("security-connect-taken", SECURITY, |s, ink| told(s, ink, SecurityNotice::ConnectTaken)).signed_in(),
    Sample::new("security-connect-last", SECURITY, |s, ink| told(s, ink, SecurityNotice::ConnectLast)).signed_in(),
    Sample::new("security-check-passkeys", SECURITY, |s, ink| told(s, ink, SecurityNotice::CheckPasskeys)).signed_in(),
    Sample::new("passkey", SECURITY, |s, ink| {
        OnePasskey { shell: s, id: ink("pky_1"), name: ink("1Password") }.render()
    })
    .signed_in(),
    Sample::new("security-off-now", SECURITY, |s, ink| told(s, ink, SecurityNotice::Off)).signed_in(),
    Sample::new("security-signed-out", SECURITY, |s, ink| told(s, ink, SecurityNotice::SignedOut)).signed_in(),
    Sample::new("security-distrusted", SECURITY, |s, ink| told(s, ink, SecurityNotice::Distrusted)).signed_in(),
    Sample::new("security-review", SECURITY, |s, ink| told(s, ink, SecurityNotice::Review)).signed_in(),
    Sample::new("security-still-required", SECURITY, |s, ink| told(s, ink, SecurityNotice::Required)).signed_in(),
    Sample::new("turn-off", "/account/security/off", |s, _| {
        TurnOff { shell: s, means: Means::App, stays: false }.render()
    })
    .signed_in(),
    Sample::new("turn-off-app", "/account/security/off", |s, _| {
        TurnOff { shell: s, means: Means::App, stays: true }.render()
    })
    .signed_in(),
    Sample::new("turn-off-email", "/account/security/off", |s, _| {
        TurnOff { shell: s, means: Means::Email, stays: true }.render()
    })
    .signed_in(),
    Sample::new("new-codes", "/account/security/codes", |s, ink| NewCodes { shell: s, form: ink("sbf_") }.render())
        .signed_in(),
    Sample::new("security-page-over", SECURITY, |s, ink| told(s, ink, SecurityNotice::PageOver)).signed_in(),
    Sample::new("security-code-over", SECURITY, |s, ink| told(s, ink, SecurityNotice::CodeOver)).signed_in(),
    Sample::new("security-too-many", SECURITY, |s, ink| told(s, ink, SecurityNotice::TooMany)).signed_in(),
    Sample::new("security-no-mail-codes", SECURITY, |s, ink| {
        carded(s, ink, SecondCard { email: Thing::Closed, ..CARD })
    })
    .signed_in(),
    Sample::new("settings-address-over", SETTINGS, |s, ink| address(s, ink, AddressError::CodeOver)).signed_in(),
    Sample::new("undo-address", "/undo", |s, ink| {
        UndoAddress { shell: s, link: ink("5f3a"), username: Some(ink("201-wickedsprockets")) }.render()
    }),
    Sample::new("undone-address", "/undo", |s, _| {
        UndoAddress { shell: s, link: String::new(), username: None }.render()
    }),
];

fn home(shell: Shell, ink: Ink) -> Home {
    Home {
        shell,
        company: ink("Wicked Sprockets"),
        last_sign_in: (ink("2026-11-26 09:12 (Europe/Berlin)"), ink("Chrome on Windows"), LastBy::Passkey),
        advice: Some(HomeAdvice::SecondFactor),
        apps: vec![
            App { name: ink("Voice Portal"), url: ink("https://voice.example/") },
            App { name: ink("CRM"), url: ink("https://crm.example/") },
        ],
    }
}

fn settings(shell: Shell, ink: Ink, error: Option<SettingsError>) -> Settings {
    Settings {
        shell,
        min_length: 8,
        others_forced: false,
        has_password: true,
        email: Some((ink("anna.berg@wickedsprockets.example"), false)),
        by_email: true,
        new_email: String::new(),
        own_language: None,
        saved: None,
        error,
    }
}

fn password(shell: Shell, ink: Ink, error: NewPasswordError) -> String {
    settings(shell, ink, Some(SettingsError::Password(error))).render()
}

fn address(shell: Shell, ink: Ink, error: AddressError) -> String {
    Settings { new_email: ink("anna@new"), ..settings(shell, ink, Some(SettingsError::Address(error))) }.render()
}

const CARD: SecondCard =
    SecondCard { wanted: Wanted::Optional, app: Thing::On, email: Thing::On, may_trust: true, codes: 10 };

fn connected(ink: Ink) -> ConnectedCard {
    let row = |provider: &str, used: Option<&str>, is_on| ConnectedRow {
        id: ink("idy_1"),
        provider: ink(provider),
        shown: ink("anna@wicked.example"),
        made: ink("2026-11-20 08:10 CET"),
        used: used.map(ink),
        is_on,
    };
    ConnectedCard {
        rows: vec![row("Google", Some("2026-11-25 09:12 CET"), true), row("Sprocket ID", None, false)],
        more: vec![(ink("google-wicked"), ink("Google")), (ink("entra-wicked"), ink("Office 365"))],
    }
}

fn passkeys(ink: Ink) -> PasskeyCard {
    let passkey = |name: &str, is_synced: bool, used: Option<&str>| PasskeyRow {
        id: ink("pky_1"),
        credential: ink("Y3JlZGVudGlhbA"),
        name: ink(name),
        is_synced,
        made: ink("2026-11-20 08:10 CET"),
        used: used.map(ink),
    };
    PasskeyCard {
        rows: vec![passkey("1Password", true, Some("2026-11-25 09:12 CET")), passkey("Windows Hello", false, None)],
        most: 10,
        host: ink("login.example"),
        user: ink("dXNlcg"),
        username: ink("201-wickedsprockets"),
        name: ink("Ada Lovelace"),
    }
}

fn security(shell: Shell, ink: Ink) -> Security {
    let device = |id: &str, agent: &str, is_here| DeviceRow {
        id: ink(id),
        agent: ink(agent),
        address: ink("192.0.2.17"),
        since: ink("2026-11-25 09:12 CET"),
        seen: ink("2026-11-25 14:40 CET"),
        apps: if is_here { ink("Voice Portal, CRM") } else { String::new() },
        is_here,
    };
    let event = |event: &'static str, address: Option<&str>| ActivityRow {
        event,
        means: if event == "second_factor_on" { Some(Means::App) } else { None },
        at: ink("2026-11-25 09:12 CET"),
        address: address.map(ink),
    };
    Security {
        shell,
        passkeys: Some(passkeys(ink)),
        connected: Some(connected(ink)),
        has_password: true,
        second: CARD,
        trusted: vec![TrustedRow {
            id: ink("tru_1"),
            agent: ink("Firefox, Linux"),
            until: ink("2026-12-25 09:12 CET"),
        }],
        devices: vec![device("ses_1", "Chrome, Windows", true), device("ses_2", "?", false)],
        activity: [
            "signed_in",
            "sign_in_failed",
            "wait_began",
            "signed_out",
            "password_changed",
            "password_recovered",
            "password_reset",
            "invited",
            "account_locked",
            "account_unlocked",
            "account_switched",
            "account_created",
            "second_factor_on",
            "second_factor_off",
            "backup_codes_made",
            "backup_code_used",
            "backup_code_issued",
            "account_locked_by_guesses",
            "browser_trusted",
            "browser_distrusted",
            "email_changed",
            "email_change_undone",
            "something_new",
        ]
        .iter()
        .map(|name| event(name, (name.len() % 2 == 0).then_some("192.0.2.17")))
        .collect(),
        notice: None,
        go_on: None,
        anew: Some(ink("/forgot?name=201-wickedsprockets")),
    }
}

fn carded(shell: Shell, ink: Ink, second: SecondCard) -> String {
    Security { second, ..security(shell, ink) }.render()
}

fn told(shell: Shell, ink: Ink, notice: SecurityNotice) -> String {
    let go_on = (notice == SecurityNotice::Review).then(|| ink("/authorize/resume?r=c2VhbGVk"));
    Security { notice: Some(notice), go_on, trusted: Vec::new(), ..security(shell, ink) }.render()
}
