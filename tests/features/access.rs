//! Who enters which account, as what, and what they may there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::World;
use super::calls::{CALLS, Call};
use super::landscape::{Landscape, made};

/// Two teams with a group and one without, in all kinds of environments, and two contractors.
const DOMAINS: &str = r#"identity_group = "aws-catalog"
[teams.payments]
email = "payments@acme.example"
identity_group = "aws-payments"
[teams.quiet]
email = "quiet@acme.example"
[environments.dev]
network = { enabled = false }
[environments.stage]
network = { enabled = false }
[organization.access]
accounts = { "books/prod" = ["read-only"] }
operators = { payments = "aws-payments-on-call" }
readers = { groups = ["aws-platform", "aws-catalog"] }
[organization.access.levels]
dev = { developer = 8 }
stage = { developer = 6 }
prod = { read-only = 8, operator = 1 }
[organization.access.contractors.redesign]
accounts = ["pay/*", "shop/dev"]
groups = ["studio"]
users = ["jo@studio.example"]
until = "2031-03-31"
[organization.access.contractors.audit]
accounts = ["pay/prod"]
groups = ["auditors"]
level = "read-only"
hours = 2
until = 2030-12-31
[domains.shop]
team = "catalog"
environments = ["dev", "prod"]
[domains.pay]
team = "payments"
environments = ["dev", "stage", "prod"]
environment.prod.protected = true
[domains.books]
team = "payments"
environments = ["prod"]
[domains.still]
team = "quiet"
environments = ["dev"]
"#;

/// All assignments that there are to be: account, permission set, who.
const ENTER: &[(&str, &str, &str)] = &[
    ("books/prod", "read-only-prod", "aws-payments"),
    ("pay/dev", "developer-dev", "aws-payments"),
    ("pay/dev", "contractor-redesign", "jo@studio.example"),
    ("pay/dev", "contractor-redesign", "studio"),
    ("pay/prod", "contractor-audit", "auditors"),
    ("pay/prod", "operator-prod", "aws-payments-on-call"),
    ("pay/prod", "read-only-prod", "aws-payments"),
    ("pay/stage", "developer-stage", "aws-payments"),
    ("pay/stage", "contractor-redesign", "jo@studio.example"),
    ("pay/stage", "contractor-redesign", "studio"),
    ("shop/dev", "contractor-redesign", "jo@studio.example"),
    ("shop/dev", "contractor-redesign", "studio"),
    ("shop/dev", "developer-dev", "aws-catalog"),
    ("shop/prod", "operator-prod", "aws-catalog"),
    ("shop/prod", "read-only-prod", "aws-catalog"),
];
/// Who looks into all of them.
const READERS: [&str; 2] = ["aws-catalog", "aws-platform"];

const ASSIGNMENT: &str = "aws_ssoadmin_account_assignment";
/// Identity Center's quota for an inline policy, without white space.
const LONGEST_POLICY: usize = 10_240;

pub(crate) fn people_enter_what_their_team_has(world: &World) {
    let landscape = Landscape::new(world, DOMAINS);
    let formatted = world.terraform.run(&landscape.path("organization"), &["fmt", "-check", "-diff"]);
    assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stdout));
    landscape.groundwork(&["apply", "-q", "--yes", "organization"]).succeeds();
    let plans = landscape.plans_of(&["organization"]);
    assert_eq!(changes(&plans["organization"]), BTreeMap::new(), "a second plan is empty");

    let keys = ["books/prod", "pay/dev", "pay/prod", "pay/stage", "shop/dev", "shop/prod", "still/dev"];
    let everywhere = keys.iter().flat_map(|key| READERS.map(|who| (*key, "reader", who)));
    let wanted: BTreeSet<(String, String, String)> = (ENTER.iter().copied().chain(everywhere))
        .map(|(account, set, who)| (account.to_owned(), set.to_owned(), who.to_owned()))
        .collect();
    assert_eq!(assignments(&landscape, &plans["organization"]), wanted);

    let sets = permission_sets(&landscape);
    let durations: BTreeMap<&str, &str> =
        sets.iter().map(|(name, set)| (name.as_str(), set.session.as_str())).collect();
    assert_eq!(
        durations,
        BTreeMap::from([
            ("contractor-audit", "PT2H"),
            ("contractor-redesign", "PT4H"),
            ("developer-dev", "PT8H"),
            ("developer-stage", "PT6H"),
            ("operator-prod", "PT1H"),
            ("read-only-prod", "PT8H"),
            ("reader", "PT8H"),
        ])
    );
    for (name, set) in &sets {
        let policy = set.inline.to_string();
        assert!(policy.len() <= LONGEST_POLICY, "{name}: {} characters", policy.len());
        assert!(!set.managed.is_empty(), "{name}");
    }
    for call in CALLS {
        assert_eq!(sets[call.set].allows(call, "2026-11-21T12:00:00Z"), call.allowed, "{call:?}");
    }
    a_contractor_ends_with_the_day(&sets);
    others_are_left_alone(&landscape);
}

