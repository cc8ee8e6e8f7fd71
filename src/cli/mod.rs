//! What may be typed, and its help, one file a family of commands. Nothing is done here.

mod ci;
mod keys;
mod organization;
mod repository;
mod review;
mod run;
mod start;
mod templates;

pub use ci::{
    ChangesArgs, GitHubBranchArgs, GitHubCommand, GitHubCommentArgs, GitHubIssueArgs, GitHubReviewedArgs, MatrixArgs,
    MatrixFormat, NotifyArgs, WorkflowsArgs, WorkflowsFormat,
};
pub use keys::{
    KeysCommand, KeysPolicyArgs, KeysPublishArgs, KeysRotateArgs, KeysStatusArgs, MonitoringApplyArgs,
    MonitoringCommand, MonitoringRotateArgs,
};
pub use organization::{
    OrganizationAdoptArgs, OrganizationApplyArgs, OrganizationCommand, OrganizationPlanArgs, StateBootstrapArgs,
    StateCommand, StateListArgs, StateUnlockArgs,
};
pub use repository::{
    AllocateArgs, CheckArgs, CompletionsArgs, Deny, ExplainArgs, ListArgs, ManualArgs, MapArgs, RenderArgs, SchemaArgs,
    SchemaFormat, SchemaOf,
};
pub use review::{DigestArgs, PolicyCommand, PolicyTestArgs, ReviewArgs, ReviewOutputs};
pub use run::{ApplyArgs, DriftArgs, PlanArgs, ProvidersCommand, ProvidersLockArgs, RunArgs, WatchdogArgs};
pub use start::{AddCommand, AddDomainArgs, AddTeamArgs, DemoArgs, InitArgs};
pub use templates::{TemplatesCommand, TemplatesDiffArgs, TemplatesFeatureArgs, TemplatesListArgs};

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
  groundwork list                         Whose is which account?
  groundwork changes --since main         Which accounts does this branch touch?
  groundwork matrix --format github       The CI jobs, in waves.
  groundwork plan '*/dev'                 Run Terraform: what would it do in all dev accounts?
  groundwork apply --reviewed digests     Do what was reviewed, wave by wave.
  groundwork review digests               What would many plans do, read as one?"
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
    /// Show a review: of an organization of 130 accounts that does not exist. Needs no AWS, no Terraform and no network.
    #[command(after_long_help = "Example:
  groundwork demo --html /tmp/review.html")]
    Demo(DemoArgs),
    /// Make a new repository: domains.toml, its ledger, workflows, policies, and what an editor needs.
    ///
    /// Asks on a terminal for what no flag says. Nothing is ever overwritten: with one file in the way nothing is written.
    /// With --from-organization, domains.toml adopts the accounts that exist: names, e-mails and units stay what they are,
    /// and what cannot be made out is left out and listed.
    #[command(after_long_help = "Examples:
  groundwork init
  groundwork init accounts --name acme --management-account 111111111111 --region eu-west-1 --email 'aws+{domain}-{environment}@acme.example' --repository acme/accounts
  groundwork init --from-organization                        Reads AWS Organizations, with the management account's credentials.
  groundwork init --from-organization --snapshot snapshot.json")]
    Init(InitArgs),
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
    /// List the accounts: who has which, where it is in its life, and in which network block.
    ///
    /// On a terminal only what fits is shown; columns that say the same of everybody go first. JSON has everything, owners,
    /// features and the address space included; `groundwork schema --of map` is its schema.
    #[command(after_long_help = "Examples:
  groundwork list
  groundwork list '*/prod' --sort network
  groundwork list --address 10.80.5.17            Whose is this address?
  groundwork list --pools                         What is left of the address space?
  groundwork list --format json | jq -r '.accounts[] | select(.team == \"catalog\") | .id'")]
    List(ListArgs),
    /// Draw the organization on one page: domains by environments with their owners, and the address space.
    ///
    /// The page is one file that asks nobody for anything. It holds account ids, e-mails and network blocks, and no secrets.
    #[command(after_long_help = "Examples:
  groundwork map --html map.html")]
    Map(MapArgs),
    /// Say which accounts this branch touches, and why.
    ///
    /// Both sides are rendered, in memory, with their own templates: the working tree, and what it began from, the
    /// merge base of HEAD and REV. What differs has changed; nothing is guessed from paths. Needs the history
    /// back to the merge base, and nothing else: no checkout, no other program, no network.
    #[command(after_long_help = "Examples:
  groundwork changes --since origin/main                 In a pull request.
  groundwork changes --since HEAD~1 --format json        What the last commit did.")]
    Changes(ChangesArgs),
    /// Print the CI jobs for the whole organization: waves, in order, of shards that run in parallel.
    #[command(after_long_help = "Examples:
  groundwork matrix                               As a table.
  groundwork matrix --format github >> \"$GITHUB_OUTPUT\"
  groundwork matrix --format gitlab > child-pipeline.yml
  groundwork matrix --since origin/main           Only the accounts that this branch touches.
  groundwork matrix --max-jobs 20 --format json")]
    Matrix(MatrixArgs),
    /// Review many Terraform plans as one: what is the same everywhere, what is not, what gets destroyed.
    ///
    /// Takes a folder of digests, of `terraform show -json` files of any Terraform or OpenTofu, or of both. An
    /// account is named by its digest, or else by its file: catalog/prod.json and catalog/prod/plan.json are both
    /// catalog/prod. In a groundwork repository the review knows teams, protected environments and networks.
    /// Everything is redacted before anything is written.
    #[command(after_long_help = "Examples:
  groundwork review digests                               In the terminal.
  groundwork review digests --html review.html            As a page, to click through.
  groundwork review digests --markdown comment.md --expect matrix.json --policy policies
  groundwork review digests --fail-on policy,not-planned,protected
  groundwork review digests --json now.json --compare before.json

