//! Terraform over many accounts.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::{ReviewOutputs, duration};
use crate::review::FailOn;

/// How Terraform is run over many accounts.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// Accounts, as keys or globs such as `catalog/*`; all of them by default.
    #[arg(value_name = "ACCOUNT", env = "GROUNDWORK_ACCOUNTS", value_delimiter = ' ')]
    pub accounts: Vec<String>,
    /// Accounts that are worked on at a time; by default as many as processors and memory are good for.
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_000), help_heading = "Running")]
    pub jobs: Option<u16>,
    /// The terraform or tofu to run; by default the first of the two on PATH.
    #[arg(long, value_name = "PATH", env = "GROUNDWORK_TERRAFORM", hide_env_values = true, help_heading = "Running")]
    pub terraform: Option<PathBuf>,
    /// How long one try for one account may take; `0s` for as long as it likes.
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration, help_heading = "Running")]
    pub timeout: Duration,
    /// How long a lock that somebody else holds is waited for.
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration, help_heading = "Running")]
    pub lock_timeout: Duration,
    /// How often what fails in a way that passes (throttling, the network) is tried again.
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = "Running")]
    pub retries: u32,
    /// The pause before the first retry; each is twice as long as the one before.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration, help_heading = "Running")]
    pub retry_delay: Duration,
    /// How long Terraform gets to stop in good order after Ctrl-C, or after it took too long.
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = duration, help_heading = "Running")]
    pub grace: Duration,
    /// Release locks that a run on this machine left which is gone.
    #[arg(long, help_heading = "Running")]
    pub release_locks: bool,
    /// Write what was done as JSON: account, outcome, changes, seconds. `groundwork matrix --timings` takes it.
    #[arg(long, value_name = "FILE", help_heading = "Outputs")]
    pub report: Option<PathBuf>,
    /// Keep the full plans there as JSON. They hold secrets.
    #[arg(long, value_name = "DIR", help_heading = "Outputs")]
    pub keep_plans: Option<PathBuf>,
    /// The key of the digests that are made.
    #[arg(long, env = "GROUNDWORK_SEAL_KEY", hide = true, hide_env_values = true)]
    pub seal_key: Option<String>,
}

/// `groundwork plan`
#[derive(Args, Debug)]
pub struct PlanArgs {
    /// How it is run.
    #[command(flatten)]
    pub run: RunArgs,
    /// Write the digests there; by default beside the logs.
    #[arg(long, value_name = "DIR", help_heading = "Outputs")]
    pub digests: Option<PathBuf>,
    /// Take the lock of the state while planning. Whoever may only read cannot, and need not.
    #[arg(long, help_heading = "Running")]
    pub lock: bool,
}

/// `groundwork apply`
#[derive(Args, Debug)]
pub struct ApplyArgs {
    /// How it is run.
    #[command(flatten)]
    pub run: RunArgs,
    /// Folder with the digests that were reviewed.
    #[arg(long, value_name = "DIR")]
    pub reviewed: Option<PathBuf>,
    /// Do only what the last run that is gone left unfinished. What it applied in part may go on where it stopped.
    #[arg(long)]
    pub resume: bool,
    /// An account that is protected, and in which things may be destroyed or replaced all the same.
    #[arg(long, value_name = "ACCOUNT", env = "GROUNDWORK_ALLOW_DESTROY", value_delimiter = ' ')]
    pub allow_destroy: Vec<String>,
    /// Apply whatever is planned, without a review and without a question.
    #[arg(long, conflicts_with = "reviewed")]
    pub yes: bool,
}

/// `groundwork drift`
#[derive(Args, Debug)]
pub struct DriftArgs {
    /// How it is run.
    #[command(flatten)]
    pub run: RunArgs,
    /// Review the digests in this folder instead of planning: those that `groundwork plan` wrote in other jobs.
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
    /// What the review is written to.
    #[command(flatten)]
    pub outputs: ReviewOutputs,
    /// Exit with 1 if the review finds any of these.
    #[arg(long, value_name = "WHAT,…", value_enum, value_delimiter = ',')]
    pub fail_on: Vec<FailOn>,
}

/// What to do with providers.
#[derive(Debug, Subcommand)]
pub enum ProvidersCommand {
    /// Write .terraform.lock.hcl: every provider that a root module requires, for several platforms.
    ///
    /// Versions stay what they are unless --upgrade says otherwise. Rendering copies to every root module what it
    /// needs of the lock; before accounts are planned, each provider is fetched once and linked from there.
    #[command(after_long_help = "Examples:
  groundwork providers lock
  groundwork providers lock --platform linux_arm64 --upgrade")]
    Lock(ProvidersLockArgs),
}

/// `groundwork providers lock`
#[derive(Args, Debug)]
pub struct ProvidersLockArgs {
    /// Platforms that the lock is for.
    #[arg(long, value_name = "PLATFORM,…", value_delimiter = ',', default_values = ["linux_amd64", "linux_arm64", "darwin_arm64"])]
    pub platform: Vec<String>,
    /// Choose the newest versions that the root modules allow.
    #[arg(long)]
    pub upgrade: bool,
    /// Take packages from this folder, laid out as a mirror, instead of from their registries.
    #[arg(long, value_name = "DIR")]
    pub fs_mirror: Option<PathBuf>,
    /// The terraform or tofu to run; by default the first of the two on PATH.
    #[arg(long, value_name = "PATH", env = "GROUNDWORK_TERRAFORM", hide_env_values = true)]
    pub terraform: Option<PathBuf>,
}

/// `groundwork watchdog`
#[derive(Args, Debug)]
pub struct WatchdogArgs {
    /// How long children get to stop, in milliseconds.
    #[arg(long)]
    pub grace: u64,
}
