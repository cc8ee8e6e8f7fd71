//! `groundwork organization`

use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Context, Failure, parts};
use crate::aws::{Asking, Bucket, CallError, Organizations};
use crate::cli::{Format, OrganizationAdoptArgs, OrganizationApplyArgs, OrganizationCommand, OrganizationPlanArgs};
use crate::converge::{Converge, Converged, Event, Settings, converge};
use crate::ledger::Ledger;
use crate::organization::{AccountKey, Lifecycle, NotAKey, Organization, Selection};
use crate::output::organization::{to_json, to_text};
use crate::reconcile::{Given, Reconciled, reconcile};
use crate::repository::Repository;
use crate::run::WORK;
use crate::schema::version;
use crate::snapshot::{KEY_TAG, Member, SCHEMA_VERSION, Snapshot};
use crate::system::inputs::LEDGER;
use crate::system::{clock, files, process};
use crate::text::Count;

/// The largest snapshot that is read: one of 10,000 accounts has about 10 MiB.
const LARGEST_SNAPSHOT: u64 = 256 << 20;

/// How often it is said that something is still waited for.
const SAID_EVERY: u64 = 30;

pub(crate) fn run(context: &Context, command: &OrganizationCommand) -> Result<(), Failure> {
    match command {
        OrganizationCommand::Plan(args) => plan(context, args),
        OrganizationCommand::Apply(args) => apply(context, args),
        OrganizationCommand::Adopt(args) => adopt(context, args),
    }
}

pub(super) fn failed(error: &CallError) -> Failure {
    let failure = Failure::because(error.to_string());
    error.help().into_iter().fold(failure, Failure::help)
}

fn loaded(context: &Context) -> Result<Repository, Failure> {
    let repository = context.load_sound()?;
    let (organization, _) = parts(&repository)?;
    super::render::allocated(&Selection::new(&[])?.of(&organization.accounts)?)?;
    Ok(repository)
}

fn cloud(organization: &Organization) -> Result<Organizations, Failure> {
    Organizations::new(&organization.region).map_err(|error| Failure::because(format!("cannot call AWS: {error}")))
}

/// Whoever writes is the management account.
fn is_management(cloud: &Organizations, organization: &Organization) -> Result<(), Failure> {
    let caller = cloud.caller().map_err(|error| failed(&error))?;
    if caller == organization.management_account {
        return Ok(());
    }
    Err(Failure::because(format!(
        "these credentials are of the account {caller}, and only the management account, {}, may change the organization",
        organization.management_account
    ))
    .help("use its credentials; if it is another one, correct management_account in domains.toml"))
}

/// One walk through AWS, and through the states of accounts that go.
fn look(context: &Context, cloud: &Organizations, repository: &Repository) -> Result<Snapshot, Failure> {
    let (organization, _) = parts(repository)?;
    let ledger = &repository.ledger;
    let ids: BTreeSet<&str> = ledger.accounts.values().filter_map(|held| held.id.as_deref()).collect();
    let emails: BTreeSet<String> = organization.accounts.iter().map(|account| account.email.to_lowercase()).collect();
    let has_contacts = organization.accounts.iter().any(|account| !account.domain.team.contacts.is_empty());
    let is_ours = |member: &Member| {
        has_contacts
            && (member.tags.contains_key(KEY_TAG)
                || ids.contains(member.id.as_str())
                || emails.contains(&member.email.to_lowercase()))
    };
    let policies: BTreeSet<String> = organization.membership.policies.values().flatten().cloned().collect();
    let cases = ledger.accounts.values().filter_map(|held| held.asked.support.as_ref());
    let asking = Asking {
        contacts: &is_ours,
        policies: &policies,
        cases: cases.filter(|support| !support.resolved).map(|support| support.case.clone()).collect(),
    };
    let mut snapshot = cloud.snapshot(clock::now(), &asking).map_err(|error| failed(&error))?;
    snapshot.destroyed = destroyed(context, organization);
    Ok(snapshot)
}

/// Accounts on their way out whose Terraform state is empty, or was never written.
fn destroyed(context: &Context, organization: &Organization) -> BTreeSet<String> {
    let mut going = organization.accounts.iter().filter(|account| account.lifecycle != Lifecycle::Active).peekable();
    if going.peek().is_none() {
        return BTreeSet::new();
    }
    let state = &organization.state;
    let is_empty = |bytes: &[u8]| {
        let state: Option<serde_json::Value> = serde_json::from_slice(bytes).ok();
        state.is_some_and(|state| state["resources"].as_array().is_some_and(Vec::is_empty))
    };
    let bucket = match Bucket::new(&state.bucket, &state.region, state.role_arn.as_deref()) {
        Ok(bucket) => bucket,
        Err(error) => {
            context.ui.warning(format_args!("nothing is parked or closed: {error}"));
            return BTreeSet::new();
        }
    };
    let mut destroyed = BTreeSet::new();
    for account in going {
        let Some(held) = &account.allotment else { continue };
        match bucket.read(&held.state_key) {
            Ok(None) => destroyed.insert(account.key.to_string()),
            Ok(Some(bytes)) => is_empty(&bytes) && destroyed.insert(account.key.to_string()),
            Err(error) => {
                context.ui.warning(format_args!("{} is neither parked nor closed: {error}", account.key));
                false
            }
        };
    }
    destroyed
}

