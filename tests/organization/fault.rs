//! What AWS does and moto does not: takes its time, refuses, throttles, loses connections.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use groundwork_testing::proxy::{self, Answer};
use serde_json::{Value, json};

use super::cloud::{Cloud, finds_nothing_to_do, organization};

/// So many domains, each with one account.
pub(crate) fn domains(number: usize, more: &str) -> String {
    let mut text = organization(more);
    for index in 0..number {
        write!(text, "[domains.d{index}]\nteam = \"catalog\"\nenvironments = [\"dev\"]\n").unwrap();
    }
    text
}

/// Every account exactly once, in its unit, in the ledger with its id.
#[track_caller]
fn is_whole(cloud: &Cloud, number: usize) {
    let accounts = cloud.accounts();
    assert_eq!(accounts.len(), number, "{accounts:#?}");
    for account in &accounts {
        assert_eq!(account.unit, "Workloads/dev", "{account:?}");
        assert_eq!(cloud.id(&account.tags["groundwork:key"]).len(), 12);
    }
    let mut emails: Vec<&str> = accounts.iter().map(|account| account.email.as_str()).collect();
    emails.dedup();
    assert_eq!(emails.len(), number);
    finds_nothing_to_do(&cloud.plan().succeeds());
}

pub(crate) fn a_creation_takes_its_time() {
    const POLLS: usize = 4;
    let mut cloud = Cloud::new(&domains(5, "creations = 2"));
    let seen: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
    let most = Arc::new(AtomicUsize::new(0));
    let most_at_once = Arc::clone(&most);
    cloud.endpoint = proxy::start(&cloud.moto.endpoint(), move |call, forward| {
        let answer = forward(call)?;
        let mut seen = seen.lock().unwrap();
        let unfinished = |status: &mut Value| {
            status["State"] = json!("IN_PROGRESS");
            status.as_object_mut().unwrap().remove("AccountId");
        };
        Ok(Some(match call.operation.as_str() {
            "CreateAccount" => answer.edited(|json| {
                let status = &mut json["CreateAccountStatus"];
                seen.insert(status["Id"].as_str().unwrap().to_owned(), 0);
                unfinished(status);
                let at_once = seen.values().filter(|polls| **polls < POLLS).count();
                most_at_once.fetch_max(at_once, Ordering::SeqCst);
            }),
            "DescribeCreateAccountStatus" => answer.edited(|json| {
                let status = &mut json["CreateAccountStatus"];
                let polls = seen.entry(status["Id"].as_str().unwrap().to_owned()).or_default();
                *polls += 1;
                if *polls < POLLS {
                    unfinished(status);
                }
            }),
            _ => answer,
        }))
    });
    cloud.apply().succeeds();
    is_whole(&cloud, 5);
    assert_eq!(most.load(Ordering::SeqCst), 2, "as many in creation at once as domains.toml says");
}

pub(crate) fn each_reason_for_a_failed_creation_is_said() {
    for (reason, says) in [
        ("ACCOUNT_LIMIT_EXCEEDED", "Service Quotas"),
        ("EMAIL_ALREADY_EXISTS", "organization adopt"),
        ("INVALID_EMAIL", "correct the pattern"),
        ("INVALID_ADDRESS", "Contact information"),
        ("INTERNAL_FAILURE", "run this again"),
        ("MISSING_PAYMENT_INSTRUMENT", "no valid payment method"),
        ("SOMETHING_NEW", "SOMETHING_NEW"),
    ] {
        let mut cloud = Cloud::new(&domains(2, ""));
        cloud.endpoint = proxy::start(&cloud.moto.endpoint(), move |call, forward| {
            let json = call.json();
            let status = |state: &str| {
                let mut status = json!({ "Id": "car-0123456789abcdef", "AccountName": "d0-dev", "State": state, "RequestedTimestamp": 0 });
                if state == "FAILED" {
                    status["FailureReason"] = json!(reason);
                }
                Some(Answer::json(200, &json!({ "CreateAccountStatus": status })))
            };
            Ok(match call.operation.as_str() {
                "CreateAccount" if json["AccountName"] == "d0-dev" => status("IN_PROGRESS"),
                "DescribeCreateAccountStatus" if json["CreateAccountRequestId"] == "car-0123456789abcdef" => {
                    status("FAILED")
                }
                _ => Some(forward(call)?),
            })
        });
        cloud.apply().fails().says(&["d0/dev: AWS does not make it", reason, says, "1 action failed (d0/dev)"]);
        assert_eq!(cloud.accounts().len(), 1, "the other one is made all the same");
        let held = cloud.held("d0/dev");
        assert!(!held.contains_key("id") && !held.contains_key("request"), "{held:?}");
        // The cause is gone.
        cloud.endpoint = cloud.moto.endpoint();
        cloud.apply().succeeds();
        is_whole(&cloud, 2);
    }
}

