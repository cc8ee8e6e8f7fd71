//! `allocate`: the ledger through its life.

use crate::changes::git_in;
use crate::harness::{DOMAINS, Repository};

const SEARCH: &str = "\n[domains.search]\nteam = \"catalog\"\nenvironments = [\"dev\"]\n";

fn block(repository: &Repository, key: &str) -> String {
    let run = repository.run(&["explain", key, "ledger.network", "--format", "json", "-q"]).succeeds();
    run.json()["values"][0]["value"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_new_organization_gets_its_blocks_outside_of_what_is_reserved() {
    let repository = Repository::small();
    insta::assert_snapshot!("allocate_output", repository.run(&["allocate"]).succeeds());
    insta::assert_snapshot!("ledger", repository.read("ledger.toml"));
    let again = repository.run(&["allocate"]).succeeds();
    assert_eq!(again.stderr, "done 4 accounts: nothing to allocate\n");
}

#[test]
fn a_ledger_that_is_lost_is_not_made_anew() {
    let repository = Repository::allocated();
    let git = |arguments: &[&str]| git_in(&repository.path("."), arguments);
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "all"]);
    let before = repository.read("ledger.toml");
    std::fs::remove_file(repository.path("ledger.toml")).unwrap();
    let refused = repository.run(&["allocate"]).fails();
    assert!(refused.stderr.contains("git restore --staged --worktree ledger.toml"), "{}", refused.stderr);
    git(&["restore", "--staged", "--worktree", "ledger.toml"]);
    assert_eq!(repository.read("ledger.toml"), before);
    // Whoever means it says so.
    git(&["rm", "-q", "ledger.toml"]);
    git(&["commit", "-q", "-m", "from nothing"]);
    repository.run(&["allocate"]).succeeds();
}

#[test]
fn nothing_moves_when_accounts_come_and_tables_are_reordered() {
    let repository = Repository::allocated();
    let before = repository.read("ledger.toml");
    let (head, domains) = DOMAINS.split_once("[domains.rehearsal]").unwrap();
    let (rehearsal, catalog) = domains.split_once("[domains.catalog]").unwrap();
    repository
        .write("domains.toml", format!("{head}{SEARCH}[domains.catalog]{catalog}\n[domains.rehearsal]{rehearsal}"));
    repository.run(&["allocate"]).succeeds();
    let after = repository.read("ledger.toml");
    let without_search =
        after.split("\n\n").filter(|table| !table.contains("search/")).collect::<Vec<_>>().join("\n\n");
    assert_eq!(without_search.trim_end(), before.trim_end());
}

#[test]
fn a_resized_network_keeps_its_block_and_says_so() {
    let repository = Repository::allocated();
    let before = repository.read("ledger.toml");
    repository.edit("domains.toml", "prefix = 22", "prefix = 21");
    insta::assert_snapshot!(repository.run(&["allocate"]).succeeds().stderr);
    assert_eq!(repository.read("ledger.toml"), before);
}

#[test]
fn exhausting_the_pool_says_how_much_is_free() {
    let repository = Repository::allocated();
    repository.edit("domains.toml", "10.64.0.0/16", "10.64.0.0/19");
    repository.write("ledger.toml", "version = 1\n");
    insta::assert_snapshot!(repository.run(&["allocate"]).fails().stderr);
    assert_eq!(repository.read("ledger.toml"), "version = 1\n", "nothing half-done");
}

#[test]
fn an_overlap_after_a_merge_names_both_accounts_and_the_way_out() {
    let repository = Repository::small().file("domains.toml", format!("{DOMAINS}{SEARCH}"));
    repository.run(&["allocate"]).succeeds();
    // What a merge of two branches leaves that both gave out the next free block.
    let taken = block(&repository, "catalog/dev");
    let own = block(&repository, "search/dev");
    repository.edit("ledger.toml", &own, &taken);
    insta::assert_snapshot!(repository.run(&["allocate", "--check"]).fails().stderr);
    repository.run(&["allocate", "--reassign", "search/dev"]).succeeds();
    repository.run(&["allocate", "--check"]).succeeds();
    assert_eq!(block(&repository, "catalog/dev"), taken);
    assert_ne!(block(&repository, "search/dev"), taken);
}

#[test]
fn an_account_that_exists_is_not_reassigned() {
    let repository = Repository::allocated();
    repository.edit("ledger.toml", "[accounts.\"catalog/dev\"]", "[accounts.\"catalog/dev\"]\nid = \"111122223333\"");
    let run = repository.run(&["allocate", "--reassign", "catalog/dev"]).fails();
    assert!(run.stderr.contains("`catalog/dev` exists in AWS"), "{run}");
    assert!(repository.run(&["allocate", "--reassign", "catalog/none"]).fails().stderr.contains("not in ledger.toml"));
}

