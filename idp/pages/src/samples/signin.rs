//! Samples of the pages before and around a sign-in.

use idp_core::federation::Kind;
use idp_core::signin::second_factor::{MailboxFor, Means};

use super::{Ink, Sample};
use crate::shell::{Shell, View};
use crate::signin::{
    Anew, App, BackToApp, ChoiceCard, Choose, Company, CompanyError, ConfirmSignOut, Connects, EmailCodeError,
    EmailSent, Forgot, ForgotError, ForgotSent, InApp, Last, LinkHere, LinkOpened, LinkOver, LinkWhy, MustChange,
    NewPasswordError, NotEntitled, Notice, ProviderButton, Providers, ResetPassword, SignIn, SignInError, SignedOut,
    Step, Wait, Ways, WaysError,
};
use crate::signin::{AppSetUp, BackupCodes, CodeError, EmailSetUp, Locked, SecondError, SecondFactor, SetUp, Within};

const LOGIN: &str = "/login";
const CALLBACK: &str = "/upstream/google-wicked/callback";
const WAYS: &str = "/login/ways";
const COMPANY: &str = "/login/company";
const FORGOT: &str = "/forgot";
const EMAIL: &str = "/login/email";
const SECOND: &str = "/login/second";
const NEW_PASSWORD: &str = "/login/new-password";

