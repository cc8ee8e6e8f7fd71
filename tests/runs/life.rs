//! An organization's life: planned, reviewed, applied, changed, retired.

use groundwork_testing::process::output;
use std::fs;

use serde_json::Value;

use super::World;
use super::repository::{BACKEND, Repository, THINGS, files};

fn things() -> String {
    format!("{BACKEND}{THINGS}")
}

pub(crate) fn an_organization_is_planned_reviewed_applied_and_retired(world: &World) {
    let repository = Repository::new(world, &["rehearsal", "catalog"], &things());
    repository.edit(
        "ledger.toml",
        "[accounts.\"catalog/prod\"]\nid = \"111100000011\"\n",
        "[accounts.\"catalog/prod\"]\n",
    );

    // Everything is new; one account does not exist yet.
    let planned = repository.groundwork(&["plan", "--digests", "digests", "--report", "report.json"]).succeeds();
    assert!(planned.stdout.starts_with("4 accounts, 2 patterns, 1 new"), "{}", planned.stdout);
    let digest: Value = serde_json::from_str(&repository.read("digests/catalog/prod.json")).unwrap();
    assert_eq!(digest["new_account"], true);
    assert_eq!(digest["changes"][0]["address"], "terraform_data.thing[*]", "range() is Terraform's to evaluate");
    let text = repository.read("digests/catalog/dev.json");
    assert!(serde_json::from_str::<Value>(&text).unwrap().get("new_account").is_none());
    assert!(!repository.is_locked("catalog/dev"), "planning takes no lock");

    // It cannot be applied, and its wave is the last one.
    repository
        .groundwork(&["apply", "--reviewed", "digests"])
        .fails()
        .says(&["catalog/prod", "the account does not exist yet"]);
    assert_eq!(repository.state("rehearsal/prod"), ["thing[\"0\"]"]);
    assert_eq!(repository.state("catalog/dev"), ["thing[\"0\"]"]);

    // Now it does, and gets what its root module declared when that was reviewed.
    repository.edit(
        "ledger.toml",
        "[accounts.\"catalog/prod\"]\n",
        "[accounts.\"catalog/prod\"]\nid = \"111100000009\"\n",
    );
    repository.groundwork(&["apply", "--reviewed", "digests"]).succeeds();
    assert_eq!(repository.state("catalog/prod"), ["thing[\"0\"]"]);
    assert_eq!(repository.reported("catalog/prod")["outcome"], "applied");
    assert_eq!(repository.reported("catalog/dev")["outcome"], "unchanged");

    // Applied again, there is nothing to do; planned again, there is nothing to see.
    let again = repository.groundwork(&["apply", "--reviewed", "digests"]).succeeds();
    assert!(again.stderr.contains("4 accounts: 4 unchanged"), "{}", again.stderr);
    let planned = repository.groundwork(&["plan"]).succeeds();
    assert!(planned.stdout.starts_with("4 accounts, no change"), "{}", planned.stdout);

    // A retiring account is destroyed, when somebody says so.
    repository.edit("domains.toml", "[domains.catalog]\n", "[domains.catalog]\nlifecycle = \"retiring\"\n");
    repository.groundwork(&["allocate", "-q"]).succeeds();
    repository.plan();
    repository
        .groundwork(&["apply", "--reviewed", "digests"])
        .fails()
        .says(&["catalog/prod refused", "--allow-destroy catalog/prod"]);
    assert_eq!(repository.state("catalog/dev"), [""; 0]);
    assert_eq!(repository.reported("catalog/dev")["outcome"], "destroyed");
    repository.groundwork(&["apply", "--reviewed", "digests", "--allow-destroy", "catalog/prod"]).succeeds();
    assert_eq!(repository.state("catalog/prod"), [""; 0]);
    assert_eq!(repository.state("rehearsal/prod"), ["thing[\"0\"]"]);
    assert!(repository.processes().is_empty(), "{:?}", repository.processes());
    // What holds secrets is gone with the run.
    for run in repository.runs() {
        assert!(files(&run.join("plans")).is_empty(), "{}", run.display());
    }
}

