//! New Relic, as far as groundwork asks it: accounts and license keys.

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;
use std::sync::atomic::Ordering;

use groundwork_testing::proxy::Answer;
use serde_json::{Value, json};

use super::cloud::{Cloud, is_read};

/// What it holds.
#[derive(Default)]
pub(crate) struct Vendor {
    /// Accounts, by number: their names, and in how many listings each is still missing.
    pub(crate) accounts: BTreeMap<u64, (String, usize)>,
    /// License keys by id: their names.
    pub(crate) keys: BTreeMap<String, String>,
    /// In how many listings a new account is missing.
    pub(crate) slow: usize,
    made: u64,
}

impl Vendor {
    /// The name of the operation, and the answer.
    pub(crate) fn answer(&mut self, body: &Value) -> Answer {
        let variables = &body["variables"];
        let text = |name: &str| variables[name].as_str().unwrap().to_owned();
        let data = match operation(body).as_str() {
            "query Accounts" => {
                // One that was cancelled keeps its name for a while.
                let mut listed = vec![json!({ "id": 1, "name": "shop-prod", "isCanceled": true })];
                for (id, (name, missing)) in &mut self.accounts {
                    if *missing > 0 {
                        *missing -= 1;
                    } else {
                        listed.push(json!({ "id": id, "name": name, "isCanceled": false }));
                    }
                }
                json!({ "actor": { "organization": { "accountManagement": { "managedAccounts": listed } } } })
            }
            "mutation CreateAccount" => {
                assert_eq!(text("region"), "eu01");
                self.made += 1;
                self.accounts.insert(4_000_000 + self.made, (text("name"), self.slow));
                json!({ "accountManagementCreateAccount": { "managedAccount": { "id": 4_000_000 + self.made } } })
            }
            "query Keys" => {
                // The key that the account came with is not groundwork's, and stands on a page of its own.
                let own =
                    self.keys.iter().map(|(id, name)| json!({ "id": id, "name": name, "createdAt": 1_790_000_000 }));
                let page = match variables["cursor"].as_str() {
                    None => {
                        json!({ "keys": [{ "id": "0", "name": "Original account license key", "createdAt": 1 }], "nextCursor": "2" })
                    }
                    Some(_) => json!({ "keys": own.collect::<Vec<_>>(), "nextCursor": null }),
                };
                json!({ "actor": { "apiAccess": { "keySearch": page } } })
            }
            "mutation CreateKey" => {
                self.made += 1;
                let id = format!("{:064X}", self.made);
                self.keys.insert(id.clone(), text("name"));
                json!({ "apiAccessCreateKeys": { "createdKeys": [{ "id": id, "key": format!("secret-of-{id}") }], "errors": [] } })
            }
            "mutation RetireKey" => {
                *self.keys.get_mut(&text("id")).unwrap() = text("name");
                json!({ "apiAccessUpdateKeys": { "updatedKeys": [{}], "errors": [] } })
            }
            "mutation DeleteKey" => {
                let id = variables["id"][0].as_str().unwrap();
                assert!(self.keys.remove(id).unwrap().ends_with(" (retired)"), "{id} was not retired before");
                json!({ "apiAccessDeleteKeys": { "deletedKeys": [{}], "errors": [] } })
            }
            other => panic!("nobody knows {other}"),
        };
        Answer::json(200, &json!({ "data": data }))
    }
}

/// As it is named: `mutation CreateAccount`.
pub(crate) fn operation(body: &Value) -> String {
    body["query"].as_str().unwrap().split([' ', '(']).take(2).collect::<Vec<_>>().join(" ")
}

const MONITORED: &str = "monitoring = { enabled = true, vendor = \"newrelic\", newrelic = { region = \"eu01\" } }";
const ROTATE: [&str; 8] = ["monitoring", "rotate", "--older-than", "0s", "--grace", "0s", "--settle", "0s"];

fn apply(settle: &str) -> [&str; 4] {
    ["monitoring", "apply", "--settle", settle]
}

/// Runs it, and kills it at that call.
fn killed(cloud: &Cloud, arguments: &[&str], number: usize, after: bool) {
    cloud.layer.operations.lock().unwrap().clear();
    cloud.layer.program.store(0, Ordering::SeqCst);
    cloud.layer.after.store(after, Ordering::SeqCst);
    cloud.layer.kill_at.store(number, Ordering::SeqCst);
    let mut child = cloud.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    cloud.layer.program.store(child.id(), Ordering::SeqCst);
    assert_eq!(child.wait().unwrap().code(), None, "it was killed at call {number}");
    cloud.layer.kill_at.store(0, Ordering::SeqCst);
}

