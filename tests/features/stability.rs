//! What is there stays there.

use serde_json::Value;

use super::World;
use super::landscape::Landscape;

const DOMAINS: &str = "[domains.shop]\nteam = \"catalog\"\nenvironments = [\"prod\"]\n\
    network = { nat = \"per-az\", zones = 2, interface_endpoints = [\"logs\"] }\n\
    [[domains.shop.faceless_users]]\nname = \"deploy\"\nkind = \"oidc\"\nrepositories = [\"acme/shop\"]\n";

/// Each is applied on top of the ones before it, and none of them destroys or replaces anything, or moves what there is to
/// another address.
pub(crate) fn more_of_anything_leaves_what_is_there(world: &World) {
    let landscape = Landscape::new(world, DOMAINS);
    landscape.groundwork(&["apply", "-q", "--yes"]).succeeds();
    let more = [
        ("a zone", "zones = 2", "zones = 3"),
        ("another zone", "zones = 3", "zones = 4"),
        ("isolated subnets", "zones = 4", "zones = 4, isolated = true"),
        ("an endpoint, in front of the one there is", "[\"logs\"]", "[\"ecr.api\", \"logs\"]"),
        (
            "a faceless user, in front of the one there is",
            "[[domains.shop.faceless_users]]\nname = \"deploy\"",
            "[[domains.shop.faceless_users]]\nname = \"audit\"\nkind = \"oidc\"\nrepositories = [\"acme/audit\"]\n[[domains.shop.faceless_users]]\nname = \"deploy\"",
        ),
        (
            "a domain, in front of the one there is",
            "[domains.shop]\n",
            "[domains.a]\nteam = \"catalog\"\nenvironments = [\"prod\"]\n[domains.shop]\n",
        ),
        ("another cost centre", "cost_center = \"4210\"", "cost_center = \"4711\""),
        ("longer retention", "isolated = true", "isolated = true, flow_logs = { retention_days = 400 }"),
    ];
    for (what, from, to) in more {
        landscape.edit(from, to);
        let plans = landscape.plans();
        let mut changes = 0;
        for change in plans.values().flat_map(|plan| plan["resource_changes"].as_array().unwrap()) {
            let actions: Vec<&str> =
                change["change"]["actions"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            assert!(!actions.contains(&"delete"), "{what}: {actions:?} {}", change["address"]);
            assert!(change.get("previous_address").is_none(), "{what}: {}", change["address"]);
            changes += usize::from(actions != ["no-op"] && actions != ["read"]);
        }
        assert!(changes > 0, "{what} changes nothing");
        landscape.groundwork(&["apply", "-q", "--yes"]).succeeds();
        landscape.groundwork(&["plan"]).succeeds().says(&["unchanged"]);
    }
}