/// Every seventh call is cut off before AWS has seen it, every fifth after AWS has acted.
pub(crate) fn connections_are_cut() {
    let mut cloud = Cloud::new(&domains(12, "creations = 3"));
    let calls = AtomicUsize::new(0);
    cloud.endpoint = proxy::start(&cloud.moto.endpoint(), move |call, forward| {
        let number = calls.fetch_add(1, Ordering::SeqCst);
        if number % 7 == 3 {
            return Ok(None);
        }
        let answer = forward(call)?;
        Ok(Some(answer).filter(|_| number % 5 != 2))
    });
    cloud.apply().succeeds();
    is_whole(&cloud, 12);
}

pub(crate) fn older_and_newer_servers_name_the_state() {
    for (keep, drop) in [("State", "Status"), ("Status", "State")] {
        let mut cloud = Cloud::new(&domains(3, ""));
        cloud.apply().succeeds();
        cloud.endpoint = proxy::start(&cloud.moto.endpoint(), move |call, forward| {
            let answer = forward(call)?;
            if call.operation != "ListAccountsForParent" {
                return Ok(Some(answer));
            }
            Ok(Some(answer.edited(|json| {
                for account in json["Accounts"].as_array_mut().into_iter().flatten() {
                    let state = if account["Email"] == "aws+d1-dev@acme.example" { "SUSPENDED" } else { "ACTIVE" };
                    account.as_object_mut().unwrap().remove(drop);
                    account[keep] = json!(state);
                }
            })))
        });
        let planned = cloud.plan().succeeds();
        assert_eq!(
            planned.stdout.lines().filter(|line| line.contains("is suspended: nothing is done")).count(),
            1,
            "{}",
            planned.stdout
        );
        assert!(planned.stdout.contains("nothing to do, 1 waiting"), "{}", planned.stdout);
    }
}

pub(crate) fn pages_may_be_empty() {
    let mut cloud = Cloud::new(&domains(4, ""));
    cloud.apply().succeeds();
    cloud.endpoint = proxy::start(&cloud.moto.endpoint(), |call, forward| {
        let items = match call.operation.as_str() {
            "ListAccountsForParent" => "Accounts",
            "ListOrganizationalUnitsForParent" => "OrganizationalUnits",
            "ListTagsForResource" => "Tags",
            "ListRoots" => "Roots",
            "ListCreateAccountStatus" => "CreateAccountStatuses",
            _ => return forward(call).map(Some),
        };
        let mut json = call.json();
        let token = json["NextToken"].as_str().unwrap_or_default().to_owned();
        // Three pages with nothing but the word that there is more.
        let next = match token.as_str() {
            "" => Some("empty-1"),
            "empty-1" => Some("empty-2"),
            "empty-2" => Some("empty-3"),
            _ => None,
        };
        if let Some(next) = next {
            return Ok(Some(Answer::json(200, &json!({ items: [], "NextToken": next }))));
        }
        if token == "empty-3" {
            json.as_object_mut().unwrap().remove("NextToken");
        }
        forward(&call.with(&json)).map(Some)
    });
    finds_nothing_to_do(&cloud.plan().succeeds());
}

