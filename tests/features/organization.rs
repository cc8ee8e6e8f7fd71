//! What is Terraform's in the management account.

use std::collections::BTreeSet;
use std::fs;

use groundwork_testing::providers::Providers;
use groundwork_testing::simulation::{self, Call};
use serde_json::Value;

use super::World;
use super::guarded_calls::call;
use super::landscape::{Landscape, made};
use super::policy::is_a_policy;

const DOMAINS: &str = "[workflows]\nplan_role = \"arn:aws:iam::111111111111:role/groundwork-plan\"\n\
    apply_role = \"arn:aws:iam::111111111111:role/groundwork-apply\"\nreleases = \"acme/groundwork\"\n\
    [organization.ci_roles]\nrepository = \"acme/groundwork\"\n\
    [organization.guardrails]\n[organization.audit]\nlog_archive = { lock_days = 90 }\n\
    [organization.cost]\nemail = \"platform@acme.example\"\nallocation_tags = [\"domain\", \"team\"]\n\
    [domains.shop]\nteam = \"catalog\"\nenvironments = [\"prod\"]\nunit = \"Workloads/prod\"\n\
    [domains.search]\nteam = \"catalog\"\nenvironments = [\"prod\"]\nunit = \"Workloads/search/prod\"\n\
    [domains.sandbox]\nteam = \"catalog\"\nenvironments = [\"prod\"]\nunit = \"Sandbox\"\n";

const UNITS: [&str; 4] = ["Retired", "Sandbox", "Workloads/prod", "Workloads/search/prod"];

/// What Terraform calls to read the trail, its bucket and the costs, and then to make, change and remove them.
const READS: [&str; 24] = [
    "ce:DescribeCostCategoryDefinition",
    "ce:GetAnomalyMonitors",
    "ce:GetAnomalySubscriptions",
    "ce:ListCostAllocationTags",
    "ce:ListTagsForResource",
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetEventSelectors",
    "cloudtrail:GetInsightSelectors",
    "cloudtrail:GetTrailStatus",
    "cloudtrail:ListTags",
    "organizations:DescribeOrganization",
    "organizations:DescribePolicy",
    "organizations:ListAWSServiceAccessForOrganization",
    "organizations:ListOrganizationalUnitsForParent",
    "organizations:ListTargetsForPolicy",
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
];
const WRITES: [&str; 34] = [
    "ce:CreateAnomalyMonitor",
    "ce:CreateAnomalySubscription",
    "ce:CreateCostCategoryDefinition",
    "ce:DeleteAnomalyMonitor",
    "ce:DeleteAnomalySubscription",
    "ce:DeleteCostCategoryDefinition",
    "ce:TagResource",
    "ce:UpdateAnomalyMonitor",
    "ce:UpdateAnomalySubscription",
    "ce:UpdateCostAllocationTagsStatus",
    "ce:UpdateCostCategoryDefinition",
    "cloudtrail:AddTags",
    "cloudtrail:CreateTrail",
    "cloudtrail:DeleteTrail",
    "cloudtrail:RemoveTags",
    "cloudtrail:StartLogging",
    "cloudtrail:UpdateTrail",
    "organizations:AttachPolicy",
    "organizations:CreatePolicy",
    "organizations:DeletePolicy",
    "organizations:DetachPolicy",
    "organizations:TagResource",
    "organizations:UntagResource",
    "organizations:UpdatePolicy",
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
];

/// Planning reads all of it and changes nothing; applying does both.
fn the_roles_may_what_this_needs(made: &[(&str, &str, &Value)]) {
    let bucket = "arn:aws:s3:::acme-log-archive-111111111111";
    let calls: Vec<Call> = READS
        .iter()
        .chain(&WRITES)
        .map(|action| call("groundwork", action, if action.starts_with("s3:") { bucket } else { "" }, &[]))
        .collect();
    for (address, writes) in [("aws_iam_role_policy.plan", "denied"), ("aws_iam_role_policy.apply", "allowed")] {
        let (.., policy) = made.iter().find(|(_, found, _)| *found == address).unwrap();
        let policy: Value = serde_json::from_str(policy["policy"].as_str().unwrap()).unwrap();
        let verdicts = simulation::permits(&policy, &calls);
        for (call, verdict) in calls.iter().zip(&verdicts) {
            let wanted = if READS.contains(&call.action) { "allowed" } else { writes };
            assert_eq!(verdict, wanted, "{address}: {}", call.action);
        }
    }
}

