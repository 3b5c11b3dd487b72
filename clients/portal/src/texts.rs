//! The words of the shell in every language. A text that is missing in one of them does not compile.
//! Not here: the words of a portal's own pages.

use crate::language::Language;
use crate::theme::Theme;

/// The words of the shell.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) skip: &'static str,
    pub(crate) navigation: &'static str,
    pub(crate) menu: &'static str,
    pub(crate) account: &'static str,
    pub(crate) signed_in_as: &'static str,
    pub(crate) sign_out: &'static str,
    /// Before the name of the other portal.
    pub(crate) open: &'static str,
    pub(crate) settings: &'static str,
    pub(crate) profile: &'static str,
    pub(crate) profile_hint: &'static str,
    pub(crate) name: &'static str,
    pub(crate) username: &'static str,
    pub(crate) company: &'static str,
    pub(crate) email: &'static str,
    pub(crate) password: &'static str,
    pub(crate) password_hint: &'static str,
    pub(crate) change_password: &'static str,
    pub(crate) theme: &'static str,
    pub(crate) theme_hint: &'static str,
    pub(crate) language: &'static str,
    pub(crate) language_hint: &'static str,
    pub(crate) dark: &'static str,
    pub(crate) light: &'static str,
    pub(crate) system: &'static str,
    /// In the label of the theme button, before what comes.
    pub(crate) theme_becomes: &'static str,
    pub(crate) provider_unavailable: Message,
    pub(crate) sign_in_failed: Message,
    pub(crate) sign_in_expired: Message,
    pub(crate) access_denied: Message,
    pub(crate) signed_out_everywhere: Message,
    pub(crate) signed_out_here: Message,
    pub(crate) foreign_request: Message,
    pub(crate) not_found: Message,
}

/// What happened, and the next step.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) next: &'static str,
}

impl Texts {
    pub(crate) fn theme_name(&self, theme: Theme) -> &'static str {
        match theme {
            Theme::Dark => self.dark,
            Theme::Light => self.light,
            Theme::System => self.system,
        }
    }

    /// What the theme button says while `theme` is the theme.
    pub(crate) fn theme_button(&self, theme: Theme) -> String {
        let (now, next) = (self.theme_name(theme).to_lowercase(), self.theme_name(theme.next()).to_lowercase());
        format!("{}: {now}. {} {next}", self.theme, self.theme_becomes)
    }
}

/// The words of a language.
pub(crate) fn of(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}

static ENGLISH: Texts = Texts {
    skip: "Skip to content",
    navigation: "Main",
    menu: "Menu",
    account: "Account",
    signed_in_as: "Signed in as",
    sign_out: "Sign Out",
    open: "Open",
    settings: "Settings",
    profile: "Profile",
    profile_hint: "This is what the portal knows about you. It comes from your account.",
    name: "Name",
    username: "Username",
    company: "Company",
    email: "Email",
    password: "Password",
    password_hint: "Your password belongs to your account, not to this portal. You change it there, for all portals at once.",
    change_password: "Change password",
    theme: "Theme",
    theme_hint: "Kept in this browser.",
    language: "Language",
    language_hint: "Kept in this browser, and used when you sign in.",
    dark: "Dark",
    light: "Light",
    system: "System",
    theme_becomes: "Change to",
    provider_unavailable: Message {
        title: "Signing in is not possible right now",
        text: "The sign-in service does not answer. Wait a moment, then try again.",
        next: "Try again",
    },
    sign_in_failed: Message {
        title: "You were not signed in",
        text: "The answer of the sign-in service did not fit. Sign in again, and tell your administrator if it keeps happening.",
        next: "Sign in again",
    },
    sign_in_expired: Message {
        title: "This sign-in is no longer open",
        text: "It began over an hour ago, in another browser, or is already complete. Sign in again to go on.",
        next: "Sign in again",
    },
    access_denied: Message {
        title: "Access denied",
        text: "Your account may not use this portal, or you cancelled. Ask your administrator for access, or use another account.",
        next: "Use another account",
    },
    signed_out_everywhere: Message {
        title: "You are signed out",
        text: "Your session has ended here and in the other portals.",
        next: "Sign in",
    },
    signed_out_here: Message {
        title: "You are signed out",
        text: "Nobody is signed in to this portal in this browser. You may still be signed in to other portals.",
        next: "Sign in",
    },
    foreign_request: Message {
        title: "You are still signed in",
        text: "Another site tried to sign you out. If you want to sign out, use the button in the portal.",
        next: "Go to the start page",
    },
    not_found: Message {
        title: "This page does not exist",
        text: "The address may be mistyped, or the page has moved. Begin at the start page.",
        next: "Go to the start page",
    },
};

