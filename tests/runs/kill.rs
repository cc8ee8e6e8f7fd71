//! Ctrl-C, and worse.

use std::fs;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use super::World;
use super::lock::end_everything;
use super::repository::{BACKEND, Repository, THINGS};

/// A thing that would take a minute.
const SLOW: &str = r#"
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "sleep 60"
  }
}
"#;

fn signal(name: &str, id: u32) {
    assert!(Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status().unwrap().success());
}

fn wait_until(what: &str, is: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !is() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits for a run to end, but not for ever.
fn ended(run: &mut Child) -> Option<i32> {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        if let Some(status) = run.try_wait().unwrap() {
            return status.code();
        }
        if Instant::now() > deadline {
            run.kill().unwrap();
            panic!("it does not end");
        }
        thread::sleep(Duration::from_millis(10));
    }
}

const DOMAINS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

/// All accounts in one wave.
fn ten_domains<'a>(world: &'a World, template: &str) -> Repository<'a> {
    let repository = Repository::new(world, &DOMAINS, template);
    repository.edit("domains.toml", "domains = [\"a\"]", "accounts = [\"*/*\"]");
    repository
}

fn sleeping(repository: &Repository<'_>) -> usize {
    repository.processes().iter().filter(|process| process.starts_with("sleep")).count()
}

pub(crate) fn twenty_applies_are_interrupted_and_leave_nothing(world: &World) {
    let repository = ten_domains(world, &format!("{BACKEND}{SLOW}"));
    let mut run = repository.start(&["apply", "--yes", "-j", "20", "--report", "report.json"]);
    wait_until("twenty at once", || sleeping(&repository) == 20);
    assert!(repository.is_locked("a/dev"));
    signal("INT", run.id());
    assert_eq!(ended(&mut run), Some(1));
    assert!(repository.processes().is_empty(), "{:?}", repository.processes());
    let report: serde_json::Value = serde_json::from_str(&repository.read("report.json")).unwrap();
    for entry in report["accounts"].as_array().unwrap() {
        assert_eq!(entry["outcome"], "interrupted", "{entry}");
        assert!(!repository.is_locked(entry["account"].as_str().unwrap()));
    }
    assert_eq!(report["accounts"].as_array().unwrap().len(), 20);
}

pub(crate) fn a_second_interrupt_ends_them_now(world: &World) {
    // Whoever provisions does not listen.
    let repository = Repository::new(
        world,
        &["rehearsal"],
        &format!("{BACKEND}{SLOW}").replace("sleep 60", "trap '' INT TERM; sleep 60"),
    );
    let mut run = repository.start(&["apply", "rehearsal/dev", "--yes"]);
    wait_until("it sleeps", || sleeping(&repository) == 1);
    // Terraform itself is stopped where it stands: it cannot answer the first one.
    let terraform =
        repository.processes_with_ids().into_iter().find(|(_, process)| process.contains("apply -input=false"));
    signal("STOP", terraform.expect("Terraform applies").0);
    signal("INT", run.id());
    thread::sleep(Duration::from_millis(300));
    assert!(run.try_wait().unwrap().is_none(), "it waits for Terraform");
    signal("INT", run.id());
    let begun = Instant::now();
    assert_eq!(ended(&mut run), Some(1));
    assert!(begun.elapsed() < Duration::from_secs(10), "now");
    wait_until("all are gone", || {
        repository.processes().iter().all(|process| process.starts_with("sleep") || process.starts_with("/bin/sh"))
    });
    assert_eq!(repository.reported("rehearsal/dev")["outcome"], "interrupted");
    for (id, _) in repository.processes_with_ids() {
        signal("KILL", id);
    }
}

/// Fifty times: something is to be applied, the run is killed somewhere, and taken up.
pub(crate) fn killed_at_any_moment_a_run_is_taken_up(world: &World) {
    const ROUNDS: usize = 50;
    let repository = Repository::new(world, &["rehearsal"], &format!("{BACKEND}{THINGS}"));
    repository.groundwork(&["apply", "--yes"]).succeeds();
    let begun = Instant::now();
    repository.groundwork(&["apply", "--yes"]).succeeds();
    // Somewhere between nothing and a little more than all of it.
    let longest = begun.elapsed().mul_f64(1.4);
    let mut cut_off = 0;
    for round in 1..=ROUNDS {
        repository.things(round, round + 1);
        repository.plan();
        let before = repository.runs();
        // Low-discrepancy, so that fifty rounds leave no moment out: the golden ratio's multiples.
        let moment = longest.mul_f64((round as f64 * 0.618_033_988_75).fract());
        let mut run = repository.start(&["apply", "--reviewed", "digests"]);
        thread::sleep(moment);
        let everything = round % 5 == 0;
        if everything {
            end_everything(&repository, &mut run);
        } else {
            // Terraform goes on, and is told to stop by the watchdog.
            run.kill().unwrap();
            run.wait().unwrap();
        }
        let resumed = repository.groundwork(&[
            "apply",
            "--resume",
            "--reviewed",
            "digests",
            "--release-locks",
            "--retry-delay",
            "100ms",
            "--lock-timeout",
            "20s",
            "*/*",
        ]);
        let resumed = resumed.succeeds();
        cut_off += usize::from(resumed.stderr.contains("applied"));
        let runs: Vec<_> = repository.runs().into_iter().filter(|run| !before.contains(run)).collect();
        for account in ["rehearsal/dev", "rehearsal/prod"] {
            let state = repository.state(account);
            assert_eq!(state.len(), round + 1, "round {round}, {account}: {state:?}");
            assert!(!repository.is_locked(account), "round {round}, {account}");
            // What Terraform says of it, in all runs of this round together. What was made and could not be written
            // down, because the power failed, is made once more: nobody can know better.
            let made: usize = runs
                .iter()
                .map(|run| fs::read_to_string(run.join(format!("logs/{account}.log"))).unwrap_or_default())
                .map(|log| log.matches(&format!("thing[\"{round}\"]: Creation complete")).count())
                .sum();
            assert!(made == 1 || everything && made == 2, "round {round}, {account}: made {made} times");
        }
        let journals = runs.iter().filter_map(|run| fs::read_to_string(run.join("journal.jsonl")).ok());
        for journal in journals {
            let lines: Vec<&str> = journal.lines().collect();
            for line in &lines[..lines.len().saturating_sub(1)] {
                serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            }
        }
    }
    assert!(cut_off > ROUNDS / 5, "only {cut_off} of {ROUNDS} rounds were cut off before the end");
    let planned = repository.groundwork(&["plan"]).succeeds();
    assert!(planned.stdout.contains("no change"), "{}", planned.stdout);
    assert!(repository.processes().is_empty(), "{:?}", repository.processes());
}
