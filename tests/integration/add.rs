//! `add`: domains.toml edited in place.

use crate::harness::{DOMAINS, Repository};

#[test]
fn a_domain_is_added_behind_the_others_and_comments_stay() {
    let commented = DOMAINS.replace("[domains.rehearsal]", "# One of everything.\n[domains.rehearsal] # first");
    let repository = Repository::with_domains(&commented);
    repository
        .run(&["add", "domain", "search", "--team", "catalog", "--environments", "dev", "--repository", "acme/search"])
        .succeeds();
    let expected = format!(
        "{commented}\n[domains.search]\nteam = \"catalog\"\nenvironments = [\"dev\"]\nrepository = \"acme/search\"\n"
    );
    assert_eq!(repository.read("domains.toml"), expected);
    repository.run(&["allocate"]).succeeds();
    repository.run(&["check"]).succeeds();
}

#[test]
fn a_team_is_added_behind_the_other_teams() {
    let repository = Repository::small();
    repository
        .run(&["add", "team", "discovery", "--email", "discovery@acme.example", "--slack", "#discovery"])
        .succeeds();
    let domains = repository.read("domains.toml");
    let (before, after) =
        domains.split_once("[teams.discovery]\nemail = \"discovery@acme.example\"\nslack = \"#discovery\"\n").unwrap();
    assert!(before.ends_with("cost_center = \"4210\"\n\n"), "{domains}");
    assert!(after.starts_with("\n[domains.rehearsal]"), "{domains}");
    repository.run(&["add", "domain", "search", "--team", "discovery"]).succeeds();
    assert!(repository.read("domains.toml").ends_with("environments = [\"dev\", \"prod\"]\n"));
}

#[test]
fn what_would_break_the_file_is_not_written() {
    let repository = Repository::small();
    for arguments in [
        ["add", "domain", "search", "--team", "catalgo"].as_slice(),
        &["add", "domain", "Search", "--team", "catalog"],
        &["add", "domain", "catalog", "--team", "catalog"],
        &["add", "domain", "search", "--team", "catalog", "--environments", "staging"],
        &["add", "team", "catalog", "--email", "x@acme.example"],
        &["add", "team", "discovery", "--email", "nobody"],
    ] {
        let run = repository.run(arguments).fails();
        assert!(!run.stderr.is_empty());
        assert_eq!(repository.read("domains.toml"), DOMAINS, "{arguments:?}");
    }
    insta::assert_snapshot!(repository.run(&["add", "domain", "search", "--team", "catalgo"]).fails().stderr);
}

#[test]
fn a_file_that_is_wrong_already_can_still_be_added_to() {
    let repository = Repository::with_domains(&DOMAINS.replace("cost_center", "cost_centre"));
    repository.run(&["add", "team", "discovery", "--email", "discovery@acme.example"]).succeeds();
    assert!(repository.read("domains.toml").contains("[teams.discovery]"));
}
