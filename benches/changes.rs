//! What it costs to know which accounts a branch touches, next to `git diff --name-only` of committed output:
//! `cargo bench --bench changes`.
//!
//! git compares what somebody rendered and committed; groundwork renders both sides. One domain of the organization is
//! edited. Figures are ratios within one run: machines differ, and are noisy.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench prints, and starts programs"
)]

#[path = "../examples/generate-organization/organization.rs"]
mod organization;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use groundwork_testing::process::{median, milliseconds, ratio, run};

const ROUNDS: usize = 7;

fn main() {
    let folder = std::env::var_os("GROUNDWORK_BENCH_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from)
        .join("groundwork-bench-changes");
    fs::remove_dir_all(&folder).ok();
    let small = measure(&folder.join("1000"), 1_000);
    let large = measure(&folder.join("10000"), 10_000);
    println!("10,000 accounts: {:.1} times the 1,000", ratio(large, small));
    fs::remove_dir_all(&folder).ok();
}

fn measure(root: &Path, accounts: usize) -> Duration {
    organization::write(accounts, root).unwrap();
    groundwork(root, &["render", "-q"]);
    git(root, &["init", "-q", "-b", "main"]);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "all"]);
    let domains = fs::read_to_string(root.join("domains.toml")).unwrap();
    let at = domains.find("[domains.").unwrap();
    let (before, after) = domains.split_at(at);
    let end = after.find('\n').unwrap() + 1;
    let edited =
        format!("{before}{}environment.dev.network.flow_logs.retention_days = 14\n{}", &after[..end], &after[end..]);
    fs::write(root.join("domains.toml"), edited).unwrap();
    groundwork(root, &["render", "-q"]);

    let (mut changes, mut diffs) = (vec![], vec![]);
    for _ in 0..ROUNDS {
        changes.push(groundwork(root, &["changes", "--since", "main", "--format", "json", "-q"]));
        diffs.push(git(root, &["diff", "--name-only", "main"]));
    }
    let [changes, diffs] = [changes, diffs].map(median);
    println!("{accounts} accounts, one domain edited:");
    println!("  git diff --name-only  {:>7.1} ms", milliseconds(diffs));
    println!(
        "  changes               {:>7.1} ms (at most 300 for 1,000), {:.2} times that",
        milliseconds(changes),
        ratio(changes, diffs)
    );
    changes
}

fn groundwork(root: &Path, arguments: &[&str]) -> Duration {
    run(Command::new(env!("CARGO_BIN_EXE_groundwork")).args(arguments).current_dir(root).stdout(Stdio::null())).0
}

fn git(root: &Path, arguments: &[&str]) -> Duration {
    let identity = ["-c", "user.name=catalog", "-c", "user.email=catalog@acme.example"];
    run(Command::new("git").args(identity).args(arguments).current_dir(root).stdout(Stdio::null())).0
}