/// What is reviewed before an account is there is what is applied when it is.
pub(crate) fn a_new_account_is_entered_as_reviewed(world: &World) {
    const HEAD: &str = "identity_group = \"aws-catalog\"\n[organization.access.levels]\nprod = { operator = 1 }\n";
    let domain = |name: &str| format!("[domains.{name}]\nteam = \"catalog\"\nenvironments = [\"prod\"]\n");
    let landscape = Landscape::new(world, &(HEAD.to_owned() + &domain("shop")));
    landscape.groundwork(&["apply", "-q", "--yes", "organization"]).succeeds();
    let more = HEAD.to_owned() + &domain("art") + &domain("shop");
    landscape.declare(&more);
    let planned = landscape.groundwork(&["plan", "organization", "--digests", "digests"]).succeeds();
    planned.says(&["art/prod/operator/aws-catalog"]);
    let apply = || landscape.groundwork(&["apply", "organization", "--reviewed", "digests"]);
    // Nobody has made it: that is said, and nothing is half-done that a later run does not end.
    apply().fails().says(&["no account with the e-mail aws+art-prod@acme.example", "groundwork organization apply"]);
    landscape.rewrite(&more);
    let again = ["apply", "--resume", "--reviewed", "digests", "organization"];
    landscape.groundwork(&again).succeeds();
    assert_eq!(landscape.providers.objects(ASSIGNMENT).len(), 2);
    landscape.groundwork(&["plan", "organization"]).succeeds().says(&["unchanged"]);
}

fn a_contractor_ends_with_the_day(sets: &BTreeMap<String, PermissionSet>) {
    for (set, last, next) in [
        ("contractor-redesign", "2031-03-31T23:59:59Z", "2031-04-01T00:00:00Z"),
        ("contractor-audit", "2030-12-31T23:59:59Z", "2031-01-01T00:00:00Z"),
    ] {
        let call = Call { set, action: "cloudwatch:GetMetricData", resource: "*", boundary: None, allowed: true };
        assert!(sets[set].allows(&call, last), "{set} on its last day");
        assert!(!sets[set].allows(&call, next), "{set} on the day after");
        assert!(sets[set].bounded, "{set}");
    }
    assert!(sets.iter().all(|(name, set)| set.bounded == name.starts_with("contractor-")));
}

