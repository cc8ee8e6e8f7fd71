//! One account: init, plan, digest; and, where that is what was reviewed, apply.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::accept::{Refusal, accept, losses};
use super::journal::Record;
use super::report::{Command, Entry, Outcome, Seconds};
use super::waves::{Run, Task};
use super::{Event, Step};
use crate::digest::{Digest, Redaction};
use crate::review::model::Tally;
use crate::system::process::Finished;
use crate::system::{chance, files, plans};
use crate::terraform::{Holder, Kind, Locking, Log, Root, Terraform, Trouble};

/// Lines of a failed step's log that are shown.
const MOST_LINES: usize = 12;

/// How often the end of a pause, or of the run, is looked for.
const TICK: Duration = Duration::from_millis(50);

/// Pauses after a lost race for a lock are this much shorter than others.
const RACE: u32 = 10;

/// What says, in a root module's `.terraform`, what it was initialised for.
const STAMP: &str = ".terraform/groundwork";

/// Why an account is not done.
#[derive(Debug)]
enum Problem {
    Refused(Refusal),
    Interrupted,
    Failed {
        message: String,
        help: Option<String>,
        /// Why it is worth trying again, if it is.
        passing: Option<&'static str>,
        /// Whether it is about who holds the lock: then it is worth trying again soon, and often.
        race: bool,
        /// Whether it is certain that the step has changed nothing.
        untouched: bool,
    },
}

impl Problem {
    fn failed(message: impl Into<String>) -> Self {
        Self::Failed { message: message.into(), help: None, passing: None, race: false, untouched: false }
    }
}

/// A step that cannot even be begun.
impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::failed(format!("it could not be run: {error}"))
    }
}

/// A plan that could be applied.
struct Planned {
    digest: Digest,
    file: PlanFile,
}

/// A plan's file, which is gone when nobody needs it any more.
struct PlanFile(PathBuf);

impl Drop for PlanFile {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

/// Works on one account, and tells how it ended.
pub(super) fn work(run: &Run<'_>, task: &Task) -> Entry {
    let mut job = Job {
        run,
        task,
        log: None,
        held: None,
        deadline: None,
        seconds: Seconds::default(),
        tries: 0,
        changes: Tally::default(),
        digest: None,
        redaction: run.redaction.clone(),
        last_step: 0,
        begun: task.begun,
        killed: false,
        patient: !run.may_be_left(&task.key),
    };
    let result = job.work();
    job.finish(result)
}

/// The row of an account whose turn did not come.
pub(super) fn not_started(run: &Run<'_>, task: &Task, why: &str) -> Entry {
    let entry = row(task, Outcome::NotStarted, Some(why.to_owned()));
    keep_failure(run, task, &entry);
    entry
}

fn row(task: &Task, outcome: Outcome, message: Option<String>) -> Entry {
    Entry {
        account: task.key.to_string(),
        wave: task.wave.clone(),
        outcome,
        changes: Tally::default(),
        fingerprint: None,
        seconds: Seconds::default(),
        tries: 0,
        message,
        help: None,
        log: None,
    }
}

/// Whoever reviews the digests learns why there is none.
fn keep_failure(run: &Run<'_>, task: &Task, entry: &Entry) {
    let reason = entry.message.clone().unwrap_or_else(|| entry.outcome.as_str().to_owned());
    let digest = Digest::failed(&task.key.to_string(), reason);
    // The failure itself is in the report, and is what the run exits with.
    keep(run, task, &digest).ok();
}

fn keep(run: &Run<'_>, task: &Task, digest: &Digest) -> Result<(), files::WriteError> {
    let Some(folder) = &run.digests else { return Ok(()) };
    let path = folder.join(format!("{}.json", task.key));
    let text = serde_json::to_string(digest).unwrap_or_default() + "\n";
    files::replace_with_folder(&path, &text)
}

struct Job<'a> {
    run: &'a Run<'a>,
    task: &'a Task,
    log: Option<Log>,
    held: Option<File>,
    deadline: Option<Instant>,
    seconds: Seconds,
    tries: u32,
    changes: Tally,
    digest: Option<Digest>,
    redaction: Redaction,
    /// Where in the log the last step begins.
    last_step: u64,
    /// Whether a part of what was reviewed may have been applied already.
    begun: bool,
    /// Whether the last step was ended by a signal.
    killed: bool,
    /// Whether a lock is waited for: one that a run left behind is not let go by waiting.
    patient: bool,
}

