//! Real root modules with real resources: the organization of groundwork's own repository.

use serde_json::{Value, json};

use super::World;
use super::repository::Repository;

pub(crate) fn the_example_is_planned_applied_and_its_drift_found(world: &World) {
    let repository = Repository::example(world);
    let providers = repository.providers.as_ref().unwrap();
    // As `groundwork organization apply` has made them.
    ["Retired", "Workloads/dev", "Workloads/stage", "Workloads/prod"].iter().for_each(|unit| providers.add_unit(unit));
    let ledger: toml::Table = repository.read("ledger.toml").parse().unwrap();
    for held in ledger["accounts"].as_table().unwrap().values() {
        providers.add_account(held["email"].as_str().unwrap(), held["id"].as_str().unwrap());
    }
    let planned = repository.groundwork(&["plan", "--digests", "digests"]).succeeds();
    assert!(planned.stdout.starts_with("36 accounts, "), "{}", planned.stdout);
    assert_eq!(providers.count(), 0, "planning makes nothing");
    repository.groundwork(&["apply", "--reviewed", "digests"]).succeeds().says(&["36 accounts: 36 applied"]);
    let made = providers.count();
    let vpcs = providers.objects("aws_vpc");
    assert_eq!(vpcs.len(), 35);
    repository.groundwork(&["plan"]).succeeds().says(&["36 accounts: 36 unchanged"]);
    repository.groundwork(&["drift", "--fail-on", "drift"]).succeeds();

    // Somebody was on the console: in one account a setting was changed, in another a gateway was deleted.
    let of = |kind: &str, account: &str| {
        let (domain, environment) = account.split_once('/').unwrap();
        let is_of = |object: &Value| {
            let tags = &object["tags_all"];
            tags["domain"] == domain && tags["environment"] == environment
        };
        let objects = providers.objects(kind);
        objects.into_iter().find(|(_, object)| is_of(object)).unwrap_or_else(|| panic!("no {kind} in {account}")).0
    };
    providers.change("aws_vpc", &of("aws_vpc", "catalog/dev"), "enable_dns_hostnames", &json!(false));
    providers.remove("aws_internet_gateway", &of("aws_internet_gateway", "checkout/prod"));
    // And a change of the configuration waits to be applied, which is no drift.
    repository.edit("domains.toml", "retention_days = 365", "retention_days = 400");

    let drift = repository.groundwork(&["drift", "--json", "drift.json", "--fail-on", "drift"]).fails();
    let review: Value = serde_json::from_str(&repository.read("drift.json")).unwrap();
    let mut accounts: Vec<&str> = review["patterns"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|pattern| pattern["accounts"].as_array().unwrap())
        .filter_map(Value::as_str)
        .collect();
    accounts.sort_unstable();
    assert_eq!(accounts, ["catalog/dev", "checkout/prod"], "{}", drift.stdout);
    for text in ["aws_vpc.main", "enable_dns_hostnames", "aws_internet_gateway.main"] {
        assert!(drift.stdout.contains(text), "{text}: {}", drift.stdout);
    }
    assert!(!drift.stdout.contains("retention"), "{}", drift.stdout);
    assert_eq!(providers.count(), made - 1, "looking changes nothing");

    // What was found is put right like any other change.
    repository.plan();
    repository.groundwork(&["apply", "--reviewed", "digests", "catalog/dev", "checkout/prod"]).succeeds();
    assert_eq!(providers.count(), made);
    repository.groundwork(&["drift", "--fail-on", "drift"]).succeeds();
}
