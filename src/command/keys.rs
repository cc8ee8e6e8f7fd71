//! `groundwork keys`

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Context, Failure, parts};
use crate::aws::AccountKeys;
use crate::cli::{Format, KeysCommand, KeysPolicyArgs, KeysPublishArgs, KeysRotateArgs, KeysStatusArgs};
use crate::forge::GitHub;
use crate::keys::{
    Doors as _, Event, Policy, Problem, Rotated, Settings, User, UserDoors, Variable, clashes, next, rotate, users,
    variables,
};
use crate::organization::{Organization, Selection};
use crate::output::keys::{Standing, note, to_json, to_text};
use crate::pool;
use crate::repository::Repository;
use crate::state::partition;
use crate::system::gh::Gh;
use crate::system::{clock, process};
use crate::text::Count;

/// How long a fresh key may take to be accepted. It is seconds, as a rule.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) fn run(context: &Context, command: &KeysCommand) -> Result<(), Failure> {
    match command {
        KeysCommand::Status(args) => status(context, args),
        KeysCommand::Rotate(args) => rotate_all(context, args),
        KeysCommand::Publish(args) => publish(context, args),
    }
}

/// What the selected accounts have. What two accounts of the organization would write over each other stops all of it.
fn wanted(repository: &Repository, accounts: &[String]) -> Result<(Vec<User>, Vec<Variable>), Failure> {
    let (organization, _) = parts(repository)?;
    let clashes = clashes(&users(&organization.accounts), &variables(&organization.accounts));
    if !clashes.is_empty() {
        return Err(Failure::Because {
            message: "faceless users would write over each other's".to_owned(),
            causes: clashes,
            help: vec!["give one of them another name, or other `environments`".to_owned()],
        });
    }
    let selected = Selection::new(accounts)?.of(&organization.accounts)?;
    Ok((users(selected.iter().copied()), variables(selected)))
}

/// The role in an account, as Terraform assumes it.
pub(super) fn role(organization: &Organization, region: &str, id: &str) -> String {
    format!("arn:{}:iam::{id}:role/{}", partition(region), organization.role)
}

fn in_account(organization: &Organization, user: &User) -> Result<AccountKeys, Problem> {
    AccountKeys::new(&user.region, &role(organization, &user.region, &user.id))
        .map_err(|error| Problem::because(format!("cannot call AWS: {error}")))
}

pub(super) fn policy(older_than: Duration, grace: Duration, settle: Duration) -> Policy {
    Policy { now: clock::now(), older_than, grace, settle }
}

fn policy_of(args: &KeysPolicyArgs) -> Policy {
    policy(args.older_than, args.grace, args.settle)
}

fn nobody(context: &Context) {
    context.ui.done("no faceless user with keys, in any of these accounts that exists");
}

fn status(context: &Context, args: &KeysStatusArgs) -> Result<(), Failure> {
    let repository = context.load_sound()?;
    let (organization, _) = parts(&repository)?;
    let (users, _) = wanted(&repository, &args.accounts)?;
    let (gh, policy) = (Gh::find(), policy_of(&args.policy));
    let look = |user: &User| -> Result<_, Problem> {
        let account = in_account(organization, user)?;
        UserDoors { user, account: &account, gh: &gh }.look()
    };
    let looks = pool::each(&users, args.policy.jobs.into(), &|| false, &look, &look);
    let mut list = Vec::new();
    let mut failed = 0;
    for (user, look) in users.iter().zip(looks) {
        match look {
            Ok(mut seen) => {
                for problem in std::mem::take(&mut seen.problems) {
                    failed += 1;
                    complain(context, user, &problem);
                }
                let standing = Standing { user, next: next(&seen, &policy), seen };
                match args.format {
                    Format::Text => context.ui.answer(&to_text(&standing, policy.now))?,
                    Format::Json => list.push(to_json(&standing)),
                }
            }
            Err(problem) => {
                failed += 1;
                complain(context, user, &problem);
            }
        }
    }
    if args.format == Format::Json {
        context.ui.answer(&format!("{:#}", json!({ "users": list })))?;
    } else if users.is_empty() {
        nobody(context);
    }
    if failed == 0 { Ok(()) } else { Err(Failure::Said) }
}

fn complain(context: &Context, user: &User, problem: &Problem) {
    let message = format!("{} {}: {}", user.account, user.name, problem.problem);
    context.ui.error(&message, &[], problem.help.as_slice());
}