pub(super) const SAMPLES: &[Sample] = &[
    Sample::new("sign-in", LOGIN, |s, ink| {
        SignIn { to: None, request: None, tenant: None, has_others: false, ..sign_in(s, ink) }.render()
    }),
    Sample::new("sign-in-portal", LOGIN, |s, ink| sign_in(s, ink).render()),
    Sample::new("sign-in-name", LOGIN, |s, ink| SignIn { step: Step::Name, ..sign_in(s, ink) }.render()),
    Sample::new("sign-in-password", LOGIN, |s, ink| {
        SignIn { step: Step::Password, identifier: ink("201-wickedsprockets"), ..sign_in(s, ink) }.render()
    }),
    Sample::new("sign-in-wrong", LOGIN, |s, ink| refused(s, ink, SignInError::WrongCredentials)),
    Sample::new("sign-in-no-name", LOGIN, |s, ink| {
        SignIn { identifier: String::new(), error: Some(SignInError::EmptyIdentifier), ..sign_in(s, ink) }.render()
    }),
    Sample::new("sign-in-no-password", LOGIN, |s, ink| refused(s, ink, SignInError::EmptyPassword)),
    Sample::new("sign-in-busy", LOGIN, |s, ink| refused(s, ink, SignInError::Busy)),
    Sample::new("sign-in-passkey-wrong", LOGIN, |s, ink| refused(s, ink, SignInError::PasskeyWrong)),
    Sample::new("sign-in-passkey-unknown", LOGIN, |s, ink| {
        let unknown = Some((ink("Y3JlZGVudGlhbA"), ink("login.example")));
        SignIn { unknown, error: Some(SignInError::PasskeyUnknown), ..sign_in(s, ink) }.render()
    }),
    Sample::new("sign-in-no-passkeys", LOGIN, |s, ink| SignIn { by_passkey: false, ..sign_in(s, ink) }.render()),
    Sample::new("sign-in-providers", LOGIN, |s, ink| last(s, ink, Last::Password)),
    Sample::new("sign-in-last-provider", LOGIN, |s, ink| {
        let last_time = Last::Provider(ink("google-wicked"));
        last(s, ink, last_time)
    }),
    Sample::new("sign-in-last-passkey", LOGIN, |s, ink| last(s, ink, Last::Passkey)),
    Sample::new("sign-in-last-email", LOGIN, |s, ink| last(s, ink, Last::Email)),
    Sample::new("sign-in-other-ways", LOGIN, |s, ink| {
        SignIn { tenant: None, providers: Providers::AskCompany, ..sign_in(s, ink) }.render()
    }),
    Sample::new("connect-sign-in", LOGIN, |s, ink| {
        SignIn { connects: Some(connects(ink)), ..sign_in(s, ink) }.render()
    }),
    Sample::new("sso-cancelled", CALLBACK, |s, ink| {
        let why = SignInError::ProviderCancelled(ink("Google"));
        refused(s, ink, why)
    }),
    Sample::new("sso-refused", CALLBACK, |s, ink| {
        let why = SignInError::ProviderRefused(ink("Google"));
        refused(s, ink, why)
    }),
    Sample::new("sso-down", CALLBACK, |s, ink| {
        let why = SignInError::ProviderDown(ink("Google"));
        refused(s, ink, why)
    }),
    Sample::new("sso-outside", CALLBACK, |s, ink| {
        let why = SignInError::ProviderOutside(ink("Office 365"), String::new());
        refused(s, ink, why)
    }),
    Sample::new("sso-outside-domain", CALLBACK, |s, ink| {
        let why = SignInError::ProviderOutside(ink("Google"), ink("other.example"));
        refused(s, ink, why)
    }),
    Sample::new("sso-no-account", CALLBACK, |s, ink| {
        let why = SignInError::NoAccount(ink("anna@wicked.example"));
        refused(s, ink, why)
    }),
    Sample::new("sso-over", CALLBACK, |s, ink| refused(s, ink, SignInError::ProviderOver)),
    Sample::new("sso-barred", CALLBACK, |s, ink| refused(s, ink, SignInError::Barred)),
    Sample::new("back-to-app", "/login/back-to-app", |s, ink| {
        BackToApp { shell: s, resume: ink("/authorize/resume?r=c2VhbGVk") }.render()
    }),
    Sample::new("ways", WAYS, |s, ink| ways(s, ink, None)),
    Sample::new("ways-empty", WAYS, |s, ink| ways(s, ink, Some(WaysError::Empty))),
    Sample::new("ways-unknown", WAYS, |s, ink| ways(s, ink, Some(WaysError::Unknown))),
    Sample::new("ways-none", WAYS, |s, ink| ways(s, ink, Some(WaysError::None))),
    Sample::new("sign-in-idle", LOGIN, |s, ink| noticed(s, ink, Notice::SignedOutIdle)),
    Sample::new("sign-in-confirm", LOGIN, |s, ink| noticed(s, ink, Notice::ConfirmIdentity)),
    Sample::new("sign-in-ended", LOGIN, |s, ink| noticed(s, ink, Notice::SessionEnded)),
    Sample::new("company", COMPANY, |s, ink| company(s, ink, None).render()),
    Sample::new("company-no-match", COMPANY, |s, ink| company(s, ink, Some(CompanyError::NoMatch)).render()),
    Sample::new("company-no-company", COMPANY, |s, ink| {
        Company { company: String::new(), ..company(s, ink, Some(CompanyError::EmptyCompany)) }.render()
    }),
    Sample::new("company-unknown", COMPANY, |s, ink| company(s, ink, Some(CompanyError::Unknown)).render()),
    Sample::new("company-no-account", COMPANY, |s, ink| company(s, ink, Some(CompanyError::EmptyAccount)).render()),
    Sample::new("company-no-password", COMPANY, |s, ink| company(s, ink, Some(CompanyError::EmptyPassword)).render()),
    Sample::new("company-busy", COMPANY, |s, ink| company(s, ink, Some(CompanyError::Busy)).render()),
    Sample::new("email-sent", EMAIL, |s, ink| email_sent(s, ink, 42).render()),
    Sample::new("email-sent-again", EMAIL, |s, ink| EmailSent { again: true, ..email_sent(s, ink, 0) }.render()),
    Sample::new("email-code-wrong", EMAIL, |s, ink| wrong_code(s, ink, EmailCodeError::Wrong)),
    Sample::new("email-code-empty", EMAIL, |s, ink| wrong_code(s, ink, EmailCodeError::Empty)),
    Sample::new("email-too-soon", EMAIL, |s, ink| wrong_code(s, ink, EmailCodeError::TooSoon)),
    Sample::new("link-opened", "/m", |s, ink| link_opened(s, ink, LinkHere::Button)),
    Sample::new("link-goes-on", "/m", |s, ink| link_opened(s, ink, LinkHere::GoesOn)),
    Sample::new("link-needs-code", "/m", |s, ink| link_opened(s, ink, LinkHere::NeedsCode)),
    Sample::new("link-used", "/m", |s, ink| link_over(s, ink, (LinkWhy::Used, Some(false)))),
    Sample::new("link-newer", "/m", |s, ink| link_over(s, ink, (LinkWhy::Newer, Some(false)))),
    Sample::new("link-another", "/m", |s, ink| link_over(s, ink, (LinkWhy::Another, None))),
    Sample::new("link-expired", "/m", |s, ink| link_over(s, ink, (LinkWhy::Expired, Some(true)))),
    Sample::new("forgot", FORGOT, |s, ink| forgot(s, ink, None).render()),
    Sample::new("forgot-empty", FORGOT, |s, ink| forgot(s, ink, Some(ForgotError::EmptyIdentifier)).render()),
    Sample::new("forgot-company", FORGOT, |s, ink| {
        Forgot { company: Some(String::new()), ..forgot(s, ink, Some(ForgotError::WhichCompany)) }.render()
    }),
    Sample::new("forgot-no-mail", FORGOT, |s, ink| Forgot { by_email: false, ..forgot(s, ink, None) }.render()),
    Sample::new("forgot-sent", FORGOT, |s, ink| forgot_sent(s, ink, false)),
    Sample::new("forgot-too-soon", FORGOT, |s, ink| forgot_sent(s, ink, true)),
    Sample::new("reset", "/reset", |s, ink| reset(s, ink, None)),
    Sample::new("reset-short", "/reset", |s, ink| reset(s, ink, Some(NewPasswordError::TooShort(8)))),
    Sample::new("second-email", SECOND, |s, ink| second(s, ink, Means::Email).render()),
    Sample::new("second-email-ask", SECOND, |s, ink| {
        SecondFactor { code_sent: false, resend_in: 0, ..second(s, ink, Means::Email) }.render()
    }),
    Sample::new("second-email-again", SECOND, |s, ink| {
        SecondFactor { again: true, resend_in: 60, trust_days: None, ..second(s, ink, Means::Email) }.render()
    }),
    Sample::new("second-app", SECOND, |s, ink| second(s, ink, Means::App).render()),
    Sample::new("second-key", SECOND, |s, ink| second(s, ink, Means::Key).render()),
    Sample::new("second-wrong-key", SECOND, |s, ink| mistaken(s, ink, (Means::Key, SecondError::Wrong))),
    Sample::new("second-backup", SECOND, |s, ink| second(s, ink, Means::Backup).render()),
    Sample::new("second-empty", SECOND, |s, ink| mistaken(s, ink, (Means::Email, SecondError::Empty))),
    Sample::new("second-length", SECOND, |s, ink| mistaken(s, ink, (Means::App, SecondError::Length))),
    Sample::new("second-wrong-email", SECOND, |s, ink| mistaken(s, ink, (Means::Email, SecondError::Wrong))),
    Sample::new("second-wrong-app", SECOND, |s, ink| mistaken(s, ink, (Means::App, SecondError::Wrong))),
    Sample::new("second-wrong-backup", SECOND, |s, ink| mistaken(s, ink, (Means::Backup, SecondError::Wrong))),
    Sample::new("second-two-left", SECOND, |s, ink| mistaken(s, ink, (Means::Email, SecondError::Left(2)))),
    Sample::new("second-one-left", SECOND, |s, ink| mistaken(s, ink, (Means::App, SecondError::Left(1)))),
    Sample::new("second-used", SECOND, |s, ink| mistaken(s, ink, (Means::App, SecondError::Used))),
    Sample::new("second-expired", SECOND, |s, ink| mistaken(s, ink, (Means::Email, SecondError::Expired))),
    Sample::new("second-too-soon", SECOND, |s, ink| mistaken(s, ink, (Means::Email, SecondError::TooSoon))),
    Sample::new("second-too-many", SECOND, |s, ink| {
        let until = ink("14:32 CET");
        mistaken(s, ink, (Means::Email, SecondError::TooMany(until)))
    }),
    Sample::new("account-locked", SECOND, locked),
    Sample::new("set-up", SECOND, |s, ink| set_up(s, ink).render()),
    Sample::new("set-up-now", SECOND, |s, ink| {
        SetUp { days: None, means: vec![Means::App], ..set_up(s, ink) }.render()
    }),
    Sample::new("set-up-none", SECOND, |s, ink| SetUp { days: None, means: Vec::new(), ..set_up(s, ink) }.render()),
    Sample::new("app-set-up", SECOND, |s, ink| app_set_up(s, ink, None)),
    Sample::new("app-set-up-wrong", SECOND, |s, ink| app_set_up(s, ink, Some(CodeError::Wrong))),
    Sample::new("app-set-up-length", SECOND, |s, ink| app_set_up(s, ink, Some(CodeError::Length))),
    Sample::new("app-set-up-empty", SECOND, |s, ink| app_set_up(s, ink, Some(CodeError::Empty))),
    Sample::new("email-set-up", SECOND, |s, ink| email_set_up(s, ink, (MailboxFor::SecondFactor, None))),
    Sample::new("email-set-up-wrong", SECOND, |s, ink| {
        email_set_up(s, ink, (MailboxFor::SecondFactor, Some(CodeError::Wrong)))
    }),
    Sample::new("address-code", "/account/settings/email", |s, ink| email_set_up(s, ink, (MailboxFor::Address, None)))
        .signed_in(),
    Sample::new("backup-codes", SECOND, |s, ink| backup_codes(s, ink, true)),
    Sample::new("backup-codes-anew", "/account/security", |s, ink| backup_codes(s, ink, false)).signed_in(),
    Sample::new("choose", "/login/choose", choose),
    Sample::new("wait", LOGIN, |s, ink| wait(s, ink, 15)),
    Sample::new("wait-one-minute", LOGIN, |s, ink| wait(s, ink, 1)),
    Sample::new("not-entitled", "/authorize", not_entitled),
    Sample::new("must-change", NEW_PASSWORD, |s, ink| must_change(s, ink, None)),
    Sample::new("must-change-short", NEW_PASSWORD, |s, ink| must_change(s, ink, Some(NewPasswordError::TooShort(8)))),
    Sample::new("must-change-long", NEW_PASSWORD, |s, ink| must_change(s, ink, Some(NewPasswordError::TooLong))),
    Sample::new("must-change-common", NEW_PASSWORD, |s, ink| must_change(s, ink, Some(NewPasswordError::Common))),
    Sample::new("must-change-mismatch", NEW_PASSWORD, |s, ink| must_change(s, ink, Some(NewPasswordError::Mismatch))),
    Sample::new("must-change-same", NEW_PASSWORD, |s, ink| must_change(s, ink, Some(NewPasswordError::Same))),
    Sample::new("must-change-empty", NEW_PASSWORD, |s, ink| must_change(s, ink, Some(NewPasswordError::Empty))),
    Sample::new("confirm-sign-out", "/logout", confirm_sign_out),
    Sample::new("signed-out", "/logout", |s, ink| {
        let left = vec![ink("Voice Portal"), ink("CRM")];
        SignedOut { left, ..signed_out(s, ink) }.render()
    }),
    Sample::new("signed-out-of-nothing", "/logout", |s, _| {
        SignedOut { back: None, ..signed_out(s, |_| String::new()) }.render()
    }),
    Sample::new("signed-out-not-everywhere", "/logout", |s, ink| {
        SignedOut { left: vec![ink("Voice Portal")], may_stay: vec![ink("CRM")], ..signed_out(s, ink) }.render()
    }),
];

