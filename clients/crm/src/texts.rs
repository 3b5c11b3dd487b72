//! The words of the CRM Portal in every language. A text that is missing in one of them does not compile.

use switchboard_portal::Language;

#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) dashboard: &'static str,
    pub(crate) requests: &'static str,
    pub(crate) documentation: &'static str,
    pub(crate) documentation_lead: &'static str,
    pub(crate) contents: &'static str,
    pub(crate) open_requests: &'static str,
    pub(crate) no_open_requests: &'static str,
    pub(crate) no_requests: &'static str,
    pub(crate) requests_appear: &'static str,
    pub(crate) quick_links: &'static str,
    pub(crate) statuses: &'static str,
    /// Each status with what it means, in the order of a request's life.
    pub(crate) meanings: [(&'static str, &'static str); 4],
}

/// The words of a language.
pub(crate) fn of(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}

static ENGLISH: Texts = Texts {
    dashboard: "Dashboard",
    requests: "Requests",
    documentation: "Documentation",
    documentation_lead: "How this portal works, in a few minutes.",
    contents: "Contents",
    open_requests: "Open requests",
    no_open_requests: "No open requests",
    no_requests: "No requests yet",
    requests_appear: "Your company's requests to support are listed here, with their status and the day of the last change.",
    quick_links: "Quick links",
    statuses: "What the statuses mean",
    meanings: [
        ("Open", "Support has the request and has not begun yet."),
        ("In Progress", "Somebody works on it."),
        ("On Hold", "It waits for something, such as your answer."),
        ("Closed", "It is done."),
    ],
};

static GERMAN: Texts = Texts {
    dashboard: "Übersicht",
    requests: "Anfragen",
    documentation: "Dokumentation",
    documentation_lead: "Wie dieses Portal funktioniert, in wenigen Minuten.",
    contents: "Inhalt",
    open_requests: "Offene Anfragen",
    no_open_requests: "Keine offenen Anfragen",
    no_requests: "Noch keine Anfragen",
    requests_appear: "Hier stehen die Anfragen Ihrer Firma an den Support, mit ihrem Status und dem Tag der letzten Änderung.",
    quick_links: "Direktzugriff",
    statuses: "Was die Status bedeuten",
    meanings: [
        ("Offen", "Der Support hat die Anfrage und hat noch nicht begonnen."),
        ("In Arbeit", "Jemand kümmert sich darum."),
        ("Wartet", "Es fehlt noch etwas, zum Beispiel Ihre Antwort."),
        ("Erledigt", "Die Anfrage ist abgeschlossen."),
    ],
};
