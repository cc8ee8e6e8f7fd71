//! SIGKILL at every call, before and after it had its effect.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use groundwork_testing::proxy::{self, Answer};
use serde_json::{Value, json};

use super::cloud::{Cloud, Found, finds_nothing_to_do, organization};

/// What the layer between does, and what it sees.
#[derive(Default)]
struct Layer {
    /// How many calls there were.
    calls: AtomicUsize,
    /// What they were.
    operations: Mutex<Vec<String>>,
    /// Whether requests to make an account are not listed: it takes AWS a while.
    unlisted: AtomicBool,
    /// The call at which the program is killed; none is 0.
    kill_at: AtomicUsize,
    /// Whether the call has its effect first.
    after: AtomicUsize,
    /// Which program.
    program: AtomicU32,
    /// What moto does not keep: names of accounts.
    names: Mutex<BTreeMap<String, String>>,
    /// Accounts that are being made, by request: which it is, and how often somebody asked how it comes along.
    making: Mutex<BTreeMap<String, (String, usize)>>,
}

/// An account is made when it was asked after so often; until then nobody sees it.
const POLLS: usize = 2;

impl Layer {
    /// What AWS says, where moto is too quick.
    fn slowly(&self, operation: &str, json: &mut Value) {
        let mut making = self.making.lock().unwrap();
        let text = |status: &Value, field: &str| status[field].as_str().unwrap_or_default().to_owned();
        if operation == "CreateAccount" {
            let status = &json["CreateAccountStatus"];
            making.insert(text(status, "Id"), (text(status, "AccountId"), 0));
        }
        let mut unfinished = |status: &mut Value, asked: usize| {
            let Some((_, polls)) = making.get_mut(&text(status, "Id")) else { return };
            *polls += asked;
            if *polls < POLLS {
                status["State"] = json!("IN_PROGRESS");
                status.as_object_mut().unwrap().remove("AccountId");
            }
        };
        match operation {
            "CreateAccount" => unfinished(&mut json["CreateAccountStatus"], 0),
            "DescribeCreateAccountStatus" => unfinished(&mut json["CreateAccountStatus"], 1),
            "ListCreateAccountStatus" if self.unlisted.load(Ordering::SeqCst) => {
                json["CreateAccountStatuses"] = json!([]);
            }
            "ListCreateAccountStatus" => {
                json["CreateAccountStatuses"]
                    .as_array_mut()
                    .unwrap()
                    .iter_mut()
                    .for_each(|status| unfinished(status, 0));
            }
            "ListAccountsForParent" => {
                let hidden = |id: &Value| making.values().any(|(made, polls)| *polls < POLLS && id == made.as_str());
                json["Accounts"].as_array_mut().unwrap().retain(|account| !hidden(&account["Id"]));
            }
            _ => {}
        }
    }
}

/// What is at the end of it all: the organization, and the ledger without its ids.
#[derive(Debug, PartialEq, Eq)]
struct End {
    accounts: Vec<Found>,
    names: Vec<String>,
    units: usize,
    ledger: String,
}

fn end(cloud: &Cloud, layer: &Layer) -> End {
    let mut ledger = String::new();
    for line in cloud.read("ledger.toml").lines() {
        // Whoever has an id has the one of its own e-mail; which that is, moto draws.
        ledger += if line.starts_with("id = ") { "id" } else { line };
        ledger.push('\n');
    }
    for found in cloud.list("ListAccounts", &json!({}), "Accounts") {
        let email = found["Email"].as_str().unwrap();
        let Some(key) = email.strip_prefix("aws+").and_then(|rest| rest.strip_suffix("@acme.example")) else {
            continue;
        };
        assert_eq!(cloud.id(&key.replace('-', "/")), found["Id"].as_str().unwrap());
    }
    let mut names: Vec<String> = layer.names.lock().unwrap().values().cloned().collect();
    names.sort();
    let root = cloud.root();
    let units =
        cloud.list("ListOrganizationalUnitsForParent", &json!({ "ParentId": root }), "OrganizationalUnits").len();
    End { accounts: cloud.accounts(), names, units, ledger }
}

fn before() -> String {
    organization("") + "[domains.a]\nteam = \"catalog\"\nenvironments = [\"dev\", \"prod\"]\n"
}

/// Creates two accounts, one of them in a unit that is new; moves one, tags two, renames one.
fn after() -> String {
    before().replace("cost_center = \"4210\"", "cost_center = \"4711\"").replace(
        "[domains.a]\n",
        "[domains.b]\nteam = \"catalog\"\nenvironments = [\"dev\"]\n[domains.c]\nteam = \"catalog\"\nenvironments = [\"dev\"]\nunit = \"New/Deep\"\n\
         [domains.a.environment.prod]\nunit = \"Regulated\"\naccount_name = \"The Shop\"\n[domains.a]\n",
    )
}

