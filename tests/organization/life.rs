//! The life of an organization.

use groundwork_testing::process::output;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use groundwork_testing::proxy::{self, Answer};
use serde_json::{Value, json};

use super::cloud::{Cloud, finds_nothing_to_do, organization};

/// What AWS has and moto lacks: another name for an account.
pub(crate) fn with_names(cloud: &mut Cloud) {
    let names: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
    cloud.endpoint = proxy::start(&cloud.moto.endpoint(), move |call, forward| {
        if call.operation == "/putAccountName" {
            let json = call.json();
            let text = |field: &str| json[field].as_str().unwrap().to_owned();
            names.lock().unwrap().push((text("AccountId"), text("AccountName")));
            return Ok(Some(Answer::json(200, &json!({}))));
        }
        let answer = forward(call)?;
        if call.operation != "ListAccountsForParent" {
            return Ok(Some(answer));
        }
        Ok(Some(answer.edited(|json| {
            for account in json["Accounts"].as_array_mut().into_iter().flatten() {
                let names = names.lock().unwrap();
                // The last name that it was given.
                if let Some((_, name)) = names.iter().rev().find(|(id, _)| account["Id"] == **id) {
                    account["Name"] = json!(name);
                }
            }
        })))
    });
}

/// Twenty domains in three environments.
fn sixty() -> String {
    let mut text = organization(
        "contacts = { security = { name = \"Security\", title = \"On call\", email = \"security@acme.example\", phone = \"+49 30 901820\" } }",
    );
    for index in 0..20 {
        write!(text, "[domains.d{index}]\nteam = \"catalog\"\nenvironments = [\"dev\", \"stage\", \"prod\"]\n")
            .unwrap();
    }
    text
}

pub(crate) fn sixty_accounts_live() {
    let mut cloud = Cloud::new(&sixty());
    with_names(&mut cloud);

    // Planned, as text and as data, and from a snapshot without a call.
    let planned = cloud.groundwork(&["organization", "plan", "--write-snapshot", "snapshot.json"]).succeeds();
    assert!(planned.stdout.starts_with("+ unit Workloads\n+ unit Workloads/dev\n"), "{}", planned.stdout);
    assert!(planned.stdout.ends_with("60 accounts to create, 0 to close, 124 other changes\n"), "{}", planned.stdout);
    let mut offline = cloud.command(&["organization", "plan", "--snapshot", "snapshot.json", "--format", "json"]);
    offline.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    let offline: Value = serde_json::from_str(&output(&mut offline).succeeds().stdout).unwrap();
    assert_eq!(offline["actions"].as_array().unwrap().len(), 184);
    assert_eq!(offline["actions"][4]["kind"], "create-account");
    assert_eq!(offline["actions"][4]["account"], "d0/dev");
    assert!(cloud.accounts().is_empty(), "planning makes nothing");

    cloud.apply().succeeds();
    let made = cloud.accounts();
    assert_eq!(made.len(), 60);
    assert!(
        made.iter().all(|account| account.unit == format!("Workloads/{}", account.tags["environment"])),
        "{made:#?}"
    );
    assert!(
        made.iter().all(|account| account.tags["cost-center"] == "4210" && account.tags.contains_key("groundwork:key"))
    );
    finds_nothing_to_do(&cloud.plan().succeeds());
    cloud.apply().succeeds().says(&["is what domains.toml means"]);
    assert!(!cloud.read("ledger.toml").contains("asked"), "what is done is done");

    // A domain is renamed: same accounts, other names and tags. Another moves, a third gets other contacts and support.
    let id = cloud.id("d0/prod");
    cloud.edit("domains.toml", "[domains.d0]\n", "[domains.shop]\nrenamed_from = \"d0\"\n");
    cloud.edit("domains.toml", "[domains.d1]\n", "[domains.d1]\nunit = \"Regulated\"\nsupport = \"business\"\n");
    cloud.edit("domains.toml", "cost_center = \"4210\"\n", "cost_center = \"4711\"\n");
    cloud.groundwork(&["allocate", "-q"]).succeeds();
    cloud.plan().succeeds().says(&[
        "+ unit Regulated\n",
        "~ d1/dev: move from Workloads/dev to Regulated\n",
        "~ d1/dev: open the case that asks for business support\n",
        "~ shop/prod: rename from `d0-prod` to `shop-prod`\n",
        "0 accounts to create, 0 to close",
    ]);
    cloud.apply().succeeds();
    assert_eq!(cloud.id("shop/prod"), id);
    let now = cloud.accounts();
    assert_eq!(now.len(), 60);
    assert!(now.iter().all(|account| account.tags["cost-center"] == "4711"));
    assert_eq!(now.iter().filter(|account| account.unit == "Regulated").count(), 3);
    assert_eq!(now.iter().filter(|account| account.tags["groundwork:key"].starts_with("shop/")).count(), 3);
    assert_eq!(cloud.held("d1/dev")["support"].as_str(), Some("business"));
    // The only thing that is left is what became of the cases, which moto decides anew every time.
    for line in cloud.plan().succeeds().stdout.lines().filter(|line| line.starts_with('~')) {
        assert!(line.ends_with("is resolved"), "{line}");
    }

    // Retired: it stays where it is until its Terraform is destroyed, then it is parked; then closed.
    cloud.edit("domains.toml", "[domains.d2]\n", "[domains.d2]\nlifecycle = \"retiring\"\n");
    cloud.groundwork(&["allocate", "-q"]).succeeds();
    let state = |resources: &str| format!("{{\"version\":4,\"resources\":[{resources}]}}");
    cloud.moto.put("acme-state", "d2/prod/terraform.tfstate", state("{}").as_bytes());
    cloud.moto.put("acme-state", "d2/dev/terraform.tfstate", state("").as_bytes());
    cloud.plan().succeeds().says(&[
        "~ d2/dev: park, from Workloads/dev to Retired",
        "~ d2/stage: park, from Workloads/stage to Retired",
        "~ d2/dev: write to the ledger that nothing is left in it",
        "d2/prod: its Terraform is not destroyed",
    ]);
    cloud.apply().succeeds();
    assert!(cloud.held("d2/prod").get("destroyed").is_none(), "something is left there");
    cloud.moto.put("acme-state", "d2/prod/terraform.tfstate", state("").as_bytes());
    cloud.edit("domains.toml", "lifecycle = \"retiring\"", "lifecycle = \"closed\"");
    cloud.groundwork(&["allocate", "-q"]).succeeds();
    cloud.plan().succeeds().says(&["- d2/dev: close the account", "- d2/prod: close the account", "3 to close"]);
    cloud.apply().succeeds();
    assert!(cloud.held("d2/dev")["destroyed"].as_str().is_some(), "that nothing is left is written down");
    let now = cloud.accounts();
    assert_eq!(now.iter().filter(|account| account.unit == "Retired" && account.state == "SUSPENDED").count(), 3);
    assert_eq!(now.iter().filter(|account| account.state == "ACTIVE").count(), 57);
    for line in cloud.plan().succeeds().stdout.lines().filter(|line| line.starts_with(['~', '+', '-'])) {
        assert!(line.ends_with("is resolved"), "{line}");
    }

    // An account that somebody made by hand is adopted, and becomes what it should be.
    let by_hand = cloud
        .moto
        .organizations("CreateAccount", &json!({ "AccountName": "Old Search", "Email": "search@acme.example" }));
    let by_hand = by_hand["CreateAccountStatus"]["AccountId"].as_str().unwrap().to_owned();
    let domains = cloud.read("domains.toml");
    cloud.write("domains.toml", &format!("{domains}[domains.search]\nteam = \"catalog\"\nenvironments = [\"prod\"]\n"));
    cloud.groundwork(&["allocate", "-q"]).succeeds();
    cloud
        .groundwork(&["organization", "adopt", "search/prod", "--id", "999999999999"])
        .fails()
        .says(&["no account 999999999999"]);
    cloud
        .groundwork(&["organization", "adopt", "search/prod", "--id", &id])
        .fails()
        .says(&["is `shop/prod` by the ledger"]);
    cloud.groundwork(&["organization", "adopt", "search/prod", "--id", &by_hand]).succeeds().says(&[
        "~ search/prod: move from the root to Workloads/prod",
        "~ search/prod: rename from `Old Search` to `search-prod`",
    ]);
    cloud.apply().succeeds();
    let adopted = cloud.accounts().into_iter().find(|account| account.email == "search@acme.example").unwrap();
    assert_eq!((adopted.unit.as_str(), adopted.tags["groundwork:key"].as_str()), ("Workloads/prod", "search/prod"));
    assert_eq!(cloud.accounts().len(), 61, "no other was made");
}

