//! What holds for every plan, whatever was chosen.

use serde_json::Value;

use super::World;
use super::boundary;
use super::landscape::{Landscape, made};
use super::options::{ACCOUNTS, BUDGET, MONITORING, USERS, WITH_KEYS, choices, domains};

pub(crate) fn every_option_plans_what_it_should(world: &World) {
    let choices = choices();
    let landscape = Landscape::new(world, &domains(&choices));
    let plans = landscape.plans();
    assert_eq!(plans.len(), ACCOUNTS + 1);
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
    for (number, row) in choices.iter().enumerate() {
        let made = made(&plans[&format!("d{number}/prod")]);
        let budgets = made.iter().filter(|(kind, ..)| *kind == "aws_budgets_budget");
        let told: Vec<usize> = budgets.map(|(.., after)| after["notification"].as_array().unwrap().len()).collect();
        assert_eq!(told, [vec![], vec![4], vec![2]][row[BUDGET]], "d{number}");
    }
    // The one with keys has an empty secret, and no key that Terraform would know.
    let number = choices.iter().position(|row| row[USERS] == WITH_KEYS).unwrap();
    let with_keys = &plans[&format!("d{number}/prod")];
    let of = |kind: &str| {
        made(with_keys).iter().filter(|(made, address, _)| *made == kind && address.contains("faceless")).count()
    };
    let kinds =
        ["aws_iam_user", "aws_secretsmanager_secret", "aws_secretsmanager_secret_version", "aws_iam_access_key"];
    assert_eq!(kinds.map(of), [1, 1, 0, 0]);
    for (number, row) in choices.iter().enumerate() {
        monitoring_is_what_was_chosen(row[MONITORING], &plans[&format!("d{number}/prod")]);
    }
    boundary::keeps_rights_as_they_are(with_keys);
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
pub(crate) fn is_a_policy(text: &str, at: &str) {
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

/// What each choice makes: topics, alarms, secrets, policies on the role.
fn monitoring_is_what_was_chosen(choice: usize, plan: &Value) {
    const KINDS: [&str; 4] =
        ["aws_sns_topic", "aws_cloudwatch_metric_alarm", "aws_secretsmanager_secret", "aws_iam_role_policy_attachment"];
    let expected = [[1, 3, 0, 0], [0, 0, 1, 0], [0, 0, 1, 2], [0, 0, 1, 1], [0, 0, 0, 0]][choice];
    let made = made(plan);
    let of =
        |kind: &str| made.iter().filter(|(made, address, _)| *made == kind && !address.contains("faceless")).count();
    assert_eq!(KINDS.map(of), expected, "{choice}");
    assert_eq!(of("aws_secretsmanager_secret_version"), 0, "{choice}");
    let (caller, external_id) = match choice {
        2 => ("754728514883", "4211"),
        3 => ("464622532012", "an-id"),
        _ => return,
    };
    let (.., role) = made.iter().find(|(_, address, _)| *address == "aws_iam_role.monitoring").unwrap();
    let trust: Value = serde_json::from_str(role["assume_role_policy"].as_str().unwrap()).unwrap();
    let statement = &trust["Statement"][0];
    assert_eq!(statement["Principal"]["AWS"], format!("arn:aws:iam::{caller}:root"));
    assert_eq!(statement["Condition"]["StringEquals"]["sts:ExternalId"], external_id);
}
