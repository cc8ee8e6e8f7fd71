//! What the boundary denies, judged as IAM does.

use std::collections::BTreeMap;

use serde_json::Value;

use super::landscape::made;

/// The longest managed policy that IAM takes, white space left out.
const LONGEST: usize = 6_144;

/// What is tried: action, resource, what is known of the request, and whether the boundary denies it.
type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], bool);

pub(crate) fn keeps_rights_as_they_are(plan: &Value) {
    let policies = made(plan);
    let (.., after) = policies.iter().find(|(_, address, _)| *address == "aws_iam_policy.boundary").unwrap();
    let text = after["policy"].as_str().unwrap();
    assert!(text.split_whitespace().collect::<String>().len() <= LONGEST, "{} characters", text.len());
    let policy: Value = serde_json::from_str(text).unwrap();
    let statement = policy["Statement"].as_array().unwrap().iter().find(|one| one["Sid"] == "NoGroundwork").unwrap();
    let id = statement["Resource"][0].as_str().unwrap().split(':').nth(4).unwrap().to_owned();
    let iam = |rest: &str| format!("arn:aws:iam::{id}:{rest}");
    let own: &[(&str, &str)] = &[("aws:ResourceAccount", &id)];
    let bounded = iam("policy/groundwork/boundary");
    let bounded: &[(&str, &str)] = &[("iam:PermissionsBoundary", &bounded)];
    let other: &[(&str, &str)] = &[("iam:PermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess")];
    let abroad: &[(&str, &str)] = &[("aws:ResourceAccount", "999999999999")];
    let secret = |name: &str| format!("arn:aws:secretsmanager:eu-west-1:{id}:secret:{name}");
    let cases: &[Case<'_>] = &[
        // Rights of others: passed on, or taken.
        ("iam:PassRole", &iam("role/admin"), own, true),
        ("iam:PassRole", &iam("role/admin"), &[], true),
        ("iam:PassRole", &iam("role/service-role/admin"), own, true),
        ("iam:PassRole", &iam("role/OrganizationAccountAccessRole"), own, true),
        ("iam:PassRole", &iam("role/workloads/importer"), own, false),
        ("iam:PassRole", &iam("role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"), own, false),
        ("sts:AssumeRole", &iam("role/admin"), own, true),
        ("sts:AssumeRole", &iam("role/admin"), &[], true),
        ("sts:AssumeRole", &iam("role/workloads/importer"), own, false),
        ("sts:AssumeRole", "arn:aws:iam::999999999999:role/artifacts", abroad, false),
        // Principals without the boundary: made, changed, freed.
        ("iam:CreateRole", &iam("role/workloads/importer"), bounded, false),
        ("iam:CreateRole", &iam("role/workloads/importer"), &[], true),
        ("iam:CreateRole", &iam("role/workloads/importer"), other, true),
        ("iam:AttachRolePolicy", &iam("role/workloads/importer"), bounded, false),
        ("iam:AttachRolePolicy", &iam("role/admin"), &[], true),
        ("iam:UpdateAssumeRolePolicy", &iam("role/workloads/importer"), bounded, false),
        ("iam:UpdateAssumeRolePolicy", &iam("role/admin"), &[], true),
        ("iam:DeleteRolePermissionsBoundary", &iam("role/workloads/importer"), bounded, true),
        ("iam:PutRolePermissionsBoundary", &iam("role/workloads/importer"), other, true),
        ("iam:PutUserPolicy", &iam("user/faceless/legacy"), bounded, true),
        ("iam:CreateAccessKey", &iam("user/faceless/legacy"), &[], true),
        ("iam:UpdateSAMLProvider", &iam("saml-provider/AWSSSO_DO_NOT_DELETE"), &[], true),
        ("iam:CreatePolicyVersion", &iam("policy/groundwork/boundary"), &[], true),
        // What groundwork has written.
        ("secretsmanager:GetSecretValue", &secret("/groundwork/faceless-users/legacy/access-key-aBcDeF"), own, true),
        ("secretsmanager:PutSecretValue", &secret("/groundwork/monitoring/newrelic/license-key-aBcDeF"), own, true),
        ("secretsmanager:GetSecretValue", &secret("/groundwork/monitoring/newrelic/license-key-aBcDeF"), own, false),
        ("secretsmanager:PutSecretValue", &secret("shop/database-aBcDeF"), own, false),
        ("ssm:PutParameter", &format!("arn:aws:ssm:eu-west-1:{id}:parameter/groundwork/owner/team"), own, true),
        ("ssm:GetParameter", &format!("arn:aws:ssm:eu-west-1:{id}:parameter/groundwork/owner/team"), own, false),
        (
            "scheduler:DeleteSchedule",
            &format!("arn:aws:scheduler:eu-west-1:{id}:schedule/groundwork-health-check/a"),
            own,
            true,
        ),
        ("sns:DeleteTopic", &format!("arn:aws:sns:eu-west-1:{id}:groundwork-alarms"), own, true),
        ("sns:Publish", &format!("arn:aws:sns:eu-west-1:{id}:groundwork-alarms"), own, false),
        // Everyday deployments.
        ("lambda:CreateFunction", &format!("arn:aws:lambda:eu-west-1:{id}:function:importer"), own, false),
        ("s3:PutObject", "arn:aws:s3:::shop/index.html", own, false),
        ("ec2:DeleteVpc", &format!("arn:aws:ec2:eu-west-1:{id}:vpc/vpc-1"), own, true),
        ("organizations:LeaveOrganization", "*", own, true),
    ];
    for (action, resource, context, denied) in cases {
        let context = context.iter().copied().collect();
        assert_eq!(denies(&policy, action, resource, &context), *denied, "{action} on {resource} with {context:?}");
    }
}

fn denies(policy: &Value, action: &str, resource: &str, context: &BTreeMap<&str, &str>) -> bool {
    policy["Statement"].as_array().unwrap().iter().any(|statement| {
        statement["Effect"] == "Deny"
            && statement
                .get("NotAction")
                .map_or_else(|| any(&statement["Action"], action), |spared| !any(spared, action))
            && (statement.get("NotResource").is_some_and(|spared| !any(spared, resource))
                || statement.get("Resource").is_some_and(|meant| any(meant, resource)))
            && holds(&statement["Condition"], context)
    })
}

fn holds(condition: &Value, context: &BTreeMap<&str, &str>) -> bool {
    let Some(operators) = condition.as_object() else { return true };
    operators.iter().all(|(operator, keys)| {
        keys.as_object().unwrap().iter().all(|(key, wanted)| {
            let found = context.get(key.as_str()).copied();
            match operator.as_str() {
                // What is not there is not equal.
                "StringNotEquals" => found.is_none_or(|found| wanted != found),
                "StringEqualsIfExists" => found.is_none_or(|found| wanted == found),
                other => panic!("nobody knows {other}"),
            }
        })
    })
}

/// One pattern, or a list of them.
fn any(patterns: &Value, text: &str) -> bool {
    match patterns {
        Value::String(pattern) => globset::Glob::new(pattern).unwrap().compile_matcher().is_match(text),
        Value::Array(patterns) => patterns.iter().any(|pattern| any(pattern, text)),
        other => panic!("{other} is no pattern"),
    }
}