fn compared(repository: &Repository, snapshot: &Snapshot) -> Result<Reconciled, Failure> {
    let (organization, _) = parts(repository)?;
    Ok(reconcile(Given { organization, ledger: &repository.ledger, snapshot, today: clock::today() }))
}

fn plan(context: &Context, args: &OrganizationPlanArgs) -> Result<(), Failure> {
    let repository = loaded(context)?;
    let snapshot = match &args.snapshot {
        Some(path) => read_snapshot(path)?,
        None => look(context, &cloud(parts(&repository)?.0)?, &repository)?,
    };
    if let Some(path) = &args.write_snapshot {
        let text = serde_json::to_string_pretty(&snapshot).unwrap_or_default() + "\n";
        files::replace_with_folder(path, &text).map_err(|error| Failure::from_error(&error))?;
    }
    let reconciled = compared(&repository, &snapshot)?;
    match args.format {
        Format::Text => context.ui.answer(&to_text(&reconciled))?,
        Format::Json => context.ui.answer(&to_json(&reconciled))?,
    }
    refuse(context, &reconciled)
}

pub(super) fn read_snapshot(path: &Path) -> Result<Snapshot, Failure> {
    let bytes = files::read_bytes(path, LARGEST_SNAPSHOT)
        .map_err(|error| Failure::because(format!("cannot read `{}`: {error}", path.display())))?;
    let no_snapshot = |why: &dyn Display| Failure::because(format!("`{}` is no snapshot: {why}", path.display()));
    let text = files::to_text(&bytes).map_err(|error| no_snapshot(&error))?;
    let of = |snapshot: &Snapshot| Some(snapshot.schema_version);
    let other = |other| {
        Failure::because(format!("`{}` is a snapshot, and {other}", path.display()))
            .help("take another: groundwork organization plan --write-snapshot FILE")
    };
    version::read(text, SCHEMA_VERSION, of, other, |error| no_snapshot(&error))
}

/// Says all that has to be decided first.
fn refuse(context: &Context, reconciled: &Reconciled) -> Result<(), Failure> {
    for refusal in &reconciled.refusals {
        context.ui.error(&refusal.problem, &[], std::slice::from_ref(&refusal.help));
    }
    if reconciled.refusals.is_empty() { Ok(()) } else { Err(Failure::Said) }
}

fn apply(context: &Context, args: &OrganizationApplyArgs) -> Result<(), Failure> {
    let _alone = alone(context)?;
    let repository = loaded(context)?;
    let (organization, _) = parts(&repository)?;
    let cloud = cloud(organization)?;
    is_management(&cloud, organization)?;
    let snapshot = look(context, &cloud, &repository)?;
    let reconciled = compared(&repository, &snapshot)?;
    refuse(context, &reconciled)?;
    if args.format == Format::Text {
        context.ui.answer(&to_text(&reconciled))?;
    }
    if reconciled.actions.is_empty() {
        if args.format == Format::Json {
            context.ui.answer(&to_json(&reconciled))?;
        }
        context.ui.done("the organization is what domains.toml means");
        return Ok(());
    }
    if !args.yes {
        if !context.ui.can_ask() {
            return Err(Failure::because("nobody can be asked here, and --yes is not given"));
        }
        if !context.ui.ask("do this?") {
            return Ok(());
        }
    }
    let stop = process::flag().map_err(|error| Failure::because(format!("cannot listen for signals: {error}")))?;
    let path = context.root.join(LEDGER);
    let save = |ledger: &Ledger| {
        files::replace(&path, &ledger.to_toml()).map_err(|error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            format!("{error}: {cause}")
        })
    };
    let observer = |event: Event<'_>| say(context, &event);
    let work = Converge {
        cloud: &cloud,
        organization,
        save: &save,
        observer: &observer,
        stopped: &|| stop.load(Ordering::SeqCst),
        settings: Settings {
            jobs: args.jobs.into(),
            poll: args.poll,
            settle: args.settle,
            creation: args.timeout,
            ready: args.timeout,
        },
        today: clock::today(),
        now: &clock::now,
    };
    let converged = converge(&work, &repository.ledger, snapshot.units_by_path(), &reconciled);
    if args.format == Format::Json {
        context.ui.answer(&to_json(&reconciled))?;
    }
    conclude(context, &cloud, &converged)
}

