//! What holds for mails: complete in both languages, the same words in both parts, and text stays text.

use idp_core::language::Language;
use idp_core::mail::{CodeFor, Happening, Letter};
use idp_core::time::Timestamp;
use idp_pages::mail::{Frame, Rendered, render};

const UNTIL: Timestamp = Timestamp::from_seconds(1_764_063_720);

/// Every mail; what others typed is put through `ink`.
fn letters(ink: fn(&str) -> String) -> Vec<Letter> {
    let welcome = |token: Option<&str>, password: Option<&str>| Letter::Welcome {
        name: ink("Nina New"),
        username: ink("201-acme"),
        email: ink("nina@acme.example"),
        company: ink("Acme"),
        code: "acme".into(),
        token: token.map(str::to_owned),
        password: password.map(str::to_owned),
        until: UNTIL,
    };
    let code =
        |what_for| Letter::Code { code: "012345".into(), what_for, until: UNTIL, asked_by: ink("Firefox, Linux") };
    let happened = |what| Letter::Happened {
        what,
        username: ink("201-acme"),
        at: UNTIL,
        agent: ink("Firefox, Linux"),
        address: ink("192.0.2.1"),
    };
    let mut all = vec![
        Letter::Test,
        Letter::SignIn {
            username: "201-acme".to_owned(),
            token: "sbl_abc".into(),
            code: "012345".into(),
            until: UNTIL,
            asked_by: ink("Firefox, Linux"),
        },
        welcome(Some("sbw_abc"), None),
        welcome(None, Some("aaaa-bbbb-cccc-dddd")),
        Letter::Reset {
            token: "sbl_abc".into(),
            username: ink("201-acme"),
            until: UNTIL,
            asked_by: ink("Firefox, Linux"),
        },
        code(CodeFor::SignIn),
        code(CodeFor::Address),
        Letter::AddressChanged {
            username: ink("201-acme"),
            new: ink("n•••@a•••.example"),
            token: "sbu_abc".into(),
            at: UNTIL,
            until: UNTIL,
        },
    ];
    all.extend(Happening::ALL.map(happened));
    all
}

fn written(language: Language, letter: &Letter, brand: &str) -> Rendered {
    let clock = |_at: Timestamp| "10:42 CET".to_owned();
    render(Frame { language, brand, base: "https://id.example", clock: &clock, pseudo: None }, letter)
}

#[test]
fn every_mail_is_complete_in_both_languages_and_both_parts() {
    for letter in letters(str::to_owned) {
        let (en, de) = (written(Language::En, &letter, "Acme"), written(Language::De, &letter, "Acme"));
        assert_ne!(en.text, de.text, "{letter:?}");
        for mail in [en, de] {
            for part in [&mail.subject, &mail.text, &mail.html] {
                assert!(!part.trim().is_empty() && !part.contains('⟦') && !part.contains("{$"), "{letter:?}: {part}");
            }
            // What the text says, the HTML says.
            for line in mail.text.lines().map(|l| l.trim_end_matches(':')).filter(|l| l.len() > 3) {
                assert!(mail.html.contains(line), "{letter:?}: {line}");
            }
            // A code that is typed where it was asked for may stand in the subject; one beside a link may not.
            let may_say = matches!(letter, Letter::Code { .. });
            assert!(!mail.subject.contains("sbl_"), "{}", mail.subject);
            assert_eq!(mail.subject.contains("012345"), may_say, "{}", mail.subject);
            assert!(!mail.html.contains("<script") && !mail.html.contains("<img"), "nothing is loaded or run");
        }
    }
}

#[test]
fn what_others_typed_stays_text_and_one_line() {
    for letter in letters(|text| format!("{text}<b>\"&")) {
        let mail = written(Language::En, &letter, "A<b>");
        assert!(!mail.html.contains("<b>"), "{letter:?}: {}", mail.html);
    }
}
