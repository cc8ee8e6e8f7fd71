//! What `plan`, `apply` and `drift` share: accounts to tasks, a run over them, and what is said at its end.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::{Context, Failure, parts};
use crate::cli::RunArgs;
use crate::digest::{Redaction, Seal};
use crate::organization::{Account, Lifecycle, Organization, Selection};
use crate::preview;
use crate::providers;
use crate::render::disk::{self, FileChange, FileChangeKind};
use crate::render::{self, Contents, Digest, RootModule};
use crate::repository::Repository;
use crate::run::{
    Command, Earlier, Entry, JOURNAL, Journal, Outcome, Record, Report, Run, RunFolder, Settings, Task, WORK,
    default_jobs, runs, was_left,
};
use crate::system::inputs::PROVIDER_LOCK;
use crate::system::process::{Children, Signals, Stop};
use crate::system::{environment, files, machine};
use crate::terraform::{Holder, Terraform, find};
use crate::text::Count;
use crate::ui::Watch;

/// The largest journal that is read: one of 10,000 accounts has about 4 MiB.
const LARGEST_JOURNAL: u64 = 256 << 20;

/// Accounts that are named for one reason; the rest are counted.
const MOST_NAMED: usize = 6;

/// Accounts to be worked on, in the order of waves, then by key.
pub(super) struct Fleet {
    /// The repository's folder, from the root of the disk: children work elsewhere.
    pub(super) root: PathBuf,
    pub(super) repository: Repository,
    pub(super) tasks: Vec<Task>,
}

/// The accounts that were asked for, each with its root module as it is on disk.
pub(super) fn fleet(context: &Context, patterns: &[String]) -> Result<Fleet, Failure> {
    let selection = Selection::new(patterns)?;
    let repository = context.load_sound()?;
    let (organization, engine) = parts(&repository)?;
    let mut accounts = selection.of(organization.with_root())?;
    accounts.retain(|account| account.lifecycle != Lifecycle::Closed);
    super::render::allocated(&accounts)?;
    let rendered = tracing::info_span!("render")
        .in_scope(|| render::render(organization, &accounts, &repository.features, engine, &|| ()));
    let modules = rendered.map_err(|problems| {
        context.ui.diagnostics(&problems, &repository.sources);
        Failure::Said
    })?;
    is_on_disk(context, &modules)?;
    let root = std::fs::canonicalize(&context.root)
        .map_err(|error| Failure::because(format!("cannot find `{}`: {error}", context.root.display())))?;
    let mut tasks = tasks(&root, organization, &accounts, &modules)?;
    // The organization's own root module comes before all waves.
    let wave = |task: &Task| {
        let of = organization.account(&task.key).map(|account| account.wave);
        (!task.key.is_organization(), of)
    };
    tasks.sort_by(|a, b| wave(a).cmp(&wave(b)).then_with(|| a.key.cmp(&b.key)));
    Ok(Fleet { root, repository, tasks })
}

/// What is run is what is on disk: it has to be what domains.toml says.
fn is_on_disk(context: &Context, modules: &[RootModule]) -> Result<(), Failure> {
    let output = disk::open(&context.root, false).map_err(|error| Failure::from_error(&error))?;
    let compared = disk::compare(output.as_ref(), modules, false).map_err(|error| Failure::from_error(&error))?;
    // `terraform init` may add checksums to a lock; it verifies those that are there.
    let of_init = |change: &FileChange| change.kind == FileChangeKind::Changed && change.path.ends_with(PROVIDER_LOCK);
    let changes = compared.changes().into_iter().filter(|change| !of_init(change)).map(|change| change.path);
    let differing: Vec<String> = changes.chain(compared.strangers.iter().cloned()).collect();
    let Some(first) = differing.first() else { return Ok(()) };
    let more = match differing.len() - 1 {
        0 => String::new(),
        more => format!(" and {}", Count(more, "more file")),
    };
    let failure = Failure::because(format!("`{first}`{more} on disk: not what domains.toml and the templates render"));
    Err(failure.help("run `groundwork render`, and look at what it changes"))
}

fn tasks(
    root: &Path,
    organization: &Organization,
    accounts: &[&Account],
    modules: &[RootModule],
) -> Result<Vec<Task>, Failure> {
    // Parsing takes longer than anything else here, and most files are the same in many accounts.
    let mut prepared: HashMap<Digest, bool> = HashMap::new();
    let by_key: BTreeMap<_, _> = modules.iter().map(|module| (&module.key, module)).collect();
    let mut tasks = Vec::with_capacity(accounts.len());
    for account in accounts {
        let Some(module) = by_key.get(&account.key) else { continue };
        let exists = account.allotment.as_ref().is_some_and(|held| held.id.is_some());
        let destroy = account.lifecycle == Lifecycle::Retiring;
        let declared = (!exists && !destroy).then(|| preview::declared(module)).transpose();
        let declared = declared.map_err(|reason| Failure::because(format!("{}: {reason}", account.key)))?;
        let hash = hash(module, |_| true);
        let is_terraform = |name: &str| name.ends_with(".tf") || name.ends_with(".tf.json");
        let needs_init = module
            .files
            .iter()
            .filter(|(name, _)| is_terraform(name))
            .any(|(_, content)| *prepared.entry(content.digest).or_insert_with(|| needs_init(content)));
        tasks.push(Task {
            key: account.key.clone(),
            wave: organization.wave_of(account).name.clone(),
            folder: root.join(module.folder()),
            root: hash.clone(),
            init: if needs_init { hash } else { String::new() },
            destroy,
            protected: account.protected,
            may_destroy: false,
            exists,
            declared,
            unreviewed: false,
            reviewed: None,
            begun: false,
        });
    }
    Ok(tasks)
}

