//! `groundwork demo`

use super::{Context, Failure};
use crate::cli::DemoArgs;
use crate::demo::{Demonstration, demonstrate};
use crate::output::{page_of, text::to_text};
use crate::system::files;
use crate::text::Count;

pub(crate) fn run(context: &Context, args: &DemoArgs) -> Result<(), Failure> {
    let Demonstration { patch, repository, changes, review } =
        demonstrate().map_err(|reason| Failure::because(format!("the demonstration is broken: {reason}")))?;
    let organization = repository.organization.as_ref();
    let (accounts, domains) = organization.map_or((0, 0), |all| (all.accounts.len(), all.domains.len()));
    let page = context.here.join(&args.html);
    files::replace_with_folder(&page, &page_of(&review, organization).to_html())
        .map_err(|error| Failure::from_error(&error))?;
    context.ui.answer(&format!(
        "An organization of {} in {} that does not exist, and a pull request that somebody thought was about alarms:\n\n\
         {patch}\n\
         It touches {}. All of them are planned, one job is lost on the way, and this is what there is to read:\n\n\
         {}",
        Count(accounts, "account"),
        Count(domains, "domain"),
        Count(changes.accounts.len(), "account"),
        to_text(&review)
    ))?;
    context.ui.done(format_args!("the same as a page, to click through: {}", args.html.display()));
    context.ui.status(
        "next:\n  \
         groundwork init                          Your own organization's repository.\n  \
         groundwork init --from-organization      The same, with the accounts that there are.\n  \
         groundwork review DIR                    The plans you have: `terraform show -json` of any Terraform.",
    );
    Ok(())
}
