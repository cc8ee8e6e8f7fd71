//! What groundwork renders, judged by a real terraform.
//!
//! Where there is none, and none can be installed, every test is reported as ignored with the reason; with `CI` set
//! that is a failure instead.
#![expect(clippy::disallowed_methods, reason = "tests start programs")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use groundwork::hcl;
use groundwork_testing::folder;
use groundwork_testing::terraform::Terraform;
use ipnet::Ipv4Net;
use libtest_mimic::{Arguments, Failed, Trial};

type Test = fn(&Terraform) -> Result<(), Failed>;

const TESTS: [(&str, Test); 5] = [
    ("a_new_repository_is_as_terraform_fmt_leaves_it", a_new_repository_is_as_terraform_fmt_leaves_it),
    (
        "every_account_of_the_example_is_as_terraform_fmt_leaves_it",
        every_account_of_the_example_is_as_terraform_fmt_leaves_it,
    ),
    (
        "every_option_of_the_network_is_as_terraform_fmt_leaves_it",
        every_option_of_the_network_is_as_terraform_fmt_leaves_it,
    ),
    ("literals_are_as_terraform_fmt_leaves_them", literals_are_as_terraform_fmt_leaves_them),
    (
        "terraform_reads_every_literal_as_the_text_it_was_made_from",
        terraform_reads_every_literal_as_the_text_it_was_made_from,
    ),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let found = Terraform::find();
    let must = std::env::var_os("CI").is_some();
    let trials = TESTS.iter().map(|(name, test)| {
        let found = found.clone();
        let ignored = found.is_err() && !must;
        Trial::test(*name, move || test(&found?)).with_ignored_flag(ignored)
    });
    let trials = trials.collect();
    if let Err(reason) = &found {
        anstream::eprintln!("terraform tests: {reason}");
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn groundwork(folder: &Path, arguments: &[&str]) -> Result<(), Failed> {
    let output = Command::new(env!("CARGO_BIN_EXE_groundwork")).args(arguments).current_dir(folder).output()?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned().into()) }
}

fn is_formatted(terraform: &Terraform, folder: &Path) -> Result<(), Failed> {
    let output = terraform.run(folder, &["fmt", "-check", "-diff", "-recursive"]);
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)).into())
}

fn every_account_of_the_example_is_as_terraform_fmt_leaves_it(terraform: &Terraform) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().display().to_string();
    groundwork(Path::new(env!("CARGO_MANIFEST_DIR")), &["render", "--out", &out])?;
    assert!(fs::read_dir(folder.path().join("accounts"))?.count() > 10);
    is_formatted(terraform, folder.path())
}

/// With the features that come with the binary.
fn a_new_repository_is_as_terraform_fmt_leaves_it(terraform: &Terraform) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let flags = [
        "--name=acme",
        "--management-account=111111111111",
        "--region=eu-west-1",
        "--email=aws+{domain}-{environment}@acme.example",
        "--repository=acme/accounts",
    ];
    groundwork(folder.path(), &[&["init"], &flags[..]].concat())?;
    groundwork(folder.path(), &["render", "-q"])?;
    assert!(folder.path().join("organization/ci_roles.tf").exists() && folder.path().join("accounts/example").exists());
    is_formatted(terraform, folder.path())
}

/// More than fit on a line: what follows is aligned differently then.
const MANY_ENDPOINTS: &str = r#"["ecr.api", "ecr.dkr", "kms", "logs", "monitoring", "secretsmanager", "ssm", "sts"]"#;

/// Every input of the health check, lists that do not fit on a line among them.
const HEALTH_CHECK: &str = r#"runbook = "https://runbooks.acme.example/"
health_check.enabled = true
health_check.notify = ["platform@acme.example"]
health_check.minutes = 1
health_check.internet = ["a.example", "b.example", "a-host-with-a-long-name.example", "another-host-with-a-long-name.example"]
health_check.targets = [
  { name = "orders", host = "orders.acme.example", port = 8443, protocol = "https" },
  { name = "cards", host = "10.1.2.3", port = 5432, reachable = false, alarm = false },
]
"#;

/// Every NAT mode, number of zones and switch of the network feature, and every kind of faceless user.
fn every_option_of_the_network_is_as_terraform_fmt_leaves_it(terraform: &Terraform) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let root = folder.path();
    folder::copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &root.join("templates"))?;
    let mut domains = "\
[organization]
name = \"acme\"
region = \"us-west-2\"
management_account = \"111111111111\"
email = \"aws+{domain}-{environment}@acme.example\"
[state]
bucket = \"acme-state\"
region = \"us-west-2\"
role_arn = \"arn:aws:iam::111111111111:role/state\"
[network]
pools = [\"10.0.0.0/8\"]
[environments.dev]
[environments.prod]
protected = true
[teams.catalog]
email = \"catalog@acme.example\"
"
    .to_owned();
    let mut number = 0;
    for nat in ["none", "single", "per-az", "regional"] {
        for zones in 2..=4 {
            for (isolated, logs, endpoints) in [(false, true, "[]"), (true, false, MANY_ENDPOINTS)] {
                number += 1;
                write!(
                    domains,
                    "[domains.d{number}]\nteam = \"catalog\"\nenvironments = [\"dev\", \"prod\"]\nlifecycle = \"active\"\n\
                     network = {{ nat = \"{nat}\", zones = {zones}, isolated = {isolated}, interface_endpoints = {endpoints}, flow_logs = {{ enabled = {logs} }} }}\n",
                )?;
                domains.push_str(if isolated {
                    HEALTH_CHECK
                } else {
                    "health_check = { enabled = true, notify = [\"platform@acme.example\"] }\n"
                });
                if isolated {
                    write!(
                        domains,
                        "[[domains.d{number}.faceless_users]]\nname = \"legacy-ci\"\nkind = \"access-key\"\npolicies = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\", \"arn:aws:iam::aws:policy/job-function/Billing\"]\n\
                         [[domains.d{number}.faceless_users]]\nname = \"ci\"\nkind = \"oidc\"\nrepositories = [\"acme/a\", \"acme/b\"]\nbranches = [\"main\"]\nrepository_ids = {{ \"acme/a\" = {{ owner = 1, repository = 2 }} }}\n"
                    )?;
                }
            }
        }
    }
    fs::write(root.join("domains.toml"), domains)?;
    groundwork(root, &["allocate", "-q"])?;
    groundwork(root, &["render", "-q"])?;
    assert_eq!(fs::read_dir(root.join("accounts"))?.count(), 24);
    for domain in fs::read_dir(root.join("accounts"))? {
        for account in fs::read_dir(domain?.path())? {
            subnets_are_apart_and_inside(&fs::read_to_string(account?.path().join("network_addresses.tf"))?)?;
        }
    }
    is_formatted(terraform, &root.join("accounts"))
}

