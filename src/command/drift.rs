//! `groundwork drift`

use super::fleet::{self, Extra};
use super::review::write;
use super::{Context, Failure};
use crate::cli::DriftArgs;
use crate::review::{drifted, review, roster};
use crate::run::Command;
use crate::system::plans;
use crate::text::Count;

pub(crate) fn run(context: &Context, args: &DriftArgs) -> Result<(), Failure> {
    let mut fleet = fleet::fleet(context, &args.run.accounts)?;
    // In an account that does not exist nothing can have been changed.
    fleet.tasks.retain(|task| task.exists);
    let ran = fleet::run(context, &args.run, Command::Drift, &fleet, Extra::default())?;
    let keys = fleet.tasks.iter().map(|task| task.key.to_string()).collect();
    let organization = fleet.repository.organization.as_ref();
    let planned = match plans::list(&ran.digests) {
        Ok(listing) => plans::read_all(&ran.digests, &listing, None, &|| ()),
        Err(_) => Vec::new(),
    };
    let mut subjects = roster(planned, &keys, organization);
    let mut waiting = 0;
    for subject in &mut subjects {
        if let Ok(digest) = &mut subject.digest {
            waiting += usize::from(drifted(digest));
        }
    }
    let review = review(subjects);
    write(context, &args.outputs, &review, organization)?;
    if waiting > 0 {
        context.ui.status(format_args!(
            "{} besides, with changes that wait to be applied: no drift, `groundwork plan` shows them",
            Count(waiting, "account")
        ));
    }
    fleet::conclude(context, &ran)?;
    super::review::gate(&args.fail_on, &review)
}
