//! What may be typed, and its help. Nothing is done here.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::init::Ci;
use crate::map::Order;
use crate::matrix::MOST_JOBS;
use crate::output::markdown;
use crate::review::FailOn;
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

/// `groundwork check`
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Warnings that count as errors.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "WHAT")]
    pub deny: Vec<Deny>,
    /// Text for people, or a JSON array of problems on stdout.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// Warnings that can be made errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Something that an account of a later wave uses and none of the first wave rehearses.
    Parity,
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
#[derive(Args, Debug, Default)]
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

/// `groundwork list`
#[derive(Args, Debug)]
pub struct ListArgs {
    /// Accounts, as keys or globs such as `catalog/*`; all of them by default.
    #[arg(value_name = "ACCOUNT")]
    pub accounts: Vec<String>,
    /// Only the account whose network block has this address.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "accounts")]
    pub address: Option<Ipv4Addr>,
    /// The address space instead: how full every pool is, and what still fits.
    #[arg(long, conflicts_with_all = ["accounts", "address", "sort"])]
    pub pools: bool,
    /// What accounts are sorted by, and after that by key.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    pub sort: Order,
    /// Text for people, or JSON: {"accounts": [..], "domains": [..], "teams": [..], "features": [..], "address_space": {..}}.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `groundwork map`
#[derive(Args, Debug)]
pub struct MapArgs {
    /// Write the page there; `-` is stdout.
    #[arg(long, value_name = "FILE")]
    pub html: PathBuf,
}

/// `groundwork changes`
#[derive(Args, Debug)]
pub struct ChangesArgs {
    /// A branch, tag or commit; what counts is where HEAD parted from it.
    #[arg(long, value_name = "REV", env = "GROUNDWORK_SINCE")]
    pub since: String,
    /// Text for people, or JSON: {"base", "accounts": [{"key", "change", "causes", "files"}]}.
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
    /// The same as lines of a step's output, for `>> "$GITHUB_OUTPUT"`: WAVE={..} and has_WAVE=true.
    GithubOutput,
    /// A dynamic child pipeline.
    Gitlab,
}

/// `groundwork matrix`
#[derive(Args, Debug)]
pub struct MatrixArgs {
    /// Accounts, as keys or globs such as `catalog/*`; all of them by default.
    #[arg(value_name = "ACCOUNT")]
    pub accounts: Vec<String>,
    /// Only accounts that are touched since the merge base of HEAD and this branch, tag or commit. Empty: all accounts.
    #[arg(long, value_name = "REV", env = "GROUNDWORK_SINCE")]
    pub since: Option<String>,
    /// Only accounts that have a digest in this folder: what was reviewed is what is applied.
    #[arg(long, value_name = "DIR", conflicts_with = "since")]
    pub reviewed: Option<PathBuf>,
    /// One wave, `all`, of everything: planning keeps no order.
    #[arg(long)]
    pub flat: bool,
    /// At most this many jobs a wave; a wave that also destroys has at least two.
    #[arg(long, value_name = "N", default_value_t = MOST_JOBS, value_parser = clap::value_parser!(u16).range(1..=i64::from(MOST_JOBS)))]
    pub max_jobs: u16,
    /// Reports of earlier runs: accounts are packed by how long they took, the longest first. Of an account that is in
    /// several the last one counts.
    #[arg(long, value_name = "FILE")]
    pub timings: Vec<PathBuf>,
    /// What to print.
    #[arg(long, value_enum, default_value_t)]
    pub format: MatrixFormat,
}

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

/// What to do with the built-in features.
#[derive(Debug, Subcommand)]
pub enum TemplatesCommand {
    /// List the features there are, and where each comes from.
    List(TemplatesListArgs),
    /// Copy a built-in feature to templates/, where it takes the built-in one's place and can be changed.
    ///
    /// What it was made from is remembered beside it, in templates/FEATURE/.built-in: commit that as well.
    #[command(after_long_help = "Examples:
  groundwork templates eject network
  groundwork render --check             Nothing renders differently yet.")]
    Eject(TemplatesFeatureArgs),
    /// Show what was changed here since a feature was ejected, and what was changed in groundwork since.
    #[command(after_long_help = "Examples:
  groundwork templates diff
  groundwork templates diff network --upstream | patch -p1     Take over what groundwork changed,
  groundwork templates renew network                           and say so.
  groundwork templates diff --check                            In CI: exit 1 if there is something to take over.")]
    Diff(TemplatesDiffArgs),
    /// Remember the feature of this groundwork as what templates/FEATURE was made from: its changes are taken over.
    Renew(TemplatesFeatureArgs),
}

/// `groundwork templates list`
#[derive(Args, Debug)]
pub struct TemplatesListArgs {
    /// Text for people, or JSON.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `groundwork templates eject`, `groundwork templates renew`
#[derive(Args, Debug)]
pub struct TemplatesFeatureArgs {
    /// The feature's name.
    #[arg(value_name = "FEATURE")]
    pub feature: String,
}

/// `groundwork templates diff`
#[derive(Args, Debug)]
pub struct TemplatesDiffArgs {
    /// The feature's name; all that are in templates/ by default.
    #[arg(value_name = "FEATURE")]
    pub feature: Option<String>,
    /// Only what was changed in groundwork, as a patch.
    #[arg(long)]
    pub upstream: bool,
    /// Exit 1 if anything was changed in groundwork since a feature was ejected.
    #[arg(long)]
    pub check: bool,
}

/// `groundwork workflows`
#[derive(Args, Debug)]
pub struct WorkflowsArgs {
    /// Write nothing; exit 1 if anything would be.
    #[arg(long)]
    pub check: bool,
    /// For which CI.
    #[arg(long, value_enum, default_value_t)]
    pub format: WorkflowsFormat,
}

/// A CI that workflows are written for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum WorkflowsFormat {
    /// GitHub Actions: .github
    #[default]
    Github,
    /// GitLab: .gitlab
    Gitlab,
}

/// `groundwork notify`
#[derive(Args, Debug)]
pub struct NotifyArgs {
    /// Folder with the reports of runs (`groundwork apply --report`), in whatever folders below.
    #[arg(long, value_name = "DIR")]
    pub reports: Option<PathBuf>,
    /// What failed.
    #[arg(long, value_name = "NAME", default_value = "groundwork apply")]
    pub run: String,
    /// Where to read on.
    #[arg(long, value_name = "URL")]
    pub link: Option<String>,
}

/// What to do on GitHub.
#[derive(Debug, Subcommand)]
pub enum GitHubCommand {
    /// Keep one comment of a pull request up to date.
    Comment(GitHubCommentArgs),
    /// Keep one issue about drift up to date; close it when there is none.
    Issue(GitHubIssueArgs),
    /// Fetch the digests that were reviewed for a commit: those of the pull request it came from.
    Reviewed(GitHubReviewedArgs),
    /// Commit what the ledger here says of accounts that were made to the ledger on a branch.
    Ledger(GitHubBranchArgs),
    /// Make a pull request of the issue form that asks for a domain.
    Request(GitHubBranchArgs),
}

/// `groundwork github comment`
#[derive(Args, Debug)]
pub struct GitHubCommentArgs {
    /// The pull request's number.
    #[arg(long, value_name = "N")]
    pub number: u64,
    /// What it says, as Markdown.
    #[arg(long, value_name = "FILE")]
    pub file: PathBuf,
}

/// `groundwork github issue`
#[derive(Args, Debug)]
pub struct GitHubIssueArgs {
    /// The review that `groundwork drift --json` wrote.
    #[arg(long, value_name = "FILE")]
    pub review: PathBuf,
    /// What the issue says, as Markdown.
    #[arg(long, value_name = "FILE")]
    pub file: PathBuf,
}

/// `groundwork github reviewed`
#[derive(Args, Debug)]
pub struct GitHubReviewedArgs {
    /// The commit.
    #[arg(long, value_name = "SHA")]
    pub commit: String,
    /// The run of the plan workflow whose review counts, instead of the pull request's.
    #[arg(long, value_name = "ID", env = "GROUNDWORK_PLAN_RUN")]
    pub run: Option<String>,
    /// Where the digests go.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// `groundwork github ledger`, `groundwork github request`
#[derive(Args, Debug)]
pub struct GitHubBranchArgs {
    /// The branch that is applied.
    #[arg(long, value_name = "NAME")]
    pub branch: String,
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

/// `groundwork watchdog`
#[derive(Args, Debug)]
pub struct WatchdogArgs {
    /// How long children get to stop, in milliseconds.
    #[arg(long)]
    pub grace: u64,
}

/// What a review is written to.
#[derive(Args, Debug)]
#[command(next_help_heading = "Outputs")]
pub struct ReviewOutputs {
    /// Write the review as Markdown, for a comment of a pull request; `-` for stdout.
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// Write it as Markdown for a step summary, of nearly 1 MiB.
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,
    /// Write it as one HTML page, which needs nothing but a browser.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write it as JSON; `-` for stdout. `groundwork schema --of review` describes it.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// The most bytes, in UTF-8, that the Markdown may have.
    #[arg(long, value_name = "N", default_value_t = markdown::MOST_BYTES, value_parser = most_bytes)]
    pub max_bytes: usize,
    /// Where all of the review can be read, for what the Markdown leaves out.
    #[arg(long, value_name = "URL")]
    pub link: Option<String>,
}

/// `groundwork review`
#[derive(Args, Debug)]
pub struct ReviewArgs {
    /// Folder with plans or digests.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// What the review is written to.
    #[command(flatten)]
    pub outputs: ReviewOutputs,
    /// Accounts that there should be a plan for: the JSON of `groundwork matrix` or `groundwork changes`, or a key on
    /// each line. Those without one are listed as not planned.
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,
    /// Protected accounts, as globs such as `*/prod`, beside those that domains.toml protects.
    #[arg(long, value_name = "GLOB,…", value_delimiter = ',')]
    pub protected: Vec<String>,
    /// Folder with policies in Rego, for each account and for all at once.
    #[arg(long, value_name = "DIR")]
    pub policy: Option<PathBuf>,
    /// JSON of an earlier review of the same change, to say what is different since.
    #[arg(long, value_name = "FILE")]
    pub compare: Option<PathBuf>,
    /// Exit with 1 if the review finds any of these.
    #[arg(long, value_name = "WHAT,…", value_enum, value_delimiter = ',')]
    pub fail_on: Vec<FailOn>,
    /// The key of the digests that are made.
    #[arg(long, env = "GROUNDWORK_SEAL_KEY", hide = true, hide_env_values = true)]
    pub seal_key: Option<String>,
}

fn most_bytes(text: &str) -> Result<usize, String> {
    let number: usize = text.parse().map_err(|_| "it is not a number of bytes".to_owned())?;
    if number < markdown::LEAST_BYTES {
        return Err(format!("a review does not fit into less than {} bytes", markdown::LEAST_BYTES));
    }
    Ok(number)
}

/// `groundwork digest`
#[derive(Args, Debug)]
pub struct DigestArgs {
    /// What `terraform show -json PLANFILE` printed; `-` for stdin.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// The account it is for: `domain/environment`.
    #[arg(long, value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// Write the digest there and not to stdout. Its folder is made.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The key by which changes of sensitive values are told apart.
    #[arg(long, env = "GROUNDWORK_SEAL_KEY", hide = true, hide_env_values = true)]
    pub seal_key: Option<String>,
}

/// What to do with policies.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Run the tests that stand beside policies: rules called test_* in files called *_test.rego.
    #[command(after_long_help = "Example:
  groundwork policy test policies")]
    Test(PolicyTestArgs),
}

/// `groundwork policy test`
#[derive(Args, Debug)]
pub struct PolicyTestArgs {
    /// Folder with policies and their tests.
    #[arg(value_name = "DIR", default_value = "policies")]
    pub folder: PathBuf,
}

/// What a schema is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// domains.toml.
    #[default]
    Domains,
    /// A digest.
    Digest,
    /// The JSON of a review.
    Review,
    /// The report of a run.
    Report,
    /// The JSON of `groundwork list`.
    Map,
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
    /// What to describe.
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub of: SchemaOf,
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

/// `groundwork manual`
#[derive(Args, Debug)]
pub struct ManualArgs {
    /// The folder that gets them; it is made if need be.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
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
