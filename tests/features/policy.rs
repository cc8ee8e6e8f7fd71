//! What holds for every plan, whatever was chosen.

use std::fmt::Write as _;

use serde_json::Value;

use super::World;
use super::landscape::{Landscape, made};

/// Every value of every option: all kinds of network with all others, and each kind of faceless user.
pub(crate) fn every_option() -> String {
    let users = [
        "",
        "faceless_users = [{ name = \"ci\", kind = \"oidc\", repositories = [\"acme/a\"] }]",
        "faceless_users = [{ name = \"ci\", kind = \"oidc\", repositories = [\"acme/a\", \"acme/b\"], branches = [\"main\"], environments = [\"prod\"], \
         repository_ids = { \"acme/a\" = { owner = 1, repository = 2 } }, policies = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"] }]",
        "faceless_users = [{ name = \"legacy\", kind = \"access-key\", policies = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"] }, \
         { name = \"ci\", kind = \"oidc\", repositories = [\"acme/a\"] }]",
    ];
    let mut text = String::new();
    let mut number = 0;
    for nat in ["none", "single", "per-az", "regional"] {
        for zones in 2..=4 {
            for isolated in [false, true] {
                let (logs, endpoints) = ([true, false][number % 2], ["[]", "[\"ecr.api\", \"logs\"]"][number / 2 % 2]);
                let budget = [
                    "",
                    "budget = { enabled = true }",
                    "budget = { enabled = true, limit = 9000, thresholds = [90], anomaly = 0 }",
                ][number % 3];
                let (hardening, users) = (number % 3 != 0, users[number % users.len()]);
                write!(
                    text,
                    "[domains.d{number}]\nteam = \"catalog\"\nenvironments = [\"prod\"]\naccount = {{ hardening = {hardening} }}\n{users}\n{budget}\n\
                     network = {{ nat = \"{nat}\", zones = {zones}, isolated = {isolated}, interface_endpoints = {endpoints}, \
                     flow_logs = {{ enabled = {logs}, retention_days = 90 }} }}\n"
                )
                .unwrap();
                number += 1;
            }
        }
    }
    text + "[domains.bare]\nteam = \"catalog\"\nenvironments = [\"prod\"]\nnetwork = { enabled = false }\n"
}

pub(crate) fn every_option_plans_what_it_should(world: &World) {
    let landscape = Landscape::new(world, &every_option());
    let plans = landscape.plans();
    assert_eq!(plans.len(), 25);
    let (mut documents, mut tagged) = (0, 0);
    for (account, plan) in &plans {
        for (kind, address, after) in made(plan) {
            let at = format!("{account}: {address}");
            nothing_comes_in_from_everywhere(kind, after, &at);
            for field in ["policy", "assume_role_policy", "inline_policy"] {
                if let Some(text) = after[field].as_str() {
                    documents += 1;
                    is_a_policy(text, &at);
                }
            }
            if landscape.providers.has_attribute(kind, "tags_all") {
                tagged += 1;
                for (key, value) in [("team", "catalog"), ("cost-center", "4210"), ("managed-by", "groundwork")] {
                    assert_eq!(after["tags_all"][key], value, "{at}");
                }
            }
        }
    }
    assert!(documents > 20 && tagged > 300, "{documents} policies, {tagged} tagged");
    // Each notification, and nothing where there is no budget.
    let budgets = |key: &str| -> Vec<usize> {
        let made = made(&plans[key]);
        let budgets = made.iter().filter(|(kind, ..)| *kind == "aws_budgets_budget");
        budgets.map(|(.., after)| after["notification"].as_array().unwrap().len()).collect()
    };
    assert_eq!([budgets("d0/prod"), budgets("d1/prod"), budgets("d2/prod")], [vec![], vec![4], vec![2]]);
    let bare = made(&plans["bare/prod"]);
    assert!(bare.iter().all(|(kind, ..)| *kind != "aws_vpc"), "{bare:#?}");
}

fn nothing_comes_in_from_everywhere(kind: &str, after: &Value, at: &str) {
    if kind == "aws_vpc_security_group_ingress_rule" {
        assert_ne!(after["cidr_ipv4"], "0.0.0.0/0", "{at}");
        assert_ne!(after["cidr_ipv6"], "::/0", "{at}");
    }
    for rule in after["ingress"].as_array().into_iter().flatten() {
        let open = |field: &str| {
            rule[field].as_array().into_iter().flatten().any(|block| block == "0.0.0.0/0" || block == "::/0")
        };
        assert!(!open("cidr_blocks") && !open("ipv6_cidr_blocks"), "{at}");
    }
}

/// JSON with statements, none of which lets everybody do anything.
fn is_a_policy(text: &str, at: &str) {
    let policy: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{at}: {error}: {text}"));
    assert_eq!(policy["Version"], "2012-10-17", "{at}");
    let statements = policy["Statement"].as_array().unwrap_or_else(|| panic!("{at}: {text}"));
    assert!(!statements.is_empty(), "{at}");
    for statement in statements {
        let principal = &statement["Principal"];
        let everybody = principal == "*" || principal.as_object().is_some_and(|of| of.values().any(|who| who == "*"));
        assert!(
            !everybody || statement["Effect"] == "Deny" || statement.get("Condition").is_some(),
            "{at}: {statement}"
        );
    }
}
