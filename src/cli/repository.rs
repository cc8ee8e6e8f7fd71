//! What the repository says, and what is written from it.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Format;
use crate::map::Order;

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
