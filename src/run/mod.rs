//! Terraform over many accounts: planned or applied, in parallel and in waves, each step understood and recorded.
//!
//! ```text
//! accounts ─ Task ─ pool ─ account ── terraform ── plan JSON ── Digest
//!                            │  │                                 │
//!                        journal └─ accept ── reviewed Digest ────┘
//!                            │
//!                         Report
//! ```
//! [`accept`], [`report`](Report) and what a journal means are functions of their inputs; children, files and time are
//! reached through [`crate::system`] and [`crate::terraform`] only.

mod accept;
mod account;
mod folder;
mod journal;
mod report;
mod settings;
mod waves;

pub use accept::{Refusal, accept};
pub use folder::{RunFolder, Started, WORK, runs};
pub use journal::{Earlier, JOURNAL, Journal, Record};
pub use report::{Command, Entry, Outcome, Report, SCHEMA_VERSION, Seconds};
pub use settings::{Settings, default_jobs};
pub use waves::{Run, Task, was_left};

use std::time::Duration;

use crate::organization::AccountKey;

/// Something to tell whoever watches.
#[derive(Debug)]
pub enum Event<'a> {
    /// A wave begins, of this many accounts.
    Wave(&'a str, usize),
    /// An account is at another step.
    At(&'a AccountKey, Step),
    /// A step failed in a way that passes; it is tried again.
    Again {
        /// Whose it is.
        account: &'a AccountKey,
        /// Why, in a clause.
        why: &'a str,
        /// After that long.
        pause: Duration,
    },
    /// An account is done, one way or the other, with the last lines of its log where it failed.
    Ended(&'a Entry, &'a [String]),
}

/// Whoever watches a run.
pub trait Observer: Sync {
    /// Something happened. Comes from many threads.
    fn told(&self, event: Event<'_>);
}

/// What an account is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Waiting for its turn.
    Waiting,
    /// `terraform init`
    Init,
    /// `terraform plan`
    Plan,
    /// `terraform show`, and the digest.
    Digest,
    /// `terraform apply`
    Apply,
}

impl Step {
    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Init => "init",
            Self::Plan => "plan",
            Self::Digest => "digest",
            Self::Apply => "apply",
        }
    }
}
