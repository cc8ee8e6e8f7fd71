//! The invariants of the design that the core answers for.

use crate::harness::{DOMAINS, Repository, project};

/// 1: what does not reach the output changes no account.
#[test]
fn comments_whitespace_and_order_change_no_account() {
    let repository = Repository::allocated();
    repository.run(&["render"]).succeeds();
    let rendered = repository.tree("accounts");

    let commented = DOMAINS.replace("[domains.catalog]", "# the catalogue\n\n[domains.catalog] # here");
    repository.write("domains.toml", commented.replace("protected = true", "protected    =    true"));
    repository.run(&["render", "--check"]).succeeds();

    let (head, domains) = DOMAINS.split_once("[domains.rehearsal]").unwrap();
    let (rehearsal, catalog) = domains.split_once("[domains.catalog]").unwrap();
    repository.write("domains.toml", format!("{head}[domains.catalog]{catalog}\n[domains.rehearsal]{rehearsal}"));
    repository.run(&["render", "--check"]).succeeds();

    let template = repository.read("templates/network/network.tf.tera");
    repository.write("templates/network/network.tf.tera", format!("{{# a note to ourselves #}}\n{template}"));
    repository.run(&["render", "--check"]).succeeds();
    assert_eq!(repository.tree("accounts"), rendered);
}

/// 1: the same inputs are the same bytes, in whatever order threads run.
#[test]
fn rendering_twice_gives_the_same_bytes() {
    let repository = Repository::allocated();
    repository.run(&["render", "--out", "a"]).succeeds();
    repository.run(&["render", "--out", "b"]).succeeds();
    let (a, b) = (repository.tree("a"), repository.tree("b"));
    assert!(!a.is_empty());
    assert_eq!(a, b);
}

/// 3: nothing disappears without having been retired; then it leaves a tombstone whose block nobody gets.
#[test]
fn an_account_that_disappears_is_an_error_until_it_was_retired() {
    let repository = Repository::allocated();
    let without = DOMAINS.split_once("[domains.catalog]").unwrap().0;
    repository.write("domains.toml", without);
    insta::assert_snapshot!("disappeared", repository.run(&["check"]).fails().stderr);
    repository.run(&["allocate"]).fails();
    repository.run(&["render"]).fails();

    repository
        .write("domains.toml", DOMAINS.replace("[domains.catalog]", "[domains.catalog]\nlifecycle = \"retiring\""));
    repository.run(&["allocate"]).succeeds();
    let destroys = repository.run(&["matrix", "--format", "json", "-q"]).succeeds().json();
    let actions: Vec<String> = destroys["waves"][1]["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|job| format!("{} {}", job["action"], job["accounts"]))
        .collect();
    assert_eq!(actions, [r#""destroy" ["catalog/dev"]"#, r#""destroy" ["catalog/prod"]"#]);

    let block = |key: &str| {
        let ledger = repository.read("ledger.toml");
        let table = ledger.split("\n\n").find(|table| table.contains(key)).unwrap().to_owned();
        table.lines().find_map(|line| line.strip_prefix("network = ")).unwrap().to_owned()
    };
    let released = block("\"catalog/dev\"");
    // One that exists stays until it is known that nothing is left in it; one that was never made goes.
    let dev = "[accounts.\"catalog/dev\"]\n";
    repository.edit("ledger.toml", dev, &format!("{dev}id = \"222233334444\"\n"));
    repository.write("domains.toml", without);
    insta::assert_snapshot!("left_behind", repository.run(&["check"]).fails().stderr);
    repository.run(&["allocate"]).fails();
    repository.edit("ledger.toml", dev, &format!("{dev}destroyed = \"2026-11-20\"\n"));
    repository.run(&["allocate"]).succeeds();
    let ledger = repository.read("ledger.toml");
    assert!(ledger.contains("[[tombstones]]") && ledger.contains(&released), "{ledger}");

    repository
        .write("domains.toml", format!("{without}[domains.search]\nteam = \"catalog\"\nenvironments = [\"dev\"]\n"));
    repository.run(&["allocate"]).succeeds();
    assert_ne!(block("\"search/dev\""), released, "in quarantine");
    repository.edit("domains.toml", "reserved", "quarantine_days = 0\nreserved");
    repository.edit(
        "domains.toml",
        "[domains.search]",
        "[domains.offers]\nteam = \"catalog\"\nenvironments = [\"dev\"]\n[domains.search]",
    );
    repository.run(&["allocate"]).succeeds();
    assert_eq!(block("\"offers/dev\""), released, "the quarantine is over");
}

/// 3: AWS never takes an e-mail again.
#[test]
fn the_email_of_a_retired_account_is_not_used_again() {
    let repository = Repository::small().file(
        "ledger.toml",
        "version = 1\n[[tombstones]]\nkey = \"catalog/dev\"\nreleased = \"2020-01-01\"\nemail = \"AWS+catalog-dev@acme.example\"\n",
    );
    insta::assert_snapshot!(repository.run(&["allocate"]).fails().stderr);
}

/// 4: a rename keeps everything that must not move.
#[test]
fn a_renamed_domain_keeps_id_network_email_and_state() {
    let repository = Repository::allocated();
    repository.edit("ledger.toml", "[accounts.\"catalog/dev\"]", "[accounts.\"catalog/dev\"]\nid = \"111122223333\"");
    let before = repository.read("ledger.toml");
    repository.edit("domains.toml", "[domains.catalog]", "[domains.assortment]\nrenamed_from = \"catalog\"");
    repository.run(&["check"]).succeeds();
    let run = repository.run(&["allocate"]).succeeds();
    assert!(run.stderr.contains("catalog/dev is now assortment/dev"), "{run}");
    let after = repository.read("ledger.toml");
    let facts = |ledger: &str, key: &str| -> String {
        let header = format!("[accounts.\"{key}\"]\n");
        ledger.split("\n\n").find_map(|table| table.strip_prefix(&header)).unwrap().trim_end().to_owned()
    };
    assert!(facts(&before, "catalog/dev").contains("111122223333"));
    assert_eq!(facts(&after, "assortment/dev"), facts(&before, "catalog/dev"));
    assert_eq!(facts(&after, "assortment/prod"), facts(&before, "catalog/prod"));
    assert!(!after.contains("\"catalog/dev\""));

    assert_eq!(repository.run(&["allocate"]).succeeds().stderr, "done 4 accounts: nothing to allocate\n");
    repository.run(&["render"]).succeeds();
    assert!(repository.read("accounts/assortment/dev/terraform.tf").contains("catalog/dev/terraform.tfstate"));
}

/// 9: a matrix never exceeds its bound, whatever the organization; an empty one is valid.
#[test]
fn no_matrix_has_more_jobs_than_github_runs() {
    let run = Repository::small().run(&["matrix", "--max-jobs", "257"]);
    assert_eq!(run.code, Some(2), "{run}");
}

/// The project is its own example: it is sound, its ledger complete, what it has generated up to date.
#[test]
fn this_repository_is_sound() {
    let run = |arguments: &[&str]| crate::harness::run_in(&project(""), arguments).succeeds();
    run(&["check"]);
    run(&["allocate", "--check"]);
    let schema = run(&["schema"]).stdout;
    assert_eq!(
        schema,
        std::fs::read_to_string(project("domains.schema.json")).unwrap(),
        "groundwork schema > domains.schema.json"
    );
    let reference = run(&["schema", "--format", "markdown"]).stdout;
    let committed = std::fs::read_to_string(project("docs/configuration.md")).unwrap();
    assert_eq!(reference, committed, "groundwork schema --format markdown > docs/configuration.md");
}
