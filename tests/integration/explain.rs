//! `explain`: every value and its origin.

use crate::harness::Repository;

#[test]
fn every_value_names_the_line_it_comes_from() {
    let repository = Repository::allocated();
    repository.edit(
        "domains.toml",
        "repository = \"acme/catalog\"",
        "repository = \"acme/catalog\"\n[domains.catalog.environment.prod]\nnetwork = { zones = 2 }",
    );
    insta::assert_snapshot!(repository.run(&["explain", "catalog/prod"]).succeeds().stdout);
}

#[test]
fn later_layers_win_and_tables_merge() {
    let repository = Repository::allocated();
    repository.edit(
        "domains.toml",
        "[environments.dev]",
        "[defaults]\nsupport = \"business\"\nnetwork = { nat = \"regional\", isolated = true }\n[environments.dev]",
    );
    repository.edit(
        "domains.toml",
        "repository = \"acme/catalog\"",
        "support = \"enterprise\"\n[domains.catalog.environment.prod]\nnetwork = { nat = \"none\" }",
    );
    let value = |key: &str, path: &str| {
        let run = repository.run(&["explain", key, path, "--format", "json", "-q"]).succeeds().json();
        (run["values"][0]["value"].clone(), run["values"][0]["origin"]["file"].as_str().unwrap().to_owned())
    };
    let own = |json: serde_json::Value| (json, "domains.toml".to_owned());
    assert_eq!(value("rehearsal/dev", "network.nat"), own("regional".into()));
    assert_eq!(value("rehearsal/prod", "network.nat"), own("per-az".into()));
    assert_eq!(value("catalog/prod", "network.nat"), own("none".into()));
    assert_eq!(value("catalog/prod", "network.isolated"), own(true.into()));
    assert_eq!(value("catalog/prod", "network.prefix"), own(20.into()));
    assert_eq!(value("catalog/dev", "support"), own("enterprise".into()));
    assert_eq!(value("rehearsal/dev", "support"), own("business".into()));
    assert_eq!(value("rehearsal/dev", "network.zones"), (3.into(), "templates/network/feature.toml".to_owned()));
    assert_eq!(value("rehearsal/dev", "protected"), (false.into(), "(built in)/domains.schema.toml".to_owned()));
}

#[test]
fn a_typo_gets_a_proposal() {
    let repository = Repository::allocated();
    let run = repository.run(&["explain", "catalgo/prod"]).fails();
    assert_eq!(run.stderr, "error: there is no account `catalgo/prod`\n  help: did you mean `catalog/prod`?\n");
    let run = repository.run(&["explain", "catalog/prod", "network.natt"]).fails();
    assert!(run.stderr.contains("did you mean `network.nat`?"), "{run}");
    let run = repository.run(&["explain", "catalog"]).fails();
    assert!(run.stderr.contains("`domain/environment`"), "{run}");
}