/// Each of these touches what it speaks of, and after it nothing is left to do: the next plan would show it.
fn others_are_left_alone(landscape: &Landscape<'_>) {
    let entered = |what: &str| format!("terraform_data.entered_account[\"aws+{what}@acme.example\"]");
    let step = |what: &str, from: &str, to: &str, wanted: &[(&str, &str)]| {
        landscape.edit(from, to);
        let plan = landscape.plans_of(&["organization"]).remove("organization").unwrap();
        let address = |key: &str| format!("{ASSIGNMENT}.this[{key:?}]");
        // Besides: that an account is entered at all.
        let address = |key: &str| key.strip_prefix("account ").map_or_else(|| address(key), entered);
        let wanted: BTreeMap<String, String> =
            wanted.iter().map(|(key, action)| (address(key), (*action).to_owned())).collect();
        assert_eq!(changes(&plan), wanted, "{what}");
        landscape.groundwork(&["apply", "-q", "--yes", "--allow-destroy", "organization", "organization"]).succeeds();
    };
    step(
        "a domain and a team, in front of those there are",
        "[domains.shop]\n",
        "[teams.art]\nemail = \"art@acme.example\"\nidentity_group = \"aws-art\"\n[domains.art]\nteam = \"art\"\nenvironments = [\"dev\"]\n[domains.shop]\n",
        &[
            ("art/dev/developer/aws-art", "create"),
            ("art/dev/reader/aws-catalog", "create"),
            ("art/dev/reader/aws-platform", "create"),
            ("account art-dev", "create"),
        ],
    );
    step("a domain's new name", "[domains.art]\n", "[domains.pictures]\nrenamed_from = \"art\"\n", &[]);
    step(
        "a team without a group",
        "identity_group = \"aws-payments\"\n",
        "",
        &[
            ("books/prod/read-only/aws-payments", "delete"),
            ("pay/dev/developer/aws-payments", "delete"),
            ("pay/prod/read-only/aws-payments", "delete"),
            ("pay/stage/developer/aws-payments", "delete"),
        ],
    );
    step(
        "an account that is to go",
        "[domains.still]\n",
        "[domains.still]\nlifecycle = \"retiring\"\n",
        &[
            ("still/dev/reader/aws-catalog", "delete"),
            ("still/dev/reader/aws-platform", "delete"),
            ("account still-dev", "delete"),
        ],
    );
    landscape.edit("until = \"2031-03-31\"", "until = \"2031-06-30\"");
    let plan = landscape.plans_of(&["organization"]).remove("organization").unwrap();
    let set = "[\"contractor-redesign\"]";
    let updates = ["aws_ssoadmin_permission_set", "aws_ssoadmin_permission_set_inline_policy"];
    assert_eq!(
        changes(&plan),
        BTreeMap::from(updates.map(|kind| (format!("{kind}.this{set}"), "update".to_owned()))),
        "a later day"
    );
}

/// What a plan does, by address.
fn changes(plan: &Value) -> BTreeMap<String, String> {
    let all = plan["resource_changes"].as_array().unwrap().iter();
    all.map(|change| {
        let actions = change["change"]["actions"].as_array().unwrap().iter().filter_map(Value::as_str);
        (change["address"].as_str().unwrap().to_owned(), actions.collect::<Vec<_>>().join(", "))
    })
    .filter(|(_, actions)| actions != "no-op" && actions != "read")
    .collect()
}

/// The assignments that are there: account, permission set, who.
fn assignments(landscape: &Landscape<'_>, plan: &Value) -> BTreeSet<(String, String, String)> {
    let state = plan["prior_state"]["values"]["root_module"]["resources"].as_array().unwrap();
    let known = |kind: &str, field: &str| -> BTreeMap<String, String> {
        let of_kind = state.iter().filter(|one| one["type"] == kind);
        of_kind
            .map(|one| (one["values"][field].as_str().unwrap().to_owned(), one["index"].as_str().unwrap().to_owned()))
            .collect()
    };
    let (groups, users) = (known("aws_identitystore_group", "group_id"), known("aws_identitystore_user", "user_id"));
    let sets = known("aws_ssoadmin_permission_set", "arn");
    let accounts = landscape.account_ids();
    let text = |one: &Value, field: &str| one[field].as_str().unwrap().to_owned();
    let one = |one: &Value| {
        let who = if one["principal_type"] == "GROUP" { &groups } else { &users };
        assert_eq!(one["target_type"], "AWS_ACCOUNT");
        (
            accounts[&text(one, "target_id")].clone(),
            sets[&text(one, "permission_set_arn")].clone(),
            who[&text(one, "principal_id")].clone(),
        )
    };
    landscape.providers.objects(ASSIGNMENT).values().map(one).collect()
}