pub(crate) fn policies_are_attached_where_they_are_listed() {
    let policies = "policies = { \"Workloads\" = [\"stay\"], \"Workloads/prod\" = [\"stay\", \"keep\"] }";
    let cloud = Cloud::new(&(organization(policies) + "[domains.a]\nteam = \"catalog\"\nenvironments = [\"dev\"]\n"));
    cloud
        .moto
        .organizations("EnablePolicyType", &json!({ "RootId": cloud.root(), "PolicyType": "SERVICE_CONTROL_POLICY" }));
    for name in ["stay", "keep", "other"] {
        let content = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";
        let policy = json!({ "Name": name, "Description": name, "Content": content, "Type": "SERVICE_CONTROL_POLICY" });
        cloud.moto.organizations("CreatePolicy", &policy);
    }
    cloud.plan().succeeds().says(&[
        "+ unit Workloads\n+ unit Workloads/dev\n+ unit Workloads/prod\n",
        "+ policy stay on Workloads\n",
        "+ policy keep on Workloads/prod\n+ policy stay on Workloads/prod\n",
    ]);
    cloud.apply().succeeds();
    finds_nothing_to_do(&cloud.plan().succeeds());
    // What is attached by others, and is not named here, is theirs.
    let policies = cloud.list("ListPolicies", &json!({ "Filter": "SERVICE_CONTROL_POLICY" }), "Policies");
    let other = policies.iter().find(|policy| policy["Name"] == "other").unwrap();
    let workloads =
        cloud.list("ListOrganizationalUnitsForParent", &json!({ "ParentId": cloud.root() }), "OrganizationalUnits");
    cloud.moto.organizations("AttachPolicy", &json!({ "PolicyId": other["Id"], "TargetId": workloads[0]["Id"] }));
    cloud.edit("domains.toml", "\"Workloads/prod\" = [\"stay\", \"keep\"]", "\"Workloads/prod\" = [\"keep\"]");
    cloud
        .plan()
        .succeeds()
        .says(&["- policy stay on Workloads/prod\n0 accounts to create, 0 to close, 1 other change\n"]);
    cloud.apply().succeeds();
    finds_nothing_to_do(&cloud.plan().succeeds());

    // Where Terraform attaches something to it, the unit for retired accounts is there before the first of them is.
    cloud.write("templates/central/feature.toml", "description = \"Central.\"\nscope = \"organization\"\n");
    cloud.write("templates/central/main.tf", "");
    cloud.edit("domains.toml", "[state]", "[organization.central]\n[state]");
    cloud.plan().succeeds().says(&["+ unit Retired\n0 accounts to create, 0 to close, 1 other change\n"]);
    cloud.apply().succeeds();
    finds_nothing_to_do(&cloud.plan().succeeds());
}