fn signed_out(shell: Shell, ink: Ink) -> SignedOut {
    let back = Some(ink("https://voice.example/"));
    SignedOut { shell, left: Vec::new(), may_stay: Vec::new(), minutes: 5, back }
}

fn second(shell: Shell, ink: Ink, means: Means) -> SecondFactor {
    SecondFactor {
        shell,
        to: Some(ink("Voice Portal")),
        request: Some(ink("c2VhbGVk")),
        journey: ink("am91cm5leQ"),
        username: ink("201-wickedsprockets"),
        means,
        others: Means::ALL.into_iter().filter(|m| *m != means).collect(),
        mailbox: ink("a•••@w•••.example"),
        code_sent: true,
        resend_in: 42,
        trust: false,
        trust_days: Some(30),
        again: false,
        error: None,
    }
}

fn mistaken(shell: Shell, ink: Ink, (means, error): (Means, SecondError)) -> String {
    SecondFactor { error: Some(error), ..second(shell, ink, means) }.render()
}

fn locked(shell: Shell, ink: Ink) -> String {
    Locked { shell, count: 5, back: ink("/login"), reference: ink("7K2M-9QXD") }.render()
}

fn set_up(shell: Shell, ink: Ink) -> SetUp {
    SetUp {
        shell,
        to: Some(ink("Voice Portal")),
        request: Some(ink("c2VhbGVk")),
        journey: ink("am91cm5leQ"),
        company: ink("Wicked Sprockets"),
        means: vec![Means::Key, Means::App, Means::Email],
        mailbox: ink("a•••@w•••.example"),
        days: Some(6),
    }
}