impl Job<'_> {
    fn work(&mut self) -> Result<Outcome, Problem> {
        if !self.task.exists {
            return self.without_account();
        }
        let terraform = self.run.terraform.as_ref().map_err(|error| Problem::failed(error.to_string()))?;
        self.at(Step::Waiting);
        self.hold()?;
        self.log = Some(Log::create(&self.run.folder.log(&self.task.key))?);
        let mut pause = self.run.settings.retry_delay;
        let mut races = 0;
        let begun = Instant::now();
        loop {
            self.tries += 1;
            let problem = match self.attempt(terraform) {
                Err(problem) => problem,
                done => return done,
            };
            let Problem::Failed { passing: Some(why), race, .. } = &problem else { return Err(problem) };
            let wait = if *race {
                // Nobody holds the lock any more, or it is waited for the next time.
                races += 1;
                if begun.elapsed() > self.run.settings.lock_timeout.max(pause) {
                    return Err(problem);
                }
                (self.run.settings.retry_delay / RACE).max(TICK)
            } else {
                if self.tries.saturating_sub(races) > self.run.settings.retries {
                    return Err(problem);
                }
                pause *= 2;
                pause / 2
            };
            let wait = spread(wait);
            self.run.observer.told(Event::Again { account: &self.task.key, why, pause: wait });
            self.pause(wait)?;
        }
    }

    /// An account that is not there yet is reviewed as what its root module declares, and cannot be applied.
    fn without_account(&mut self) -> Result<Outcome, Problem> {
        if self.task.destroy {
            // It was given up before it was ever made.
            return Ok(Outcome::Unchanged);
        }
        if self.run.command == Command::Apply {
            return Err(Problem::Failed {
                message: "the account does not exist yet".to_owned(),
                help: Some("`groundwork organization apply` makes accounts; then its id is in ledger.toml".to_owned()),
                passing: None,
                race: false,
                untouched: false,
            });
        }
        let Some(declared) = self.task.declared.clone() else { return Ok(Outcome::Unchanged) };
        self.planned(declared)?;
        Ok(Outcome::Planned)
    }

    /// Waits until no other run on this machine works on the account.
    fn hold(&mut self) -> Result<(), Problem> {
        let give_up = || self.run.children.interrupted();
        let held = self.run.folder.hold(&self.task.key, self.run.settings.lock_timeout, &give_up)?;
        if give_up() {
            return Err(Problem::Interrupted);
        }
        if held.is_none() {
            return Err(Problem::failed("another run of groundwork on this machine is working on it"));
        }
        self.held = held;
        Ok(())
    }

    fn attempt(&mut self, terraform: &Terraform) -> Result<Outcome, Problem> {
        self.deadline = self.run.settings.timeout.map(|timeout| Instant::now() + timeout);
        self.init(terraform)?;
        let Planned { digest, file } = self.plan(terraform)?;
        let nothing_to_do = digest.is_empty();
        let stopped = digest.errored == Some(true);
        self.planned(digest.clone())?;
        if stopped {
            let said = self.said();
            return Err(self.understood(&said, "it stopped half-way through planning"));
        }
        if self.run.command != Command::Apply {
            return Ok(if nothing_to_do { Outcome::Unchanged } else { Outcome::Planned });
        }
        let done = if self.task.destroy { Outcome::Destroyed } else { Outcome::Applied };
        if nothing_to_do {
            // After a try that stopped half-way there may be nothing left.
            return Ok(if self.tries > 1 && self.begun { done } else { Outcome::Unchanged });
        }
        self.may_apply(&digest).map_err(Problem::Refused)?;
        self.apply(terraform, &file)?;
        Ok(done)
    }

    fn may_apply(&self, digest: &Digest) -> Result<(), Refusal> {
        let losses = losses(digest);
        if self.task.protected && !self.task.may_destroy && !losses.is_empty() {
            return Err(Refusal::Protected(losses));
        }
        if self.task.unreviewed { Ok(()) } else { accept(digest, self.task.reviewed.as_ref(), self.begun) }
    }

    fn init(&mut self, terraform: &Terraform) -> Result<(), Problem> {
        if self.task.init.is_empty() {
            return Ok(());
        }
        let stamp = format!("{}\n{}\n", self.task.init, self.run.providers_stamp());
        let path = self.task.folder.join(STAMP);
        if fs::read_to_string(&path).is_ok_and(|found| found == stamp) {
            return Ok(());
        }
        fs::remove_file(&path).ok();
        self.step(terraform, Step::Init, true, |root| root.init(self.run.providers.as_deref()))?;
        // Without it the next run initialises once more.
        fs::write(&path, stamp).ok();
        Ok(())
    }

    fn plan(&mut self, terraform: &Terraform) -> Result<Planned, Problem> {
        let file = PlanFile(self.run.folder.plan(&self.task.key)?);
        let locking = if self.run.command == Command::Apply || self.run.settings.lock_plans {
            self.locking()
        } else {
            Locking::None
        };
        fs::remove_file(&file.0).ok();
        let destroy = self.task.destroy;
        let planned = self.locked("plan", locking, |job| {
            job.step(terraform, Step::Plan, false, |root| root.plan(&file.0, destroy, locking))
        });
        match planned {
            Err(problem) if self.run.children.interrupted() => return Err(problem),
            // A plan that stopped half-way is one all the same.
            Err(problem) if !file.0.exists() => {
                // What it was initialised for may be gone: the next try begins at the beginning.
                fs::remove_file(self.task.folder.join(STAMP)).ok();
                return Err(problem);
            }
            _ => {}
        }
        let planning = self.last_step;
        let shown = self.step(terraform, Step::Digest, true, |root| root.show(&file.0))?;
        // Where planning stopped half-way, what it said is why.
        self.last_step = planning;
        let key = self.task.key.to_string();
        let (digest, redaction) = plans::read_fresh(&shown.stdout, &key, self.run.settings.seal.as_ref())
            .map_err(|reason| Problem::failed(format!("its plan cannot be read: {reason}")))?;
        self.redaction = self.run.redaction.and(redaction);
        if let Some(folder) = &self.run.settings.keep_plans {
            keep_plan(folder, &key, &shown.stdout)?;
        }
        Ok(Planned { digest, file })
    }

    /// Takes in a digest, and writes it where it is wanted.
    fn planned(&mut self, digest: Digest) -> Result<(), Problem> {
        self.changes = Tally::of(&digest);
        keep(self.run, self.task, &digest).map_err(|error| {
            let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            Problem::failed(format!("{error}: {source}"))
        })?;
        self.digest = Some(digest);
        Ok(())
    }

    fn apply(&mut self, terraform: &Terraform, file: &PlanFile) -> Result<(), Problem> {
        let locking = self.locking();
        let applied = self.locked("apply", locking, |job| {
            job.step(terraform, Step::Apply, false, |root| root.apply(&file.0, locking))
        });
        if let Err(problem) = applied {
            self.begun |= !matches!(&problem, Problem::Failed { untouched: true, .. });
            return Err(problem);
        }
        Ok(())
    }

    fn locking(&self) -> Locking {
        Locking::Seconds(if self.patient { self.run.settings.lock_timeout.as_secs() } else { 0 })
    }

    /// Does a step that may hold the lock of the state, with a line in the journal on both sides of it.
    fn locked<R>(
        &mut self,
        step: &str,
        locking: Locking,
        work: impl FnOnce(&mut Self) -> Result<R, Problem>,
    ) -> Result<R, Problem> {
        if locking == Locking::None {
            return work(self);
        }
        let account = self.task.key.to_string();
        let step = step.to_owned();
        self.run.journal.write(Record::Begin { account: account.clone(), step })?;
        self.killed = false;
        let result = work(self);
        // One that was killed may have left its lock behind.
        if !self.killed {
            self.run.journal.write(Record::Over { account })?;
        }
        result
    }

    /// Runs a step; those that take a processor wait for one.
    fn step(
        &mut self,
        terraform: &Terraform,
        step: Step,
        busy: bool,
        start: impl FnOnce(&Root<'_>) -> io::Result<Finished>,
    ) -> Result<Finished, Problem> {
        if self.run.children.interrupted() {
            return Err(Problem::Interrupted);
        }
        self.at(step);
        let Some(log) = &self.log else { return Err(Problem::failed("it has no log")) };
        self.last_step = log.end();
        let root = self.root(terraform, log);
        let timed = || {
            let begun = Instant::now();
            (start(&root), begun.elapsed())
        };
        let (finished, took) = if busy { self.run.slots.within(timed) } else { timed() };
        let seconds = match step {
            Step::Init => &mut self.seconds.init,
            Step::Apply => &mut self.seconds.apply,
            Step::Waiting | Step::Plan | Step::Digest => &mut self.seconds.plan,
        };
        *seconds += (took.as_secs_f64() * 1_000.0).round() / 1_000.0;
        let finished = finished?;
        if finished.succeeded() {
            return Ok(finished);
        }
        if finished.status.code().is_none() {
            self.killed = true;
        }
        if finished.timed_out {
            let timeout = self.run.settings.timeout.unwrap_or_default();
            return Err(Problem::Failed {
                message: format!("`terraform {}` was stopped after {}", step.as_str(), in_words(timeout)),
                help: Some("if it needs longer than that: --timeout".to_owned()),
                passing: None,
                race: false,
                untouched: false,
            });
        }
        if self.run.children.interrupted() {
            return Err(Problem::Interrupted);
        }
        let said = self.said();
        Err(self.understood(&said, &format!("`terraform {}` ended with {}", step.as_str(), finished.how())))
    }

    fn said(&self) -> String {
        self.log.as_ref().map(|log| log.since(self.last_step)).unwrap_or_default()
    }

    /// What a failed step said, as a problem.
    fn understood(&mut self, said: &str, otherwise: &str) -> Problem {
        let trouble = Trouble::read(said);
        let mut message = trouble.message(otherwise);
        let mut help = trouble.help.map(str::to_owned);
        let mut passing = trouble.kind.passing();
        let mut race = trouble.kind == Kind::LockRace;
        if let Kind::Locked(holder) = &trouble.kind {
            message = format!("its state is locked by {}", holder.in_words());
            let gone = self.run.is_gone(&self.task.key, holder);
            if gone && self.run.settings.release_locks && self.release(holder) {
                passing = Some("released the lock of a run that is gone");
            } else if !gone && !self.patient {
                passing = Some("its state is locked, and not by a run that is gone: it waits");
            }
            race = passing.is_some();
            self.patient = true;
            let unlock = format!("groundwork state unlock {} --id {}", self.task.key, holder.id);
            help = Some(if gone {
                format!("it was left by a run on this machine that is gone: --release-locks releases it, or `{unlock}`")
            } else {
                format!("wait for it, or, if whoever holds it is gone for good: `{unlock}`")
            });
        }
        let untouched = race || matches!(trouble.kind, Kind::Locked(_) | Kind::Stale);
        Problem::Failed { message, help, passing, race, untouched }
    }

    fn release(&self, holder: &Holder) -> bool {
        let (Ok(terraform), Some(log)) = (&self.run.terraform, &self.log) else { return false };
        self.root(terraform, log).unlock(&holder.id).is_ok_and(|finished| finished.succeeded())
    }

    fn root<'b>(&'b self, terraform: &'b Terraform, log: &'b Log) -> Root<'b> {
        Root {
            terraform,
            folder: &self.task.folder,
            children: &self.run.children,
            log,
            held: self.held.as_ref(),
            deadline: self.deadline,
        }
    }

    fn pause(&self, pause: Duration) -> Result<(), Problem> {
        let end = Instant::now() + pause;
        while Instant::now() < end {
            if self.run.children.interrupted() {
                return Err(Problem::Interrupted);
            }
            thread::sleep(TICK.min(end.saturating_duration_since(Instant::now())));
        }
        Ok(())
    }

    fn at(&self, step: Step) {
        self.run.observer.told(Event::At(&self.task.key, step));
    }

    fn finish(self, result: Result<Outcome, Problem>) -> Entry {
        let (outcome, message, help, show) = match result {
            Ok(outcome) => (outcome, None, None, false),
            Err(Problem::Interrupted) => (Outcome::Interrupted, Some("the run was stopped".to_owned()), None, false),
            Err(Problem::Refused(refusal)) => {
                let help = refusal.help(&self.task.key.to_string());
                (Outcome::Refused, Some(refusal.message()), Some(help), false)
            }
            Err(Problem::Failed { message, help, .. }) => (Outcome::Failed, Some(message), help, true),
        };
        let log = self.log.as_ref().map(|log| {
            let path = log.path();
            path.strip_prefix(self.run.root).unwrap_or(path).display().to_string()
        });
        let entry = Entry {
            changes: self.changes,
            fingerprint: self.digest.as_ref().map(|digest| digest.fingerprint.clone()),
            seconds: self.seconds,
            tries: self.tries,
            message: message.map(|message| self.redaction.text(&message).into_owned()),
            help,
            log,
            ..row(self.task, outcome, None)
        };
        if !outcome.is_done() && self.digest.is_none() {
            keep_failure(self.run, self.task, &entry);
        }
        let said = if show { self.said() } else { String::new() };
        let said = self.redaction.text(&said);
        let lines: Vec<String> = said
            .lines()
            .map(str::trim_end)
            .filter(|line| !line.trim_matches(['│', '╷', '╵', ' ']).is_empty())
            .map(str::to_owned)
            .collect();
        self.run.observer.told(Event::Ended(&entry, &lines[lines.len().saturating_sub(MOST_LINES)..]));
        entry
    }
}

fn keep_plan(folder: &Path, key: &str, json: &[u8]) -> Result<(), Problem> {
    let path = folder.join(format!("{key}.json"));
    files::write_private(&path, json)
        .map_err(|error| Problem::failed(format!("cannot keep its plan in `{}`: {error}", path.display())))
}

/// A pause that is not the same for all: those who failed together would come back together. Between three quarters and
/// five quarters of it.
fn spread(pause: Duration) -> Duration {
    pause.mul_f64(0.75 + chance::fraction() / 2.0)
}

fn in_words(duration: Duration) -> String {
    match duration.as_secs() {
        0 => format!("{} ms", duration.as_millis()),
        seconds if seconds < 120 => format!("{seconds} s"),
        seconds => format!("{} min", seconds / 60),
    }
}
