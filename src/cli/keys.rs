//! Keys of machines.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::{Format, days, duration};

/// What to do with the keys of faceless users.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List every faceless user with keys: which it has, how old they are, what holds which, what a rotation would do.
    ///
    /// No secret is read.
    #[command(after_long_help = "Examples:
  groundwork keys status
  groundwork keys status '*/prod' --format json")]
    Status(KeysStatusArgs),
    /// Give every faceless user with `kind = "access-key"` a young key, wherever it is used.
    ///
    /// Makes a key where the present one is too old, puts it into Secrets Manager and from there into GitHub environments,
    /// and removes the one before when nobody needs it: deactivated after --grace, deleted after as long again. A key that
    /// anything holds is never touched. A run that dies anywhere is simply run again. Run it once a day.
    #[command(after_long_help = "Examples:
  groundwork keys rotate
  groundwork keys rotate payments/prod --older-than 0s              Now.
  groundwork keys rotate payments/prod --older-than 0s --grace 0s   Now, and the old one ends at once: it is known to others.

Works in each account in its role, and on GitHub as `gh` does: GH_TOKEN has to be of somebody who may write secrets and
variables of the environments. docs/keys.md has the rest.")]
    Rotate(KeysRotateArgs),
    /// Write the names and ARNs of roles into variables of GitHub Actions, for faceless users with `kind = "oidc"`.
    ///
    /// Only what differs is written.
    #[command(after_long_help = "Examples:
  groundwork keys publish --check
  groundwork keys publish 'catalog/*'")]
    Publish(KeysPublishArgs),
}

/// When keys are made and removed.
#[derive(Args, Debug)]
pub struct KeysPolicyArgs {
    /// How old a key may become.
    #[arg(long, value_name = "TIME", default_value = "60d", value_parser = days)]
    pub older_than: Duration,
    /// How long a key is left active, and after that inactive, once nothing holds it; counted anew when it is used.
    #[arg(long, value_name = "TIME", default_value = "1d", value_parser = days)]
    pub grace: Duration,
    /// How old a key that nothing has ever held has to be: a younger one may be another run's.
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = days)]
    pub settle: Duration,
    /// Users that are worked on at a time.
    #[arg(short, long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=32))]
    pub jobs: u16,
}

/// `groundwork keys status`
#[derive(Args, Debug)]
pub struct KeysStatusArgs {
    /// Accounts, by key or glob; all, if none is named.
    #[arg(value_name = "ACCOUNT")]
    pub accounts: Vec<String>,
    /// What a rotation is judged by.
    #[command(flatten)]
    pub policy: KeysPolicyArgs,
    /// Text for people, or JSON on stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `groundwork keys rotate`
#[derive(Args, Debug)]
pub struct KeysRotateArgs {
    /// Accounts, by key or glob; all, if none is named.
    #[arg(value_name = "ACCOUNT", env = "GROUNDWORK_ACCOUNTS", value_delimiter = ' ')]
    pub accounts: Vec<String>,
    /// When keys are made and removed.
    #[command(flatten)]
    pub policy: KeysPolicyArgs,
    /// The pause between two proofs that AWS accepts a fresh key.
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = duration)]
    pub poll: Duration,
    /// Text for people, or JSON on stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `groundwork keys publish`
#[derive(Args, Debug)]
pub struct KeysPublishArgs {
    /// Accounts, by key or glob; all, if none is named.
    #[arg(value_name = "ACCOUNT")]
    pub accounts: Vec<String>,
    /// Write nothing; exit 1 if anything would be.
    #[arg(long)]
    pub check: bool,
}

/// What to do at the vendor of monitoring.
#[derive(Debug, Subcommand)]
pub enum MonitoringCommand {
    /// Give every account with `vendor = "newrelic"` an account at New Relic, and write its number to ledger.toml.
    ///
    /// One of exactly the AWS account's name is taken over, otherwise one is made: never two, whatever dies in between. The
    /// user key comes from NEW_RELIC_API_KEY.
    #[command(after_long_help = "Examples:
  groundwork monitoring apply --check
  groundwork monitoring apply && git add ledger.toml")]
    Apply(MonitoringApplyArgs),
    /// Give every account with `vendor = "newrelic"` a young license key, in Secrets Manager.
    ///
    /// As `groundwork keys rotate`, but that New Relic cannot deactivate a key and does not say when it was used: one that was
    /// replaced is marked after --grace, and deleted after as long again. Whatever still sends with it then is not heard.
    #[command(after_long_help = "Examples:
  groundwork monitoring rotate
  groundwork monitoring rotate payments/prod --older-than 0s")]
    Rotate(MonitoringRotateArgs),
}

/// `groundwork monitoring apply`
#[derive(Args, Debug)]
pub struct MonitoringApplyArgs {
    /// Accounts, by key or glob; all, if none is named.
    #[arg(value_name = "ACCOUNT")]
    pub accounts: Vec<String>,
    /// Make nothing; exit 1 if anything would be.
    #[arg(long)]
    pub check: bool,
    /// The pause between two looks for an account that was asked for. After ten times that it is taken for never made.
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = days)]
    pub settle: Duration,
}

/// `groundwork monitoring rotate`
#[derive(Args, Debug)]
pub struct MonitoringRotateArgs {
    /// Accounts, by key or glob; all, if none is named.
    #[arg(value_name = "ACCOUNT")]
    pub accounts: Vec<String>,
    /// How old a key may become.
    #[arg(long, value_name = "TIME", default_value = "180d", value_parser = days)]
    pub older_than: Duration,
    /// How long a key that was replaced is left alone, and after that marked, before it is deleted.
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = days)]
    pub grace: Duration,
    /// How old a key that never got to Secrets Manager has to be: a younger one may be another run's.
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = days)]
    pub settle: Duration,
}
