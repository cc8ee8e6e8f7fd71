//! `groundwork drift`

use std::collections::BTreeSet;
use std::path::Path;

use super::fleet::{self, Extra};
use super::review::write;
use super::{Context, Failure};
use crate::cli::DriftArgs;
use crate::organization::{Account, Lifecycle, Organization};
use crate::review::{drifted, review, roster};
use crate::run::Command;
use crate::system::plans;
use crate::text::Count;

pub(crate) fn run(context: &Context, args: &DriftArgs) -> Result<(), Failure> {
    match &args.from {
        Some(folder) => {
            let repository = context.load_sound()?;
            let organization = repository.organization.as_ref();
            let exists = |account: &&Account| {
                account.lifecycle != Lifecycle::Closed
                    && account.allotment.as_ref().is_some_and(|held| held.id.is_some())
            };
            let accounts = organization.iter().flat_map(|organization| organization.with_root()).filter(exists);
            let keys = accounts.map(|account| account.key.to_string()).collect();
            show(context, args, folder, &keys, organization)
        }
        None => {
            let mut fleet = fleet::fleet(context, &args.run.accounts)?;
            // In an account that does not exist nothing can have been changed.
            fleet.tasks.retain(|task| task.exists);
            let ran = fleet::run(context, &args.run, Command::Drift, &fleet, Extra::default())?;
            let keys = fleet.tasks.iter().map(|task| task.key.to_string()).collect();
            let shown = show(context, args, &ran.digests, &keys, fleet.repository.organization.as_ref());
            fleet::conclude(context, &ran)?;
            shown
        }
    }
}

/// Reviews digests for drift.
fn show(
    context: &Context,
    args: &DriftArgs,
    folder: &Path,
    keys: &BTreeSet<String>,
    organization: Option<&Organization>,
) -> Result<(), Failure> {
    let planned = match plans::list(folder) {
        Ok(listing) => plans::read_all(folder, &listing, None, &|| ()),
        Err(_) => Vec::new(),
    };
    let mut subjects = roster(planned, keys, organization);
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
    super::review::gate(&args.fail_on, &review)
}