/// A permission set with all that is attached to it.
struct PermissionSet {
    session: String,
    inline: Value,
    managed: Vec<String>,
    bounded: bool,
}

fn permission_sets(landscape: &Landscape<'_>) -> BTreeMap<String, PermissionSet> {
    let all = |kind: &str| -> Vec<Value> { landscape.providers.objects(kind).into_values().collect() };
    let of = |kind: &str, arn: &Value| -> Vec<Value> {
        all(kind).into_iter().filter(|one| one["permission_set_arn"] == *arn).collect()
    };
    let set = |set: Value| {
        let inline = of("aws_ssoadmin_permission_set_inline_policy", &set["arn"]);
        let managed = of("aws_ssoadmin_managed_policy_attachment", &set["arn"]);
        let boundary = of("aws_ssoadmin_permissions_boundary_attachment", &set["arn"]);
        let policy = |one: &Value| one["managed_policy_arn"].as_str().unwrap().to_owned();
        let boundaries: Vec<String> = boundary.iter().map(|one| policy(&one["permissions_boundary"][0])).collect();
        assert!(boundaries.iter().all(|arn| arn == POWER_USER), "{boundaries:?}");
        let content = PermissionSet {
            session: set["session_duration"].as_str().unwrap().to_owned(),
            inline: serde_json::from_str(inline[0]["inline_policy"].as_str().unwrap()).unwrap(),
            managed: managed.iter().map(policy).collect(),
            bounded: !boundaries.is_empty(),
        };
        (set["name"].as_str().unwrap().to_owned(), content)
    };
    all("aws_ssoadmin_permission_set").into_iter().map(set).collect()
}

const POWER_USER: &str = "arn:aws:iam::aws:policy/PowerUserAccess";