pub(crate) fn killed_at_any_call_it_is_run_again() {
    let mut cloud = Cloud::new(&before());
    let layer = Arc::new(Layer::default());
    let shared = Arc::clone(&layer);
    let upstream = cloud.moto.endpoint();
    let between = proxy::start(&upstream, move |call, forward| {
        let number = shared.calls.fetch_add(1, Ordering::SeqCst) + 1;
        shared.operations.lock().unwrap().push(call.operation.clone());
        let is_last = number == shared.kill_at.load(Ordering::SeqCst);
        let has_effect = !is_last || shared.after.load(Ordering::SeqCst) == 1;
        let answer = match call.operation.as_str() {
            _ if !has_effect => None,
            "/putAccountName" => {
                let json = call.json();
                let text = |field: &str| json[field].as_str().unwrap().to_owned();
                shared.names.lock().unwrap().insert(text("AccountId"), text("AccountName"));
                Some(Answer::json(200, &json!({})))
            }
            "ListAccountsForParent" => Some(forward(call)?.edited(|json| {
                shared.slowly(&call.operation, json);
                let names = shared.names.lock().unwrap();
                for account in json["Accounts"].as_array_mut().into_iter().flatten() {
                    if let Some(name) = account["Id"].as_str().and_then(|id| names.get(id)) {
                        account["Name"] = json!(name);
                    }
                }
            })),
            "CreateAccount" | "DescribeCreateAccountStatus" | "ListCreateAccountStatus" => {
                Some(forward(call)?.edited(|json| shared.slowly(&call.operation, json)))
            }
            _ => Some(forward(call)?),
        };
        if is_last {
            let program = loop {
                match shared.program.load(Ordering::SeqCst) {
                    0 => thread::sleep(Duration::from_millis(1)),
                    program => break program,
                }
            };
            assert!(Command::new("kill").args(["-KILL", &program.to_string()]).status()?.success());
            return Ok(None);
        }
        Ok(answer)
    });

    // From the same beginning every time: reset, found, two accounts.
    let begin = |cloud: &mut Cloud| {
        cloud.moto.reset();
        cloud.found();
        layer.names.lock().unwrap().clear();
        layer.making.lock().unwrap().clear();
        cloud.endpoint.clone_from(&upstream);
        cloud.write("domains.toml", &before());
        std::fs::remove_file(cloud.path("ledger.toml")).ok();
        cloud.groundwork(&["allocate", "-q"]).succeeds();
        cloud.apply().succeeds();
        cloud.write("domains.toml", &after());
        cloud.groundwork(&["allocate", "-q"]).succeeds();
        cloud.endpoint.clone_from(&between);
        layer.calls.store(0, Ordering::SeqCst);
        layer.operations.lock().unwrap().clear();
    };
    // One at a time, so that the k-th call is the same in every run.
    let arguments = ["organization", "apply", "--yes", "--jobs", "1", "--poll", "1ms", "--settle", "1ms"];

    begin(&mut cloud);
    cloud.groundwork(&arguments).succeeds();
    let calls = layer.calls.load(Ordering::SeqCst);
    let undisturbed = end(&cloud, &layer);
    assert_eq!(undisturbed.accounts.len(), 4);
    assert_eq!(undisturbed.names, ["The Shop"]);
    assert!(undisturbed.accounts.iter().any(|account| account.unit == "New/Deep"));
    finds_nothing_to_do(&cloud.plan().succeeds());

    let operations = layer.operations.lock().unwrap().clone();
    let polls = |number: usize| operations[number - 1] == "DescribeCreateAccountStatus";
    // Where a request is known by nothing but its id in the ledger, and everywhere.
    let unlisted = (1..=calls).filter(|number| polls(*number)).map(|number| (number, 1, true));
    let everywhere = (1..=calls).flat_map(|number| [(number, 0, false), (number, 1, false)]);
    let mut points = 0;
    for (kill_at, after, unlisted) in everywhere.chain(unlisted) {
        begin(&mut cloud);
        layer.unlisted.store(unlisted, Ordering::SeqCst);
        layer.after.store(after, Ordering::SeqCst);
        layer.program.store(0, Ordering::SeqCst);
        layer.kill_at.store(kill_at, Ordering::SeqCst);
        let mut command = cloud.command(&arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        layer.program.store(child.id(), Ordering::SeqCst);
        let status = child.wait().unwrap();
        assert_eq!(status.code(), None, "it was killed at call {kill_at}");
        layer.kill_at.store(0, Ordering::SeqCst);
        cloud.groundwork(&arguments).succeeds();
        let when = if after == 1 { "after" } else { "before" };
        assert_eq!(
            end(&cloud, &layer),
            undisturbed,
            "killed {when} call {kill_at} of {calls}, {}",
            operations[kill_at - 1]
        );
        points += 1;
    }
    anstream::eprintln!("{points} kill points, 0 doubled, 0 lost");
}
