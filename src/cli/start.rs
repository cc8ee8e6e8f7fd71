//! Starting: a repository, a domain, a look at what there would be.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::init::Ci;

/// `groundwork demo`
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Where the review goes as a page.
    #[arg(long, value_name = "FILE", default_value = "groundwork-demo.html")]
    pub html: PathBuf,
}

/// `groundwork init`
#[derive(Args, Debug)]
pub struct InitArgs {
    /// The folder that becomes the repository; made if need be.
    #[arg(value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub folder: PathBuf,
    /// The organization's short name.
    #[arg(long)]
    pub name: Option<String>,
    /// Account id of the organization's management account.
    #[arg(long, value_name = "ID")]
    pub management_account: Option<String>,
    /// Pattern of the root e-mails of accounts, with `{domain}` and `{environment}`.
    #[arg(long, value_name = "PATTERN")]
    pub email: Option<String>,
    /// The AWS region of accounts and state.
    #[arg(long, env = "AWS_REGION")]
    pub region: Option<String>,
    /// The S3 bucket that keeps Terraform's state; by default the name with `-groundwork-state`.
    #[arg(long, value_name = "BUCKET")]
    pub state_bucket: Option<String>,
    /// For which CI workflows are written; for GitHub by default.
    #[arg(long, value_enum)]
    pub ci: Option<Ci>,
    /// The repository that this becomes, as `owner/name`.
    #[arg(long, value_name = "OWNER/NAME")]
    pub repository: Option<String>,
    /// The repository on GitHub whose releases hold groundwork; by default `groundwork` of the same owner.
    #[arg(long, value_name = "OWNER/NAME")]
    pub releases: Option<String>,
    /// Adopt the accounts of the AWS organization.
    #[arg(long)]
    pub from_organization: bool,
    /// Read this snapshot and not AWS.
    #[arg(long, value_name = "FILE", requires = "from_organization")]
    pub snapshot: Option<PathBuf>,
    /// Write what was read of AWS there, for `organization plan --snapshot` and for whoever may not read it.
    #[arg(long, value_name = "FILE", requires = "from_organization", conflicts_with = "snapshot")]
    pub write_snapshot: Option<PathBuf>,
}

/// What to add.
#[derive(Debug, Subcommand)]
pub enum AddCommand {
    /// Add a domain, with an account in each of its environments.
    #[command(after_long_help = "Example:
  groundwork add domain search --team discovery --environments dev,stage,prod --repository acme/search")]
    Domain(AddDomainArgs),
    /// Add a team, who can then steward domains.
    #[command(after_long_help = "Example:
  groundwork add team discovery --email discovery@acme.example --slack '#team-discovery' --cost-center 4230")]
    Team(AddTeamArgs),
}

/// `groundwork add domain`
#[derive(Args, Debug)]
pub struct AddDomainArgs {
    /// Its name: lower-case letters, digits and hyphens.
    pub name: String,
    /// The team that stewards it.
    #[arg(long)]
    pub team: String,
    /// The environments it has an account in; all that are declared, by default.
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    pub environments: Vec<String>,
    /// What it is, in a sentence.
    #[arg(long)]
    pub description: Option<String>,
    /// Where its code lives, as `owner/name`.
    #[arg(long)]
    pub repository: Option<String>,
    /// Link to what to do when it breaks.
    #[arg(long)]
    pub runbook: Option<String>,
}

/// `groundwork add team`
#[derive(Args, Debug)]
pub struct AddTeamArgs {
    /// Its name: lower-case letters, digits and hyphens.
    pub name: String,
    /// Where it reads mail.
    #[arg(long)]
    pub email: String,
    /// Its channel.
    #[arg(long)]
    pub slack: Option<String>,
    /// Its on-call rotation.
    #[arg(long)]
    pub on_call: Option<String>,
    /// Who pays.
    #[arg(long)]
    pub cost_center: Option<String>,
    /// The team on GitHub, as `owner/team`.
    #[arg(long)]
    pub github: Option<String>,
    /// Its group in IAM Identity Center.
    #[arg(long)]
    pub identity_group: Option<String>,
}
