//! What is AWS's and not Terraform's: accounts, and the bucket of the state.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::{Format, duration};

/// What to do with the AWS organization.
#[derive(Debug, Subcommand)]
pub enum OrganizationCommand {
    /// Say what `organization apply` would do.
    ///
    /// One walk through AWS Organizations, compared with domains.toml and the ledger; nothing is written. An account is
    /// found by its tag `groundwork:key`, then by the ledger's id, then by its e-mail, and never by its name.
    #[command(after_long_help = "Examples:
  groundwork organization plan
  groundwork organization plan --write-snapshot snapshot.json
  groundwork organization plan --snapshot snapshot.json --format json")]
    Plan(OrganizationPlanArgs),
    /// Do what `organization plan` says.
    ///
    /// Everything that has to be decided by somebody is said before the first write. One account that fails does not
    /// stop the others. A run that is stopped or killed anywhere is simply run again: no account is made twice. Ids and
    /// requests are written to ledger.toml as they come: commit it.
    #[command(after_long_help = "Examples:
  groundwork organization apply
  groundwork organization apply --yes")]
    Apply(OrganizationApplyArgs),
    /// Take an AWS account that exists into a domain and environment.
    ///
    /// The account's table has to be in domains.toml, and in the ledger (`groundwork allocate`). Writes its id and e-mail to
    /// the ledger, and says what differs; `organization apply` then makes it what domains.toml means.
    #[command(after_long_help = "Examples:
  groundwork organization adopt catalog/prod --id 111122223333")]
    Adopt(OrganizationAdoptArgs),
}

/// `groundwork organization plan`
#[derive(Args, Debug)]
pub struct OrganizationPlanArgs {
    /// Compare with this snapshot instead of with AWS: no call is made.
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// Write the snapshot there.
    #[arg(long, value_name = "FILE")]
    pub write_snapshot: Option<PathBuf>,
    /// Text for people, or JSON on stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `groundwork organization apply`
#[derive(Args, Debug)]
pub struct OrganizationApplyArgs {
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// Accounts that are worked on at a time. How many may be in creation at once, domains.toml says.
    #[arg(short, long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=32))]
    pub jobs: u16,
    /// The first pause before AWS is asked again how an account comes along.
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = duration)]
    pub poll: Duration,
    /// How long it may take until AWS lists a request that was sent.
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = duration)]
    pub settle: Duration,
    /// How long an account may take to be made, and to be ready after that.
    #[arg(long, value_name = "TIME", default_value = "30m", value_parser = duration)]
    pub timeout: Duration,
    /// Text for people, or JSON on stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `groundwork organization adopt`
#[derive(Args, Debug)]
pub struct OrganizationAdoptArgs {
    /// Which account of domains.toml it becomes: `domain/environment`.
    #[arg(value_name = "ACCOUNT")]
    pub account: String,
    /// The AWS account's id.
    #[arg(long, value_name = "ID")]
    pub id: String,
}

/// What to do with the state.
#[derive(Debug, Subcommand)]
pub enum StateCommand {
    /// Make the bucket, or set it up as it should be.
    ///
    /// Versioned, encrypted, no public access, TLS only, old versions removed after a year. What is as it should be is
    /// left alone, and so is what others have set beside it.
    #[command(after_long_help = "Examples:
  groundwork state bootstrap --check     Say what is not as it should be; exit 1 if anything is.
  groundwork state bootstrap")]
    Bootstrap(StateBootstrapArgs),
    /// List objects in the bucket that no account in the ledger owns.
    Orphans(StateListArgs),
    /// List the locks that are held, by whom and since when.
    Locks(StateListArgs),
    /// Release the lock of an account whose holder is gone.
    ///
    /// Without --id only if the runs on this machine tell that it was one of them, and is gone.
    #[command(after_long_help = "Examples:
  groundwork state locks
  groundwork state unlock catalog/prod
  groundwork state unlock catalog/prod --id facb98e5-073e-c50e-3d87-17c9b1e11df3")]
    Unlock(StateUnlockArgs),
}

/// `groundwork state bootstrap`
#[derive(Args, Debug)]
pub struct StateBootstrapArgs {
    /// Change nothing; exit 1 if anything would be.
    #[arg(long)]
    pub check: bool,
}

/// `groundwork state orphans`, `groundwork state locks`
#[derive(Args, Debug)]
pub struct StateListArgs {
    /// Text for people, or JSON.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `groundwork state unlock`
#[derive(Args, Debug)]
pub struct StateUnlockArgs {
    /// Whose state it is: `domain/environment`.
    #[arg(value_name = "ACCOUNT")]
    pub account: String,
    /// The lock's id, if you know that whoever holds it is gone.
    #[arg(long)]
    pub id: Option<String>,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
    /// The terraform or tofu to run; by default the first of the two on PATH.
    #[arg(long, value_name = "PATH", env = "GROUNDWORK_TERRAFORM", hide_env_values = true)]
    pub terraform: Option<PathBuf>,
}
