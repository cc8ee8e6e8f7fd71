//! What a review of many plans costs, next to what parsing the same bytes costs: `cargo bench --bench review`.
//!
//! Figures are ratios within one run: machines differ, and are noisy. The parse is what the simplest reader would do:
//! every file into a `serde_json::Value`, on all cores, and nothing done with it. Both run as programs of their own, so
//! that both pay for starting and reading.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench prints, and starts programs"
)]

#[path = "../examples/generate-plans/plans.rs"]
mod plans;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use groundwork_testing::process::{median, milliseconds, ratio, run};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

const ROUNDS: usize = 7;
const ACCOUNTS: usize = 1_000;
const PATTERNS: usize = 12;
const RESOURCES: usize = 80;

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some("parse") {
        return parse(Path::new(&arguments.next().unwrap()));
    }
    let folder = std::env::var_os("GROUNDWORK_BENCH_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from)
        .join("groundwork-bench-review");
    fs::remove_dir_all(&folder).ok();
    let (input, output) = (folder.join("plans"), folder.join("out"));
    plans::write(ACCOUNTS, PATTERNS, RESOURCES, &input).unwrap();
    fs::create_dir_all(&output).unwrap();
    let bytes: u64 = files(&input).iter().map(|file| fs::metadata(file).unwrap().len()).sum();
    println!("{ACCOUNTS} plans in {PATTERNS} patterns, {} MB:", bytes / 1_000_000);

    let (mut parsing, mut reviewing, mut judging) = (vec![], vec![], vec![]);
    let (mut peak, mut judging_peak) = (0, 0);
    for _ in 0..ROUNDS {
        let this = std::env::current_exe().unwrap();
        parsing.push(run(Command::new(this).arg("parse").arg(&input)).0);
        let (time, kilobytes) = review(&input, &output, &[]);
        reviewing.push(time);
        peak = peak.max(kilobytes);
        let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
        let (time, kilobytes) = review(&input, &output, &["--policy", policies.to_str().unwrap()]);
        judging.push(time);
        judging_peak = judging_peak.max(kilobytes);
    }
    let [parsing, reviewing, judging]: [Duration; 3] = [parsing, reviewing, judging].map(median);
    println!("  serde_json into values  {:>7.1} ms", milliseconds(parsing));
    println!(
        "  review, all outputs     {:>7.1} ms, {:.2} times that (at most 3)",
        milliseconds(reviewing),
        ratio(reviewing, parsing)
    );
    println!("  and with policies       {:>7.1} ms, {:.2} times that", milliseconds(judging), ratio(judging, parsing));
    println!("  peak memory             {:>7} MB (below 300), with policies {} MB", peak / 1_000, judging_peak / 1_000);
    let comment = fs::read_to_string(output.join("comment.md")).unwrap();
    let whole = if comment.contains("Left out") { "not complete" } else { "complete" };
    println!("  comment                 {:>7} bytes (below 8,000), {whole}", comment.len());
    println!("  page                    {:>7} bytes", fs::metadata(output.join("review.html")).unwrap().len());
    fs::remove_dir_all(&folder).ok();
}

fn review(input: &Path, output: &Path, more: &[&str]) -> (Duration, u64) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_groundwork"));
    command.args(["-q", "review"]).arg(input).current_dir(output);
    run(command
        .args(["--markdown", "comment.md", "--html", "review.html", "--json", "-"])
        .args(more)
        .stdout(std::process::Stdio::null()))
}

fn parse(folder: &Path) {
    let keys: usize = files(folder)
        .par_iter()
        .map(|file| {
            let value: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
            value.as_object().unwrap().len()
        })
        .sum();
    assert!(keys > 0);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let domains = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        domains.flat_map(|domain| fs::read_dir(domain).unwrap().map(|entry| entry.unwrap().path())).collect();
    files.sort();
    files
}
