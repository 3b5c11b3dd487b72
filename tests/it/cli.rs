//! The command line's words.

use std::fmt::Write;

use support::golden;

#[test]
fn the_help_of_every_command() {
    let mut command = idp_server::cli::command().term_width(100);
    command.build();
    let mut text = String::new();
    let mut waiting = vec![(String::from("idp"), command)];
    while let Some((name, mut command)) = waiting.pop() {
        writeln!(text, "## {name}\n\n{}", command.render_long_help()).unwrap();
        let mut below: Vec<_> = command.get_subcommands().filter(|c| c.get_name() != "help").cloned().collect();
        below.reverse();
        waiting.extend(below.into_iter().map(|c| (format!("{name} {}", c.get_name()), c)));
    }
    golden("cli.txt", &text);
}

#[test]
fn no_secret_is_an_argument() {
    let mut command = idp_server::cli::command();
    command.build();
    let mut waiting = vec![command];
    while let Some(command) = waiting.pop() {
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            let takes_text = argument.get_action().takes_values() && !id.ends_with("_file");
            let is_secret = id.contains("password") || id.contains("secret");
            assert!(!(is_secret && takes_text), "{} {id}", command.get_name());
        }
        waiting.extend(command.get_subcommands().cloned());
    }
}

#[test]
fn the_reference_of_the_configuration_is_what_the_program_reads() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/CONFIGURATION.md");
    let text = std::fs::read_to_string(file).unwrap();
    let reference = idp_server::config::keys::reference();
    if std::env::var_os("UPDATE_GOLDEN").is_some() && !text.contains(&reference) {
        let (head, rest) = text.split_once("| key | type |").unwrap();
        let tail = rest.split_once("\n\n").map_or("", |(_, tail)| tail);
        std::fs::write(file, format!("{head}{reference}\n{tail}")).unwrap();
    }
    assert!(std::fs::read_to_string(file).unwrap().contains(&reference), "run with UPDATE_GOLDEN=1 and look at it");
    let policies = idp_core::policy::reference();
    if std::env::var_os("UPDATE_GOLDEN").is_some() && !text.contains(&policies) {
        let text = std::fs::read_to_string(file).unwrap();
        let head = text.split("| policy | value |").next().unwrap();
        std::fs::write(file, format!("{head}{policies}")).unwrap();
    }
    assert!(std::fs::read_to_string(file).unwrap().contains(&policies), "run with UPDATE_GOLDEN=1 and look at it");
    golden("config.schema.json", &format!("{:#}\n", idp_server::config::keys::schema()));
}
