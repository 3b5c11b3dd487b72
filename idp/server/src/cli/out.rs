//! Saying things: results on standard output, troubles on standard error.

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// A line of the result. A closed pipe ends nothing: whoever reads has had enough.
pub(super) fn say(line: impl Display) {
    writeln!(std::io::stdout(), "{line}").ok();
}

/// A line for the person at the terminal, not for the program behind the pipe.
pub(super) fn note(line: impl Display) {
    writeln!(std::io::stderr(), "{line}").ok();
}

/// One line with all its causes.
pub(super) fn failed(error: &anyhow::Error) -> ExitCode {
    note(format!("idp: {error:#}"));
    ExitCode::FAILURE
}

/// Bold, on a terminal that shows it.
pub(super) fn strong(text: &str) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some() || !std::io::stdout().is_terminal();
    if plain { text.to_owned() } else { format!("\u{1b}[1m{text}\u{1b}[0m") }
}

/// Rows under a heading, in columns.
pub(super) fn table(heading: &[&str], rows: &[Vec<String>]) {
    let width = |n: usize| {
        let cells = rows.iter().filter_map(|r| r.get(n)).map(|c| c.chars().count());
        cells.chain(heading.get(n).map(|h| h.chars().count())).max().unwrap_or(0)
    };
    let line = |cells: &[String]| {
        let padded = cells.iter().enumerate().map(|(n, c)| format!("{c:<width$}", width = width(n)));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    say(line(&heading.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>()));
    for row in rows {
        say(line(row));
    }
}
