//! Many plans, read as one.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::output::markdown;
use crate::review::FailOn;

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
