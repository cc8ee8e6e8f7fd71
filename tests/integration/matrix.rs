//! `matrix`: waves and shards, in every format.

use std::collections::BTreeSet;

use crate::harness::Repository;

#[test]
fn each_format_says_the_same() {
    let repository = Repository::allocated();
    let run = |arguments: &[&str]| repository.run(&[&["matrix", "-q"], arguments].concat()).succeeds().stdout;
    insta::assert_snapshot!("matrix_text", run(&[]));
    insta::assert_snapshot!("matrix_json", run(&["--format", "json"]));
    insta::assert_snapshot!("matrix_github", run(&["--format", "github"]));
    insta::assert_snapshot!("matrix_gitlab", run(&["--format", "gitlab", "--max-jobs", "1"]));
    insta::assert_snapshot!("matrix_gitlab_empty", {
        repository.edit("domains.toml", "[domains.rehearsal]", "[domains.rehearsal]\nlifecycle = \"closed\"");
        run(&["rehearsal/*", "--format", "gitlab"])
    });
}

#[test]
fn an_empty_wave_is_valid_and_says_so() {
    let run = Repository::allocated().run(&["matrix", "catalog/*", "--format", "github", "-q"]).succeeds().json();
    assert_eq!(run["has_rehearsal"], false);
    assert_eq!(run["rehearsal"], serde_json::json!({ "include": [] }));
    assert_eq!(run["has_everyone"], true);
}

#[test]
fn a_name_that_selects_nothing_is_an_error() {
    let run = Repository::allocated().run(&["matrix", "catalgo/*"]).fails();
    assert_eq!(run.stderr.lines().next(), Some("error: no account matches `catalgo/*`"));
}

#[test]
fn every_account_is_in_one_job_and_no_wave_has_more_jobs_than_allowed() {
    let mut domains = crate::harness::DOMAINS.replace("10.64.0.0/16", "10.64.0.0/12");
    for index in 0..40 {
        let lifecycle = if index % 7 == 0 { "lifecycle = \"retiring\"\n" } else { "" };
        domains.push_str(&format!(
            "[domains.d{index}]\nteam = \"catalog\"\nenvironments = [\"dev\", \"prod\"]\n{lifecycle}"
        ));
    }
    let repository = Repository::with_domains(&domains);
    for most in [1, 2, 3, 7, 83, 84, 256] {
        let json =
            repository.run(&["matrix", "--max-jobs", &most.to_string(), "--format", "json", "-q"]).succeeds().json();
        let mut seen = BTreeSet::new();
        for wave in json["waves"].as_array().unwrap() {
            let jobs = wave["jobs"].as_array().unwrap();
            assert!(jobs.len() <= most.max(2), "{most}: {} jobs", jobs.len());
            let names: BTreeSet<_> = jobs.iter().map(|job| job["name"].to_string()).collect();
            assert_eq!(names.len(), jobs.len(), "job names are unique");
            for account in jobs.iter().flat_map(|job| job["accounts"].as_array().unwrap()) {
                assert!(seen.insert(account.to_string()), "{account} twice");
            }
        }
        assert_eq!(seen.len(), 84);
    }
}

#[test]
fn earlier_timings_pack_the_jobs() {
    let mut domains = crate::harness::DOMAINS.replace("10.64.0.0/16", "10.64.0.0/12");
    let mut accounts = Vec::new();
    for index in 0..20 {
        domains.push_str(&format!("[domains.d{index}]\nteam = \"catalog\"\nenvironments = [\"dev\"]\n"));
        accounts.push(serde_json::json!({"account": format!("d{index}/dev"), "seconds": {"plan": if index == 0 { 300 } else { 10 }}}));
    }
    let repository = Repository::with_domains(&domains)
        .file("timings.json", serde_json::json!({ "accounts": accounts }).to_string())
        .file("wrong.json", "{}");
    let arguments = ["matrix", "d*/dev", "--max-jobs", "4", "--format", "json", "-q"];
    let run = repository.run(&[&arguments[..], &["--timings", "timings.json"]].concat()).succeeds().json();
    let jobs = run["waves"][1]["jobs"].as_array().unwrap();
    let of = |job: &serde_json::Value| job["accounts"].as_array().unwrap().len();
    let slow = jobs.iter().find(|job| job["accounts"].to_string().contains("\"d0/dev\"")).unwrap();
    assert_eq!(of(slow), 1, "the slow one has a job to itself: {jobs:?}");
    assert_eq!(jobs.iter().map(of).sum::<usize>(), 20);
    let run = repository.run(&["matrix", "--timings", "wrong.json"]).fails();
    assert_eq!(
        run.stderr.lines().last(),
        Some("error: cannot use `wrong.json`: it is not the report of a run (line 1, column 2)")
    );
}
