//! `list`: whose every account is, and what is left of the address space.

use crate::harness::{DOMAINS, Repository};

#[test]
fn accounts_and_pools_are_tables() {
    let repository = Repository::allocated();
    repository.edit("domains.toml", "[domains.rehearsal]", "[domains.rehearsal]\nlifecycle = \"retiring\"");
    let run = repository.run(&["list"]).succeeds();
    insta::assert_snapshot!("list_accounts", run);
    insta::assert_snapshot!("list_pools", repository.run(&["list", "--pools"]).succeeds());
    let sorted = repository.run(&["list", "catalog/*", "--sort", "network", "-q"]).succeeds();
    assert_eq!(sorted.stderr, "");
    let keys: Vec<&str> = sorted.stdout.lines().skip(1).filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(keys, ["catalog/prod", "catalog/dev"]);
}

#[test]
fn json_has_everything_and_is_what_its_schema_says() {
    let repository = Repository::allocated();
    let json = repository.run(&["list", "catalog/prod", "--format", "json"]).succeeds().json();
    insta::assert_snapshot!("list_json", serde_json::to_string_pretty(&json).unwrap());
    let schema = repository.run(&["schema", "--of", "map"]).succeeds().json();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(schema.is_valid(&json), "{:?}", schema.iter_errors(&json).next());
    assert!(!schema.is_valid(&serde_json::json!({"schema_version": 1})));
}

#[test]
fn an_address_finds_its_account_or_says_why_it_has_none() {
    let repository = Repository::allocated();
    let block = |key: &str| {
        let json = repository.run(&["list", key, "--format", "json"]).succeeds().json();
        json["accounts"][0]["network"].as_str().unwrap().to_owned()
    };
    let network = block("catalog/dev");
    let inside = network.replace("0/22", "77");
    let run = repository.run(&["list", "--address", &inside, "--format", "json"]).succeeds().json();
    assert_eq!(run["accounts"][0]["key"], "catalog/dev");
    assert_eq!(run["accounts"].as_array().unwrap().len(), 1);
    let refused = |address: &str| repository.run(&["list", "--address", address]).fails().stderr;
    assert_eq!(refused("10.64.3.4"), "error: 10.64.3.4 is nobody's: 10.64.0.0/20 is reserved\n");
    assert!(refused("10.64.255.1").starts_with("error: 10.64.255.1 is nobody's: it is free, in 10.64."));
    assert_eq!(refused("192.0.2.1"), "error: 192.0.2.1 is in no pool, and in no account's block\n");
}

#[test]
fn a_block_in_quarantine_says_until_when() {
    let repository = Repository::allocated();
    repository.edit("domains.toml", "[network]", "[network]\nquarantine_days = 3650");
    repository.edit("domains.toml", "[domains.catalog]", "[domains.catalog]\nlifecycle = \"retiring\"");
    repository.run(&["allocate"]).succeeds();
    let domains = repository.read("domains.toml");
    repository.write("domains.toml", &domains[..domains.find("[domains.catalog]").unwrap()]);
    repository.run(&["allocate"]).succeeds();
    let json = repository.run(&["list", "--format", "json"]).succeeds().json();
    let pool = &json["address_space"]["pools"][0];
    let blocks = pool["blocks"].as_array().unwrap();
    let gone: Vec<_> = blocks.iter().filter(|block| block["kind"] == "quarantined").collect();
    assert_eq!(gone.len(), 2);
    assert_eq!(gone[0]["account"], "catalog/prod");
    let ledger = repository.read("ledger.toml");
    let released = ledger.split("released = \"").nth(1).unwrap().split('"').next().unwrap();
    let released: jiff::civil::Date = released.parse().unwrap();
    let until = released.checked_add(jiff::Span::new().days(3650)).unwrap();
    assert_eq!(gone[0]["until"], until.to_string());
    assert_eq!(pool["quarantined"], 4096 + 1024);
}

#[test]
fn nothing_to_list_is_said() {
    let none = Repository::with_domains(
        &DOMAINS[..DOMAINS.find("[domains.").unwrap()].replace("domains = [\"rehearsal\"]", "accounts = []"),
    );
    none.write("domains.toml", none.read("domains.toml") + "[domains]\n");
    none.edit("domains.toml", "[[waves]]\nname = \"rehearsal\"\naccounts = []\n", "");
    let run = none.run(&["list"]).succeeds();
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("there are no accounts yet: `groundwork add domain`"), "{run}");
    let run = Repository::allocated().run(&["list", "catalgo/*"]).fails();
    assert_eq!(run.stderr.lines().next(), Some("error: no account matches `catalgo/*`"));
}

#[test]
fn a_map_needs_a_sound_repository_and_a_place() {
    let repository = Repository::allocated();
    let run = repository.run(&["map", "--html", "map.html"]).succeeds();
    assert_eq!(run.stderr, "done 4 accounts in `map.html`\n");
    assert_eq!(repository.run(&["map", "--html", "-"]).succeeds().stdout, repository.read("map.html"));
    let run = repository.run(&["map", "--html", "nowhere/map.html"]).fails();
    assert!(run.stderr.starts_with("error: cannot write `nowhere/map.html`"), "{run}");
    repository.edit("domains.toml", "team = \"catalog\"", "team = \"catalgo\"");
    repository.run(&["map", "--html", "map.html"]).fails();
}
