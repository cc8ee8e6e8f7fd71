//! A run: waves one after the other, each in parallel. A failed wave halts the next.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::folder::RunFolder;
use super::journal::{Earlier, Journal, Record};
use super::report::{Command, Entry, Outcome, Report, SCHEMA_VERSION};
use super::settings::Settings;
use super::{Event, Observer, account};
use crate::digest::{Digest, Redaction};
use crate::organization::AccountKey;
use crate::pool::{Slots, each};
use crate::system::process::Children;
use crate::terraform::{Holder, NotFound, Terraform};

/// One account that is to be planned or applied.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its key.
    pub key: AccountKey,
    /// The name of its wave.
    pub wave: String,
    /// Its root module.
    pub folder: PathBuf,
    /// The hash of its root module's content.
    pub root: String,
    /// The hash of what `terraform init` depends on; empty where there is nothing to initialise.
    pub init: String,
    /// Whether all that its root module made is to be destroyed.
    pub destroy: bool,
    /// Whether destroying or replacing anything in it needs an explicit word.
    pub protected: bool,
    /// Whether that word was given.
    pub may_destroy: bool,
    /// Whether AWS has made it.
    pub exists: bool,
    /// What its root module declares, for one that does not exist yet.
    pub declared: Option<Digest>,
    /// Whether it is applied without a review.
    pub unreviewed: bool,
    /// What was reviewed.
    pub reviewed: Option<Digest>,
    /// Whether a part of that may have been applied already.
    pub begun: bool,
}

/// All that working on accounts needs.
pub struct Run<'a> {
    /// What is run.
    pub command: Command,
    /// The repository.
    pub root: &'a Path,
    /// Where the run keeps what it writes.
    pub folder: &'a RunFolder,
    /// Its journal.
    pub journal: &'a Journal,
    /// The program, or why there is none.
    pub terraform: Result<Terraform, NotFound>,
    /// Who starts children.
    pub children: Arc<Children>,
    /// How it goes about it.
    pub settings: Settings,
    /// Where providers are linked from.
    pub providers: Option<PathBuf>,
    /// Where digests are written.
    pub digests: Option<PathBuf>,
    /// Takes secrets of groundwork's own environment out of what is said.
    pub redaction: Redaction,
    /// Whoever watches.
    pub observer: &'a dyn Observer,
    /// Runs that began before this one and are gone.
    pub gone: Vec<Earlier>,
    /// This machine.
    pub host: String,
    pub(super) slots: Slots,
}

impl<'a> Run<'a> {
    /// A run with nothing but what every run has.
    #[expect(clippy::too_many_arguments, reason = "each is another thing; a struct of them is this struct")]
    pub fn new(
        command: Command,
        root: &'a Path,
        folder: &'a RunFolder,
        journal: &'a Journal,
        terraform: Result<Terraform, NotFound>,
        children: Arc<Children>,
        settings: Settings,
        observer: &'a dyn Observer,
    ) -> Self {
        let slots = Slots::new(settings.busy);
        Self {
            command,
            root,
            folder,
            journal,
            terraform,
            children,
            settings,
            providers: None,
            digests: None,
            redaction: Redaction::default(),
            observer,
            gone: Vec::new(),
            host: String::new(),
            slots,
        }
    }

    /// Works on all tasks: wave after wave, in the order in which waves first occur among them.
    ///
    /// A plan goes on whatever fails. An apply stops after a wave in which an account is not done: the accounts of later
    /// waves are not started.
    pub fn run(&self, tasks: &[Task]) -> Vec<Entry> {
        let mut entries = Vec::with_capacity(tasks.len());
        let mut halted: Option<String> = None;
        if self.command != Command::Apply {
            return each(tasks, self.settings.jobs, &|| self.children.interrupted(), &|task| self.one(task), &|task| {
                self.left(task, "the run was stopped before its turn")
            });
        }
        for wave in tasks.chunk_by(|a, b| a.wave == b.wave) {
            let name = wave.first().map_or("", |task| task.wave.as_str());
            if let Some(why) = &halted {
                entries.extend(wave.iter().map(|task| self.left(task, why)));
                continue;
            }
            self.observer.told(Event::Wave(name, wave.len()));
            let stopped = || self.children.interrupted();
            let done = each(wave, self.settings.jobs, &stopped, &|task| self.one(task), &|task| {
                self.left(task, "the run was stopped before its turn")
            });
            if done.iter().any(|entry| !entry.outcome.is_done()) {
                halted = Some(format!("wave `{name}` before it has failed"));
            }
            entries.extend(done);
        }
        entries
    }

    fn one(&self, task: &Task) -> Entry {
        let mut entry = account::work(self, task);
        if self.command == Command::Apply {
            let account = task.key.to_string();
            let record = Record::End { account, outcome: entry.outcome, root: task.root.clone() };
            if let Err(error) = self.journal.write(record)
                && entry.outcome.is_done()
            {
                entry.outcome = Outcome::Failed;
                entry.message = Some(format!("it is done, but the journal cannot be written: {error}"));
            }
        }
        entry
    }

    fn left(&self, task: &Task, why: &str) -> Entry {
        let entry = account::not_started(self, task, why);
        self.observer.told(Event::Ended(&entry, &[]));
        entry
    }

    /// What was done, as a report.
    pub fn report(&self, accounts: Vec<Entry>, seconds: f64) -> Report {
        Report {
            schema_version: SCHEMA_VERSION,
            command: self.command,
            run: self.folder.name.clone(),
            terraform: self.terraform.as_ref().ok().map(|terraform| terraform.version.clone()),
            seconds: (seconds * 1_000.0).round() / 1_000.0,
            accounts,
        }
    }

    /// Whether whoever holds a lock was a run on this machine that is gone.
    ///
    /// No child of any run is alive for the account: its file is locked by us.
    pub(super) fn is_gone(&self, key: &AccountKey, holder: &Holder) -> bool {
        was_left(&self.gone, &self.host, &key.to_string(), holder)
    }

    /// Whether a run on this machine that is gone may have left a lock for the account.
    pub(super) fn may_be_left(&self, key: &AccountKey) -> bool {
        let account = key.to_string();
        self.gone.iter().any(|run| run.host == self.host && run.was_cut_off(&account))
    }

    /// What a root module's initialisation depends on beside itself.
    pub(super) fn providers_stamp(&self) -> String {
        let version = self.terraform.as_ref().map_or("", |terraform| terraform.version.as_str());
        let providers = self.providers.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        format!("{version}\n{providers}")
    }
}

/// Whether a lock was left by one of these runs that are gone: it says this machine's name, and it was taken after the
/// run had started Terraform for the account and before it wrote that this was over.
pub fn was_left(gone: &[Earlier], host: &str, account: &str, holder: &Holder) -> bool {
    let Some(taken) = holder.taken() else { return false };
    !host.is_empty()
        && holder.host() == host
        && gone.iter().any(|run| run.host == host && run.may_have_left(account, taken))
}
