//! `groundwork completions`

use clap::CommandFactory as _;

use super::{Context, Failure};
use crate::cli::{Cli, CompletionsArgs};

pub(crate) fn run(context: &Context, args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "groundwork", &mut script);
    Ok(context.ui.answer(&String::from_utf8_lossy(&script))?)
}
