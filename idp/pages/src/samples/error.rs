//! Samples of the page for problems.

use super::{Ink, Sample};
use crate::error::{Problem, ProblemKind};
use crate::shell::{Shell, View};

pub(super) const SAMPLES: &[Sample] = &[
    Sample::new("problem-bad-request", "/authorize", |s, ink| {
        let detail = Some(ink("redirect_uri is not registered for client cli_voice"));
        Problem { detail, ..problem(s, ink, ProblemKind::BadRequest) }.render()
    }),
    Sample::new("problem-start-again", "/login", |s, ink| {
        problem(s, ink, ProblemKind::StartAgain { restart: Some(ink("/authorize?client_id=cli_voice")) }).render()
    }),
    Sample::new("problem-tenant-off", "/login", |s, ink| {
        let kind =
            ProblemKind::TenantOff { company: ink("Northwind Trading"), elsewhere: Some("/login/company?r=x".into()) };
        problem(s, ink, kind).render()
    }),
    Sample::new("problem-not-found", "/nowhere", |s, ink| problem(s, ink, ProblemKind::NotFound).render()),
    Sample::new("problem-not-found-signed-in", "/nowhere", |s, ink| problem(s, ink, ProblemKind::NotFound).render())
        .signed_in(),
    Sample::new("problem-method", "/login", |s, ink| problem(s, ink, ProblemKind::MethodNotAllowed).render()),
    Sample::new("problem-gone", "/admin", |s, ink| problem(s, ink, ProblemKind::Gone).render()).signed_in(),
    Sample::new("problem-stale-form", "/login", |s, ink| problem(s, ink, ProblemKind::StaleForm).render()),
    Sample::new("problem-forbidden", "/admin", |s, ink| problem(s, ink, ProblemKind::Forbidden).render()).signed_in(),
    Sample::new("problem-broken", "/login", |s, ink| problem(s, ink, ProblemKind::Broken).render()),
    Sample::new("problem-unavailable", "/login", |s, ink| {
        problem(s, ink, ProblemKind::Unavailable { seconds: 300 }).render()
    }),
    Sample::new("problem-too-large", "/login", |s, ink| problem(s, ink, ProblemKind::TooLarge).render()),
];

fn problem(shell: Shell, ink: Ink, kind: ProblemKind) -> Problem {
    Problem { shell, kind, reference: ink("7K2M-9QXD"), detail: None }
}