/// What AWS has in the managed policies, as far as it matters here. Of those for looking the worst is assumed: that AWS lets
/// them allow everything one day.
fn managed(arn: &str) -> Value {
    if arn != POWER_USER {
        return json!({ "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    }
    json!({ "Statement": [
        { "Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*" },
        {
            "Effect": "Allow",
            "Action": ["account:GetAccountInformation", "account:GetPrimaryEmail", "account:ListRegions",
                "iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:ListRoles", "organizations:DescribeEffectivePolicy",
                "organizations:DescribeOrganization"],
            "Resource": "*",
        },
    ] })
}

impl PermissionSet {
    /// As AWS decides: nothing denies it, something allows it, and so does the boundary.
    fn allows(&self, call: &Call, now: &str) -> bool {
        let mut policies: Vec<Value> = self.managed.iter().map(|arn| managed(arn)).collect();
        policies.push(self.inline.clone());
        let effect = |policies: &[Value], effect: &str| {
            let statements = policies.iter().flat_map(|policy| policy["Statement"].as_array().unwrap());
            statements.filter(|one| one["Effect"] == effect).any(|one| applies(one, call, now))
        };
        let within = !self.bounded || effect(&[managed(POWER_USER)], "Allow");
        !effect(&policies, "Deny") && effect(&policies, "Allow") && within
    }
}

/// Whether a statement is about a call.
fn applies(statement: &Value, call: &Call, now: &str) -> bool {
    let matches = |field: &str, text: &str| list(&statement[field]).iter().any(|pattern| is_like(text, pattern));
    let action = if statement.get("NotAction").is_some() {
        !matches("NotAction", call.action)
    } else {
        matches("Action", call.action)
    };
    let resource = if statement.get("NotResource").is_some() {
        !matches("NotResource", call.resource)
    } else {
        matches("Resource", call.resource)
    };
    let conditions = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    action && resource && conditions.into_iter().all(|(operator, keys)| holds(operator, keys, call, now))
}

fn holds(operator: &str, keys: &Value, call: &Call, now: &str) -> bool {
    keys.as_object().unwrap().iter().all(|(key, wanted)| match (operator, key.as_str()) {
        // A key that a call does not carry is like nothing.
        ("StringNotLike", "iam:PermissionsBoundary") => {
            !call.boundary.is_some_and(|boundary| list(wanted).iter().any(|pattern| is_like(boundary, pattern)))
        }
        // No call of the table comes by way of a service.
        ("Null", "kms:ViaService") => wanted == "true",
        // Both in UTC and of one length: in order of time.
        ("DateGreaterThan", "aws:CurrentTime") => now > wanted.as_str().unwrap(),
        other => panic!("nobody knows the condition {other:?}"),
    })
}

fn list(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .map_or_else(|| value.as_str().into_iter().collect(), |all| all.iter().filter_map(Value::as_str).collect())
}

/// Whether a text is like a pattern, in which `*` is any text. Actions are like each other in any case.
fn is_like(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.to_lowercase(), pattern.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

pub(crate) fn break_glass_opens_for_few_and_not_silently(world: &World) {
    let users = r#"["arn:aws:iam::111111111111:user/break-glass-1", "arn:aws:iam::111111111111:user/break-glass-2"]"#;
    let domains = format!(
        "[organization.break_glass_alarm]\nemails = [\"platform@acme.example\", \"on-call@acme.example\"]\n\
         [domains.shop]\nteam = \"catalog\"\nenvironments = [\"prod\"]\nregion = \"eu-west-1\"\nnetwork = {{ enabled = false }}\n\
         break_glass = {{ enabled = true, users = {users} }}\n"
    );
    let landscape = Landscape::new(world, &domains);
    landscape.groundwork(&["apply", "-q", "--yes"]).succeeds();
    let plans = landscape.plans();
    assert!(plans.values().all(|plan| changes(plan).is_empty()), "a second plan is empty");

    let account = made(&plans["shop/prod"]);
    let (.., boundary) = account.iter().find(|(_, address, _)| *address == "aws_iam_policy.boundary").unwrap();
    let length = boundary["policy"].as_str().unwrap().len();
    assert!(length <= 6_144, "IAM takes no managed policy of {length} characters");
    let (.., role) = account.iter().find(|(_, address, _)| *address == "aws_iam_role.break_glass").unwrap();
    assert_eq!((&role["name"], &role["path"]), (&json!("break-glass"), &json!("/groundwork/")));
    assert_eq!(role["max_session_duration"], 3600);
    let trust: Value = serde_json::from_str(role["assume_role_policy"].as_str().unwrap()).unwrap();
    let regions = json!(["eu-west-1", "us-east-1", "us-west-2"]);
    assert_eq!(
        trust["Statement"],
        json!([{
            "Effect": "Allow",
            "Principal": { "AWS": serde_json::from_str::<Value>(users).unwrap() },
            "Action": "sts:AssumeRole",
            "Condition": {
                "Bool": { "aws:MultiFactorAuthPresent": "true" },
                "StringEquals": { "aws:RequestedRegion": regions },
            },
        }])
    );

    // Wherever it can be assumed, there is a rule, and behind the rule everybody.
    let all = |kind: &str| -> Vec<Value> { landscape.providers.objects(kind).into_values().collect() };
    let regions: BTreeSet<&str> = regions.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let (rules, targets) = (all("aws_cloudwatch_event_rule"), all("aws_cloudwatch_event_target"));
    let (topics, mails) = (all("aws_sns_topic"), all("aws_sns_topic_subscription"));
    let seen: BTreeSet<&str> = rules.iter().filter_map(|rule| rule["region"].as_str()).collect();
    assert_eq!(seen, regions);
    for rule in &rules {
        let pattern: Value = serde_json::from_str(rule["event_pattern"].as_str().unwrap()).unwrap();
        let suffix = pattern["detail"]["requestParameters"]["roleArn"][0]["suffix"].as_str().unwrap();
        assert!("arn:aws:iam::222200000000:role/groundwork/break-glass".ends_with(suffix));
        let target = targets.iter().find(|target| target["region"] == rule["region"]).unwrap();
        let topic = topics.iter().find(|topic| topic["arn"] == target["arn"]).unwrap();
        assert_eq!(topic["region"], rule["region"]);
        assert_eq!(mails.iter().filter(|mail| mail["topic_arn"] == topic["arn"]).count(), 2);
    }
}
