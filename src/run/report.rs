//! What a run did: a row for every account. It is also what the next run's matrix is packed by.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::model::Tally;

/// What `schema_version` says. A change that old readers would misunderstand raises it.
pub const SCHEMA_VERSION: u32 = 1;

/// What was run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Command {
    /// `groundwork plan`
    Plan,
    /// `groundwork apply`
    Apply,
    /// `groundwork drift`
    Drift,
}

impl Command {
    /// As it is typed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::Drift => "drift",
        }
    }
}

/// How it ended for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// There is a plan, and it changes something.
    Planned,
    /// There is nothing to do.
    Unchanged,
    /// Its root module was applied.
    Applied,
    /// All that its root module had made was destroyed: it is retiring.
    Destroyed,
    /// It would not be what was reviewed, or destroys what is protected: nothing was done.
    Refused,
    /// Terraform failed, or could not be run.
    Failed,
    /// It was stopped half-way.
    Interrupted,
    /// Its turn did not come.
    NotStarted,
}

impl Outcome {
    /// Whether nothing is left to be done for the account.
    pub fn is_done(self) -> bool {
        matches!(self, Self::Planned | Self::Unchanged | Self::Applied | Self::Destroyed)
    }

    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Unchanged => "unchanged",
            Self::Applied => "applied",
            Self::Destroyed => "destroyed",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::NotStarted => "not started",
        }
    }
}

/// How long an account's steps took, in seconds, all tries together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Seconds {
    /// `terraform init`
    pub init: f64,
    /// `terraform plan` and `terraform show`
    pub plan: f64,
    /// `terraform apply`
    pub apply: f64,
}

impl Seconds {
    /// All of it.
    pub fn total(self) -> f64 {
        self.init + self.plan + self.apply
    }
}

/// One account's row.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Entry {
    /// Its key.
    pub account: String,
    /// The name of its wave.
    pub wave: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What the last plan would do, or did.
    pub changes: Tally,
    /// The last plan's fingerprint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// How long it took.
    pub seconds: Seconds,
    /// How often it was tried.
    pub tries: u32,
    /// Why it ended as it did, where that needs a word. Redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What to do about it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Where all that Terraform said is, on the machine that ran it. Not redacted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

/// What a run did.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// What was run.
    pub command: Command,
    /// The run's name: when it began, and on which process.
    pub run: String,
    /// `Terraform v1.11.4`; nothing where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terraform: Option<String>,
    /// How long the run took, in seconds.
    pub seconds: f64,
    /// A row for every account, in the order of waves, then by key.
    pub accounts: Vec<Entry>,
}

impl Report {
    /// How many accounts ended like that.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.accounts.iter().filter(|entry| entry.outcome == outcome).count()
    }

    /// Whether there is an account for which it is not done.
    pub fn has_failures(&self) -> bool {
        self.accounts.iter().any(|entry| !entry.outcome.is_done())
    }

    /// Every outcome there was and how often, in a line: `3 applied, 1 failed`.
    pub fn headline(&self) -> String {
        let outcomes = [
            Outcome::Planned,
            Outcome::Applied,
            Outcome::Destroyed,
            Outcome::Unchanged,
            Outcome::Refused,
            Outcome::Failed,
            Outcome::Interrupted,
            Outcome::NotStarted,
        ];
        let counts = outcomes.into_iter().map(|outcome| (self.count(outcome), outcome)).filter(|(count, _)| *count > 0);
        let parts: Vec<String> = counts.map(|(count, outcome)| format!("{count} {}", outcome.as_str())).collect();
        if parts.is_empty() { "no accounts".to_owned() } else { parts.join(", ") }
    }
}