What --fail-on finds is written first; then the exit code is 1.")]
    Review(ReviewArgs),
    /// Plan many accounts at a time with Terraform or OpenTofu, and show what all of them would do as one.
    ///
    /// Every account's plan becomes a digest, redacted; full plans are not kept. An account that does not exist yet is
    /// shown with what its root module declares. What Terraform says is in a log for each account, below
    /// target/groundwork/runs, and its last lines are shown where it fails.
    #[command(after_long_help = "Examples:
  groundwork plan                                     Every account.
  groundwork plan '*/dev' -j 4                        Some, four at a time.
  groundwork plan catalog/dev --digests digests --report report.json

With GROUNDWORK_SEAL_KEY set, digests tell changes of sensitive values apart; see `groundwork digest --help`.")]
    Plan(PlanArgs),
    /// Apply what was reviewed, wave by wave.
    ///
    /// Every account is planned afresh, and applied if that plan has the fingerprint that was reviewed; if not, it is
    /// refused, with what differs. A wave in which an account is not done halts the next. An account that is retiring
    /// is destroyed.
    ///
    /// Without --reviewed everything is planned first, shown, and asked about.
    #[command(after_long_help = "Examples:
  groundwork apply                                Plan, show, ask, apply.
  groundwork apply --reviewed digests             What was reviewed, and nothing else.
  groundwork apply --reviewed digests --resume    What is left of a run that was stopped.
  groundwork apply search/prod --reviewed digests --allow-destroy search/prod

Ctrl-C lets every Terraform finish what it is at and release its lock; a second one ends them.")]
    Apply(ApplyArgs),
    /// Find what was changed outside of Terraform, in every account.
    ///
    /// A plan over everything, reviewed for drift: what had changed, and what the next apply would undo. Changes that
    /// wait to be applied are counted and are no drift.
    #[command(after_long_help = "Examples:
  groundwork drift
  groundwork drift '*/prod' --markdown drift.md --fail-on drift")]
    Drift(DriftArgs),
    /// Make AWS Organizations hold what domains.toml means: units, accounts, moves, tags, contacts, closures.
    #[command(subcommand)]
    Organization(OrganizationCommand),
    /// Look after the keys of faceless users: make, carry to where they are used, rotate, remove.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Make what the vendor of monitoring holds for accounts: an account there, and license keys.
    #[command(subcommand)]
    Monitoring(MonitoringCommand),
    /// Work with the features that come with groundwork: list them, make one your own, follow what becomes of it.
    #[command(subcommand)]
    Templates(TemplatesCommand),
    /// Lock the providers that all root modules share.
    #[command(subcommand)]
    Providers(ProvidersCommand),
    /// Look after the bucket that holds Terraform's state.
    #[command(subcommand)]
    State(StateCommand),
    /// Write the workflows of CI, from the table `workflows` and the waves in domains.toml.
    #[command(after_long_help = "Examples:
  groundwork workflows
  groundwork workflows --check     Exit 1 if they are not what they should be.
  groundwork workflows --format gitlab")]
    Workflows(WorkflowsArgs),
    /// What a workflow does on GitHub: comments, issues, pull requests. Speaks through `gh`.
    #[command(name = "github", subcommand)]
    GitHub(GitHubCommand),
    /// Tell a chat what failed.
    ///
    /// Posts to the Slack webhook in GROUNDWORK_SLACK_WEBHOOK; without one, to nobody.
    #[command(after_long_help = "Examples:
  groundwork notify --reports reports --link https://github.com/acme/groundwork/actions/runs/1")]
    Notify(NotifyArgs),
    /// Make the digest of one plan: redacted, normalised, small.
    ///
    /// The digest is the only thing about a plan that should leave the job that made it. Sensitive values are taken
    /// out where Terraform marks them, and wherever else they turn up, in whatever encoding.
    #[command(after_long_help = "Examples:
  terraform show -json tfplan | groundwork digest - --account catalog/prod --out digests/catalog/prod.json

With GROUNDWORK_SEAL_KEY set to a secret (32 random bytes or a text as good as that), in the jobs that plan and
apply and nowhere else, a digest tells two changes of a sensitive value apart without showing either.")]
    Digest(DigestArgs),
    /// Work on policies.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Print the JSON Schema of domains.toml, with the inputs of this repository's features; or of what groundwork writes.
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
    /// Write the manual pages, one a command.
    #[command(after_long_help = "Examples:
  groundwork manual ~/.local/share/man/man1    Then: man groundwork-render")]
    Manual(ManualArgs),
    /// Stop the children of a groundwork that was killed. Started by groundwork itself.
    #[command(hide = true)]
    Watchdog(WatchdogArgs),
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

fn duration(text: &str) -> Result<Duration, String> {
    let parsed: Result<jiff::SignedDuration, _> = text.parse();
    let duration = parsed.map_err(|_| "write it as `90s`, `5m` or `1h 30m`".to_owned())?;
    Duration::try_from(duration).map_err(|_| "it is less than nothing".to_owned())
}

/// A time of days, or as [`duration`] takes it.
fn days(text: &str) -> Result<Duration, String> {
    const DAY: u64 = 24 * 60 * 60;
    match text.strip_suffix('d').map(str::parse::<u32>) {
        Some(Ok(days)) => Ok(Duration::from_secs(u64::from(days) * DAY)),
        _ => duration(text).map_err(|_| "write it as `60d`, `36h`, `15m` or `0s`".to_owned()),
    }
}