pub(crate) fn what_was_not_reviewed_is_refused(world: &World) {
    let repository = Repository::new(world, &["rehearsal", "catalog"], &things());
    let nobody = repository.groundwork(&["apply"]).fails();
    assert!(nobody.stderr.contains("nobody has reviewed"), "{}", nobody.stderr);
    repository.plan();
    fs::remove_file(repository.path("digests/catalog/dev.json")).unwrap();

    // Somebody merges something else between the review and the apply.
    repository.edit("templates/things/main.tf.tera", "input    =", "triggers_replace = \"x\"\n  input    =");
    repository
        .groundwork(&["apply", "catalog/*", "--reviewed", "digests"])
        .fails()
        .says(&["catalog/dev refused: nobody has reviewed it", "catalog/prod refused: it is not what was reviewed: `terraform_data.thing[\"0\"]` changes in another way: triggers_replace"]);
    assert!(repository.state("catalog/prod").is_empty());

    // One more resource, and one less.
    repository.edit("templates/things/main.tf.tera", "triggers_replace = \"x\"\n  ", "");
    repository.things(1, 2);
    repository
        .groundwork(&["apply", "catalog/prod", "--reviewed", "digests"])
        .fails()
        .says(&["it also creates `terraform_data.thing[\"1\"]`"]);
    repository.things(2, 0);
    // With nothing left to do nothing is done.
    repository.groundwork(&["apply", "catalog/prod", "--reviewed", "digests"]).succeeds();
    repository.things(0, 1);
    repository.groundwork(&["apply", "catalog/prod", "--reviewed", "digests"]).succeeds();
    assert_eq!(repository.state("catalog/prod"), ["thing[\"0\"]"]);

    // What is on disk and not what domains.toml says is not run at all.
    repository.write("accounts/catalog/prod/main.tf", "");
    repository
        .groundwork(&["plan", "catalog/prod"])
        .fails()
        .says(&["`accounts/catalog/prod/main.tf`", "groundwork render"]);
}

pub(crate) fn what_is_protected_needs_a_word(world: &World) {
    let repository = Repository::new(world, &["rehearsal"], &things());
    repository.groundwork(&["apply", "--yes"]).succeeds();
    repository.edit("templates/things/main.tf.tera", "input    =", "triggers_replace = \"x\"\n  input    =");
    repository.plan();
    // It was reviewed, and still is a loss in a protected account; the other one is not protected.
    for arguments in [&["apply", "--reviewed", "digests"][..], &["apply", "--yes"]] {
        repository.groundwork(arguments).fails().says(&[
            "rehearsal/prod refused: the account is protected, and this would destroy `terraform_data.thing[\"0\"]`",
        ]);
    }
    assert_eq!(repository.reported("rehearsal/dev")["outcome"], "unchanged");
    repository
        .groundwork(&["apply", "--yes", "--allow-destroy", "rehearsal/pord"])
        .fails()
        .says(&["did you mean `rehearsal/prod`?"]);
    repository.groundwork(&["apply", "--reviewed", "digests", "--allow-destroy", "rehearsal/prod"]).succeeds();
}

/// A thing that cannot be made until a file is there.
const STUBBORN: &str = r#"
resource "terraform_data" "first" {}
resource "terraform_data" "stubborn" {
  input = terraform_data.first.id
  provisioner "local-exec" {
    command = "test -e {{ inputs.text }} || { echo {{ account.key }}: RequestLimitExceeded; exit 1; }"
  }
}
"#;

pub(crate) fn a_failed_wave_halts_the_next_and_resume_does_the_rest(world: &World) {
    let template = format!("{BACKEND}{}", STUBBORN.replace("RequestLimitExceeded", "no such thing"));
    let template = template.replace("{{ inputs.text }}", "../../../ready-{{ account.environment }}");
    let repository = Repository::new(world, &["rehearsal", "catalog"], &template);
    repository.write("ready-prod", "");
    repository.plan();
    repository.groundwork(&["apply", "--reviewed", "digests"]).fails().says(&[
        "rehearsal/dev failed: local-exec provisioner error",
        "  | ",
        "all of it: target/groundwork/runs/",
        "catalog/dev, catalog/prod: not started: wave `rehearsal` before it has failed",
        "1 applied, 1 failed, 2 not started",
        "groundwork apply --resume",
    ]);
    assert_eq!(repository.state("rehearsal/prod").len(), 2);
    assert!(repository.state("catalog/prod").is_empty());

    // Half of it is there; what failed is made anew, which is what was reviewed. Without saying so it is not.
    repository.write("ready-dev", "");
    repository
        .groundwork(&["apply", "rehearsal/dev", "--reviewed", "digests"])
        .fails()
        .says(&["it is not what was reviewed"]);
    let resumed = repository.groundwork(&["apply", "--resume", "rehearsal/dev"]).succeeds();
    assert!(resumed.stderr.contains("taking up the last run: 0 accounts done, 1 left"), "{}", resumed.stderr);
    // That run was about one account only; what the one before it left is named.
    let rest = repository.groundwork(&["apply", "--resume", "--reviewed", "digests", "*/*"]).succeeds();
    assert!(rest.stderr.contains("1 account done, 3 left"), "{}", rest.stderr);
    assert_eq!(repository.state("catalog/prod").len(), 2);
    let again = repository.groundwork(&["apply", "--resume"]).succeeds();
    assert!(again.stderr.contains("4 accounts done, 0 left"), "{}", again.stderr);
}