/// Both kinds of throttle, for three of ten calls.
pub(crate) fn three_hundred_accounts_are_made_while_calls_are_throttled() {
    const ACCOUNTS: usize = 300;
    let mut cloud = Cloud::new(&domains(ACCOUNTS, "creations = 4"));
    let (calls, answered) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let through = Arc::clone(&answered);
    cloud.endpoint = proxy::start(&cloud.moto.endpoint(), move |call, forward| {
        let number = calls.fetch_add(1, Ordering::SeqCst);
        // Spread, and the same in every run.
        let draw = number.wrapping_mul(2_654_435_761) >> 7 & 0xff;
        if draw < 77 {
            let message = if draw % 2 == 0 {
                "AWS Organizations can't complete your request because another request is already in progress"
            } else {
                "Rate exceeded"
            };
            let is_json = call.operation != "/";
            return Ok(Some(if is_json {
                Answer::error(400, "TooManyRequestsException", message)
            } else {
                Answer::xml_error(400, "Throttling", message)
            }));
        }
        through.fetch_add(1, Ordering::SeqCst);
        forward(call).map(Some)
    });
    let applied = cloud
        .groundwork(&["organization", "apply", "--yes", "--jobs", "8", "--poll", "10ms", "--settle", "20ms"])
        .succeeds();
    let calls = answered.load(Ordering::SeqCst);
    let said = applied.stderr.lines().last().unwrap().to_owned();
    anstream::eprintln!("{ACCOUNTS} accounts: {calls} calls that were not throttled; {said}");
    // For each: asked for, looked after, moved (where from, where to), its role tried. Besides: one walk through what
    // was there, and the units.
    let bound = 5 * ACCOUNTS + 40;
    assert!(calls <= bound, "{calls} calls, and {bound} are enough");
    cloud.endpoint = cloud.moto.endpoint();
    is_whole(&cloud, ACCOUNTS);
}

pub(crate) fn closing_respects_the_quota() {
    let mut cloud = Cloud::new(&domains(7, "closures = { at_once = 2, per_month = 5 }"));
    cloud.apply().succeeds();
    let closed = cloud
        .read("domains.toml")
        .replace("environments = [\"dev\"]\n", "environments = [\"dev\"]\nlifecycle = \"closed\"\n");
    cloud.write("domains.toml", &closed);
    cloud.groundwork(&["allocate", "-q"]).succeeds();
    let count = |cloud: &Cloud| cloud.accounts().iter().filter(|account| account.state == "SUSPENDED").count();
    cloud.plan().succeeds().says(&["2 to close", "others are being closed"]);
    cloud.apply().succeeds();
    assert_eq!(count(&cloud), 2);
    // AWS counts otherwise, and says so: that is no failure.
    cloud.endpoint = proxy::start(&cloud.moto.endpoint(), |call, forward| {
        if call.operation != "CloseAccount" {
            return forward(call).map(Some);
        }
        let error = json!({
            "__type": "ConstraintViolationException",
            "Message": "You have exceeded close account quota for the past 30 days.",
            "Reason": "CLOSE_ACCOUNT_QUOTA_EXCEEDED",
        });
        Ok(Some(Answer::json(400, &error)))
    });
    cloud.apply().succeeds().says(&["AWS closes no more accounts for now"]);
    assert_eq!(count(&cloud), 2);
    cloud.endpoint = cloud.moto.endpoint();
    cloud.apply().succeeds();
    cloud.apply().succeeds().says(&["1 to close", "5 accounts in thirty days"]);
    assert_eq!(count(&cloud), 5);
    cloud.apply().succeeds();
    assert_eq!(count(&cloud), 5, "the rest waits for next month");
}
