//! `groundwork state`

use std::sync::Arc;
use std::time::Duration;

use super::fleet;
use super::{Context, Failure, parts};
use crate::aws::{Bucket, BucketError};
use crate::cli::{Format, StateBootstrapArgs, StateCommand, StateListArgs, StateUnlockArgs};
use crate::organization::State;
use crate::repository::Repository;
use crate::run::RunFolder;
use crate::state::{LOCK_SUFFIX, Orphan, orphans, partition, steps};
use crate::system::machine;
use crate::system::process::Children;
use crate::terraform::{Holder, Log, Root, find};
use crate::text::Count;

/// How long Terraform gets to stop, and another run to leave the account.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn run(context: &Context, command: &StateCommand) -> Result<(), Failure> {
    match command {
        StateCommand::Bootstrap(args) => bootstrap(context, args),
        StateCommand::Orphans(args) => list_orphans(context, args),
        StateCommand::Locks(args) => list_locks(context, args),
        StateCommand::Unlock(args) => unlock(context, args),
    }
}

fn bucket(state: &State, role: Option<&str>) -> Result<Bucket, Failure> {
    Bucket::new(&state.bucket, &state.region, role).map_err(failed)
}

fn failed(error: BucketError) -> Failure {
    let failure = Failure::because(error.to_string());
    match &error {
        BucketError::NotOurs { .. } => {
            failure.help("bucket names are unique in all of AWS: choose another in [state], or other credentials")
        }
        BucketError::Call { reason, .. } if reason.contains("credentials") => {
            failure.help("there are no AWS credentials here, or they have expired: log in, or set them for this job")
        }
        BucketError::Call { .. } | BucketError::Runtime(_) => failure,
    }
}

fn loaded(context: &Context) -> Result<(Repository, State), Failure> {
    let repository = context.load_sound()?;
    let state = parts(&repository)?.0.state.clone();
    Ok((repository, state))
}

/// The bucket is made by whoever calls: the role that uses it may not exist before it.
fn bootstrap(context: &Context, args: &StateBootstrapArgs) -> Result<(), Failure> {
    let (_, state) = loaded(context)?;
    let bucket = bucket(&state, None)?;
    let settings = bucket.settings().map_err(failed)?;
    let steps = steps(&state.bucket, partition(&state.region), settings.as_ref())
        .map_err(|reason| Failure::because(format!("`{}`: {reason}", state.bucket)))?;
    for step in &steps {
        context.ui.answer(&format!("+ {step}"))?;
        if !args.check {
            bucket.take(step).map_err(failed)?;
        }
    }
    let name = format!("{} in {}", state.bucket, state.region);
    if steps.is_empty() {
        context.ui.done(format_args!("{name} is as it should be"));
    } else if args.check {
        let failure = Failure::because(format!("{name} is not as it should be: {}", Count(steps.len(), "step")));
        return Err(failure.help("run `groundwork state bootstrap`"));
    } else {
        context.ui.done(format_args!("{name}: {}", Count(steps.len(), "step")));
    }
    Ok(())
}

fn list_orphans(context: &Context, args: &StateListArgs) -> Result<(), Failure> {
    let (repository, state) = loaded(context)?;
    let objects = bucket(&state, state.role_arn.as_deref())?.objects().map_err(failed)?;
    let found = orphans(objects.iter().map(|object| object.key.as_str()), &repository.ledger);
    if args.format == Format::Json {
        return Ok(context.ui.answer(&serde_json::to_string_pretty(&found).unwrap_or_default())?);
    }
    for Orphan { key, was } in &found {
        let object = objects.iter().find(|object| object.key == *key);
        let about = object.map(|object| format!("{} bytes, {}", object.size, object.modified)).unwrap_or_default();
        let whose = was.as_ref().map_or_else(|| "no account".to_owned(), |was| format!("was {was}, retired"));
        context.ui.answer(&format!("{key}  {whose}  ({about})"))?;
    }
    context.ui.done(format_args!(
        "{}: {} that no account owns",
        Count(objects.len(), "object"),
        Count(found.len(), "object")
    ));
    Ok(())
}

