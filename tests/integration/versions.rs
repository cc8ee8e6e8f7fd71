//! Files of another version: refused with what to do, whatever else may be in them.

use crate::harness::Repository;

const NEWER: &str =
    "its schema_version is 99, and this groundwork reads 1: a newer groundwork wrote it; use that one, or a newer one";

#[test]
fn a_ledger_of_a_newer_groundwork_is_left_alone() {
    let repository = Repository::allocated();
    repository.edit("ledger.toml", "version = 1", "version = 2\nnews = true");
    let before = repository.read("ledger.toml");
    for command in [&["allocate"][..], &["check"], &["list"]] {
        let run = repository.run(command).fails();
        assert!(run.stderr.contains("a newer groundwork wrote this ledger; this one reads version 1"), "{run}");
        assert!(run.stderr.ends_with("1 error\n"), "{run}");
    }
    assert_eq!(repository.read("ledger.toml"), before);
}

#[test]
fn a_review_a_report_and_a_snapshot_say_so_before_anything_else() {
    let repository = Repository::allocated().file("other.json", r#"{"schema_version": 99, "accounts": {"a": 1}}"#);
    repository.write("plans/catalog/dev.json", r#"{"schema_version": 99, "fingerprint": "x", "changes": {}}"#);
    for (command, what) in [
        (&["matrix", "--timings", "other.json"][..], "error: cannot use `other.json`: "),
        (&["review", "plans", "--compare", "other.json"], "error: cannot compare with `other.json`: "),
        (&["organization", "plan", "--snapshot", "other.json"], "error: `other.json` is a snapshot, and "),
    ] {
        let run = repository.run(command).fails();
        assert!(run.stderr.contains(&format!("{what}{NEWER}")), "{run}");
    }
    let review = repository.run(&["review", "plans"]).succeeds();
    assert!(review.stdout.contains(&format!("it is a digest, and {NEWER}")), "{review}");
}

#[test]
fn apply_says_which_digests_it_cannot_use() {
    let repository = Repository::allocated();
    repository.run(&["render"]).succeeds();
    for key in ["catalog/dev", "catalog/prod"] {
        repository.write(&format!("digests/{key}.json"), r#"{"schema_version": 99, "fingerprint": "x"}"#);
    }
    let run = repository.run(&["apply", "catalog/*", "--reviewed", "digests"]).fails();
    let warning =
        format!("warning: 2 digests cannot be used, such as `catalog/dev.json`: it is a digest, and {NEWER}\n");
    assert!(run.stderr.starts_with(&warning), "{run}");
}
