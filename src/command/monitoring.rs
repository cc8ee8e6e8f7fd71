//! `groundwork monitoring`

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use jiff::SignedDuration;

use super::keys::role;
use super::{Context, Failure, organization, parts};
use crate::aws::AccountKeys;
use crate::cli::{MonitoringApplyArgs, MonitoringCommand, MonitoringRotateArgs};
use crate::document::Node;
use crate::keys::{Event, LicenseDoors, Problem, Rotated, Secret, Settings, is_watched, rotate};
use crate::newrelic::{ADDRESS, API_KEY, NerdGraph, VendorAccount};
use crate::organization::{Account, Lifecycle, Selection};
use crate::output::keys::note;
use crate::repository::Repository;
use crate::system::inputs::LEDGER;
use crate::system::{clock, environment, files, process};
use crate::text::Count;

/// How often an account that was asked for is looked for before it is taken for never made.
const LOOKS: usize = 3;

pub(crate) fn run(context: &Context, command: &MonitoringCommand) -> Result<(), Failure> {
    match command {
        MonitoringCommand::Apply(args) => apply(context, args),
        MonitoringCommand::Rotate(args) => rotate_all(context, args),
    }
}

/// An account whose vendor is New Relic.
struct Watched<'a> {
    account: &'a Account,
    region: String,
    /// Its number there, where domains.toml says it.
    given: Option<u64>,
}

impl Watched<'_> {
    fn number(&self) -> Option<u64> {
        self.given.or_else(|| self.account.allotment.as_ref()?.newrelic)
    }
}

fn watched<'a>(repository: &'a Repository, accounts: &[String]) -> Result<Vec<Watched<'a>>, Failure> {
    let (organization, _) = parts(repository)?;
    let selected = Selection::new(accounts)?.of(&organization.accounts)?;
    let one = |account: &'a Account| {
        let inputs = account.inputs.get("monitoring")?;
        let exists = account.allotment.as_ref().is_some_and(|held| held.id.is_some());
        let text = |node: Option<&Node>| node.and_then(Node::as_str).map(str::to_owned);
        if !is_watched(account) || !exists || account.lifecycle != Lifecycle::Active {
            return None;
        }
        let own = inputs.get("newrelic");
        let given = own.and_then(|own| own.get("account_id")).and_then(Node::as_integer);
        Some(Watched {
            account,
            region: text(own.and_then(|own| own.get("region"))).unwrap_or_else(|| "us01".to_owned()),
            given: given.and_then(|given| u64::try_from(given).ok()),
        })
    };
    Ok(selected.into_iter().filter_map(one).collect())
}

fn nerdgraph(region: &str) -> Result<NerdGraph, Failure> {
    let key = environment::variable(API_KEY).ok_or_else(|| {
        Failure::because(format!("{API_KEY} is not set"))
            .help("set it to a user key of somebody who may make accounts and keys at New Relic; it is read from nowhere else")
    })?;
    Ok(NerdGraph::new(region, environment::variable(ADDRESS), Secret::new(key)))
}

fn failed(watched: &Watched<'_>, problem: Problem) -> Failure {
    let failure = Failure::because(format!("{}: {}", watched.account.key, problem.problem));
    problem.help.into_iter().fold(failure, Failure::help)
}

/// One after the other: New Relic does not bear many at a time.
fn apply(context: &Context, args: &MonitoringApplyArgs) -> Result<(), Failure> {
    let _alone = organization::alone(context)?;
    let repository = context.load_sound()?;
    let all = watched(&repository, &args.accounts)?;
    let missing: Vec<&Watched<'_>> = all.iter().filter(|one| one.number().is_none()).collect();
    let mut ledger = repository.ledger.clone();
    for one in &missing {
        let nerdgraph = nerdgraph(&one.region)?;
        let key = &one.account.key;
        let fail = |error| failed(one, Problem::from(error));
        let asked = ledger.accounts.get(key).and_then(|held| held.asked.newrelic);
        let mut found = find(one, nerdgraph.accounts().map_err(fail)?)?;
        // What was asked for and is not listed may still come.
        for _ in 0..LOOKS {
            if found.is_some() || asked.is_none() {
                break;
            }
            thread::sleep(args.settle);
            found = find(one, nerdgraph.accounts().map_err(fail)?)?;
        }
        let lasts = SignedDuration::try_from(args.settle.saturating_mul(10)).unwrap_or(SignedDuration::MAX);
        if let (None, Some(asked)) = (found, asked)
            && clock::now().duration_since(asked) < lasts
        {
            return Err(Failure::because(format!(
                "{key}: New Relic was asked for an account at {asked}, and does not list it yet"
            ))
            .help("run this again in some minutes: asking again now might make two"));
        }
        let mut save = |note: &dyn Fn(&mut crate::ledger::Allotment)| -> Result<(), Failure> {
            ledger.accounts.get_mut(key).into_iter().for_each(note);
            files::replace(&context.root.join(LEDGER), &ledger.to_toml()).map_err(|error| Failure::from_error(&error))
        };
        let number = match found {
            Some(number) => number,
            None if args.check => {
                context.ui.answer(&format!("+ {key}: make the account `{}` at New Relic", one.account.name))?;
                continue;
            }
            None => {
                let now = clock::now();
                save(&|held| held.asked.newrelic = Some(now))?;
                match nerdgraph.create_account(&one.account.name, &one.region) {
                    Ok(number) => number,
                    Err(error) => {
                        if !error.unsure {
                            save(&|held| held.asked.newrelic = None)?;
                        }
                        return Err(fail(error).help("run this again: what was made is found by its name"));
                    }
                }
            }
        };
        context.ui.answer(&format!("+ {key}: {number} at New Relic"))?;
        if !args.check {
            save(&|held| {
                held.newrelic = Some(number);
                held.asked.newrelic = None;
            })?;
        }
    }
    if missing.is_empty() {
        context.ui.done(format_args!("{}: nothing to make at New Relic", Count(all.len(), "account")));
    } else if args.check {
        return Err(Failure::because(format!("{} to make or to write down", Count(missing.len(), "account")))
            .help("run `groundwork monitoring apply`"));
    } else {
        context.ui.done(format_args!("{} made or found; commit {LEDGER}", Count(missing.len(), "account")));
    }
    Ok(())
}

