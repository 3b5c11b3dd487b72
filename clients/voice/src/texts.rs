//! The words of the Voice Portal in every language. A text that is missing in one of them does not compile.

use switchboard_portal::Language;

#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) phone: &'static str,
    pub(crate) calls: &'static str,
    pub(crate) team: &'static str,
    pub(crate) no_calls: &'static str,
    pub(crate) no_phone_system: &'static str,
    pub(crate) calls_appear: &'static str,
    pub(crate) you: &'static str,
    pub(crate) colleagues_appear: &'static str,
}

/// The words of a language.
pub(crate) fn of(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}

static ENGLISH: Texts = Texts {
    phone: "Phone",
    calls: "Calls",
    team: "Team",
    no_calls: "No calls yet",
    no_phone_system: "This portal is not connected to a phone system yet. When it is, you make and take your calls here.",
    calls_appear: "Calls that you make, take or miss are listed here, the newest first.",
    you: "You",
    colleagues_appear: "Your colleagues appear here when the portal is connected to a phone system.",
};

static GERMAN: Texts = Texts {
    phone: "Telefon",
    calls: "Anrufe",
    team: "Team",
    no_calls: "Noch keine Anrufe",
    no_phone_system: "Dieses Portal ist noch mit keiner Telefonanlage verbunden. Sobald es das ist, telefonieren Sie hier.",
    calls_appear: "Hier stehen die Anrufe, die Sie führen, annehmen oder verpassen, die neuesten zuerst.",
    you: "Sie",
    colleagues_appear: "Ihre Kolleginnen und Kollegen erscheinen hier, sobald das Portal mit einer Telefonanlage verbunden ist.",
};