fn needs_init(content: &Arc<Contents>) -> bool {
    std::str::from_utf8(&content.bytes).map_or(true, |text| providers::needs_init([text]))
}

fn hash(module: &RootModule, wanted: impl Fn(&str) -> bool) -> String {
    let files = module.files.iter().filter(|(name, _)| wanted(name));
    let list: String = files.map(|(name, content)| format!("{} {name}\n", content.digest)).collect();
    crate::digest::short_hash(list.as_bytes())
}

/// What else there is to a run than its accounts.
#[derive(Default)]
pub(super) struct Extra {
    /// Where digests are written; beside the logs by default.
    pub(super) digests: Option<PathBuf>,
    /// Whether planning takes the lock.
    pub(super) lock_plans: bool,
    /// The digests that were reviewed.
    pub(super) reviewed: Option<PathBuf>,
    /// Accounts that an earlier run has done, which this one takes up, with what their root modules were.
    pub(super) done: BTreeMap<String, (Outcome, String)>,
}

/// What a run came to.
pub(super) struct Ran {
    pub(super) report: Report,
    pub(super) digests: PathBuf,
    pub(super) interrupted: bool,
}

/// Runs Terraform over tasks.
pub(super) fn run(
    context: &Context,
    args: &RunArgs,
    command: Command,
    fleet: &Fleet,
    extra: Extra,
) -> Result<Ran, Failure> {
    let begun = Instant::now();
    let (root, tasks) = (&fleet.root, &fleet.tasks);
    let gone = gone(root);
    let folder = RunFolder::create(root, command.as_str())
        .map_err(|error| Failure::because(format!("cannot write below `{WORK}`: {error}")))?;
    let no_journal = |error| Failure::because(format!("cannot write the run's journal: {error}"));
    let journal = Journal::create(folder.path()).map_err(no_journal)?;
    let host = machine::host();
    let accounts = tasks.iter().map(|task| task.key.to_string()).chain(extra.done.keys().cloned()).collect();
    let reviewed = extra.reviewed.as_deref().map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    let record = Record::Run { command: command.as_str().to_owned(), host: host.clone(), accounts, reviewed };
    journal.write(record).map_err(no_journal)?;
    for (account, (outcome, root)) in &extra.done {
        let record = Record::End { account: account.clone(), outcome: *outcome, root: root.clone() };
        journal.write(record).map_err(no_journal)?;
    }

    let children =
        Children::new(args.grace).map_err(|error| Failure::because(format!("cannot start a watchdog: {error}")))?;
    let children = Arc::new(children);
    let ui = context.ui.clone();
    let signals = Signals::listen(Arc::clone(&children), move |stop| match stop {
        Stop::Asked(0) => ui.warning("stopping"),
        Stop::Asked(running) => {
            let running = Count(running, "Terraform");
            ui.warning(format_args!(
                "stopping: {running} asked to finish and to release its lock; once more ends them now"
            ));
        }
        Stop::Ended => ui.warning("ending what still runs"),
    });
    let signals = signals.map_err(|error| Failure::because(format!("cannot listen for signals: {error}")))?;

    let terraform = find(args.terraform.as_deref());
    let linked = match &terraform {
        Ok(terraform) if tasks.iter().any(|task| !task.init.is_empty()) => fetch(context, root, terraform, &children),
        _ => None,
    };
    let digests = extra.digests.unwrap_or_else(|| folder.path().join("digests"));
    let watch = Watch::new(&context.ui, tasks.len(), context.verbose);
    let mut run = Run::new(
        command,
        root,
        &folder,
        &journal,
        terraform,
        Arc::clone(&children),
        settings(args, extra.lock_plans),
        &watch,
    );
    run.providers = linked;
    run.digests = Some(digests.clone());
    run.redaction = Redaction::of_texts(environment::secrets().iter().map(String::as_str));
    run.gone = gone;
    run.host = host;
    let entries = tracing::info_span!("run").in_scope(|| run.run(tasks));
    let report = run.report(entries, begun.elapsed().as_secs_f64());
    drop(run);
    drop(watch);
    drop(signals);
    let json = serde_json::to_string_pretty(&report).unwrap_or_default() + "\n";
    for path in [Some(folder.path().join("report.json")), args.report.clone()].into_iter().flatten() {
        files::replace_with_folder(&path, &json).map_err(|error| Failure::from_error(&error))?;
    }
    Ok(Ran { report, digests, interrupted: children.interrupted() })
}

