//! groundwork gives every team its AWS accounts.
//!
//! ```text
//! domains.toml ─ config ─ organization ─┬─ render ── root modules ── disk
//! templates/  ─ feature ────────────────┤
//! ledger.toml ─ ledger ── network ──────┴─ matrix ── CI
//! ```
//! Everything here is a function of its inputs, but for [`system`] (files, clock), `render::disk` (the output
//! folder), [`ui`] (the terminal) and the commands that wire them together. docs/ARCHITECTURE.md is the map.

pub mod aws;
pub mod built_in;
pub mod changes;
pub mod cli;
mod command;
pub mod config;
pub mod converge;
pub mod demo;
pub mod diagnostic;
pub mod digest;
pub mod document;
pub mod exit;
pub mod feature;
pub mod forge;
pub mod hcl;
pub mod init;
pub mod keys;
pub mod ledger;
pub mod map;
pub mod matrix;
pub mod network;
pub mod newrelic;
pub mod organization;

pub mod output;
pub mod plan;
pub mod policy;
mod pool;
pub mod preview;
pub mod proposal;
pub mod providers;

pub mod reconcile;
pub mod render;
pub mod repository;
pub mod review;
pub mod run;

pub mod schema;
pub mod snapshot;
pub mod state;
pub mod system;
pub mod terraform;
pub mod text;
pub mod ui;
pub mod workflows;

use std::ffi::OsString;

use clap::Parser as _;
use tracing_subscriber::fmt::format::FmtSpan;

use exit::Exit;

/// Runs the program with `arguments`, the first of which is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    match cli::Cli::try_parse_from(arguments) {
        Ok(cli) => {
            trace(cli.global.verbose);
            command::run(cli)
        }
        Err(error) => {
            // Help and version are answers, on stdout; anything else is a misunderstanding.
            error.print().ok();
            if error.use_stderr() { Exit::Usage } else { Exit::Success }
        }
    }
}

/// `-v` tells what is done and how long it takes, on stderr.
fn trace(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => tracing::Level::INFO,
        2 => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::CLOSE)
        .with_target(false)
        .with_timer(tracing_subscriber::fmt::time::uptime())
        .with_ansi(anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never)
        .init();
}
