//! Entry point: hand the arguments to the library, exit with what it answers.

use std::process::ExitCode;

fn main() -> ExitCode {
    groundwork::run(std::env::args_os()).into()
}
