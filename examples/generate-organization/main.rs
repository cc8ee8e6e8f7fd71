//! Writes a synthetic organization: `cargo run --release --example generate-organization -- --accounts N --out DIR`.

mod organization;

use std::path::PathBuf;

use clap::Parser;

/// Write a synthetic organization, for benches and demonstrations.
#[derive(Parser)]
struct Arguments {
    /// How many accounts it has.
    #[arg(long, default_value_t = 1000)]
    accounts: usize,
    /// The folder it goes to; made if need be.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    organization::write(arguments.accounts, &arguments.out)
}
