//! What is said before anything is done.

use groundwork_testing::process::output;
use groundwork_testing::proxy::{self, Answer};
use serde_json::json;

use super::cloud::{Cloud, MANAGEMENT, organization};
use super::fault::domains;

pub(crate) fn what_is_missing_is_said() {
    let mut cloud = Cloud::new(&domains(1, ""));

    // No credentials.
    let mut command = cloud.command(&["organization", "plan"]);
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    output(&mut command).fails().says(&["credentials", "log in"]);

    // Bad ones, and expired ones.
    for code in ["UnrecognizedClientException", "ExpiredTokenException"] {
        cloud.endpoint = proxy::start(&cloud.moto.endpoint(), move |_, _| {
            Ok(Some(Answer::error(400, code, "The security token included in the request is invalid.")))
        });
        cloud.plan().fails().says(&[code, "log in again"]);
    }

    // No permission for one call.
    for operation in
        ["DescribeOrganization", "ListRoots", "ListAccountsForParent", "ListTagsForResource", "ListCreateAccountStatus"]
    {
        cloud.endpoint = proxy::start(&cloud.moto.endpoint(), move |call, forward| {
            if call.operation == operation {
                let message = "You don't have permissions to access this resource.";
                return Ok(Some(Answer::error(400, "AccessDeniedException", message)));
            }
            forward(call).map(Some)
        });
        // What no account asks for is not asked for either.
        if operation != "ListTagsForResource" {
            cloud.plan().fails().says(&[&format!("the permission organizations:{operation}")]);
        }
    }
    cloud.endpoint = proxy::start(&cloud.moto.endpoint(), |call, forward| {
        if call.operation == "CreateAccount" {
            return Ok(Some(Answer::error(
                400,
                "AccessDeniedException",
                "You don't have permissions to access this resource.",
            )));
        }
        forward(call).map(Some)
    });
    cloud.apply().fails().says(&[
        "d0/dev: organizations:CreateAccount",
        "the permission organizations:CreateAccount",
        "1 action failed (d0/dev)",
    ]);
    assert!(cloud.accounts().is_empty());

    // Not an organization.
    cloud.endpoint = proxy::start(&cloud.moto.endpoint(), |call, forward| {
        if call.operation == "DescribeOrganization" {
            let message = "Your account is not a member of an organization.";
            return Ok(Some(Answer::error(400, "AWSOrganizationsNotInUseException", message)));
        }
        forward(call).map(Some)
    });
    cloud.plan().fails().says(&["not a member of an organization", "create the organization first"]);

    // Nobody listens.
    cloud.endpoint = "http://127.0.0.1:1".to_owned();
    // In a region where the endpoint is not: it is asked where it is all the same.
    cloud.endpoint = cloud.moto.endpoint();
    let mut command = cloud.command(&["organization", "plan"]);
    output(command.env("AWS_REGION", "ap-south-1")).succeeds();

    // Not the management account; and the organization of somebody else.
    cloud.edit("domains.toml", MANAGEMENT, "111111111111");
    cloud
        .apply()
        .fails()
        .says(&["these credentials are of the account 123456789012", "only the management account, 111111111111"]);
    cloud.plan().fails().says(&["this is the organization of 123456789012", "correct management_account"]);
}

pub(crate) fn what_must_be_decided_is_said_before_the_first_write() {
    let more = "account_quota = 3\npolicies = { \"Workloads\" = [\"no-such-policy\"] }";
    let cloud = Cloud::new(
        &(organization(more)
            + "[domains.a]\nteam = \"catalog\"\nenvironments = [\"dev\", \"stage\", \"prod\"]\n[domains.b]\nteam = \"catalog\"\nenvironments = [\"dev\"]\n"),
    );
    let account = |name: &str, email: &str, key: Option<&str>| {
        let tags: Vec<_> = key.into_iter().map(|key| json!({ "Key": "groundwork:key", "Value": key })).collect();
        let made =
            cloud.moto.organizations("CreateAccount", &json!({ "AccountName": name, "Email": email, "Tags": tags }));
        made["CreateAccountStatus"]["AccountId"].as_str().unwrap().to_owned()
    };
    // Two have the same tag; one is tagged as another than its e-mail says; one that the ledger knows is not there.
    account("x", "x@acme.example", Some("a/dev"));
    account("y", "y@acme.example", Some("a/dev"));
    account("z", "aws+a-stage@acme.example", Some("b/dev"));
    cloud.edit("ledger.toml", "[accounts.\"a/prod\"]\n", "[accounts.\"a/prod\"]\nid = \"999999999999\"\n");
    let before = cloud.accounts();
    let said = cloud.apply().fails().says(&[
        "have the tag `groundwork:key` of `a/dev`",
        "the e-mail of `a/stage`, `aws+a-stage@acme.example`, is that of",
        "`a/prod` is 999999999999 by the ledger, and the organization has no such account",
        "there is no service control policy `no-such-policy`",
    ]);
    assert_eq!(cloud.accounts(), before, "{}", said.stderr);

    let cloud = Cloud::new(&domains(4, "account_quota = 3"));
    cloud
        .apply()
        .fails()
        .says(&["4 accounts to be made are more than the 3 that account_quota allows", "Service Quotas"]);
    assert!(cloud.accounts().is_empty());

    // A table that is gone without having been retired.
    let cloud = Cloud::new(&domains(2, ""));
    cloud.apply().succeeds();
    cloud.write("domains.toml", &domains(1, ""));
    cloud.plan().fails().says(&["d1/dev", "lifecycle = \"retiring\""]);
}
