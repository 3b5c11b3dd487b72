//! What holds for the markup of every page, in every language.

use std::collections::{BTreeMap, BTreeSet};

use idp_core::language::Language;
use idp_pages::i18n::Pseudo;
use idp_pages::samples::{samples, shell};
use idp_pages::shell::{Shell, Theme, View};
use idp_pages::signin::{App, NotEntitled, SignedOut};

use crate::html::{Tag, tags};

/// English, German and both pseudo-locales.
fn shells() -> Vec<Shell> {
    let en = shell(Language::En, Theme::System);
    vec![
        Shell { pseudo: Some(Pseudo::EnXa), ..en.clone() },
        Shell { pseudo: Some(Pseudo::ArXb), ..en.clone() },
        en,
        shell(Language::De, Theme::Dark),
    ]
}

/// Calls `check` with the name, the source and the tags of every page.
fn each_page(check: impl Fn(&str, &str, &[Tag])) {
    for shell in shells() {
        for sample in samples() {
            let page = sample.render(&shell);
            check(sample.name, &page, &tags(&page));
        }
    }
}

fn count(tags: &[Tag], name: &str) -> usize {
    tags.iter().filter(|tag| tag.name == name).count()
}

#[test]
fn every_page_has_one_heading_one_main_a_title_a_language_and_a_direction() {
    each_page(|name, _, tags| {
        for once in ["h1", "main", "title", "header", "footer"] {
            assert_eq!(count(tags, once), 1, "{once} in {name}");
        }
        let html = tags.iter().find(|tag| tag.name == "html").expect("a root");
        let expected = if html.get("lang") == Some("ar-XB") { "rtl" } else { "ltr" };
        assert_eq!(html.get("dir"), Some(expected), "{name}");
        assert!(["en", "de", "en-XA", "ar-XB"].contains(&html.get("lang").expect("a language")), "{name}");
        assert!(html.get("data-theme").is_some(), "{name}");
    });
}

#[test]
fn no_page_has_a_style_or_a_script_of_its_own() {
    each_page(|name, page, tags| {
        assert_eq!(count(tags, "style"), 0, "{name}");
        assert!(!page.contains("javascript:"), "{name}");
        for tag in tags {
            assert!(tag.name != "script" || tag.get("src").is_some(), "{name}: a script without an address");
            for (attribute, _) in &tag.attributes {
                assert!(attribute != "style" && !attribute.starts_with("on"), "{name}: {attribute} at {}", tag.name);
            }
        }
    });
}

#[test]
fn every_reference_inside_a_page_has_its_target_and_no_id_is_used_twice() {
    each_page(|name, _, tags| {
        let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        let set: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), set.len(), "{name} uses an id twice");
        for tag in tags {
            let references =
                [tag.get("for"), tag.get("aria-controls"), tag.get("aria-describedby"), tag.get("data-copy")];
            let jump = tag.get("href").and_then(|address| address.strip_prefix('#'));
            for id in references.into_iter().flatten().flat_map(str::split_whitespace).chain(jump) {
                assert!(set.contains(id), "{name}: {} points to {id}", tag.name);
            }
        }
    });
}

#[test]
fn every_field_has_a_label_and_every_posted_form_its_token() {
    each_page(|name, _, tags| {
        let labelled: BTreeSet<&str> = tags.iter().filter_map(|tag| tag.get("for")).collect();
        let mut wrapped = 0_i32;
        let mut posts = 0;
        for tag in tags {
            match tag.name.as_str() {
                "label" if tag.get("for").is_none() => wrapped += 1,
                "/label" => wrapped = 0,
                "form" if tag.get("method") == Some("post") => posts += 1,
                "input" | "select" if tag.get("type") != Some("hidden") => {
                    let labelled = tag.get("id").is_some_and(|id| labelled.contains(id));
                    assert!(labelled || wrapped > 0 || tag.get("aria-label").is_some(), "{name}: {tag:?}");
                }
                _ => {}
            }
        }
        let tokens = tags.iter().filter(|tag| tag.get("name") == Some("csrf")).count();
        assert_eq!(posts, tokens, "{name}");
    });
}

