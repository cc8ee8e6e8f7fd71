//! `groundwork manual`

use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::{Context, Failure};
use crate::cli::{Cli, ManualArgs};
use crate::system::files;
use crate::text::Count;

pub(crate) fn run(context: &Context, args: &ManualArgs) -> Result<(), Failure> {
    // `groundwork help` has no page of its own.
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let pages = write(&root, &args.folder)?;
    context.ui.done(format_args!("{} in `{}`", Count(pages, "page"), args.folder.display()));
    Ok(())
}

/// Writes the page of a command and of all below it; how many.
fn write(command: &clap::Command, folder: &Path) -> Result<usize, Failure> {
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render(&mut page).map_err(|error| Failure::from_error(&error))?;
    let path = folder.join(man.get_filename());
    files::replace_with_folder(&path, &String::from_utf8_lossy(&page)).map_err(|error| Failure::from_error(&error))?;
    let mut pages = 1;
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        pages += write(below, folder)?;
    }
    Ok(pages)
}