#[test]
fn an_incomplete_ledger_fails_the_check_and_passes_after_allocating() {
    let repository = Repository::allocated();
    repository.write("domains.toml", format!("{DOMAINS}{SEARCH}"));
    let run = repository.run(&["allocate", "--check"]).fails();
    assert!(run.stderr.contains("`search/dev` is not in the ledger yet"), "{run}");
    repository.run(&["allocate"]).succeeds();
    repository.run(&["allocate", "--check"]).succeeds();
}

#[test]
fn a_conflict_marker_has_a_message_of_its_own() {
    let repository = Repository::allocated();
    let ledger = repository.read("ledger.toml");
    repository.write("ledger.toml", format!("{ledger}<<<<<<< HEAD\n=======\n>>>>>>> branch\n"));
    insta::assert_snapshot!(repository.run(&["check"]).fails().stderr);
}

#[test]
fn a_damaged_ledger_is_reported_line_by_line() {
    let repository = Repository::small().file(
        "ledger.toml",
        "version = 0\n[accounts.\"catalog-dev\"]\nstate_key = \"a\"\nregion = \"eu-west-1\"\n\
         [accounts.\"catalog/dev\"]\nid = \"12\"\nstate_kye = \"a\"\nregion = \"eu-west-1\"\nnetwork = \"10.64.1.0/16\"\n\
         [accounts.\"catalog/prod\"]\nid = \"111122223333\"\nemail = \"a@acme.example\"\nstate_key = \"a\"\nregion = \"eu-west-1\"\nnetwork = \"10.64.1.0/16\"\n\
         [[tombstones]]\nkey = \"old/dev\"\nreleased = \"yesterday\"\n",
    );
    insta::assert_snapshot!(repository.run(&["check"]).fails().stderr);
}

#[test]
fn what_two_accounts_cannot_share_is_found() {
    let repository = Repository::allocated();
    let ledger = repository.read("ledger.toml");
    let ledger = ledger
        .replace("[accounts.\"catalog/dev\"]", "[accounts.\"catalog/dev\"]\nid = \"111122223333\"")
        .replace("[accounts.\"catalog/prod\"]", "[accounts.\"catalog/prod\"]\nid = \"111122223333\"")
        .replace("catalog/prod/terraform.tfstate", "catalog/dev/terraform.tfstate")
        .replace("aws+catalog-prod@", "aws+catalog-dev@");
    repository.write("ledger.toml", ledger);
    insta::assert_snapshot!(repository.run(&["check"]).fails().stderr);
}

#[test]
fn more_zones_are_added_and_none_ever_taken_or_reordered() {
    let repository = Repository::allocated();
    let zones = |repository: &Repository| {
        let run = repository.run(&["explain", "catalog/dev", "ledger.zones", "--format", "json", "-q"]).succeeds();
        run.json()["values"][0]["value"].to_string()
    };
    repository.edit("domains.toml", "prefix = 22", "prefix = 22, zones = 2");
    repository.run(&["allocate"]).succeeds();
    assert_eq!(zones(&repository), r#"["euw1-az1","euw1-az2","euw1-az3"]"#);
    repository.edit(
        "domains.toml",
        "[[waves]]",
        "[network.zones]\neu-west-1 = [\"euw1-az4\", \"euw1-az3\", \"euw1-az2\", \"euw1-az1\"]\n[[waves]]",
    );
    repository.edit("domains.toml", "zones = 2", "zones = 4");
    repository.run(&["allocate"]).succeeds();
    assert_eq!(zones(&repository), r#"["euw1-az1","euw1-az2","euw1-az3","euw1-az4"]"#);
}

#[test]
fn a_region_without_known_zones_says_where_to_list_them() {
    let repository = Repository::small();
    repository.edit("domains.toml", "protected = true", "protected = true\nregion = \"eu-nowhere-1\"");
    let run = repository.run(&["allocate"]).fails();
    assert!(run.stderr.contains("[network.zones] eu-nowhere-1 ="), "{run}");
}

#[test]
fn an_account_does_not_move_to_another_region() {
    let repository = Repository::allocated();
    repository.edit("domains.toml", "protected = true", "protected = true\nregion = \"eu-west-2\"");
    insta::assert_snapshot!(repository.run(&["check"]).fails().stderr);
    repository.run(&["allocate"]).fails();
}

#[test]
fn a_state_key_is_never_used_by_a_second_account() {
    let repository = Repository::small().file(
        "ledger.toml",
        "version = 1\n[[tombstones]]\nkey = \"catalog/dev\"\nreleased = \"2020-01-01\"\nstate_key = \"catalog/dev/terraform.tfstate\"\n",
    );
    repository.run(&["allocate"]).succeeds();
    assert!(repository.read("ledger.toml").contains("state_key = \"catalog/dev-2/terraform.tfstate\""));
}
