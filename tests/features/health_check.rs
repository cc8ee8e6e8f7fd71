//! That every private subnet is looked after, and that the right ones hear of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use groundwork_testing::process::output;
use groundwork_testing::tools;
use serde_json::{Value, json};

use super::World;
use super::landscape::Landscape;

const RUFF: &str = "ruff==0.17.6";

/// Each kind of network, and each option once.
const DOMAINS: &str = r#"
[defaults.health_check]
enabled = true
notify = ["platform@acme.example"]
[domains.none]
team = "catalog"
environments = ["prod"]
network = { nat = "none", zones = 2 }
[domains.single]
team = "catalog"
environments = ["prod"]
runbook = "https://runbooks.acme.example/single"
network = { nat = "single", zones = 3 }
[domains.single.environment.prod.health_check]
notify = ["catalog@acme.example", "platform@acme.example"]
minutes = 1
alarm = { failures = 3, of = 5 }
internet = ["www.acme.example"]
retention_days = 90
targets = [
  { name = "orders", host = "orders.acme.example", port = 8443, protocol = "https" },
  { name = "books", host = "10.1.2.3", port = 5432, alarm = false },
  { name = "cards", host = "cards.acme.example", port = 443, reachable = false },
]
[domains.zonal]
team = "catalog"
environments = ["prod"]
network = { nat = "per-az", zones = 3, isolated = true, interface_endpoints = ["ecr.api", "logs"] }
[domains.regional]
team = "catalog"
environments = ["prod"]
network = { nat = "regional", zones = 4 }
[domains.unwatched]
team = "catalog"
environments = ["prod"]
health_check = { enabled = false }
"#;

/// What is checked beyond names, S3 and DynamoDB, which are checked everywhere.
const CHECKS: [(&str, usize, &[&str]); 5] = [
    ("none", 2, &[]),
    ("single", 3, &["internet", "egress-address", "target-orders", "target-books", "target-cards"]),
    ("zonal", 3, &["internet", "egress-address", "endpoint-ecr-api", "endpoint-logs"]),
    ("regional", 4, &["internet"]),
    ("unwatched", 0, &[]),
];

pub(crate) fn every_private_subnet_phones_home(world: &World) {
    let landscape = Landscape::new(world, DOMAINS);
    landscape.groundwork(&["apply", "-q", "--yes"]).succeeds();
    landscape.groundwork(&["plan"]).succeeds().says(&["5 accounts: 5 unchanged"]);
    for (domain, zones, more) in CHECKS {
        let of = |kind: &str| of(&landscape, domain, kind);
        let (functions, alarms, topics) =
            (of("aws_lambda_function"), of("aws_cloudwatch_metric_alarm"), of("aws_sns_topic"));
        assert_eq!((functions.len(), alarms.len()), (zones, 2 * zones), "{domain}");
        assert_eq!(topics.len(), usize::from(zones > 0), "{domain}");
        let subnets: BTreeMap<String, Value> = of("aws_subnet")
            .into_iter()
            .filter(|subnet| subnet["tags"]["groundwork:tier"] == "private")
            .map(|subnet| (text(&subnet["id"]), subnet))
            .collect();
        let (mut watched, mut configurations) = (BTreeSet::new(), Vec::new());
        for function in &functions {
            let subnet = &subnets[function["vpc_config"][0]["subnet_ids"][0].as_str().unwrap()];
            assert_eq!(function["vpc_config"][0]["subnet_ids"].as_array().unwrap().len(), 1);
            watched.insert(text(&subnet["id"]));
            let zone = text(&subnet["availability_zone_id"]);
            is_right(function, &zone, domain);
            alarms_for(&zone, &alarms, &topics[0], domain);
            let call = is_called(function, &zone, &landscape, domain);
            let configuration: Value = serde_json::from_str(&call).unwrap();
            assert_eq!(configuration["zone"], zone.as_str());
            let checks = configuration["checks"].as_array().unwrap();
            let names: BTreeSet<&str> = checks.iter().map(|check| check["name"].as_str().unwrap()).collect();
            assert_eq!(names, more.iter().chain(&["dns", "s3", "dynamodb"]).copied().collect(), "{domain}");
            leaves_through_the_right_gateway(checks, subnet, &landscape, domain);
            configurations.push(configuration);
        }
        if let Some(configuration) = configurations.first() {
            let archive = landscape.path(&format!("accounts/{domain}/prod/health_check.zip"));
            reads_what_it_is_given(configuration, &archive);
        }
        assert_eq!(watched.len(), if zones == 0 { 0 } else { subnets.len() }, "{domain}");
    }
    both_teams_are_told(&landscape);
    nobody_may_more_than_they_need(&landscape);

    // Another zone is looked after, and the others as before.
    landscape.edit("zones = 3, isolated", "zones = 4, isolated");
    let changes = landscape.plans()["zonal/prod"]["resource_changes"].as_array().unwrap().clone();
    let actions = |change: &Value| text(&change["change"]["actions"][0]);
    let own: Vec<&Value> = changes.iter().filter(|one| text(&one["address"]).contains(".health_check")).collect();
    assert!(own.iter().all(|one| actions(one) == "create" || actions(one) == "no-op"), "{own:#?}");
    let new = own.iter().filter(|one| actions(one) == "create");
    assert!(new.clone().all(|one| text(&one["address"]).ends_with("[\"usw2-az4\"]")));
    // A function, how it is called, the first call, a schedule, two alarms.
    assert_eq!(new.count(), 6);
}

