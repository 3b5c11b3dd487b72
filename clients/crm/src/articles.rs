//! The documentation that is read in the portal, in every language. Not here: how it is laid out.

use switchboard_portal::Language;

/// One article.
#[derive(Debug)]
pub(crate) struct Article {
    /// Its name in addresses, the same in all languages.
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) paragraphs: &'static [&'static str],
}

/// The articles in a language.
pub(crate) fn of(language: Language) -> &'static [Article; 4] {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}

static ENGLISH: [Article; 4] = [
    Article {
        id: "signing-in",
        title: "Signing in and out",
        paragraphs: &[
            "You sign in once for all portals. Whoever is signed in to one opens the others without another question.",
            "After four hours without activity you are signed out, and you sign in again. Every page that you open counts as activity.",
            "Sign Out is at the top right, and in the menu on a phone. It ends your session in all portals.",
        ],
    },
    Article {
        id: "password",
        title: "Your password",
        paragraphs: &[
            "The portal never sees your password: you type it only on the sign-in page, which belongs to your account.",
            "To change it, open Settings and choose Change password.",
        ],
    },
    Article {
        id: "requests",
        title: "Requests",
        paragraphs: &[
            "A request is a question or a problem that your company brings to support. The Requests page lists those of your company and of nobody else.",
            "A request is Open, In Progress, On Hold or Closed. The Requests page says what each of these means.",
        ],
    },
    Article {
        id: "appearance",
        title: "Theme and language",
        paragraphs: &[
            "The half circle at the top changes between dark, light and the setting of your device. The button beside it changes the language.",
            "Both are kept in your browser. You find them in Settings too.",
        ],
    },
];

static GERMAN: [Article; 4] = [
    Article {
        id: "signing-in",
        title: "An- und Abmelden",
        paragraphs: &[
            "Sie melden sich einmal für alle Portale an. Wer an einem angemeldet ist, öffnet die anderen ohne weitere Frage.",
            "Nach vier Stunden ohne Aktivität werden Sie abgemeldet und melden sich neu an. Jede Seite, die Sie öffnen, zählt als Aktivität.",
            "Abmelden steht oben rechts, auf dem Telefon im Menü. Es beendet Ihre Sitzung in allen Portalen.",
        ],
    },
    Article {
        id: "password",
        title: "Ihr Passwort",
        paragraphs: &[
            "Das Portal sieht Ihr Passwort nie: Sie geben es nur auf der Anmeldeseite ein, die zu Ihrem Konto gehört.",
            "Um es zu ändern, öffnen Sie die Einstellungen und wählen Sie Passwort ändern.",
        ],
    },
    Article {
        id: "requests",
        title: "Anfragen",
        paragraphs: &[
            "Eine Anfrage ist eine Frage oder ein Problem, mit dem sich Ihre Firma an den Support wendet. Die Seite Anfragen zeigt die Ihrer Firma und keine anderen.",
            "Eine Anfrage ist offen, in Arbeit, wartet oder ist erledigt. Was das jeweils bedeutet, steht auf der Seite Anfragen.",
        ],
    },
    Article {
        id: "appearance",
        title: "Darstellung und Sprache",
        paragraphs: &[
            "Der Halbkreis oben wechselt zwischen dunkel, hell und der Einstellung Ihres Geräts. Die Schaltfläche daneben wechselt die Sprache.",
            "Beides merkt sich Ihr Browser. Sie finden es auch in den Einstellungen.",
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_has_the_same_address_in_every_language() {
        let ids = |language| of(language).iter().map(|article| article.id).collect::<Vec<_>>();
        assert_eq!(ids(Language::English), ids(Language::German));
    }
}
