//! Policies in Rego: the starter set and its tests, and the conventions that policies can rely on.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use std::path::Path;
use std::time::Duration;

use groundwork::policy::{Fault, Level, Limits, Outcome, Policies, PolicyFile, read_folder, run_tests};

fn file(path: &str, text: &str) -> PolicyFile {
    PolicyFile { path: path.to_owned(), text: text.to_owned() }
}

fn starter() -> Vec<PolicyFile> {
    let mut files = read_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")).unwrap();
    for file in &mut files {
        file.path = file.path.rsplit('/').next().unwrap().to_owned();
    }
    files
}

fn failures(files: &[PolicyFile]) -> Vec<String> {
    let results = run_tests(files, Limits::default()).unwrap();
    results
        .into_iter()
        .filter_map(|result| result.failure.map(|failure| format!("{}: {failure}", result.name)))
        .collect()
}

/// What one policy says about some accounts.
fn judge(policy: &str, inputs: &[&str]) -> Outcome {
    judge_within(policy, inputs, Limits::default())
}

fn judge_within(policy: &str, inputs: &[&str], limits: Limits) -> Outcome {
    let policies = Policies::compile(&[file("p.rego", policy)], limits).unwrap();
    let inputs: Vec<_> =
        inputs.iter().enumerate().map(|(index, input)| (format!("d{index}/prod"), (*input).to_owned())).collect();
    policies.evaluate(&inputs)
}

fn messages(outcome: &Outcome) -> Vec<&str> {
    assert_eq!(outcome.faults, [], "no rule fails");
    outcome.findings.iter().map(|finding| finding.message.as_str()).collect()
}

#[test]
fn the_tests_of_the_starter_set_pass() {
    let results = run_tests(&starter(), Limits::default()).unwrap();
    assert!(results.len() >= 20, "{} tests", results.len());
    assert_eq!(failures(&starter()), Vec::<String>::new());
}

#[test]
fn every_rule_of_the_starter_set_has_a_test_that_fails_without_it() {
    let files = starter();
    let mut mutated = 0;
    for (index, original) in
        files.iter().enumerate().filter(|(_, file)| file.path.ends_with(".rego") && !file.is_test())
    {
        for rule in ["deny contains", "warn contains"] {
            for (at, _) in original.text.match_indices(rule) {
                let mut files = files.clone();
                let (before, after) = original.text.split_at(at);
                files[index].text = format!("{before}{}", after.replacen(rule, "gone contains", 1));
                assert!(!failures(&files).is_empty(), "{}: no test misses the rule at byte {at}", original.path);
                mutated += 1;
            }
        }
    }
    assert!(mutated >= 7, "{mutated} rules");
}

#[test]
fn every_file_of_the_starter_set_has_tests() {
    let files = starter();
    for policy in files.iter().filter(|file| file.path.ends_with(".rego") && !file.is_test()) {
        let test = policy.path.replace(".rego", "_test.rego");
        assert!(files.iter().any(|file| file.path == test), "{test} is missing");
    }
}

#[test]
fn messages_are_texts_or_objects_with_msg() {
    let outcome = judge(
        "package main\nimport rego.v1\ndeny contains \"a text\"\ndeny contains {\"msg\": \"an object\", \"address\": \"a.b\"}\n",
        &["{}"],
    );
    assert_eq!(messages(&outcome), ["a text", "an object"]);
    assert_eq!(outcome.findings[1].address.as_deref(), Some("a.b"));
    assert_eq!(outcome.findings[0].accounts, ["d0/prod"]);
}

#[test]
fn rules_are_known_by_their_names() {
    let outcome = judge(
        "package any.name\nimport rego.v1\ndeny_public contains \"1\"\nviolation contains {\"msg\": \"2\"}\nwarn_tags contains \"3\"\n\
         denylist contains \"no\"\nwarning contains \"no\"\nallow contains \"no\"\ndeny := \"complete\"\n",
        &["{}"],
    );
    let mut found: Vec<_> =
        outcome.findings.iter().map(|finding| (finding.message.as_str(), finding.rule.level)).collect();
    found.sort_unstable();
    assert_eq!(found, [("1", Level::Deny), ("2", Level::Violation), ("3", Level::Warn), ("complete", Level::Deny)]);
}

#[test]
fn the_older_spelling_is_understood() {
    let outcome =
        judge("package main\ndeny[msg] { input.bad; msg := \"bad\" }\n", &["{\"bad\": true}", "{\"bad\": false}"]);
    assert_eq!(messages(&outcome), ["bad"]);
}

#[test]
fn rules_for_plans_work_on_digests() {
    let policy = "package main\nimport rego.v1\ndeny contains msg if {\n some change in input.resource_changes\n change.type == \"aws_s3_bucket\"\n \
                  \"delete\" in change.change.actions\n msg := change.address\n}\n";
    let input = r#"{"resource_changes":[{"address":"aws_s3_bucket.b","type":"aws_s3_bucket","change":{"actions":["delete"]}}]}"#;
    assert_eq!(messages(&judge(policy, &[input])), ["aws_s3_bucket.b"]);
}