fn list_locks(context: &Context, args: &StateListArgs) -> Result<(), Failure> {
    let (repository, state) = loaded(context)?;
    let bucket = bucket(&state, state.role_arn.as_deref())?;
    let objects = bucket.objects().map_err(failed)?;
    let mut locks = Vec::new();
    for object in objects.iter().filter(|object| object.key.ends_with(LOCK_SUFFIX)) {
        let state_key = object.key.trim_end_matches(LOCK_SUFFIX);
        let account = repository.ledger.accounts.iter().find(|(_, held)| held.state_key == state_key);
        let account = account.map_or_else(|| state_key.to_owned(), |(key, _)| key.to_string());
        // It may have been released since it was listed.
        if let Some(holder) = holder(&bucket, state_key)? {
            locks.push((account, holder));
        }
    }
    if args.format == Format::Json {
        let list: Vec<serde_json::Value> = locks
            .iter()
            .map(|(account, holder)| serde_json::json!({ "account": account, "id": holder.id, "who": holder.who, "since": holder.created, "operation": holder.operation }))
            .collect();
        return Ok(context.ui.answer(&serde_json::to_string_pretty(&list).unwrap_or_default())?);
    }
    for (account, holder) in &locks {
        context.ui.answer(&format!("{account}  {}", crate::text::inert(&holder.in_words())))?;
    }
    context.ui.done(Count(locks.len(), "lock"));
    Ok(())
}

fn holder(bucket: &Bucket, state_key: &str) -> Result<Option<Holder>, Failure> {
    let bytes = bucket.read(&format!("{state_key}{LOCK_SUFFIX}")).map_err(failed)?;
    Ok(bytes.map(|bytes| serde_json::from_slice(&bytes).unwrap_or_default()))
}

/// Releases the lock of one account, if it is certain that nobody holds it: by what this machine's runs have written
/// down, or by the word of whoever names its id.
fn unlock(context: &Context, args: &StateUnlockArgs) -> Result<(), Failure> {
    let fleet = fleet::fleet(context, std::slice::from_ref(&args.account))?;
    let [task] = fleet.tasks.as_slice() else {
        return Err(Failure::because("one account at a time: name it by its key"));
    };
    let (organization, _) = parts(&fleet.repository)?;
    let state_key =
        organization.account(&task.key).and_then(|account| Some(account.allotment.as_ref()?.state_key.clone()));
    let state_key = state_key.unwrap_or_default();
    let state = &organization.state;
    let Some(holder) = holder(&bucket(state, state.role_arn.as_deref())?, &state_key)? else {
        context.ui.done(format_args!("{} is not locked", task.key));
        return Ok(());
    };
    let words = crate::text::inert(&holder.in_words()).into_owned();
    context.ui.status(format_args!("{}: locked by {words}", task.key));

    let folder = RunFolder::create(&fleet.root, "unlock").map_err(|error| Failure::because(error.to_string()))?;
    let held = folder.hold(&task.key, PATIENCE, &|| false).map_err(|error| Failure::because(error.to_string()))?;
    let Some(held) = held else {
        return Err(Failure::because(format!(
            "a run of groundwork on this machine is working on {}: it holds the lock",
            task.key
        )));
    };
    let gone = fleet::is_gone(&fleet.root, &machine::host(), &task.key.to_string(), &holder);
    match &args.id {
        Some(id) if *id != holder.id => {
            return Err(Failure::because(format!("the lock is no longer {id}: somebody else has taken it since")));
        }
        Some(_) => {}
        None if !gone => {
            let failure = Failure::because("nothing on this machine says that whoever holds it is gone");
            return Err(failure
                .help(format!("if you know that it is: groundwork state unlock {} --id {}", task.key, holder.id)));
        }
        None if args.yes => {}
        None if context.ui.can_ask() => {
            if !context.ui.ask("It was taken by a run on this machine that is gone. Release it?") {
                return Err(Failure::because("nothing was released"));
            }
        }
        None => {
            return Err(
                Failure::because("it was taken by a run on this machine that is gone").help("release it with --yes")
            );
        }
    }
    let terraform = find(args.terraform.as_deref()).map_err(|error| Failure::because(error.to_string()))?;
    let children =
        Children::new(PATIENCE).map_err(|error| Failure::because(format!("cannot start a watchdog: {error}")))?;
    let children = Arc::new(children);
    let log = Log::create(&folder.log(&task.key)).map_err(|error| Failure::because(error.to_string()))?;
    let root = Root {
        terraform: &terraform,
        folder: &task.folder,
        children: &children,
        log: &log,
        held: Some(&held),
        deadline: None,
    };
    for step in [root.init(None), root.unlock(&holder.id)] {
        let finished = step.map_err(|error| Failure::because(format!("terraform cannot be run: {error}")))?;
        if !finished.succeeded() {
            let trouble = crate::terraform::Trouble::read(&log.since(0));
            return Err(Failure::because(format!("it could not be released: {}", trouble.message(&finished.how()))));
        }
    }
    context.ui.done(format_args!("{} is no longer locked", task.key));
    Ok(())
}
