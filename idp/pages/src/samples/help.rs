//! Samples of the help page.

use super::Sample;
use crate::help::Help;
use crate::shell::View;

pub(super) const SAMPLES: &[Sample] = &[
    Sample::new("help", "/help", |shell, _| Help { shell, by_email: true }.render()),
    Sample::new("help-no-mail", "/help", |shell, _| Help { shell, by_email: false }.render()),
];