#[test]
fn a_page_with_a_fault_says_so_in_its_title_first_in_main_and_at_the_field() {
    each_page(|name, page, tags| {
        let summary = tags.iter().position(|tag| tag.get("role") == Some("alert"));
        let Some(summary) = summary else {
            assert!(!page.contains("aria-invalid"), "{name} marks a field without a summary");
            return;
        };
        let main = tags.iter().position(|tag| tag.name == "main").expect("a main");
        assert_eq!(summary, main + 1, "{name}");
        assert_eq!(tags[summary].get("tabindex"), Some("-1"), "{name}");
        let focused: Vec<_> = tags.iter().filter(|tag| tag.get("autofocus").is_some()).collect();
        assert_eq!(focused, [&tags[summary]], "{name}: the summary takes the focus, nothing else");
        for tag in tags.iter().filter(|tag| tag.get("aria-invalid").is_some()) {
            let described = tag.get("aria-describedby").is_some() || tag.get("type") == Some("checkbox");
            assert!(described, "{name}: {tag:?}");
        }
        let title = page.split_once("<title>").expect("a title").1;
        let prefixes = ["Error: ", "Fehler: ", "Érröör: ", "\u{202e}Error: "];
        assert!(prefixes.iter().any(|prefix| title.starts_with(prefix)), "{name}: {title:.40}");
    });
}

#[test]
fn a_script_in_any_text_stays_text() {
    const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}&lt;b&gt;";
    /// What a choice shows depends on its text, so a hostile one is not chosen; that is no matter of escaping.
    fn skeleton(page: &str) -> Vec<(String, Vec<String>)> {
        let names = |tag: Tag| tag.attributes.into_iter().map(|(name, _)| name).filter(|name| name != "selected");
        tags(page).into_iter().map(|tag| (tag.name.clone(), names(tag).collect())).collect()
    }
    let shell = shell(Language::En, Theme::System);
    for sample in samples() {
        let calm = sample.render(&shell);
        let hostile = sample.render_with(&shell, |text| format!("{text}{HOSTILE}"));
        assert!(hostile.len() > calm.len() + HOSTILE.len(), "{} was not put to the test", sample.name);
        assert!(!hostile.contains("<script>") && !hostile.contains("<img"), "{}", sample.name);
        assert_eq!(skeleton(&calm), skeleton(&hostile), "{}", sample.name);
    }
}

#[test]
fn an_address_that_would_run_does_not_become_a_link() {
    let mut shell = shell(Language::En, Theme::System);
    shell.brand.terms = Some("javascript:alert(1)".to_owned());
    let denied = NotEntitled {
        request: None,
        shell: shell.clone(),
        to: "CRM".to_owned(),
        company: "Wicked Sprockets".to_owned(),
        apps: vec![App { name: "Voice Portal".to_owned(), url: "javascript:alert(1)".to_owned() }],
        reference: "7K2M-9QXD".to_owned(),
        session: "ses_1".to_owned(),
    };
    let signed_out = SignedOut {
        shell,
        left: Vec::new(),
        may_stay: Vec::new(),
        minutes: 5,
        back: Some("//evil.example".to_owned()),
    };
    for page in [denied.render(), signed_out.render()] {
        assert!(!page.contains("javascript:") && !page.contains("evil.example"));
    }
    assert!(denied.render().contains("Voice Portal"), "the name is still told");
}

#[test]
fn the_buttons_of_language_theme_and_sign_out_are_named() {
    each_page(|name, _, tags| {
        let named = |field, value| {
            tags.iter().filter(move |tag| tag.get("name") == Some(field) && tag.get("value") == Some(value))
        };
        for language in Language::ALL {
            for button in named("language", language.tag()) {
                // Who speaks to the browser says what is seen, so the name begins with it (WCAG 2.2, 2.5.3).
                let label = format!("{} – {}", language.tag().to_uppercase(), language.own_name());
                assert_eq!(button.get("aria-label"), Some(label.as_str()), "{name}");
            }
        }
        let mut actions: BTreeMap<&str, usize> = BTreeMap::new();
        for action in tags.iter().filter_map(|tag| tag.get("action")) {
            *actions.entry(action).or_default() += 1;
        }
        if name.starts_with("backup-codes") || name.ends_with("-shown") {
            assert!(!actions.contains_key("/ui/language"), "{name} is shown once: nothing there leads away");
            return;
        }
        // Signed in, the header is there twice: spread out, and folded into the menu of narrow screens.
        let times = actions.get("/account/sign-out").copied().unwrap_or(1);
        // The settings have the theme beside the language, too.
        let in_settings = usize::from(actions.contains_key("/account/settings/language"));
        assert_eq!(actions.get("/ui/theme"), Some(&(times + in_settings)), "{name}");
        assert_eq!(actions.get("/ui/language"), Some(&(times * 2)), "{name}");
    });
}

#[test]
fn the_theme_button_names_the_theme_and_the_next() {
    let page = |theme| samples()[0].render(&shell(Language::En, theme));
    assert!(page(Theme::System).contains("value=\"dark\" aria-label=\"Theme: system. Change to dark\""));
    assert!(page(Theme::Dark).contains("value=\"light\" aria-label=\"Theme: dark. Change to light\""));
    assert!(page(Theme::Light).contains("value=\"system\" aria-label=\"Theme: light. Change to system\""));
}