pub(crate) fn what_passes_is_tried_again_and_goes_on_where_it_stopped(world: &World) {
    let template = format!("{BACKEND}{STUBBORN}").replace("{{ inputs.text }}", "tries-3");
    // Every try leaves a mark; the third one finds what it needs.
    let template = template.replace("test -e", "touch tries-$(( $(ls tries-* 2>/dev/null | wc -l) + 1 )); test -e");
    let repository = Repository::new(world, &["rehearsal"], &template);
    repository.plan();
    let applied =
        repository.groundwork(&["apply", "rehearsal/dev", "--reviewed", "digests", "--retry-delay", "50ms"]).succeeds();
    assert_eq!(applied.stderr.matches("AWS throttles; again in").count(), 2, "{}", applied.stderr);
    let entry = repository.reported("rehearsal/dev");
    assert_eq!((&entry["outcome"], &entry["tries"]), (&"applied".into(), &3.into()));
    assert_eq!(repository.state("rehearsal/dev").len(), 2);
    // With too few tries it is a failure.
    let failed = repository
        .groundwork(&[
            "apply",
            "rehearsal/prod",
            "--reviewed",
            "digests",
            "--retry-delay",
            "50ms",
            "--retries",
            "1",
            "--allow-destroy",
            "rehearsal/prod",
        ])
        .fails();
    assert_eq!(failed.stderr.matches("again in").count(), 1, "{}", failed.stderr);
}

pub(crate) fn the_report_is_what_its_schema_says_and_feeds_the_matrix(world: &World) {
    let repository = Repository::new(world, &["rehearsal", "catalog"], &things());
    repository.groundwork(&["plan", "--report", "out/report.json"]).succeeds();
    let schema = repository.groundwork(&["schema", "--of", "report"]).succeeds();
    let schema: Value = serde_json::from_str(&schema.stdout).unwrap();
    let report: Value = serde_json::from_str(&repository.read("out/report.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let entry = repository.reported("catalog/dev");
    assert_eq!(
        (&entry["outcome"], &entry["changes"]["create"], &entry["wave"]),
        (&"planned".into(), &1.into(), &"everyone".into())
    );
    assert!(entry["seconds"]["init"].as_f64().unwrap() > 0.0 && entry["seconds"]["plan"].as_f64().unwrap() > 0.0);
    let matrix = repository
        .groundwork(&["matrix", "--timings", "out/report.json", "--max-jobs", "1", "--format", "json"])
        .succeeds();
    assert!(matrix.stdout.contains("catalog/dev"), "{}", matrix.stdout);
}

/// A secret in every place that a run reads or writes.
const SECRETS: &str = r#"
variable "password" {
  sensitive = true
  default   = "hunter2-hunter2-hunter2"
}
resource "terraform_data" "thing" {
  input = var.password
  provisioner "local-exec" {
    command     = "echo failing with $PASSWORD and $AWS_SECRET_ACCESS_KEY; exit 1"
    environment = { PASSWORD = nonsensitive(var.password) }
  }
}
"#;

pub(crate) fn secrets_stay_out_of_everything_that_is_said(world: &World) {
    let repository = Repository::new(world, &["rehearsal"], &format!("{BACKEND}{SECRETS}"));
    let mut said = Vec::new();
    for arguments in [
        &["plan", "--digests", "digests", "-v"][..],
        &["apply", "--reviewed", "digests", "-v"],
        &["plan", "--report", "report.json"],
    ] {
        let mut command = repository.command(arguments);
        let run = output(command.env("GROUNDWORK_SEAL_KEY", "a-key-that-nobody-may-see"));
        said.push(run.stdout);
        said.push(run.stderr);
    }
    assert!(said.iter().any(|said| said.contains("failing with (sensitive)")), "{said:?}");
    // All that may be public: what is printed, digests, reports. A log on this machine is not.
    for (path, content) in files(repository.folder.path()) {
        let shown = path.strip_prefix(repository.folder.path()).unwrap().display().to_string();
        let is_source = shown.starts_with("accounts") || shown.starts_with("templates");
        if !is_source && !shown.contains("/logs/") {
            said.push(format!("{shown}\n{}", String::from_utf8_lossy(&content)));
        }
    }
    for secret in ["hunter2-hunter2-hunter2", "a-secret-of-the-environment", "a-key-that-nobody-may-see"] {
        for said in &said {
            assert!(!said.contains(secret), "{secret} in {said}");
        }
    }
    // A plan that is kept on purpose is whole, and nobody else's to read.
    repository.groundwork(&["plan", "--keep-plans", "kept"]).succeeds();
    assert!(repository.read("kept/rehearsal/dev.json").contains("hunter2"));
    let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(repository.path("kept/rehearsal/dev.json")).unwrap());
    assert_eq!(mode & 0o077, 0);
}

pub(crate) fn drift_is_told_from_what_waits(world: &World) {
    let repository = Repository::new(world, &["rehearsal"], &things());
    repository.groundwork(&["apply", "--yes"]).succeeds();
    repository.things(1, 2);
    let drift = repository.groundwork(&["drift", "--fail-on", "drift"]).succeeds();
    assert!(drift.stdout.starts_with("2 accounts, no change"), "{}", drift.stdout);
    assert!(drift.stderr.contains("2 accounts besides, with changes that wait to be applied"), "{}", drift.stderr);
}
