//! `groundwork apply`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::fleet::{self, Extra, Fleet};
use super::plan::review_of;
use super::{Context, Failure};
use crate::cli::ApplyArgs;
use crate::diagnostic::did_you_mean;
use crate::digest::Digest;
use crate::output::report::to_table;
use crate::output::text::to_text;
use crate::run::{Command, Earlier, Outcome, Task};
use crate::system::plans;
use crate::text::Count;

pub(crate) fn run(context: &Context, args: &ApplyArgs) -> Result<(), Failure> {
    let earlier = if args.resume { fleet::latest_apply(&context.root)? } else { None };
    let patterns = wanted(args, earlier.as_ref());
    let mut fleet = fleet::fleet(context, &patterns)?;
    allow_destroy(&mut fleet, &args.allow_destroy)?;
    let done = leave_out_what_is_done(&mut fleet.tasks, earlier.as_ref());
    if args.resume {
        say_what_is_resumed(context, earlier.as_ref(), done.len(), fleet.tasks.len());
        fleet.tasks.iter_mut().for_each(|task| task.begun = true);
    }
    let reviewed = args.reviewed.clone().or_else(|| earlier.and_then(|earlier| earlier.reviewed).filter(|_| !args.yes));
    let reviewed = match (reviewed, args.yes) {
        (_, true) => {
            fleet.tasks.iter_mut().for_each(|task| task.unreviewed = true);
            None
        }
        (Some(folder), false) => Some(folder),
        (None, false) => match review_now(context, args, &fleet)? {
            Some(folder) => Some(folder),
            None => return Ok(()),
        },
    };
    if let Some(folder) = &reviewed {
        take_in(context, &mut fleet.tasks, folder)?;
    }
    let extra = Extra { reviewed, done, ..Extra::default() };
    let ran = fleet::run(context, &args.run, Command::Apply, &fleet, extra)?;
    if !ran.report.accounts.is_empty() {
        context.ui.answer(&to_table(&ran.report))?;
    }
    fleet::conclude(context, &ran)
}

/// Who was asked for: by name, or by the run that is taken up.
fn wanted(args: &ApplyArgs, earlier: Option<&Earlier>) -> Vec<String> {
    match earlier {
        Some(earlier) if args.run.accounts.is_empty() => earlier.accounts.iter().cloned().collect(),
        _ => args.run.accounts.clone(),
    }
}

/// Who was named has to exist, but may be another job's to apply.
fn allow_destroy(fleet: &mut Fleet, allowed: &[String]) -> Result<(), Failure> {
    let organization = fleet.repository.organization.as_ref();
    let keys: Vec<String> = organization
        .iter()
        .flat_map(|organization| organization.with_root())
        .map(|account| account.key.to_string())
        .collect();
    for key in allowed.iter().filter(|key| !key.is_empty()) {
        if !keys.contains(key) {
            let failure = Failure::because(format!("--allow-destroy {key}: there is no such account"));
            return Err(did_you_mean(key, keys.iter().map(String::as_str)).into_iter().fold(failure, Failure::help));
        }
        if let Some(task) = fleet.tasks.iter_mut().find(|task| task.key.to_string() == *key) {
            task.may_destroy = true;
        }
    }
    Ok(())
}

/// Takes out what the run that is taken up has done, unless its root module is another one now.
fn leave_out_what_is_done(tasks: &mut Vec<Task>, earlier: Option<&Earlier>) -> BTreeMap<String, (Outcome, String)> {
    let Some(earlier) = earlier else { return BTreeMap::new() };
    let is_done = |task: &Task| earlier.done.get(&task.key.to_string()).filter(|(_, root)| *root == task.root);
    let done = tasks.iter().filter_map(|task| Some((task.key.to_string(), is_done(task)?.clone()))).collect();
    tasks.retain(|task| is_done(task).is_none());
    done
}

fn say_what_is_resumed(context: &Context, earlier: Option<&Earlier>, done: usize, left: usize) {
    match earlier {
        None => {
            context
                .ui
                .status("no run to take up on this machine: what is applied already will have nothing left to do");
        }
        Some(_) => {
            context.ui.status(format_args!("taking up the last run: {} done, {left} left", Count(done, "account")));
        }
    }
}

/// Plans everything, shows it, and asks. The folder of what was shown if it may be applied; nothing where there is
/// nothing to do.
fn review_now(context: &Context, args: &ApplyArgs, fleet: &Fleet) -> Result<Option<PathBuf>, Failure> {
    if !context.ui.can_ask() {
        return Err(Failure::because("nobody has reviewed what would be applied")
            .help("name the digests that were reviewed with --reviewed, or apply whatever is planned with --yes"));
    }
    let ran = fleet::run(context, &args.run, Command::Plan, fleet, Extra::default())?;
    let review = review_of(&ran.digests, &fleet.tasks, fleet.repository.organization.as_ref())?;
    context.ui.answer(&to_text(&review))?;
    fleet::conclude(context, &ran)?;
    let changing = ran.report.count(Outcome::Planned);
    if changing == 0 {
        return Ok(None);
    }
    if !context.ui.ask(&format!("Apply this to {}?", Count(changing, "account"))) {
        return Err(Failure::because("nothing was applied"));
    }
    Ok(Some(ran.digests))
}

/// Takes in the digests that were reviewed, and says which cannot be used.
fn take_in(context: &Context, tasks: &mut [Task], folder: &Path) -> Result<(), Failure> {
    let listing = plans::list(folder).map_err(|error| Failure::from_error(&error))?;
    let mut digests: BTreeMap<String, Vec<Result<Digest, String>>> = BTreeMap::new();
    for planned in plans::read_all(folder, &listing, None, &|| ()) {
        digests.entry(planned.key).or_default().push(planned.digest);
    }
    let mut unusable = Vec::new();
    for task in tasks {
        // Two digests of one account: neither can be trusted to be the one that was looked at.
        let only =
            digests.remove(&task.key.to_string()).filter(|found| found.len() == 1).and_then(|mut found| found.pop());
        match only {
            Some(Ok(digest)) => task.reviewed = Some(digest),
            Some(Err(reason)) => unusable.push(reason),
            None => {}
        }
    }
    if let Some(first) = unusable.first() {
        // Most often it is the same with all of them, and the accounts are named when they are refused.
        let such = if unusable.len() > 1 { ", such as " } else { ": " };
        context.ui.warning(format_args!("{} cannot be used{such}{first}", Count(unusable.len(), "digest")));
    }
    Ok(())
}