pub(crate) fn a_vendors_account_is_made_once_and_its_key_rotated() {
    let cloud = Cloud::of(MONITORED);
    let ledger = fs::read_to_string(cloud.path("ledger.toml")).unwrap();
    let accounts = || cloud.layer.vendor.lock().unwrap().accounts.clone();

    // An account: none is made twice, though New Relic takes its time to list it.
    cloud.groundwork(&["monitoring", "apply", "--check"]).fails().says(&["make the account `shop-prod` at New Relic"]);
    for (number, after) in [(1, false), (2, false), (2, true)] {
        cloud.write("ledger.toml", &ledger);
        *cloud.layer.vendor.lock().unwrap() = Vendor { slow: 2, ..Vendor::default() };
        killed(&cloud, &apply("20ms"), number, after);
        if after {
            // Whoever is too impatient to wait is told to.
            cloud.layer.vendor.lock().unwrap().accounts.values_mut().for_each(|(_, missing)| *missing = 100);
            cloud.groundwork(&apply("1s")).fails().says(&["does not list it yet", "might make two"]);
            cloud.layer.vendor.lock().unwrap().accounts.values_mut().for_each(|(_, missing)| *missing = 2);
        }
        // Nothing was made: it is asked for again once that is sure.
        let again = if after { "20ms" } else { "0s" };
        cloud.groundwork(&apply(again)).succeeds().says(&["commit ledger.toml"]);
        assert_eq!(accounts().len(), 1, "killed at call {number}, {after}");
        let held: toml::Table = fs::read_to_string(cloud.path("ledger.toml")).unwrap().parse().unwrap();
        let held = held["accounts"]["shop/prod"].as_table().unwrap();
        let made = i64::try_from(*accounts().keys().next().unwrap()).unwrap();
        assert_eq!(
            (held.get("newrelic").and_then(toml::Value::as_integer), held.get("newrelic_asked")),
            (Some(made), None)
        );
    }
    cloud.groundwork(&apply("0s")).succeeds().says(&["nothing to make"]);
    // Terraform's role is for that account.
    cloud.groundwork(&["render", "-q"]).succeeds();
    let rendered = fs::read_to_string(cloud.path("accounts/shop/prod/monitoring.tf")).unwrap();
    assert!(
        rendered.contains(&format!("\"sts:ExternalId\" = \"{}\"", accounts().keys().next().unwrap())),
        "{rendered}"
    );

    // A key: whatever dies, the one in Secrets Manager works.
    cloud.groundwork(&ROTATE).fails().says(&["there is no secret `/groundwork/monitoring/newrelic/license-key`"]);
    cloud.has_license_secret();
    cloud.groundwork(&ROTATE).succeeds().says(&["made the license key"]);
    cloud.layer.operations.lock().unwrap().clear();
    cloud.groundwork(&ROTATE).succeeds().says(&["made the", "retired the", "deleted the"]);
    let operations = cloud.layer.operations.lock().unwrap().clone();
    assert_eq!(operations.iter().filter(|operation| !is_read(operation)).count(), 4, "{operations:#?}");
    let mut points = 0;
    for (index, operation) in operations.iter().enumerate() {
        for after in [false, true].iter().take(if is_read(operation) { 1 } else { 2 }) {
            killed(&cloud, &ROTATE, index + 1, *after);
            cloud.is_sound();
            cloud.groundwork(&["monitoring", "rotate", "--grace", "0s", "--settle", "0s"]).succeeds();
            let keys = cloud.layer.vendor.lock().unwrap().keys.clone();
            assert_eq!(keys.len(), 1, "killed at {operation}, {after}: {keys:?}");
            assert_eq!(keys.keys().next(), cloud.license().as_ref());
            points += 1;
        }
    }
    cloud.is_sound();
    anstream::eprintln!("{points} kill points of a license key");

    // With two of the name somebody has to say which it is.
    cloud.write("ledger.toml", &ledger);
    cloud.layer.vendor.lock().unwrap().accounts.insert(7, ("shop-prod".to_owned(), 0));
    cloud.layer.vendor.lock().unwrap().accounts.insert(8, ("shop-prod".to_owned(), 0));
    cloud.groundwork(&apply("0s")).fails().says(&["accounts called `shop-prod`", "monitoring.newrelic.account_id"]);
}