fn is_formatted(world: &World, landscape: &Landscape<'_>) {
    let output = world.terraform.run(&landscape.path("organization"), &["fmt", "-check", "-diff"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn attached(landscape: &Landscape<'_>, policy: &str) -> BTreeSet<String> {
    let policies = landscape.providers.objects("aws_organizations_policy");
    let id =
        policies.values().find(|found| found["name"] == policy).unwrap_or_else(|| panic!("no {policy}"))["id"].clone();
    let attachments = landscape.providers.objects("aws_organizations_policy_attachment");
    attachments
        .values()
        .filter(|attachment| attachment["policy_id"] == id)
        .map(|attachment| attachment["target_id"].as_str().unwrap().to_owned())
        .collect()
}

fn ids(units: &[&str]) -> BTreeSet<String> {
    units.iter().map(|unit| Providers::unit_id(unit)).collect()
}

pub(crate) fn it_is_made_changed_and_destroyed(world: &World) {
    let landscape = Landscape::new(world, DOMAINS);
    UNITS.iter().for_each(|unit| landscape.providers.add_unit(unit));
    // Names that others have, too, are not mistaken for them.
    landscape.providers.add_unit("Other/prod");
    is_formatted(world, &landscape);
    // What AWS wants to be asked for once is said while planning, with the command.
    landscape.providers.set_new_organization(true);
    let plan = ["plan", "organization", "--digests", "digests"];
    landscape.groundwork(&plan).fails().says(&["organization failed: Resource precondition failed"]);
    let digest = fs::read_to_string(landscape.path("digests/organization.json")).unwrap();
    for command in ["aws organizations enable-policy-type", "aws organizations enable-aws-service-access"] {
        assert!(digest.contains(command), "{command}: {digest}");
    }
    landscape.providers.set_new_organization(false);
    let plans = landscape.plans();
    the_roles_may_what_this_needs(&made(&plans["organization"]));
    for (kind, address, after) in made(&plans["organization"]) {
        for field in ["policy", "content", "assume_role_policy"] {
            if let Some(text) = after[field].as_str() {
                is_a_policy(text, address);
                assert!(kind != "aws_organizations_policy" || text.len() <= 5120, "{address}: {}", text.len());
            }
        }
    }
    landscape.groundwork(&["apply", "-q", "--yes", "organization"]).succeeds();
    landscape.groundwork(&["plan", "organization"]).succeeds().says(&["1 account: 1 unchanged"]);
    assert_eq!(attached(&landscape, "groundwork-guardrails-account"), ids(&UNITS));
    assert_eq!(attached(&landscape, "groundwork-quarantine"), ids(&["Retired"]));
    let one =
        |kind: &str| landscape.providers.objects(kind).into_values().next().unwrap_or_else(|| panic!("no {kind}"));
    let trail = one("aws_cloudtrail");
    for field in ["is_organization_trail", "is_multi_region_trail", "enable_log_file_validation"] {
        assert_eq!(trail[field], true, "{field}");
    }
    assert_eq!(one("aws_s3_bucket")["bucket"], "acme-log-archive-111111111111");
    let policy = one("aws_s3_bucket_policy")["policy"].as_str().unwrap().to_owned();
    for text in ["AWSLogs/111111111111/*", "AWSLogs/o-acme123456/*", "trail/organization\"", "aws:SecureTransport"] {
        assert!(policy.contains(text), "{text}: {policy}");
    }
    let category = one("aws_ce_cost_category");
    let values: Vec<&Value> = category["rule"].as_array().unwrap().iter().map(|rule| &rule["value"]).collect();
    assert_eq!(values, ["sandbox", "search", "shop"]);
    assert_eq!(landscape.providers.objects("aws_ce_cost_allocation_tag").len(), 2);

    // The lock goes, and the bucket stays: it cannot be replaced while there is anything in it.
    landscape.edit("lock_days = 90", "lock_days = 0");
    let plans = landscape.plans();
    let changes = plans["organization"]["resource_changes"].as_array().unwrap();
    let touched: Vec<&str> = changes
        .iter()
        .filter(|change| change["change"]["actions"] != serde_json::json!(["no-op"]))
        .map(|change| change["address"].as_str().unwrap())
        .collect();
    assert_eq!(touched, ["aws_s3_bucket_object_lock_configuration.log_archive"]);
    // A change: a guardrail less, attached once for all, and an archive that somebody else has.
    landscape.edit("[organization.guardrails]\n", "[organization.guardrails]\nencryption = false\nunits = [\"/\"]\n");
    landscape.edit(
        "[organization.audit]\nlog_archive = { lock_days = 0 }\n",
        "[organization.audit]\nkms_key_arn = \"arn:aws:kms:us-west-2:111111111111:key/0a1b\"\nlog_archive = { bucket = \"acme-archive\", prefix = \"trail\" }\n",
    );
    landscape.edit(
        "email = \"platform@acme.example\"\nallocation",
        "email = \"money@acme.example\"\nanomaly = 500\nallocation",
    );
    is_formatted(world, &landscape);
    let digests = ["plan", "-q", "organization", "--digests", "digests"];
    landscape.groundwork(&digests).succeeds();
    // Its bucket goes, which nobody does by accident.
    landscape
        .groundwork(&["apply", "-q", "--reviewed", "digests", "organization"])
        .fails()
        .says(&["--allow-destroy organization"]);
    landscape
        .groundwork(&["apply", "-q", "--reviewed", "digests", "organization", "--allow-destroy", "organization"])
        .succeeds();
    landscape.groundwork(&["plan", "organization"]).succeeds().says(&["unchanged"]);
    assert_eq!(attached(&landscape, "groundwork-guardrails-account"), ids(&["/"]));
    assert_eq!(attached(&landscape, "groundwork-quarantine"), ids(&["Retired"]));
    assert_eq!(one("aws_cloudtrail")["s3_bucket_name"], "acme-archive");
    assert!(landscape.providers.objects("aws_s3_bucket").is_empty());

    for feature in ["guardrails", "audit", "cost"] {
        let table = format!("[organization.{feature}]\n");
        landscape.edit(&table, &format!("{table}enabled = false\n"));
    }
    landscape.groundwork(&digests).succeeds();
    landscape
        .groundwork(&["apply", "-q", "--reviewed", "digests", "organization", "--allow-destroy", "organization"])
        .succeeds();
    for kind in
        ["aws_organizations_policy", "aws_organizations_policy_attachment", "aws_cloudtrail", "aws_ce_cost_category"]
    {
        assert!(landscape.providers.objects(kind).is_empty(), "{kind}");
    }
}

/// A pull request brings a domain in a unit of its own. Its plan is reviewed before the unit is made, and applied after.
pub(crate) fn a_unit_that_is_new_is_guarded_as_reviewed(world: &World) {
    let landscape = Landscape::new(world, DOMAINS);
    ["Retired", "Workloads/prod", "Sandbox"].iter().for_each(|unit| landscape.providers.add_unit(unit));
    let digests = ["plan", "-q", "organization", "--digests", "digests"];
    landscape.groundwork(&digests).succeeds();
    let apply = ["apply", "-q", "--reviewed", "digests", "organization"];
    landscape.groundwork(&apply).fails().says(&["There is no organizational unit `Workloads/search/prod`."]);
    landscape.providers.add_unit("Workloads/search/prod");
    landscape.groundwork(&["apply", "-q", "--resume"]).succeeds();
    assert_eq!(attached(&landscape, "groundwork-guardrails-account"), ids(&UNITS));

    let shop = "[domains.shop]\n";
    landscape.edit(
        shop,
        &format!("[domains.new]\nteam = \"catalog\"\nenvironments = [\"prod\"]\nunit = \"New/prod\"\n{shop}"),
    );
    landscape.groundwork(&digests).succeeds();
    landscape.providers.add_unit("New/prod");
    landscape.groundwork(&apply).succeeds();
    assert!(attached(&landscape, "groundwork-guardrails-account").contains(&Providers::unit_id("New/prod")));
    landscape.groundwork(&["plan", "organization"]).succeeds().says(&["unchanged"]);
}