/// Two of them would write the ledger over each other.
pub(super) fn alone(context: &Context) -> Result<fs::File, Failure> {
    let path = context.root.join(WORK);
    let locked = fs::create_dir_all(&path).and_then(|()| {
        let file = fs::File::create(path.join("organization.lock"))?;
        Ok(file.try_lock().map(|()| file).ok())
    });
    match locked {
        Ok(Some(file)) => Ok(file),
        Ok(None) => {
            Err(Failure::because(format!("another command that writes {LEDGER} is at work in this repository"))
                .help("wait for it: what it does is there when it is done"))
        }
        Err(error) => Err(Failure::because(format!("cannot write below `{}`: {error}", path.display()))),
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

fn say(context: &Context, event: &Event<'_>) {
    match event {
        Event::Done(action, took) => context.ui.status(format_args!("{action} ({})", seconds(*took))),
        // Not at every look.
        Event::Waits(account, what, since) if since.as_secs() % SAID_EVERY < 2 && since.as_secs() >= SAID_EVERY => {
            context.ui.status(format_args!("{account}: waits for {what} ({})", seconds(*since)));
        }
        Event::Waits(..) => {}
        Event::Failed(failed) => {
            let whose = failed.action.account().map(ToString::to_string);
            let problem = match whose {
                Some(account) => format!("{account}: {}", failed.problem),
                None => failed.problem.clone(),
            };
            context.ui.error(&problem, &[format!("at: {}", failed.action)], failed.help.as_slice());
        }
    }
}

fn conclude(context: &Context, cloud: &Organizations, converged: &Converged) -> Result<(), Failure> {
    for waiting in &converged.waiting {
        context.ui.status(format_args!("{}: {}", waiting.account, waiting.reason));
    }
    let (calls, throttled) = cloud.calls().counted();
    let summary = format!(
        "{} done, {}, {throttled} of them throttled; commit {LEDGER}",
        Count(converged.done, "action"),
        Count(usize::try_from(calls).unwrap_or(usize::MAX), "call")
    );
    if converged.interrupted {
        return Err(Failure::because(format!("stopped: {summary}")).help("run it again: it goes on where it is"));
    }
    if converged.failed.is_empty() {
        context.ui.done(summary);
        return Ok(());
    }
    let mut accounts: Vec<String> =
        converged.failed.iter().filter_map(|failed| Some(failed.action.account()?.to_string())).collect();
    accounts.dedup();
    let whose = if accounts.is_empty() { String::new() } else { format!(" ({})", accounts.join(", ")) };
    Err(Failure::because(format!("{} failed{whose}; {summary}", Count(converged.failed.len(), "action")))
        .help("what is done is done: run it again when the causes are gone"))
}

fn adopt(context: &Context, args: &OrganizationAdoptArgs) -> Result<(), Failure> {
    let _alone = alone(context)?;
    let mut repository = loaded(context)?;
    let key: AccountKey = args
        .account
        .parse()
        .map_err(|error: NotAKey| Failure::because(format!("`{}` is no account: {error}", args.account)))?;
    let (organization, _) = parts(&repository)?;
    if organization.account(&key).is_none() {
        return Err(Failure::because(format!("`{key}` is not in domains.toml"))
            .help("write its domain and environment there first, then run `groundwork allocate`"));
    }
    if let Some((other, _)) =
        repository.ledger.accounts.iter().find(|(other, held)| **other != key && held.id.as_deref() == Some(&args.id))
    {
        return Err(Failure::because(format!("{} is `{other}` by the ledger", args.id)));
    }
    let held = repository.ledger.accounts.get(&key).and_then(|held| held.id.clone());
    if let Some(held) = held.filter(|held| *held != args.id) {
        return Err(Failure::because(format!("`{key}` is {held} by the ledger: it cannot become another account")));
    }
    let cloud = cloud(organization)?;
    let snapshot = look(context, &cloud, &repository)?;
    let Some(member) = snapshot.accounts.iter().find(|member| member.id == args.id) else {
        return Err(Failure::because(format!("the organization has no account {}", args.id))
            .help("invite it first, and accept the invitation there"));
    };
    if member.id == snapshot.management_account {
        return Err(Failure::because(
            "the management account is no domain's: nothing but the organization belongs in it",
        ));
    }
    if let Some(other) = member.tags.get(KEY_TAG).filter(|tag| **tag != key.to_string()) {
        return Err(Failure::because(format!("{} is `{other}` by its tag `{KEY_TAG}`", args.id))
            .help("if it no longer is, remove the tag"));
    }
    if let Some(held) = repository.ledger.accounts.get_mut(&key) {
        held.id = Some(member.id.clone());
        // AWS does not let an e-mail follow.
        held.email = Some(member.email.clone());
    }
    files::replace(&context.root.join(LEDGER), &repository.ledger.to_toml())
        .map_err(|error| Failure::from_error(&error))?;
    let repository = loaded(context)?;
    let mut differs = compared(&repository, &snapshot)?;
    differs.actions.retain(|action| action.account() == Some(&key));
    differs.waiting.retain(|waiting| waiting.account == key);
    context.ui.answer(&to_text(&differs))?;
    context.ui.done(format_args!("{key} is {}; commit {LEDGER}, then `groundwork organization apply`", args.id));
    Ok(())
}
