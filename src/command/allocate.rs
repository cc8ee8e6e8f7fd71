//! `groundwork allocate`

use super::{Context, Failure};
use crate::cli::AllocateArgs;
use crate::diagnostic::{Code, Severity};
use crate::ledger;
use crate::organization::{AccountKey, NotAKey};
use crate::system::{clock, files, git, inputs::LEDGER};
use crate::text::Count;

pub(crate) fn run(context: &Context, args: &AllocateArgs) -> Result<(), Failure> {
    let mut repository = context.load();
    if args.check {
        return check(context, &repository);
    }
    // What this command mends is no reason not to run it.
    let mendable = |code: Code| matches!(code, Code::NotAllocated | Code::NetworkOverlap | Code::Disappeared);
    let blocking =
        repository.diagnostics.iter().any(|found| found.severity == Severity::Error && !mendable(found.code));
    let Some(organization) = repository.organization.as_ref().filter(|_| !blocking) else {
        context.ui.diagnostics(&repository.diagnostics, &repository.sources);
        return Err(Failure::Said);
    };
    refuse_lost(context)?;
    let mut held = repository.ledger.clone();
    for key in &args.reassign {
        let key: AccountKey =
            key.parse().map_err(|error: NotAKey| Failure::because(format!("`{key}` is no account: {error}")))?;
        held = ledger::reassign(&held, &key).map_err(|error| Failure::from_error(&error))?;
    }
    let zone_ids = |region: &str| repository.zone_ids(region);
    let (allocated, changes, mut problems) =
        ledger::allocate(&repository.wanted(), &held, &organization.address_space, &zone_ids, clock::today());
    if !problems.has_errors() {
        ledger::check(&allocated, &organization.address_space, clock::today(), &mut problems);
        ledger::compare(&allocated, &repository.wanted(), &mut problems);
    }
    repository.diagnostics = problems;
    context.ui.diagnostics(&repository.diagnostics, &repository.sources);
    if repository.diagnostics.has_errors() {
        return Err(Failure::Said);
    }
    let text = allocated.to_toml();
    if allocated == repository.ledger && context.root.join(LEDGER).exists() {
        context.ui.done(format_args!("{}: nothing to allocate", Count(allocated.accounts.len(), "account")));
        return Ok(());
    }
    files::replace(&context.root.join(LEDGER), &text).map_err(|error| Failure::from_error(&error))?;
    for change in &changes {
        context.ui.status(change);
    }
    context.ui.done(format_args!("{}; commit {LEDGER} together with domains.toml", Count(changes.len(), "change")));
    Ok(())
}

/// A ledger that is gone from the folder and not from git was lost: a new one would give away what networks have.
fn refuse_lost(context: &Context) -> Result<(), Failure> {
    if context.root.join(LEDGER).exists() {
        return Ok(());
    }
    let Ok(head) = git::merge_base(&context.root, "HEAD") else { return Ok(()) };
    if !head.inputs.files.contains_key(LEDGER) {
        return Ok(());
    }
    Err(Failure::because(format!("{LEDGER} is gone, and the last commit has one"))
        .help(format!("bring it back: git restore --staged --worktree {LEDGER}"))
        .help("a new one would give blocks to others that networks have; if none exists yet, commit first that it is gone"))
}

/// After a merge: nothing missing, nothing twice.
fn check(context: &Context, repository: &crate::repository::Repository) -> Result<(), Failure> {
    context.ui.diagnostics(&repository.diagnostics, &repository.sources);
    let incomplete = repository.diagnostics.iter().filter(|found| found.code == Code::NotAllocated).count();
    if repository.diagnostics.has_errors() || repository.organization.is_none() {
        return Err(Failure::Said);
    }
    if incomplete > 0 {
        return Err(Failure::because("ledger.toml is incomplete").help("run `groundwork allocate` and commit it"));
    }
    context.ui.done(format_args!("{}: the ledger is complete", Count(repository.ledger.accounts.len(), "account")));
    Ok(())
}
