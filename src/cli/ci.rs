//! What CI asks, and what it is told.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Format;
use crate::matrix::MOST_JOBS;

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
