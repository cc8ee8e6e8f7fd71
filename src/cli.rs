//! What may be typed, and its help. Nothing is done here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::matrix::MOST_JOBS;
use crate::ui::Colour;

/// Gives every team its AWS accounts.
///
/// One file, domains.toml, says which domain has an account in which environment and what it gets.
/// groundwork renders a Terraform root module for each account, gives every network a block of
/// addresses that collides with nobody's, and tells CI which accounts to run and in what order.
///
/// Answers go to stdout, everything else to stderr.
#[derive(Debug, Parser)]
#[command(name = "groundwork", version, max_term_width = 100)]
#[command(
    after_long_help = "Exit codes: 0, done; 1, what was asked for failed or was refused; 2, the command line was not understood.

Examples:
  groundwork check                        Is everything in this repository right?
  groundwork allocate                     Give new accounts their network block.
  groundwork render                       Write the root module of every account.
  groundwork render --check 'catalog/*'   Would that change anything for the catalog domain?
  groundwork explain catalog/prod         What does this account get, and which line says so?
  groundwork matrix --format github       The CI jobs, in waves."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
}

/// What every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Work in this folder's repository instead of the current one's.
    #[arg(short = 'C', long, global = true, value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub directory: PathBuf,
    /// Say only what went wrong.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Tell what is being done and how long it takes; twice for more.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to use colour. NO_COLOR is respected.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t, hide_default_value = true)]
    pub color: Colour,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check domains.toml, the templates, the overlays and the ledger.
    ///
    /// Every problem is reported in one run, each with its file, line and what to do about it.
    #[command(after_long_help = "Examples:
  groundwork check
  groundwork check --format json | jq '.[] | select(.severity == \"error\")'")]
    Check(CheckArgs),
    /// Write the Terraform root modules.
    ///
    /// All of them are rendered, and parsed, before the first file is written. Files are written only where
    /// their content differs, each in one step; files that groundwork wrote and no longer renders are
    /// removed. What somebody else put there is never touched.
    #[command(after_long_help = "Examples:
  groundwork render                        Every account, to accounts/<domain>/<environment>/.
  groundwork render catalog/prod           One account.
  groundwork render '*/dev'                All dev accounts.
  groundwork render --check                Write nothing; exit 1 and list what would change.
  groundwork render --out /tmp/rendered    To another folder.")]
    Render(RenderArgs),
    /// Give new accounts their network block, in ledger.toml.
    ///
    /// A block that an account has never moves, whatever is added, removed, resized or reordered. Commit the
    /// ledger together with domains.toml.
    #[command(after_long_help = "Examples:
  groundwork allocate                             Write ledger.toml.
  groundwork allocate --check                     In CI, after a merge: is it complete, and free of overlaps?
  groundwork allocate --reassign payments/dev     Another block for an account that does not exist yet.")]
    Allocate(AllocateArgs),
    /// Show what an account gets, and which line says so.
    #[command(after_long_help = "Examples:
  groundwork explain catalog/prod
  groundwork explain catalog/prod network.nat     Only what is below one path.
  groundwork explain catalog/prod --format json")]
    Explain(ExplainArgs),
    /// Print the CI jobs for the whole organization: waves, in order, of shards that run in parallel.
    #[command(after_long_help = "Examples:
  groundwork matrix                               As a table.
  groundwork matrix --format github >> \"$GITHUB_OUTPUT\"
  groundwork matrix --format gitlab > child-pipeline.yml
  groundwork matrix --max-jobs 20 --format json")]
    Matrix(MatrixArgs),
    /// Print the JSON Schema of domains.toml, with the inputs of this repository's features.
    #[command(after_long_help = "Editors with TOML support complete and check domains.toml when its first line is
  #:schema ./domains.schema.json

Examples:
  groundwork schema > domains.schema.json
  groundwork schema --format markdown > docs/configuration.md")]
    Schema(SchemaArgs),
    /// Add a domain or a team to domains.toml, in place; comments and order stay.
    #[command(subcommand)]
    Add(AddCommand),
    /// Print the completions for a shell.
    #[command(after_long_help = "Examples:
  groundwork completions bash > /etc/bash_completion.d/groundwork
  groundwork completions fish > ~/.config/fish/completions/groundwork.fish")]
    Completions(CompletionsArgs),
}

/// For people or for machines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For machines.
    Json,
}

/// `groundwork check`
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Text for people, or a JSON array of problems on stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `groundwork render`
#[derive(Args, Debug)]
pub struct RenderArgs {
    /// Accounts, as keys or globs such as `catalog/*`; all of them by default.
    #[arg(value_name = "ACCOUNT")]
    pub accounts: Vec<String>,
    /// Folder that `accounts/` goes into; the repository by default.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write nothing; list what differs, and exit 1 if anything does.
    #[arg(long)]
    pub check: bool,
}

/// `groundwork allocate`
#[derive(Args, Debug)]
pub struct AllocateArgs {
    /// Write nothing; exit 1 if the ledger is incomplete or contradicts itself.
    #[arg(long, conflicts_with = "reassign")]
    pub check: bool,
    /// Take the network block from an account that does not exist yet, and give it another: the way out when
    /// two branches took the same one.
    #[arg(long, value_name = "ACCOUNT")]
    pub reassign: Vec<String>,
}

/// `groundwork explain`
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The account's key: `domain/environment`.
    #[arg(value_name = "ACCOUNT")]
    pub account: String,
    /// Only what is at or below this path, such as `network` or `network.nat`.
    #[arg(value_name = "PATH")]
    pub path: Option<String>,
    /// Text for people, or JSON: {"key", "values": [{"path", "value", "origin": {"file", "line"}}]}.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// What a matrix is printed as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum MatrixFormat {
    /// For people.
    #[default]
    Text,
    /// {"waves": [{"name", "jobs": [{"name", "action", "accounts"}]}]}.
    Json,
    /// On one line, for `fromJSON`: {"WAVE": {"include": [..]}, "has_WAVE": true}.
    Github,
    /// A dynamic child pipeline.
    Gitlab,
}

/// `groundwork matrix`
#[derive(Args, Debug)]
pub struct MatrixArgs {
    /// Accounts, as keys or globs such as `catalog/*`; all of them by default.
    #[arg(value_name = "ACCOUNT")]
    pub accounts: Vec<String>,
    /// At most this many jobs a wave; a wave that also destroys has at least two.
    #[arg(long, value_name = "N", default_value_t = MOST_JOBS, value_parser = clap::value_parser!(u16).range(1..=i64::from(MOST_JOBS)))]
    pub max_jobs: u16,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: MatrixFormat,
}

/// What the schema is printed as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SchemaFormat {
    /// JSON Schema, draft 2020-12.
    #[default]
    Json,
    /// The configuration reference.
    Markdown,
}

/// `groundwork schema`
#[derive(Args, Debug)]
pub struct SchemaArgs {
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: SchemaFormat,
}

/// `groundwork completions`
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
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