fn rotate_all(context: &Context, args: &KeysRotateArgs) -> Result<(), Failure> {
    let repository = context.load_sound()?;
    let (organization, _) = parts(&repository)?;
    let (users, _) = wanted(&repository, &args.accounts)?;
    let stop = process::flag().map_err(|error| Failure::because(format!("cannot listen for signals: {error}")))?;
    let stopped = || stop.load(Ordering::SeqCst);
    let gh = Gh::find();
    let settings = Settings { policy: policy_of(&args.policy), poll: args.poll, patience: PATIENCE };
    let done: Mutex<Vec<Value>> = Mutex::default();
    let one = |user: &User| {
        let account = match in_account(organization, user) {
            Ok(account) => account,
            Err(problem) => return Rotated { problems: vec![problem], ..Rotated::default() },
        };
        let doors = UserDoors { user, account: &account, gh: &gh };
        rotate(&doors, &settings, &stopped, &mut |event| {
            let (what, id, place) = match event {
                Event::Made(id) => ("made", id, None),
                Event::Pushed(sink, id) => ("pushed", id, Some(user.places[sink].to_string())),
                Event::Deactivated(id) => ("deactivated", id, None),
                Event::Deleted(id) => ("deleted", id, None),
            };
            let to = place.as_ref().map(|place| format!(" to {place}")).unwrap_or_default();
            context.ui.status(format_args!("{} {}: {what} {id}{to}", user.account, user.name));
            let event = json!({ "account": user.account.to_string(), "user": user.name, "did": what, "key": id, "place": place });
            done.lock().unwrap_or_else(PoisonError::into_inner).push(event);
        })
    };
    let left = |_: &User| Rotated { interrupted: true, ..Rotated::default() };
    let all = pool::each(&users, args.policy.jobs.into(), &stopped, &one, &left);
    let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    if args.format == Format::Json {
        let left = users.iter().zip(&all).map(|(user, rotated)| {
            json!({
                "account": user.account.to_string(),
                "user": user.name,
                "notes": rotated.notes.iter().map(note).collect::<Vec<_>>(),
                "problems": rotated.problems.iter().map(|problem| &problem.problem).collect::<Vec<_>>(),
            })
        });
        context.ui.answer(&format!("{:#}", json!({ "done": done, "users": left.collect::<Vec<_>>() })))?;
    }
    conclude(context, &users, &all)
}

fn conclude(context: &Context, users: &[User], all: &[Rotated]) -> Result<(), Failure> {
    if users.is_empty() {
        nobody(context);
        return Ok(());
    }
    let (mut failed, mut interrupted) = (0, false);
    for (user, rotated) in users.iter().zip(all) {
        for left in &rotated.notes {
            context.ui.status(format_args!("{} {}: {}", user.account, user.name, note(left)));
        }
        rotated.problems.iter().for_each(|problem| complain(context, user, problem));
        let is_stuck = rotated.notes.iter().any(crate::keys::Note::is_stuck);
        if is_stuck {
            let problem = Problem::because("a new key is due, and was not made");
            complain(
                context,
                user,
                &problem
                    .help("the lines above say which keys are in the way; --grace 0s removes those that no sink holds"),
            );
        }
        failed += usize::from(is_stuck || !rotated.problems.is_empty());
        interrupted |= rotated.interrupted;
    }
    let steps = all.iter().map(|rotated| rotated.steps).sum();
    let summary = format!("{}, {}", Count(users.len(), "user"), Count(steps, "step"));
    if interrupted {
        return Err(Failure::because(format!("stopped: {summary}")).help("run it again: it goes on where it is"));
    }
    if failed == 0 {
        context.ui.done(summary);
        return Ok(());
    }
    Err(Failure::because(format!("{} failed; {summary}", Count(failed, "user")))
        .help("what a sink holds works as before: run it again when the causes are gone"))
}

fn publish(context: &Context, args: &KeysPublishArgs) -> Result<(), Failure> {
    let repository = context.load_sound()?;
    let (_, variables) = wanted(&repository, &args.accounts)?;
    let gh = Gh::find();
    let (mut written, mut failed) = (0, 0);
    for variable in &variables {
        let Variable { place, name, value, account } = variable;
        let github = GitHub { gh: &gh, repository: place.repository.clone() };
        let result = github.variable(&place.scope, name).and_then(|said| {
            if said.is_some_and(|said| said.value == *value) {
                return Ok(false);
            }
            context.ui.answer(&format!("+ {place}: {name} = {value}")).ok();
            if !args.check {
                github.set_variable(&place.scope, name, value)?;
            }
            Ok(true)
        });
        match result {
            Ok(differs) => written += usize::from(differs),
            Err(error) => {
                failed += 1;
                let problem = Problem::from(error);
                let message = format!("{account}: {place} has no {name}: {}", problem.problem);
                let help = problem.help.unwrap_or_else(|| "make the environment first, with its protection rules, and see that GH_TOKEN may write variables there".to_owned());
                context.ui.error(&message, &[], &[help]);
            }
        }
    }
    let summary = format!("{}, {written} not as it should be", Count(variables.len(), "variable"));
    if failed > 0 || (args.check && written > 0) {
        return Err(Failure::because(summary).help("run `groundwork keys publish`"));
    }
    context.ui.done(if written == 0 {
        format!("{}: nothing to write", Count(variables.len(), "variable"))
    } else {
        format!("{written} of {} written", Count(variables.len(), "variable"))
    });
    Ok(())
}