fn within(ink: Ink) -> Within {
    Within::SignIn { journey: ink("am91cm5leQ"), request: Some(ink("c2VhbGVk")) }
}

fn app_set_up(shell: Shell, ink: Ink, error: Option<CodeError>) -> String {
    AppSetUp {
        shell,
        within: within(ink),
        ticket: ink("dGlja2V0"),
        secret: ink("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
        uri: ink("otpauth://totp/Wicked%20Sprockets:201?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
        error,
    }
    .render()
}

fn email_set_up(shell: Shell, ink: Ink, (what_for, error): (MailboxFor, Option<CodeError>)) -> String {
    let within = if what_for == MailboxFor::Address { Within::Account } else { within(ink) };
    let (ticket, mailbox) = (ink("dGlja2V0"), ink("anna.berg@wickedsprockets.example"));
    EmailSetUp {
        shell,
        within,
        what_for,
        ticket,
        mailbox,
        resend_in: if error.is_none() { 60 } else { 0 },
        again: error.is_none() && what_for == MailboxFor::Address,
        error,
    }
    .render()
}

fn backup_codes(shell: Shell, ink: Ink, is_first: bool) -> String {
    let codes = ["abcd-2345", "efgh-6792", "jkmn-3579", "pqrs-2467", "tuvw-9753"];
    let codes = codes.iter().chain(&codes).map(|code| ink(code)).collect();
    let next = (ink("/account/security"), vec![("as".to_owned(), ink("ses_4q8k"))]);
    BackupCodes { shell, codes, is_first, replaced: !is_first, next }.render()
}

fn sign_in(shell: Shell, ink: Ink) -> SignIn {
    SignIn {
        shell,
        to: Some(ink("Voice Portal")),
        request: Some(ink("c2VhbGVk")),
        tenant: Some(ink("wickedsprockets")),
        step: Step::Both,
        identifier: String::new(),
        notice: None,
        error: None,
        has_others: true,
        by_email: true,
        by_passkey: true,
        unknown: None,
        providers: Providers::These(Vec::new()),
        connects: None,
        last: None,
        app: Some(InApp {
            host: ink("login.example"),
            browser: ink("/login?r=app.c2VhbGVk"),
            resume: ink("/authorize/resume?r=c2VhbGVk"),
        }),
    }
}

fn providers(ink: Ink) -> Providers {
    let of = |name: &str, label: &str, kind| ProviderButton { name: ink(name), label: ink(label), kind };
    Providers::These(vec![
        of("google-wicked", "Google", Kind::Google),
        of("entra-wicked", "Office 365", Kind::Entra),
        of("own-wicked", "Sprocket ID", Kind::Oidc),
    ])
}

fn connects(ink: Ink) -> Connects {
    let company = ink("Wicked Sprockets");
    Connects { provider: ink("Google"), shown: ink("anna@wicked.example"), company, back: Some(ink("c2VhbGVk")) }
}

fn ways(shell: Shell, ink: Ink, error: Option<WaysError>) -> String {
    let company = if error == Some(WaysError::Empty) { String::new() } else { ink("wickedsprockets") };
    Ways { shell, to: Some(ink("Voice Portal")), request: Some(ink("c2VhbGVk")), company, error }.render()
}

fn last(shell: Shell, ink: Ink, last: Last) -> String {
    SignIn { providers: providers(ink), last: Some(last), ..sign_in(shell, ink) }.render()
}

fn refused(shell: Shell, ink: Ink, error: SignInError) -> String {
    SignIn { identifier: ink("201-wickedsprockets"), error: Some(error), ..sign_in(shell, ink) }.render()
}

fn noticed(shell: Shell, ink: Ink, notice: Notice) -> String {
    SignIn { notice: Some(notice), ..sign_in(shell, ink) }.render()
}

fn company(shell: Shell, ink: Ink, error: Option<CompanyError>) -> Company {
    Company {
        shell,
        to: Some(ink("CRM")),
        request: Some(ink("c2VhbGVk")),
        company: ink("Wicked Sprockets"),
        account: ink("anna.berg@wickedsprockets.example"),
        remember: true,
        by_email: true,
        error,
    }
}

fn email_sent(shell: Shell, ink: Ink, resend_in: u64) -> EmailSent {
    EmailSent {
        shell,
        to: Some(ink("Voice Portal")),
        request: Some(ink("c2VhbGVk")),
        journey: ink("am91cm5leQ"),
        identifier: ink("201-wickedsprockets"),
        minutes: 15,
        resend_in,
        again: false,
        error: None,
    }
}

fn wrong_code(shell: Shell, ink: Ink, error: EmailCodeError) -> String {
    EmailSent { error: Some(error), ..email_sent(shell, ink, 30) }.render()
}

fn link_opened(shell: Shell, ink: Ink, here: LinkHere) -> String {
    LinkOpened {
        shell,
        company: ink("Wicked Sprockets"),
        username: ink("201-wickedsprockets"),
        here,
        link: ink("5f3a"),
    }
    .render()
}

fn link_over(shell: Shell, ink: Ink, (why, is_reset): (LinkWhy, Option<bool>)) -> String {
    let anew = is_reset.map(|is_reset| Anew { username: ink("201-wickedsprockets"), is_reset });
    LinkOver { shell, why, anew, is_invited: why == LinkWhy::Newer }.render()
}

fn forgot(shell: Shell, ink: Ink, error: Option<ForgotError>) -> Forgot {
    let (tenant, identifier) = (Some(ink("wickedsprockets")), ink("201-wickedsprockets"));
    Forgot { shell, tenant, identifier, company: None, by_email: true, error }
}

fn forgot_sent(shell: Shell, ink: Ink, too_soon: bool) -> String {
    let (journey, identifier) = (ink("am91cm5leQ"), ink("201-wickedsprockets"));
    ForgotSent {
        shell,
        journey,
        identifier,
        minutes: 60,
        resend_in: if too_soon { 42 } else { 0 },
        again: !too_soon,
        too_soon,
    }
    .render()
}

fn reset(shell: Shell, ink: Ink, error: Option<NewPasswordError>) -> String {
    ResetPassword { shell, link: ink("5f3a"), username: ink("201-wickedsprockets"), min_length: 8, error }.render()
}

fn choose(shell: Shell, ink: Ink) -> String {
    let card = |session, name, username, company, (signed_in, by): (bool, Option<&str>)| ChoiceCard {
        session: ink(session),
        name: ink(name),
        username: ink(username),
        company: ink(company),
        signed_in,
        by: by.map(|label| (ink(label), ink("/upstream/google-northwind?hint=bruno@northwind.example"))),
    };
    let accounts = vec![
        card("ses_4q8k", "Anna Berg", "201-wickedsprockets", "Wicked Sprockets", (true, None)),
        card(
            "ses_7m2x",
            "Bruno Castellanos",
            "14-northwind",
            "Northwind Trading and Logistics",
            (false, Some("Google")),
        ),
    ];
    Choose { shell, to: Some(ink("Voice Portal")), request: Some(ink("c2VhbGVk")), accounts }.render()
}

fn wait(shell: Shell, ink: Ink, minutes: u32) -> String {
    Wait {
        shell,
        to: Some(ink("Voice Portal")),
        request: Some(ink("c2VhbGVk")),
        minutes,
        at: ink("14:32, Europe/Berlin"),
        seconds: u64::from(minutes) * 60 - 13,
        by_email: minutes > 1,
    }
    .render()
}

fn not_entitled(shell: Shell, ink: Ink) -> String {
    NotEntitled {
        shell,
        to: ink("CRM"),
        request: Some(ink("eyJ2IjoxfQ")),
        company: ink("Wicked Sprockets"),
        apps: vec![App { name: ink("Voice Portal"), url: ink("https://voice.example/") }],
        reference: ink("7K2M-9QXD"),
        session: ink("ses_4q8k"),
    }
    .render()
}

fn must_change(shell: Shell, ink: Ink, error: Option<NewPasswordError>) -> String {
    MustChange {
        shell,
        request: Some(ink("c2VhbGVk")),
        ticket: ink("tic_5d1"),
        username: ink("201-wickedsprockets"),
        min_length: 8,
        error,
    }
    .render()
}

fn confirm_sign_out(shell: Shell, ink: Ink) -> String {
    let hidden = vec![(ink("client_id"), ink("cli_voice")), (ink("state"), ink("af0if"))];
    ConfirmSignOut { shell, product: ink("Voice Portal"), hidden }.render()
}
