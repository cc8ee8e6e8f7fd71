//! What the guardrails deny, and what they leave alone.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use groundwork_testing::simulation;
use serde_json::Value;

use super::World;
use super::guarded_calls::{GROUNDWORK, call, cases, developer};
use super::landscape::Landscape;

const EVERYTHING: &str = "[organization.guardrails]\nbreak_glass = [\"break-glass\", \"aws-reserved/sso.amazonaws.com/AWSReservedSSO_Emergency_*\"]\n";

/// Everything that changes something in these is what features may do in an account.
const SERVICES: [&str; 21] = [
    "access-analyzer",
    "account",
    "budgets",
    "cloudwatch",
    "dynamodb",
    "ec2",
    "ecs",
    "elasticfilesystem",
    "events",
    "iam",
    "lambda",
    "logs",
    "rds",
    "s3",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "sts",
    "tag",
];

/// A policy as Terraform sends it.
fn policies(landscape: &Landscape<'_>) -> Vec<Value> {
    let text = fs::read_to_string(landscape.path("organization/guardrails.json")).unwrap();
    let rendered: Value = serde_json::from_str(&text).unwrap();
    rendered["policies"].as_array().unwrap().clone()
}

fn is_quarantine(policy: &Value) -> bool {
    policy["name"] == "groundwork-quarantine"
}

pub(crate) fn each_guardrail_denies_what_it_says_and_nothing_next_to_it(world: &World) {
    let landscape = Landscape::new(
        world,
        &(EVERYTHING.to_owned()
            + "[domains.shop]\nteam = \"catalog\"\nenvironments = [\"prod\"]\nregion = \"eu-west-1\"\n"),
    );
    let bucket = landscape.bucket.clone();
    let everything = policies(&landscape);
    let sids: BTreeSet<String> = everything
        .iter()
        .filter(|policy| !is_quarantine(policy))
        .flat_map(|policy| policy["policy"]["Statement"].as_array().unwrap())
        .map(|statement| statement["Sid"].as_str().unwrap().to_owned())
        .collect();
    // The calls name the bucket before it is known.
    let guardrails: Vec<Value> = everything.iter().filter(|policy| !is_quarantine(policy)).cloned().collect();
    let text = serde_json::to_string(&guardrails).unwrap().replace(&bucket, "STATE");
    let guardrails: Vec<Value> = serde_json::from_str(&text).unwrap();

    let cases = cases();
    let mut calls = vec![call(GROUNDWORK, "ec2:CreateVpc", "", &[])];
    let mut expected = vec![("groundwork", None)];
    for (sid, denied, neighbours) in &cases {
        calls.push(denied.clone());
        expected.push((sid, Some(*sid)));
        for neighbour in neighbours {
            calls.push(neighbour.clone());
            expected.push((sid, None));
        }
    }
    let verdicts = simulation::judge(&guardrails, &calls, &SERVICES);
    assert_eq!(verdicts.unknown, Vec::<String>::new(), "AWS has no such actions");
    for (index, (of, sid)) in expected.iter().enumerate() {
        let wanted = if sid.is_some() { "denied" } else { "allowed" };
        assert_eq!(verdicts.complete[index], wanted, "{of}: {:?}", calls[index]);
        // Exactly one statement denies it: without that, it is allowed.
        for (without, verdicts) in &verdicts.without {
            let wanted = if sid.is_some_and(|sid| sid != without) { "denied" } else { "allowed" };
            assert_eq!(verdicts[index], wanted, "without {without}, {of}: {:?}", calls[index]);
        }
    }
    let tested: BTreeSet<String> = cases.iter().map(|(sid, ..)| (*sid).to_owned()).collect();
    assert_eq!(tested, sids, "every statement has a call that only it denies");
    // Whatever a feature may want to make: nothing but these is denied to the role that Terraform works as.
    assert_eq!(verdicts.denied, ["account:CloseAccount"]);

    let quarantine: Vec<Value> = everything.into_iter().filter(is_quarantine).collect();
    let calls = [
        call(GROUNDWORK, "ec2:DeleteVpc", "", &[]),
        call("break-glass", "s3:GetObject", "arn:aws:s3:::pictures/cat.jpg", &[]),
        developer("s3:GetObject", "arn:aws:s3:::pictures/cat.jpg", &[]),
        call("faceless/deploy", "s3:ListAllMyBuckets", "*", &[]),
    ];
    let verdicts = simulation::judge(&quarantine, &calls, &[]);
    assert_eq!(verdicts.complete, ["allowed", "allowed", "denied", "denied"]);
    assert_eq!(verdicts.without["Quarantine"], ["allowed"; 4]);
}