fn settings(args: &RunArgs, lock_plans: bool) -> Settings {
    let processors = machine::processors();
    Settings {
        jobs: args.jobs.map_or_else(|| default_jobs(processors, machine::free_memory()), usize::from),
        busy: processors,
        timeout: Some(args.timeout).filter(|timeout| !timeout.is_zero()),
        lock_plans,
        lock_timeout: args.lock_timeout,
        retries: args.retries,
        retry_delay: args.retry_delay,
        release_locks: args.release_locks,
        keep_plans: args.keep_plans.clone(),
        seal: args.seal_key.as_deref().map(Seal::new),
    }
}

/// Every locked provider, fetched once. Without it every root module fetches its own, and says so where it cannot.
fn fetch(context: &Context, root: &Path, terraform: &Terraform, children: &Children) -> Option<PathBuf> {
    let bytes = files::read_bytes(&root.join(PROVIDER_LOCK), 1 << 20).ok()?;
    let text = files::to_text(&bytes).ok()?;
    let lock = providers::Lock::parse(text).ok().filter(|lock| !lock.providers.is_empty())?;
    let progress = context.ui.progress("fetching providers", 1);
    let fetched = tracing::info_span!("providers")
        .in_scope(|| providers::fetch(&root.join(WORK), &lock, text, terraform, children));
    drop(progress);
    match fetched {
        Ok(folder) => Some(folder),
        Err(error) => {
            context
                .ui
                .warning(format_args!("the providers of {PROVIDER_LOCK} cannot be fetched once for all: {error}"));
            None
        }
    }
}

/// What is known of runs that are gone, the latest first.
fn gone(root: &Path) -> Vec<Earlier> {
    let gone = runs(root).into_iter().filter(|run| !run.is_alive);
    gone.filter_map(|run| read_journal(&run.path)).collect()
}

/// Whether a lock was left by a run on this machine that is gone. Whoever asks holds the account.
pub(super) fn is_gone(root: &Path, host: &str, account: &str, holder: &Holder) -> bool {
    was_left(&gone(root), host, account, holder)
}

/// The latest run that applied, if it is gone; and whether one is still at it.
pub(super) fn latest_apply(root: &Path) -> Result<Option<Earlier>, Failure> {
    for run in runs(root) {
        let Some(earlier) = read_journal(&run.path).filter(|earlier| earlier.command == Command::Apply.as_str()) else {
            continue;
        };
        if run.is_alive && run.goes_on() {
            return Err(Failure::because(format!("the run {} is still going on", run.name))
                .help("wait for it, or stop it; then --resume takes up what it left"));
        }
        return Ok(Some(earlier));
    }
    Ok(None)
}

fn read_journal(folder: &Path) -> Option<Earlier> {
    let bytes = files::read_bytes(&folder.join(JOURNAL), LARGEST_JOURNAL).ok()?;
    Some(Earlier::read(&String::from_utf8_lossy(&bytes)))
}

/// Says what did not go well, once for all accounts that it is the same for, and how it went.
pub(super) fn conclude(context: &Context, ran: &Ran) -> Result<(), Failure> {
    let report = &ran.report;
    let mut reasons: BTreeMap<(Outcome, String, Option<String>), Vec<&Entry>> = BTreeMap::new();
    for entry in report.accounts.iter().filter(|entry| !entry.outcome.is_done()) {
        // Help names the account; what many share is said without it.
        let help = entry.help.clone().filter(|help| !help.contains(&entry.account));
        reasons.entry((entry.outcome, entry.message.clone().unwrap_or_default(), help)).or_default().push(entry);
    }
    for ((outcome, message, help), entries) in &reasons {
        if entries.len() < 2 && *outcome != Outcome::NotStarted {
            continue;
        }
        let mut names: Vec<String> = entries.iter().take(MOST_NAMED).map(|entry| entry.account.clone()).collect();
        if entries.len() > MOST_NAMED {
            names.push(format!("{} more", entries.len() - MOST_NAMED));
        }
        let help: Vec<String> = help.iter().cloned().collect();
        context.ui.error(&format!("{}: {}: {message}", names.join(", "), outcome.as_str()), &[], &help);
    }
    let headline =
        format!("{}: {} in {:.1} s", Count(report.accounts.len(), "account"), report.headline(), report.seconds);
    if !report.has_failures() {
        context.ui.done(headline);
        return Ok(());
    }
    let failure = Failure::because(headline);
    Err(match (report.command, ran.interrupted) {
        (Command::Apply, _) => failure.help("mend the cause, then `groundwork apply --resume` does what is left"),
        (Command::Plan | Command::Drift, _) => failure,
    })
}