/// The objects of a domain's account.
fn of(landscape: &Landscape<'_>, domain: &str, kind: &str) -> Vec<Value> {
    let role = |object: &Value| object["tags_all"]["domain"] == domain;
    landscape.providers.objects(kind).into_values().filter(|object| role(object)).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// A function as it should be.
fn is_right(function: &Value, zone: &str, domain: &str) {
    let name = format!("groundwork-health-check-{zone}");
    assert_eq!(function["function_name"], name.as_str());
    assert_eq!((&function["runtime"], &function["architectures"]), (&json!("python3.14"), &json!(["arm64"])));
    assert!(function["reserved_concurrent_executions"].is_null(), "{domain}");
    assert_eq!(function["logging_config"][0]["log_group"], "/groundwork/health-check");
}

/// What a function is called with, by its schedule and before that once by Terraform.
fn is_called(function: &Value, zone: &str, landscape: &Landscape<'_>, domain: &str) -> String {
    assert_eq!(of(landscape, domain, "aws_scheduler_schedule_group").len(), 1, "{domain}");
    let schedules = landscape.providers.objects("aws_scheduler_schedule");
    let [schedule] =
        schedules.values().filter(|one| one["target"][0]["arn"] == function["arn"]).collect::<Vec<_>>()[..]
    else {
        panic!("{domain}: {zone}: {schedules:#?}")
    };
    let rate = if domain == "single" { "rate(1 minute)" } else { "rate(5 minutes)" };
    assert_eq!((&schedule["name"], &schedule["schedule_expression"]), (&json!(zone), &json!(rate)));
    let target = &schedule["target"][0];
    assert_eq!(target["retry_policy"][0]["maximum_retry_attempts"], 0);
    let call = text(&target["input"]);
    let calls = landscape.providers.objects("aws_lambda_invocation");
    let first =
        calls.values().filter(|one| one["input"] == call.as_str() && one["function_name"] == function["function_name"]);
    assert_eq!(first.count(), 1, "{domain}: {zone}");
    call
}

/// One alarm for failure and one for silence; neither goes off when it is made.
fn alarms_for(zone: &str, alarms: &[Value], topic: &Value, domain: &str) {
    let own: Vec<&Value> = alarms.iter().filter(|alarm| alarm["dimensions"]["Zone"] == zone).collect();
    let topic = json!([topic["arn"]]);
    let [failing] = own.iter().filter(|alarm| alarm["alarm_actions"] == topic).collect::<Vec<_>>()[..] else {
        panic!("{domain}: {own:#?}")
    };
    let [silent] = own.iter().filter(|alarm| alarm["insufficient_data_actions"] == topic).collect::<Vec<_>>()[..]
    else {
        panic!("{domain}: {own:#?}")
    };
    let (minutes, failures, runs) = if domain == "single" { (1, 3, 5) } else { (5, 2, 3) };
    assert_eq!((&failing["datapoints_to_alarm"], &failing["evaluation_periods"]), (&json!(failures), &json!(runs)));
    assert_eq!((&failing["treat_missing_data"], &silent["treat_missing_data"]), (&json!("ignore"), &json!("missing")));
    for alarm in [failing, silent] {
        assert_eq!(alarm["namespace"], "Groundwork/HealthCheck");
        assert_eq!(alarm["metric_name"], "failed-checks");
        assert_eq!(alarm["period"], 60 * minutes);
        assert_eq!(alarm["ok_actions"], topic);
        assert!(text(&alarm["alarm_name"]).starts_with(&format!("{domain}-prod-network-")));
        let runbook = text(&alarm["alarm_description"]).contains("Runbook: https://runbooks.acme.example/single");
        assert_eq!(runbook, domain == "single");
    }
}

/// The address that is expected is that of the gateway which the subnet's traffic is sent to.
fn leaves_through_the_right_gateway(checks: &[Value], subnet: &Value, landscape: &Landscape<'_>, domain: &str) {
    let Some(check) = checks.iter().find(|check| check["name"] == "egress-address") else { return };
    let all = |kind: &str| landscape.providers.objects(kind).into_values().collect::<Vec<Value>>();
    let find = |kind: &str, field: &str, value: &Value| all(kind).into_iter().find(|one| one[field] == *value).unwrap();
    let table = &find("aws_route_table_association", "subnet_id", &subnet["id"])["route_table_id"];
    let routes = all("aws_route").into_iter();
    let mut way = routes.filter(|one| one["route_table_id"] == *table && one["destination_cidr_block"] == "0.0.0.0/0");
    let gateway = find("aws_nat_gateway", "id", &way.next().unwrap()["nat_gateway_id"]);
    let address = find("aws_eip", "allocation_id", &gateway["allocation_id"]);
    assert_eq!(check["addresses"], json!([address["public_ip"]]), "{domain}");
}

/// Runs the function that was packed, with what Terraform gives it, in a world where every promise is kept.
const KEPT: &str = r#"
import ipaddress, json, sys
sys.path.insert(0, sys.argv[1])
import checks, index
configuration = json.loads(sys.argv[2])
by_host = {check["host"]: check for check in configuration["checks"] if "host" in check}
def fetch(host, port):
    return by_host.get(host, {}).get("addresses", [""])[0]
def connect(host, port):
    if not by_host.get(host, {}).get("reachable", True):
        raise ConnectionRefusedError
inside = [check["cidr"] for check in configuration["checks"] if "cidr" in check] or ["192.0.2.0/24"]
checks.fetch, checks.connect = fetch, connect
checks.resolve = lambda host: [str(ipaddress.ip_network(inside[0])[9])]
class Context:
    get_remaining_time_in_millis = staticmethod(lambda: 30_000)
index.handler(configuration, Context)
"#;

fn reads_what_it_is_given(configuration: &Value, archive: &Path) {
    let mut command = Command::new("python3");
    command.args(["-B", "-c", KEPT]).arg(archive).arg(configuration.to_string());
    let said = output(&mut command).succeeds().stdout;
    let line: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    assert_eq!((&line["failed-checks"], &line["reasons"]), (&json!(0), &json!({})), "{line:#}");
    let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    assert_eq!(metrics.len(), configuration["checks"].as_array().unwrap().len() + 1);
}

fn both_teams_are_told(landscape: &Landscape<'_>) {
    let topics = landscape.providers.objects("aws_sns_topic");
    assert_eq!(topics.len(), 4);
    for topic in topics.values() {
        let subscriptions = landscape.providers.objects("aws_sns_topic_subscription").into_values();
        let told: Vec<String> =
            subscriptions.filter(|one| one["topic_arn"] == topic["arn"]).map(|one| text(&one["endpoint"])).collect();
        assert_eq!(told.len(), 2, "each once: {told:?}");
        assert_eq!(
            BTreeSet::from_iter(told),
            ["catalog@acme.example", "platform@acme.example"].map(str::to_owned).into()
        );
    }
}

fn nobody_may_more_than_they_need(landscape: &Landscape<'_>) {
    let policies = landscape.providers.objects("aws_iam_role_policy");
    let mut allowed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for policy in policies.values().filter(|one| text(&one["role"]).contains("role")) {
        let document: Value = serde_json::from_str(policy["policy"].as_str().unwrap()).unwrap();
        let statements = document["Statement"].as_array().unwrap();
        let actions = |effect: &str| -> BTreeSet<String> {
            let own = statements.iter().filter(|statement| statement["Effect"] == effect);
            own.flat_map(|statement| match &statement["Action"] {
                Value::Array(many) => many.iter().map(text).collect(),
                one => vec![text(one)],
            })
            .collect()
        };
        let denied = actions("Deny");
        for action in actions("Allow").iter().filter(|action| action.starts_with("ec2:")) {
            assert!(denied.contains(action), "{action} is not denied to the code");
        }
        allowed.entry(text(&policy["name"])).or_default().extend(actions("Allow"));
    }
    let interfaces = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ];
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<BTreeSet<_>>();
    let log = texts(&["logs:CreateLogStream", "logs:PutLogEvents"]);
    assert_eq!(allowed["health-check"], &log | &texts(&interfaces));
    assert_eq!(allowed["run"], texts(&["lambda:InvokeFunction"]));

    let groups = landscape.providers.objects("aws_security_group");
    for group in groups.values().filter(|group| group["name"] == "health-check") {
        let into = landscape.providers.objects("aws_vpc_security_group_ingress_rule");
        assert!(into.values().all(|rule| rule["security_group_id"] != group["id"]));
        let out = landscape.providers.objects("aws_vpc_security_group_egress_rule");
        let ports: BTreeSet<i64> = out
            .values()
            .filter(|rule| rule["security_group_id"] == group["id"])
            .map(|rule| {
                assert_eq!((&rule["ip_protocol"], &rule["from_port"]), (&json!("tcp"), &rule["to_port"]));
                rule["to_port"].as_i64().unwrap()
            })
            .collect();
        let single = group["tags_all"]["domain"] == "single";
        assert_eq!(ports, if single { [443, 5432, 8443].into() } else { [443].into() });
    }
}

/// What is in Python is judged by Python, and by what Python is linted with.
pub(crate) fn its_own_tests_pass(_: &World) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/health-check");
    let mut tests = Command::new("python3");
    tests.args(["-B", "-m", "unittest", "discover", "-s", "tests"]).env("PYTHONPATH", "health_check.zip");
    let said = output(tests.current_dir(&folder)).succeeds().stderr;
    assert!(said.contains("\nOK\n") && !said.contains("skipped"), "{said}");

    let ruff = tools::from_pypi("ruff", RUFF).unwrap();
    for arguments in [&["check", "--select=E,F,B,I,UP,S,SIM,PL"][..], &["format", "--check"]] {
        let mut lint = Command::new(&ruff);
        lint.args(arguments).args([
            "--no-cache",
            "--isolated",
            "--config=line-length=120",
            "health_check.zip",
            "tests",
        ]);
        let said = output(lint.current_dir(&folder));
        assert_eq!(said.code, Some(0), "{}{}", said.stdout, said.stderr);
    }
}