/// Forty units, and every region that there is: still within what AWS takes, and packed.
pub(crate) fn guardrails_of_a_large_organization_fit(world: &World) {
    let mut text = EVERYTHING.to_owned();
    for number in 0..40 {
        write!(
            text,
            "[domains.d{number}]\nteam = \"catalog\"\nenvironments = [\"prod\"]\nunit = \"Workloads/group-{number}/prod\"\nregion = \"eu-region-{number}\"\n\
             network = {{ enabled = false }}\n"
        )
        .unwrap();
    }
    let landscape = Landscape::new(world, &text);
    let policies = policies(&landscape);
    let sizes: Vec<usize> = policies.iter().map(|policy| policy["policy"].to_string().len()).collect();
    assert_eq!(sizes.len(), 3, "{sizes:?}");
    assert!(sizes.iter().all(|size| *size <= 5120), "{sizes:?}");
    assert!(sizes[0] + sizes[1] > 5120, "one would do: {sizes:?}");
    assert_eq!(policies[0]["units"].as_array().unwrap().len(), 41);

    // What is too much is said before anybody is asked for anything.
    for (from, to, problem) in [
        (
            "break_glass = [",
            "regions = { approved = [\"eu-west-1\"] }\nbreak_glass = [",
            "`d0/prod` works in eu-region-0, which is not among the approved regions",
        ),
        (
            "break_glass = [",
            "units = [\"Sandbox\"]\nbreak_glass = [",
            "no account is in the organizational unit `Sandbox`",
        ),
        (
            "[organization.guardrails]",
            "[organization.policies]\n\"Workloads/group-7/prod\" = [\"a\", \"b\", \"c\"]\n[organization.guardrails]",
            "`Workloads/group-7/prod` would have 6 service control policies, and AWS takes 5",
        ),
        (
            "unit = \"Workloads/group-3/prod\"",
            "unit = \"Retired/prod\"",
            "`d3/prod` is in `Retired/prod`, and nothing can be done in accounts in `Retired`",
        ),
        (
            "[organization.guardrails]",
            "[organization.policies]\nRetired = [\"groundwork-quarantine\"]\n[organization.guardrails]",
            "`groundwork-quarantine` is attached by [organization.guardrails], and [organization.policies] names it",
        ),
    ] {
        let before = fs::read_to_string(landscape.path("domains.toml")).unwrap();
        fs::write(landscape.path("domains.toml"), before.replacen(from, to, 1)).unwrap();
        landscape.groundwork(&["check"]).fails().says(&[problem]);
        fs::write(landscape.path("domains.toml"), before).unwrap();
    }
    let many: Vec<String> = (0..300).map(|number| format!("\"service{number}:*\"")).collect();
    let many = format!("regions = {{ everywhere = [{}] }}\nbreak_glass = [", many.join(", "));
    let domains = fs::read_to_string(landscape.path("domains.toml")).unwrap();
    fs::write(landscape.path("domains.toml"), domains.replacen("break_glass = [", &many, 1)).unwrap();
    landscape
        .groundwork(&["check"])
        .fails()
        .says(&["the policy `groundwork-guardrails-resources` would have ", "and AWS takes 5120"]);
    // Without the quarantine, retired accounts still have the other guardrails.
    landscape.edit(&many, "quarantine = false\nbreak_glass = [");
    let policies = self::policies(&landscape);
    assert!(!policies.iter().any(is_quarantine));
    assert_eq!(policies[0]["units"].as_array().unwrap().len(), 41);
}
