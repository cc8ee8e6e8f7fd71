//! Locks: held by others, lost in races, left by the dead.

use groundwork_testing::process::output;
use std::thread;
use std::time::{Duration, Instant};

use super::World;
use super::repository::{BACKEND, Repository, THINGS};

/// A thing that takes its time.
const SLOW: &str = r#"
resource "terraform_data" "slow" {
  provisioner "local-exec" {
    command = "sleep {{ inputs.number }}"
  }
}
"#;

fn lock_of(who: &str, created: &str) -> String {
    format!(
        "{{\"ID\":\"11111111-2222-3333-4444-555555555555\",\"Operation\":\"OperationTypeApply\",\"Info\":\"\",\"Who\":\"{who}\",\"Version\":\"1.11.4\",\"Created\":\"{created}\",\"Path\":\"x\"}}"
    )
}

pub(crate) fn a_lock_that_is_held_is_waited_for_and_then_named(world: &World) {
    let repository = Repository::new(world, &["rehearsal"], &format!("{BACKEND}{THINGS}"));
    let lock = format!("{}.tflock", repository.state_key("rehearsal/dev"));
    world.moto.put(&repository.bucket, &lock, lock_of("ci@elsewhere", "2026-01-02T03:04:05.678Z").as_bytes());
    let begun = Instant::now();
    let locked = repository.groundwork(&["apply", "--yes", "--lock-timeout", "2s"]).fails();
    assert!(begun.elapsed() >= Duration::from_secs(2));
    let locked = locked.says(&[
        "rehearsal/dev failed: its state is locked by ci@elsewhere since 2026-01-02T03:04:05Z for apply (lock 11111111-2222-3333-4444-555555555555)",
        "if whoever holds it is gone for good: `groundwork state unlock rehearsal/dev --id 11111111-2222-3333-4444-555555555555`",
    ]);
    assert!(!locked.stderr.contains("--release-locks"), "nothing says that it is gone: {}", locked.stderr);
    assert_eq!(repository.reported("rehearsal/prod")["outcome"], "applied");

    let locks = repository.groundwork(&["state", "locks"]).succeeds();
    assert!(locks.stdout.starts_with("rehearsal/dev  ci@elsewhere since 2026-01-02T03:04:05Z"), "{}", locks.stdout);
    repository
        .groundwork(&["state", "unlock", "rehearsal/dev", "--yes"])
        .fails()
        .says(&["nothing on this machine says that whoever holds it is gone"]);
    repository
        .groundwork(&["state", "unlock", "rehearsal/dev", "--id", "other"])
        .fails()
        .says(&["the lock is no longer other"]);
    assert!(repository.is_locked("rehearsal/dev"));
    repository
        .groundwork(&["state", "unlock", "rehearsal/dev", "--id", "11111111-2222-3333-4444-555555555555"])
        .succeeds();
    assert!(!repository.is_locked("rehearsal/dev"));
    repository.groundwork(&["state", "unlock", "rehearsal/dev"]).succeeds().says(&["rehearsal/dev is not locked"]);
    repository.groundwork(&["apply", "--yes"]).succeeds();
}

/// Two working copies, as of two CI jobs; and two runs in one.
pub(crate) fn two_runs_contend_for_one_lock(world: &World) {
    let repository = Repository::new(world, &["rehearsal"], &format!("{BACKEND}{SLOW}"));
    let other = tempfile::tempdir().unwrap();
    let copied =
        std::process::Command::new("cp").arg("-r").arg(repository.path(".")).arg(other.path()).status().unwrap();
    assert!(copied.success());
    let apply = ["apply", "rehearsal/dev", "--yes", "--retry-delay", "200ms"];
    let runs: Vec<_> = (0..4)
        .map(|number| {
            let mut command = repository.command(&apply);
            if number % 2 == 1 {
                command.current_dir(other.path());
            }
            thread::spawn(move || output(&mut command))
        })
        .collect();
    let runs: Vec<_> = runs.into_iter().map(|run| run.join().unwrap()).collect();
    let applied = runs.iter().filter(|run| run.stdout.contains("applied")).count();
    let unchanged = runs.iter().filter(|run| run.stdout.contains("unchanged")).count();
    for run in &runs {
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    }
    assert_eq!((applied, unchanged), (1, 3), "{runs:?}");
    assert!(!repository.is_locked("rehearsal/dev"));
}

pub(crate) fn a_lock_that_a_killed_run_left_is_released(world: &World) {
    let repository = Repository::new(world, &["rehearsal"], &format!("{BACKEND}{SLOW}"));
    repository.things(1, 60);
    let mut run = repository.start(&["apply", "rehearsal/dev", "--yes"]);
    let deadline = Instant::now() + Duration::from_secs(60);
    while !repository.is_locked("rehearsal/dev")
        || !repository.processes().iter().any(|process| process.contains("sleep"))
    {
        assert!(Instant::now() < deadline, "it was never locked");
        thread::sleep(Duration::from_millis(20));
    }
    // The power fails: nobody can do anything any more.
    end_everything(&repository, &mut run);
    assert!(repository.is_locked("rehearsal/dev"));

    repository.things(60, 0);
    let apply = ["apply", "rehearsal/dev", "--yes", "--lock-timeout", "1s"];
    repository
        .groundwork(&apply)
        .fails()
        .says(&["it was left by a run on this machine that is gone: --release-locks releases it"]);
    assert!(repository.is_locked("rehearsal/dev"), "not without a word");
    repository.groundwork(&[&apply[..], &["--release-locks"]].concat()).succeeds();
    assert!(!repository.is_locked("rehearsal/dev"));

    // A lock that somebody on another machine took meanwhile is not one of ours.
    let lock = format!("{}.tflock", repository.state_key("rehearsal/dev"));
    world.moto.put(&repository.bucket, &lock, lock_of("ci@elsewhere", &jiff::Timestamp::now().to_string()).as_bytes());
    repository.groundwork(&[&apply[..], &["--release-locks"]].concat()).fails().says(&["locked by ci@elsewhere"]);
    assert!(repository.is_locked("rehearsal/dev"));
}

/// Kills a run with everything it started.
pub(crate) fn end_everything(repository: &Repository<'_>, run: &mut std::process::Child) {
    // First whoever would let the others end in good order.
    let watchdogs =
        std::process::Command::new("pkill").args(["-KILL", "-P", &run.id().to_string(), "groundwork"]).status();
    assert!(watchdogs.is_ok());
    run.kill().unwrap();
    run.wait().unwrap();
    let folder = std::fs::canonicalize(repository.folder.path()).unwrap();
    for entry in std::fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
        if std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(&folder)) {
            let id = entry.file_name().to_string_lossy().into_owned();
            std::process::Command::new("kill").args(["-KILL", &id]).status().unwrap();
        }
    }
    let deadline = Instant::now() + Duration::from_secs(10);
    while !repository.processes().is_empty() {
        assert!(Instant::now() < deadline, "{:?}", repository.processes());
        thread::sleep(Duration::from_millis(10));
    }
}
