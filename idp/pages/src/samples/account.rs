//! Samples of the pages of a signed-in person.

use super::{Ink, Sample};
use crate::account::{Home, Settings};
use crate::shell::{Shell, View};
use crate::signin::{App, NewPasswordError};

const HOME: &str = "/account";
const SETTINGS: &str = "/account/settings";

pub(super) const SAMPLES: &[Sample] = &[
    Sample::new("home", HOME, |s, ink| home(s, ink).render()).signed_in(),
    Sample::new("home-no-apps", HOME, |s, ink| Home { apps: Vec::new(), ..home(s, ink) }.render()).signed_in(),
    Sample::new("settings", SETTINGS, |s, _| settings(s, None).render()).signed_in(),
    Sample::new("settings-saved", SETTINGS, |s, _| Settings { saved: true, ..settings(s, None) }.render()).signed_in(),
    Sample::new("settings-wrong", SETTINGS, |s, _| settings(s, Some(NewPasswordError::WrongCurrent)).render())
        .signed_in(),
    Sample::new("settings-empty", SETTINGS, |s, _| settings(s, Some(NewPasswordError::Empty)).render()).signed_in(),
    Sample::new("settings-busy", SETTINGS, |s, _| settings(s, Some(NewPasswordError::Busy)).render()).signed_in(),
    Sample::new("settings-forced", SETTINGS, |s, _| Settings { others_forced: true, ..settings(s, None) }.render())
        .signed_in(),
    Sample::new("settings-no-password", SETTINGS, |s, _| {
        Settings { has_password: false, ..settings(s, None) }.render()
    })
    .signed_in(),
];

fn home(shell: Shell, ink: Ink) -> Home {
    Home {
        shell,
        company: ink("Wicked Sprockets"),
        last_sign_in: ink("Today 09:12, Chrome on Windows, Europe/Berlin"),
        apps: vec![
            App { name: ink("Voice Portal"), url: ink("https://voice.example/") },
            App { name: ink("CRM"), url: ink("https://crm.example/") },
        ],
    }
}

fn settings(shell: Shell, error: Option<NewPasswordError>) -> Settings {
    Settings { shell, min_length: 8, others_forced: false, has_password: true, saved: false, error }
}