/// The file's first network is the block, the others are its subnets.
fn subnets_are_apart_and_inside(addresses: &str) -> Result<(), Failed> {
    let networks = addresses.split('"').filter_map(|text| text.parse::<Ipv4Net>().ok()).collect::<Vec<_>>();
    let Some((block, subnets)) = networks.split_first().filter(|(_, subnets)| subnets.len() >= 6) else {
        return Err(format!("too few networks in:\n{addresses}").into());
    };
    for (number, subnet) in subnets.iter().enumerate() {
        let overlaps = |other: &Ipv4Net| other.contains(subnet) || subnet.contains(other);
        if !block.contains(subnet) || subnets[..number].iter().any(overlaps) {
            return Err(format!("{subnet} is not inside {block} or overlaps another subnet").into());
        }
    }
    Ok(())
}

fn values() -> Vec<serde_json::Value> {
    use serde_json::json;
    vec![
        json!({}),
        json!([]),
        json!({ "a": 1, "bcd": [1, 2], "nested": { "x": true, "long-key": null }, "e": "f" }),
        json!({ "日本": 1, "é": 2, "e\u{301}": 3, "👩‍👩‍👧": 4, "plain": 5 }),
        json!({ "with space": 1, "1st": 2, "a.b": { "${x}": "%{y}" }, "null": 3, "for": 4 }),
        json!([{ "a": [{ "b": 1 }] }, ["x", ["y"]]]),
        json!((0..30).map(|number| format!("item-{number}")).collect::<Vec<_>>()),
        json!({ "list": (0..30).map(|number| json!({ "number": number })).collect::<Vec<_>>(), "after": 1 }),
        json!({ "k": "a very long text that goes on and on and on and on and on and on and on and on and on", "kk": -1.5 }),
    ]
}

fn literals_are_as_terraform_fmt_leaves_them(terraform: &Terraform) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let mut text = String::new();
    for (number, value) in values().into_iter().enumerate() {
        let value = tera::Value::from_serializable(&value);
        writeln!(text, "a {{\n  b {{\n    c = {}\n  }}\n}}\n", hcl::literal(&value, 4)?)?;
        writeln!(text, "v{number} = {}\n", hcl::literal(&value, 0)?)?;
    }
    fs::write(folder.path().join("main.tf"), text)?;
    is_formatted(terraform, folder.path())
}

/// Terraform's own reading of the literals, as it plans them. It normalises text to Unicode's form C, so none of these
/// is changed by that.
fn terraform_reads_every_literal_as_the_text_it_was_made_from(terraform: &Terraform) -> Result<(), Failed> {
    let parts = [
        "${",
        "%{",
        "$${",
        "%%{",
        "$",
        "%",
        "{",
        "}",
        "\"",
        "\\",
        "\n",
        "\r",
        "\t",
        "\0",
        "\u{1b}",
        "\u{202e}",
        "\u{feff}",
        "\u{10ffff}",
        "🦀",
        "é",
        "<<EOT",
        "//",
        "/*",
        "*/",
        "#",
        "~}",
        "\u{2028}",
        "x",
    ];
    let mut texts: Vec<String> = parts.iter().map(ToString::to_string).collect();
    texts.extend(parts.iter().flat_map(|a| parts.iter().map(move |b| format!("{a}{b}"))));
    texts.extend(
        ["$$${x}", "$$$${x}", "%%%{ if }", "$%${x}%{y}", "\\${x}", "\\\\${x}", "${\"${x}\"}"].map(str::to_owned),
    );
    let folder = tempfile::tempdir()?;
    let mut text = "output \"texts\" {\n  value = [\n".to_owned();
    for text_ in &texts {
        writeln!(text, "    {},", hcl::quote(text_))?;
    }
    text.push_str("  ]\n}\n");
    fs::write(folder.path().join("main.tf"), text)?;
    let said = |output: std::process::Output| {
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    for arguments in [&["init", "-no-color"][..], &["plan", "-no-color", "-out=plan"]] {
        let output = terraform.run(folder.path(), arguments);
        if !output.status.success() {
            return Err(said(output).into());
        }
    }
    let shown = terraform.run(folder.path(), &["show", "-json", "plan"]);
    let plan: serde_json::Value = serde_json::from_slice(&shown.stdout)?;
    let read: Vec<String> = serde_json::from_value(plan["planned_values"]["outputs"]["texts"]["value"].clone())?;
    for (read, expected) in read.iter().zip(&texts) {
        if read != expected {
            return Err(format!("{expected:?} was read as {read:?}").into());
        }
    }
    if read.len() == texts.len() { Ok(()) } else { Err("terraform read another number of texts".into()) }
}
