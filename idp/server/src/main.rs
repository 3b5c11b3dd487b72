//! The binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    idp_server::cli::main()
}
