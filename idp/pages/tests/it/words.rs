//! What holds for the words: complete in both languages, all in use, and written by the rules.
//!
//! The rules for a message about an error (its id contains `-error`): it has at most two sentences, none of the words
//! that blame, beg or mean nothing, and a next step. A next step is something to do, in the form in which one asks for
//! it: in English a clause that begins with one of [`STEPS_EN`], in German one of [`STEPS_DE`] followed by "Sie".

use std::collections::{BTreeMap, BTreeSet};

use idp_core::authority::Role;
use idp_core::language::Language;
use idp_pages::samples::{samples, shell};
use idp_pages::shell::Theme;

use crate::source;

const BANNED_EN: [&str; 6] = ["please", "sorry", "invalid", "error occurred", "oops", "forbidden"];
const BANNED_DE: [&str; 6] = ["bitte ", "leider", "ungültig", "fehler aufgetreten", "hoppla", "verboten"];
const STEPS_EN: [&str; 13] =
    ["Ask", "Check", "Choose", "Contact", "Enter", "Fill", "Go", "Open", "Send", "Sign", "Start", "Try", "Wait"];
const STEPS_DE: [&str; 13] = [
    "Beginnen",
    "Bitten",
    "Fragen",
    "Füllen",
    "Geben",
    "Gehen",
    "Melden",
    "Prüfen",
    "Senden",
    "Versuchen",
    "Wenden",
    "Wählen",
    "Öffnen",
];

/// The messages of a language: id to text, variants of a plural included.
fn messages(language: Language) -> BTreeMap<String, String> {
    let mut messages: BTreeMap<String, String> = BTreeMap::new();
    let mut current = None;
    for line in source::read(format!("locales/{}.ftl", language.tag())).lines() {
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        if line.starts_with(' ') {
            let id: &String = current.as_ref().expect("a continued line continues a message");
            messages.entry(id.clone()).or_default().extend(["\n", line.trim()]);
        } else {
            let (id, text) = line.split_once(" =").expect("a line begins a message");
            let before = messages.insert(id.to_owned(), text.trim().to_owned());
            assert!(before.is_none(), "{id} is there twice");
            current = Some(id.to_owned());
        }
    }
    messages
}

/// The texts a person may see for a message: each variant by itself, without the machinery of plurals.
fn texts(message: &str) -> Vec<&str> {
    let variants: Vec<&str> = message.lines().filter_map(|line| line.split_once("] ").map(|(_, text)| text)).collect();
    if variants.is_empty() { vec![message] } else { variants }
}

fn variables(message: &str) -> BTreeSet<&str> {
    let ends = |c: char| !c.is_alphanumeric();
    message.split('$').skip(1).filter_map(|after| after.split(ends).next()).collect()
}

fn sentences(text: &str) -> usize {
    text.split_terminator(". ").count()
}

#[test]
fn both_languages_have_the_same_messages_with_the_same_values() {
    let (en, de) = (messages(Language::En), messages(Language::De));
    assert_eq!(en.keys().collect::<Vec<_>>(), de.keys().collect::<Vec<_>>());
    for (id, english) in &en {
        assert_eq!(variables(english), variables(&de[id]), "{id}");
        assert_eq!(texts(english).len(), texts(&de[id]).len(), "{id}: the same plural forms");
    }
}

#[test]
fn every_message_is_used_and_every_used_message_exists() {
    let mut used = String::new();
    for path in source::files("templates").into_iter().chain(source::files("src")) {
        let text = source::read(&path);
        // Tests at the end of a file mention ids that no page needs.
        used.push_str(text.split("#[cfg(test)]").next().unwrap_or_default());
    }
    let en = messages(Language::En);
    for id in en.keys() {
        // The names of roles are looked up by the names that rows hold.
        assert!(id.starts_with("role-") || used.contains(&format!("\"{id}\"")), "{id} is not used");
    }
    for call in ["text(\"", "text1(\"", "text2(\"", "number(\"", "number_and_text(\"", "around(\""] {
        for id in used.split(call).skip(1).filter_map(|after| after.split('"').next()) {
            assert!(en.contains_key(id), "{id} does not exist");
        }
    }
    for language in Language::ALL {
        for sample in samples() {
            let page = sample.render(&shell(language, Theme::System));
            assert!(!page.contains('⟦'), "{} shows an id that does not exist", sample.name);
            assert!(!page.contains("{$"), "{} shows a value that nobody gave", sample.name);
        }
    }
}

#[test]
fn every_role_has_a_name() {
    let en = messages(Language::En);
    for role in Role::ALL {
        assert!(en.contains_key(&format!("role-{}", role.name().replace('_', "-"))), "{}", role.name());
    }
}

#[test]
fn no_message_begs_blames_or_says_nothing() {
    for (language, banned) in [(Language::En, BANNED_EN), (Language::De, BANNED_DE)] {
        for (id, message) in messages(language) {
            let lower = message.to_lowercase();
            for word in banned {
                assert!(!lower.contains(word), "{id} in {} says “{word}”", language.own_name());
            }
        }
    }
}

#[test]
fn every_error_has_a_next_step_in_at_most_two_sentences() {
    for (language, steps) in [(Language::En, STEPS_EN), (Language::De, STEPS_DE)] {
        for (id, message) in messages(language).iter().filter(|(id, _)| id.contains("error") && *id != "error-summary")
        {
            if id == "title-error" {
                continue;
            }
            for text in texts(message) {
                assert!(sentences(text) <= 2, "{id} in {} has more than two sentences", language.own_name());
                assert!(has_step(language, &steps, text), "{id} in {} names no next step", language.own_name());
            }
        }
    }
}

fn has_step(language: Language, steps: &[&str], text: &str) -> bool {
    match language {
        Language::En => text.split(". ").flat_map(|sentence| sentence.split(", ")).any(|clause| {
            let clause = clause.strip_prefix("or ").unwrap_or(clause).to_lowercase();
            steps.iter().any(|step| clause.starts_with(&format!("{} ", step.to_lowercase())))
        }),
        Language::De => steps.iter().any(|step| text.to_lowercase().contains(&format!("{} sie ", step.to_lowercase()))),
    }
}

#[test]
fn typography_is_that_of_the_language() {
    for (id, message) in messages(Language::En).iter().chain(&messages(Language::De)) {
        let plain = message.replace("{ $", "").replace(" }", "");
        assert!(!plain.contains('"') && !plain.contains('\'') && !plain.contains("..."), "{id}: {message}");
        assert!(!plain.contains(" - "), "{id}: a dash, not a hyphen");
    }
    for (id, message) in messages(Language::De) {
        assert!(!message.contains('“') || message.contains('„'), "{id}: quotation marks open low in German");
    }
}