#[test]
fn rules_over_all_accounts_see_them_all_once() {
    let policy = "package groundwork.all\nimport rego.v1\ndeny contains {\"msg\": msg, \"accounts\": bad} if {\n \
                  bad := [d.account | some d in input.digests; d.bad]\n count(bad) > 1\n msg := sprintf(\"%d\", [count(bad)])\n}\n\
                  warn contains \"known\" if input.by_account[\"d1/prod\"].bad\n";
    let inputs = [
        r#"{"account":"d0/prod","bad":true}"#,
        r#"{"account":"d1/prod","bad":true}"#,
        r#"{"account":"d2/prod","bad":false}"#,
    ];
    let outcome = judge(policy, &inputs);
    assert_eq!(messages(&outcome), ["2", "known"]);
    assert_eq!(outcome.findings[0].accounts, ["d0/prod", "d1/prod"]);
    assert!(outcome.findings[1].accounts.is_empty());
}

#[test]
fn what_comes_out_is_in_the_order_of_what_went_in() {
    let inputs: Vec<String> = (0..200).map(|index| format!("{{\"n\": {index}}}")).collect();
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let outcome = judge("package main\nimport rego.v1\nwarn contains sprintf(\"%d\", [input.n])\n", &inputs);
    let expected: Vec<String> = (0..200).map(|index| index.to_string()).collect();
    assert_eq!(messages(&outcome), expected);
}

#[test]
fn a_mistake_names_file_and_line_and_all_files_are_told_at_once() {
    let files = [
        file("one.rego", "package one\n\ndeny contains msg if {\n"),
        file("two.rego", "package two\nimport rego.v1\n\nx := :\n"),
    ];
    let faults: Vec<Fault> = Policies::compile(&files, Limits::default()).err().unwrap();
    let places: Vec<_> = faults.iter().map(|fault| (fault.path.as_str(), fault.line)).collect();
    assert_eq!(places, [("one.rego", Some(4)), ("two.rego", Some(4))], "{faults:?}");
}

#[test]
fn a_rule_that_cannot_be_judged_is_not_silent() {
    for policy in [
        "package main\nimport rego.v1\ndeny contains 1\n",
        "package main\nimport rego.v1\ndeny contains {\"message\": \"not msg\"}\n",
        "package main\nimport rego.v1\ndeny := \"a\" if input.x\ndeny := \"b\" if input.y\n",
    ] {
        let outcome = judge(policy, &[r#"{"x":true,"y":true}"#]);
        assert_eq!(outcome.findings, [], "{policy}");
        assert_eq!(outcome.faults.len(), 1, "{policy}");
        assert_eq!(
            (outcome.faults[0].path.as_str(), outcome.faults[0].account.as_deref()),
            ("p.rego", Some("d0/prod"))
        );
    }
}

#[test]
fn a_rule_that_thinks_for_ever_is_stopped() {
    let policy = "package main\nimport rego.v1\ndeny contains \"done\" if {\n some a in numbers.range(1, 100000)\n some b in numbers.range(1, 100000)\n a + b == -1\n}\n";
    let limits = Limits { each: Duration::from_millis(50), all: Duration::from_millis(50) };
    let outcome = judge_within(policy, &["{}"], limits);
    assert_eq!(outcome.faults.len(), 1);
}

#[test]
fn policies_reach_nothing_outside() {
    for call in [
        "http.send({\"method\": \"get\", \"url\": \"http://192.0.2.1\"})",
        "opa.runtime()",
        "net.lookup_ip_addr(\"example.com\")",
    ] {
        let policy = format!("package main\nimport rego.v1\ndeny contains json.marshal({call})\n");
        let refused = match Policies::compile(&[file("p.rego", &policy)], Limits::default()) {
            Err(_) => true,
            Ok(policies) => !policies.evaluate(&[("a/b".to_owned(), "{}".to_owned())]).faults.is_empty(),
        };
        assert!(refused, "{call}");
    }
}

#[test]
fn a_folder_without_policies_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    assert!(read_folder(folder.path()).is_err());
    assert!(read_folder(&folder.path().join("missing")).is_err());
}

#[test]
fn the_policies_in_the_documentation_work() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policies.md")).unwrap();
    let blocks: Vec<&str> = text.split("```rego\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    let names = ["databases.rego", "all.rego", "databases_test.rego"];
    assert_eq!(blocks.len(), names.len());
    let files: Vec<PolicyFile> = names.iter().zip(blocks).map(|(name, block)| file(name, block)).collect();
    assert_eq!(failures(&files), Vec::<String>::new());
    let policies = Policies::compile(&files, Limits::default()).unwrap();
    let input = r#"{"account": "ACCOUNT", "environment": "prod", "resource_changes": [
        {"address": "n", "type": "aws_nat_gateway", "change": {"actions": ["delete"]}},
        {"address": "d", "type": "aws_db_instance", "change": {"actions": ["delete"]}}]}"#;
    let inputs: Vec<_> =
        (0..6).map(|index| (format!("d{index}/prod"), input.replace("ACCOUNT", &format!("d{index}/prod")))).collect();
    let outcome = policies.evaluate(&inputs);
    assert_eq!(messages(&outcome).len(), 7);
    assert_eq!(outcome.findings[6].accounts.len(), 6);
}
