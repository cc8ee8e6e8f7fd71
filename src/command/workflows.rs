//! `groundwork workflows`

use std::fs;

use super::{Context, Failure, parts};
use crate::cli::{WorkflowsArgs, WorkflowsFormat};
use crate::system::files;
use crate::text::Count;
use crate::workflows::{for_github, for_gitlab};

pub(crate) fn run(context: &Context, args: &WorkflowsArgs) -> Result<(), Failure> {
    let repository = context.load_sound()?;
    let (organization, _) = parts(&repository)?;
    let Some(settings) = &organization.workflows else {
        return Err(Failure::because("domains.toml has no [workflows]")
            .help("it says which roles jobs assume and where groundwork's releases are: docs/configuration.md"));
    };
    let pages = match args.format {
        WorkflowsFormat::Github => for_github(organization, settings),
        WorkflowsFormat::Gitlab => for_gitlab(organization, settings),
    };
    let pages = pages.map_err(|error| Failure::because(format!("a page of groundwork's own is broken: {error}")))?;
    let is_other = |(path, page): &(&String, &String)| {
        fs::read_to_string(context.root.join(path)).map_or(true, |found| found != **page)
    };
    let others: Vec<(&String, &String)> = pages.iter().filter(is_other).collect();
    if args.check && !others.is_empty() {
        let names: Vec<&str> = others.iter().map(|(path, _)| path.as_str()).collect();
        return Err(Failure::because(format!("{} not what domains.toml means", names.join(", ")))
            .help("run `groundwork workflows` and commit what it writes"));
    }
    for (path, page) in &others {
        files::replace_with_folder(&context.root.join(path), page).map_err(|error| Failure::from_error(&error))?;
        context.ui.status(path);
    }
    context.ui.done(match others.len() {
        0 => format!("{}: nothing to write", Count(pages.len(), "page")),
        written => format!("{} written", Count(written, "page")),
    });
    Ok(())
}
