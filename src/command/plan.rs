//! `groundwork plan`

use super::fleet::{self, Extra};
use super::{Context, Failure};
use crate::cli::PlanArgs;
use crate::organization::Organization;
use crate::output::text::to_text;
use crate::review::{Review, review, roster};
use crate::run::{Command, Task};
use crate::system::plans;

pub(crate) fn run(context: &Context, args: &PlanArgs) -> Result<(), Failure> {
    let fleet = fleet::fleet(context, &args.run.accounts)?;
    let extra = Extra { digests: args.digests.clone(), lock_plans: args.lock, ..Extra::default() };
    let ran = fleet::run(context, &args.run, Command::Plan, &fleet, extra)?;
    let review = review_of(&ran.digests, &fleet.tasks, fleet.repository.organization.as_ref())?;
    context.ui.answer(&to_text(&review))?;
    let digests = ran.digests.strip_prefix(&fleet.root).unwrap_or(&ran.digests);
    context.ui.status(format_args!("digests: {}", digests.display()));
    fleet::conclude(context, &ran)
}

/// What the digests of these tasks say together.
pub(super) fn review_of(
    digests: &std::path::Path,
    tasks: &[Task],
    organization: Option<&Organization>,
) -> Result<Review, Failure> {
    let keys = tasks.iter().map(|task| task.key.to_string()).collect();
    let listing = plans::list(digests).map_err(|error| Failure::from_error(&error))?;
    let mut planned = plans::read_all(digests, &listing, None, &|| ());
    // A folder may hold digests of other accounts as well.
    planned.retain(|planned| tasks.iter().any(|task| task.key.to_string() == planned.key));
    Ok(review(roster(planned, &keys, organization)))
}
