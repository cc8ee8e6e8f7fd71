//! Writes synthetic plans: `cargo run --release --example generate-plans -- --accounts N --out DIR`.

mod plans;

use std::path::PathBuf;

use clap::Parser;

/// Write the plans of a synthetic organization, as `terraform show -json` prints them, for benches and demonstrations.
#[derive(Parser)]
struct Arguments {
    /// How many accounts it has.
    #[arg(long, default_value_t = 130)]
    accounts: usize,
    /// In how many different ways they change.
    #[arg(long, default_value_t = 12)]
    patterns: usize,
    /// How many resources each of them has.
    #[arg(long, default_value_t = 75)]
    resources: usize,
    /// The folder they go to; made if need be.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    plans::write(arguments.accounts, arguments.patterns, arguments.resources, &arguments.out)
}