/// The account of exactly that name. With two of them nobody knows which.
fn find(watched: &Watched<'_>, listed: Vec<VendorAccount>) -> Result<Option<u64>, Failure> {
    let name = &watched.account.name;
    let same: Vec<u64> = listed.into_iter().filter(|one| one.name == *name).map(|one| one.id).collect();
    match same[..] {
        [] => Ok(None),
        [number] => Ok(Some(number)),
        _ => {
            let numbers: Vec<String> = same.iter().map(ToString::to_string).collect();
            let message = format!(
                "{}: New Relic has {} accounts called `{name}`: {}",
                watched.account.key,
                same.len(),
                numbers.join(", ")
            );
            Err(Failure::because(message).help("say which it is: monitoring.newrelic.account_id in domains.toml"))
        }
    }
}

fn rotate_all(context: &Context, args: &MonitoringRotateArgs) -> Result<(), Failure> {
    let repository = context.load_sound()?;
    let (organization, _) = parts(&repository)?;
    let stop = process::flag().map_err(|error| Failure::because(format!("cannot listen for signals: {error}")))?;
    let policy = super::keys::policy(args.older_than, args.grace, args.settle);
    let settings = Settings { policy, poll: Duration::ZERO, patience: Duration::MAX };
    let (mut steps, mut problems) = (0, 0);
    let all = watched(&repository, &args.accounts)?;
    for one in &all {
        let key = &one.account.key;
        let rotated = match one.number() {
            None => {
                let problem = Problem::because("it has no account at New Relic yet");
                Rotated { problems: vec![problem.help("groundwork monitoring apply")], ..Rotated::default() }
            }
            Some(number) => {
                let id = one.account.allotment.as_ref().and_then(|held| held.id.as_deref()).unwrap_or_default();
                let role = role(organization, &one.account.region, id);
                let aws = AccountKeys::new(&one.account.region, &role)
                    .map_err(|error| Failure::because(format!("cannot call AWS: {error}")))?;
                let nerdgraph = nerdgraph(&one.region)?;
                let doors = LicenseDoors { account: key, number, nerdgraph: &nerdgraph, aws: &aws };
                rotate(&doors, &settings, &|| stop.load(Ordering::SeqCst), &mut |event| {
                    let (what, id) = match event {
                        Event::Made(id) => ("made", id),
                        Event::Pushed(_, id) => ("pushed", id),
                        Event::Deactivated(id) => ("retired", id),
                        Event::Deleted(id) => ("deleted", id),
                    };
                    context.ui.status(format_args!("{key}: {what} the license key {id}"));
                })
            }
        };
        steps += rotated.steps;
        for left in &rotated.notes {
            context.ui.status(format_args!("{key}: {}", note(left)));
        }
        let is_stuck = rotated.notes.iter().any(crate::keys::Note::is_stuck);
        problems += usize::from(is_stuck || !rotated.problems.is_empty());
        for problem in &rotated.problems {
            context.ui.error(&format!("{key}: {}", problem.problem), &[], problem.help.as_slice());
        }
        if rotated.interrupted {
            return Err(Failure::because("stopped").help("run it again: it goes on where it is"));
        }
    }
    let summary = format!("{}, {}", Count(all.len(), "license key"), Count(steps, "step"));
    if problems > 0 {
        return Err(Failure::because(format!("{} failed; {summary}", Count(problems, "account"))));
    }
    context.ui.done(summary);
    Ok(())
}
