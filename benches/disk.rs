//! What rendering costs, next to what copying the same files costs, on the same disk in the same run.
//!
//! `cargo bench --bench disk`. Figures are ratios: machines differ, and are noisy. `GROUNDWORK_BENCH_DIR` names a
//! folder on the file system to measure; on one in memory (`/dev/shm`) the disk's own limits stay out of it.
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
use std::process::Command;
use std::time::Duration;

use groundwork_testing::process::{median, milliseconds, ratio, run};

const ROUNDS: usize = 7;

fn main() {
    let folder = std::env::var_os("GROUNDWORK_BENCH_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    let folder = folder.join("groundwork-bench-disk");
    fs::remove_dir_all(&folder).ok();
    let small = measure(&folder, 1_000);
    let large = measure(&folder, 10_000);
    println!(
        "10,000 accounts cold: {:.1} times the 1,000 (at most 11); cp -r: {:.1} times",
        ratio(large.cold, small.cold),
        ratio(large.copy, small.copy)
    );
    println!("10,000 accounts, check: {:.2} s (below 1)", large.check.as_secs_f64());
    println!("10,000 accounts, peak memory: {} MB (below 300)", large.peak_kilobytes / 1_000);
    fs::remove_dir_all(&folder).ok();
}

struct Figures {
    cold: Duration,
    copy: Duration,
    check: Duration,
    peak_kilobytes: u64,
}

fn measure(folder: &Path, accounts: usize) -> Figures {
    let root = folder.join(accounts.to_string());
    organization::write(accounts, &root).unwrap();
    let (out, copied) = (root.join("out"), root.join("copied"));
    let rounds = if accounts > 1_000 { 3 } else { ROUNDS };
    let (mut cold, mut warm, mut copy, mut check) = (vec![], vec![], vec![], vec![]);
    let mut peak_kilobytes = 0;
    for _ in 0..rounds {
        fs::remove_dir_all(&out).ok();
        fs::remove_dir_all(&copied).ok();
        let (time, peak) = groundwork(&root, &["render", "-q", "--out", "out"]);
        cold.push(time);
        peak_kilobytes = peak.max(peak_kilobytes);
        warm.push(groundwork(&root, &["render", "-q", "--out", "out"]).0);
        check.push(groundwork(&root, &["check", "-q"]).0);
        copy.push(run(Command::new("cp").arg("-r").arg(&out).arg(&copied)).0);
    }
    let [cold, warm, copy, check] = [cold, warm, copy, check].map(median);
    println!("{accounts} accounts, {} files:", count(&out));
    println!("  cp -r           {:>7.1} ms", milliseconds(copy));
    println!("  render, cold    {:>7.1} ms, {:.2} times cp -r (at most 1.5)", milliseconds(cold), ratio(cold, copy));
    println!("  render, again   {:>7.1} ms, {:.2} times cp -r (at most 0.5)", milliseconds(warm), ratio(warm, copy));
    println!("  check           {:>7.1} ms", milliseconds(check));
    Figures { cold, copy, check, peak_kilobytes }
}

fn groundwork(root: &Path, arguments: &[&str]) -> (Duration, u64) {
    run(Command::new(env!("CARGO_BIN_EXE_groundwork")).args(arguments).current_dir(root))
}

fn count(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| if entry.file_type().unwrap().is_dir() { count(&entry.path()) } else { 1 }).sum()
}