static GERMAN: Texts = Texts {
    skip: "Zum Inhalt springen",
    navigation: "Hauptnavigation",
    menu: "Menü",
    account: "Konto",
    signed_in_as: "Angemeldet als",
    sign_out: "Abmelden",
    open: "Öffnen:",
    settings: "Einstellungen",
    profile: "Profil",
    profile_hint: "Das weiß das Portal über Sie. Die Angaben stammen aus Ihrem Konto.",
    name: "Name",
    username: "Benutzername",
    company: "Firma",
    email: "E-Mail",
    password: "Passwort",
    password_hint: "Ihr Passwort gehört zu Ihrem Konto, nicht zu diesem Portal. Dort ändern Sie es für alle Portale zugleich.",
    change_password: "Passwort ändern",
    theme: "Darstellung",
    theme_hint: "Wird in diesem Browser gemerkt.",
    language: "Sprache",
    language_hint: "Wird in diesem Browser gemerkt und gilt auch bei der Anmeldung.",
    dark: "Dunkel",
    light: "Hell",
    system: "System",
    theme_becomes: "Wechseln zu",
    provider_unavailable: Message {
        title: "Die Anmeldung ist gerade nicht möglich",
        text: "Der Anmeldedienst antwortet nicht. Warten Sie einen Moment und versuchen Sie es noch einmal.",
        next: "Noch einmal versuchen",
    },
    sign_in_failed: Message {
        title: "Sie wurden nicht angemeldet",
        text: "Die Antwort des Anmeldedienstes passte nicht. Melden Sie sich noch einmal an, und wenden Sie sich an Ihren Administrator, wenn es wieder geschieht.",
        next: "Noch einmal anmelden",
    },
    sign_in_expired: Message {
        title: "Diese Anmeldung ist nicht mehr offen",
        text: "Sie begann vor über einer Stunde, in einem anderen Browser, oder ist schon abgeschlossen. Melden Sie sich noch einmal an, um fortzufahren.",
        next: "Noch einmal anmelden",
    },
    access_denied: Message {
        title: "Kein Zugang",
        text: "Ihr Konto darf dieses Portal nicht benutzen, oder Sie haben abgebrochen. Bitten Sie Ihren Administrator um Zugang, oder nehmen Sie ein anderes Konto.",
        next: "Anderes Konto verwenden",
    },
    signed_out_everywhere: Message {
        title: "Sie sind abgemeldet",
        text: "Ihre Sitzung ist hier und in den anderen Portalen beendet.",
        next: "Anmelden",
    },
    signed_out_here: Message {
        title: "Sie sind abgemeldet",
        text: "In diesem Browser ist niemand an diesem Portal angemeldet. An anderen Portalen sind Sie vielleicht noch angemeldet.",
        next: "Anmelden",
    },
    foreign_request: Message {
        title: "Sie sind noch angemeldet",
        text: "Eine andere Website wollte Sie abmelden. Wenn Sie sich abmelden möchten, benutzen Sie die Schaltfläche im Portal.",
        next: "Zur Startseite",
    },
    not_found: Message {
        title: "Diese Seite gibt es nicht",
        text: "Vielleicht ist die Adresse vertippt, oder die Seite ist umgezogen. Beginnen Sie auf der Startseite.",
        next: "Zur Startseite",
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_theme_button_says_what_is_and_what_comes() {
        assert_eq!(of(Language::English).theme_button(Theme::System), "Theme: system. Change to dark");
        assert_eq!(of(Language::German).theme_button(Theme::Dark), "Darstellung: dunkel. Wechseln zu hell");
    }
}
