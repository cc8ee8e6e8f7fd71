//! `init`: a new repository, empty or with the accounts that there are.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use rustix::pty::{self, OpenptFlags};
use serde_json::{Value, json};

use crate::harness::{Repository, run_in, run_with};

pub(crate) const FLAGS: [&str; 10] = [
    "--name",
    "acme",
    "--management-account",
    "111111111111",
    "--region",
    "eu-west-1",
    "--email",
    "aws+{domain}-{environment}@acme.example",
    "--repository",
    "acme/accounts",
];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["init"], more, &FLAGS].concat()
}

/// What is written passes everything that asks about it, at once.
#[track_caller]
fn is_whole(repository: &Repository, folder: &str, format: &str) {
    let folder = repository.path(folder);
    let run = |arguments: &[&str]| run_in(&folder, arguments).succeeds();
    let check = run(&["check"]);
    assert!(!check.stderr.contains("warning"), "{check}");
    run(&["allocate", "--check"]);
    run(&["render"]);
    run(&["render", "--check"]);
    if format != "none" {
        run(&["workflows", "--check", "--format", format]);
    }
    run(&["policy", "test"]);
    let schema = run(&["schema"]).stdout;
    assert_eq!(std::fs::read_to_string(folder.join("domains.schema.json")).unwrap(), schema);
}

#[test]
fn a_new_repository_is_whole() {
    let repository = Repository::empty();
    let run = repository.run(&with(&["accounts"])).succeeds();
    insta::assert_snapshot!("init", run.stderr);
    assert_eq!(run.stdout, "");
    insta::assert_snapshot!("init_domains", repository.read("accounts/domains.toml"));
    let files: Vec<String> =
        repository.tree("accounts").into_keys().filter(|name| !name.starts_with("policies/")).collect();
    insta::assert_snapshot!("init_files", files.join("\n"));
    is_whole(&repository, "accounts", "github");
    let gap = run_in(&repository.path("accounts"), &["check", "--deny", "parity"]);
    assert_eq!(gap.code, Some(0), "the rehearsal has one of everything: {gap}");
}

#[test]
fn every_ci_has_its_workflows() {
    for (ci, folder) in [("gitlab", ".gitlab"), ("none", "")] {
        let repository = Repository::empty();
        repository.run(&with(&["--ci", ci])).succeeds();
        let found: Vec<String> = repository.tree(".").into_keys().filter(|name| name.starts_with(".git")).collect();
        let is_there = |name: &String| name.starts_with(&format!("{folder}/"));
        assert_eq!(found.iter().any(is_there), !folder.is_empty(), "{found:?}");
        assert!(!found.iter().any(|name| name.starts_with(".github/")), "{found:?}");
        is_whole(&repository, ".", ci);
    }
}

#[test]
fn nothing_is_overwritten_and_nothing_is_left_behind() {
    let repository =
        Repository::empty().file("domains.toml", "# mine\n").file(".vscode", "a file where a folder has to be\n");
    let before = repository.tree(".");
    let run = repository.run(&with(&[])).fails();
    insta::assert_snapshot!("init_in_the_way", run.stderr);
    assert_eq!(repository.tree("."), before);

    // What only some answers write is found, too.
    let repository = Repository::empty().file(".github/workflows/groundwork-plan.yml", "# mine\n");
    let before = repository.tree(".");
    let run = repository.run(&with(&[])).fails();
    assert!(run.stderr.starts_with("error: .github/workflows/groundwork-plan.yml is in `.` already"), "{run}");
    assert_eq!(repository.tree("."), before);
    // A file of somebody else that is not in the way is nobody's business.
    repository.run(&with(&["--ci", "none"])).succeeds();
    assert_eq!(repository.read(".github/workflows/groundwork-plan.yml"), "# mine\n");
}

#[test]
fn a_folder_that_cannot_be_written_is_left_as_it_was() {
    let repository = Repository::empty();
    repository.write("accounts/x", "");
    // A name that is there, though nobody can read it, in the middle of what is written.
    std::os::unix::fs::symlink("nowhere/at/all", repository.path("accounts/policies")).unwrap();
    let run = repository.run(&with(&["accounts"])).fails();
    assert!(run.stderr.contains("cannot write"), "{run}");
    assert_eq!(repository.tree("accounts").into_keys().collect::<Vec<_>>(), ["policies", "x"]);
}

#[test]
fn without_a_terminal_everything_that_is_missing_is_said_at_once() {
    let repository = Repository::empty();
    let run = repository.run(&["init"]).fails();
    insta::assert_snapshot!("init_missing", run.stderr);
    let run = repository.run(&["init", "--name", "Acme", "--region", "europe", "--releases", "x"]).fails();
    insta::assert_snapshot!("init_refused", run.stderr);
    assert!(repository.tree(".").is_empty());
}

/// Runs the binary on a terminal of its own, and answers each of its questions when it is asked. What is said is what
/// somebody would see, their own answers with it.
#[expect(clippy::disallowed_methods, reason = "tests start the binary themselves")]
fn on_a_terminal(repository: &Repository, answers: &[&str]) -> String {
    let controller = pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    pty::grantpt(&controller).unwrap();
    pty::unlockpt(&controller).unwrap();
    let name = pty::ptsname(&controller, Vec::new()).unwrap();
    let terminal = || File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_groundwork"))
        .arg("init")
        .current_dir(repository.path("."))
        .env_clear()
        .env("NO_COLOR", "1")
        .stdin(terminal())
        .stdout(Stdio::null())
        .stderr(terminal())
        .spawn()
        .unwrap();
    let mut controller = File::from(controller);
    let mut said = String::new();
    let listen = |said: &mut String, controller: &mut File| {
        let mut bytes = [0; 1024];
        // When the last terminal is closed there is an error, and no end.
        let length = controller.read(&mut bytes).unwrap_or(0);
        said.push_str(&String::from_utf8_lossy(&bytes[..length]));
        length > 0
    };
    for answer in answers {
        // What has been typed comes back first; a question is at the end of what came since.
        let before = said.len();
        while !said[before..].ends_with("? ") && !said[before..].ends_with("] ") && listen(&mut said, &mut controller) {
        }
        controller.write_all(format!("{answer}\n").as_bytes()).unwrap();
    }
    // An end of input after the last: whatever else is asked, nobody waits for an answer.
    controller.write_all(b"\x04").ok();
    while listen(&mut said, &mut controller) {}
    assert!(child.wait().unwrap().success(), "{said}");
    said.replace('\r', "")
}

#[test]
fn on_a_terminal_it_asks_and_asks_again() {
    let repository = Repository::empty();
    let answers = [
        "Acme Inc",
        "acme",
        "111111111111",
        "aws@acme.example",
        "aws+{domain}-{environment}@acme.example",
        "",
        "eu-west-1",
        "",
        "concourse",
        "github",
        "acme/accounts",
    ];
    let said = on_a_terminal(&repository, &answers);
    insta::assert_snapshot!("init_questions", said);
    is_whole(&repository, ".", "github");
    assert!(repository.read("domains.toml").contains("bucket = \"acme-groundwork-state\""));
}

/// An organization with a bit of everything.
fn snapshot() -> String {
    let units = [
        ("ou-1", "Workloads", "r-1"),
        ("ou-2", "Prod", "ou-1"),
        ("ou-3", "Dev", "ou-1"),
        ("ou-4", "Security", "r-1"),
        ("ou-5", "Retail", "r-1"),
    ];
    let accounts = [
        ("acme", "r-1", json!({})),
        ("Acme Search (Production)", "ou-2", json!({ "Team": "discovery" })),
        ("search_development", "ou-3", json!({})),
        ("catalog-prod", "ou-2", json!({ "owner": "catalog@acme.example" })),
        ("catalog-dev", "ou-3", json!({})),
        ("payments-prod", "r-1", json!({ "owner": "payments@acme.example" })),
        ("Prod", "ou-5", json!({ "owner": "retail@acme.example" })),
        ("Log Archive", "ou-4", json!({})),
        ("Data Lake", "ou-1", json!({})),
        ("prod-checkout", "ou-2", json!({})),
        ("checkout-prod", "ou-2", json!({})),
    ];
    let member = |(number, (name, parent, tags)): (usize, &(&str, &str, Value))| {
        let id =
            if number == 0 { "111111111111".to_owned() } else { format!("{:012}", 222_200_000_000_usize + number) };
        json!({"id": id, "name": name, "email": format!("aws+{number}@acme.example"), "state": "ACTIVE", "parent": parent, "tags": tags})
    };
    let unit = |(id, name, parent): &(&str, &str, &str)| json!({"id": id, "name": name, "parent": parent});
    json!({
        "schema_version": 1, "taken": "2026-11-20T10:00:00Z", "organization": "o-1", "management_account": "111111111111", "root": "r-1",
        "units": units.iter().map(unit).collect::<Vec<_>>(),
        "accounts": accounts.iter().enumerate().map(member).collect::<Vec<_>>(),
        "policies": [], "creations": [],
    })
    .to_string()
}

const FROM_SNAPSHOT: [&str; 10] = [
    "init",
    "accounts",
    "--from-organization",
    "--snapshot",
    "snapshot.json",
    "--name=acme",
    "--region=eu-west-1",
    "--repository=acme/accounts",
    "--ci",
    "github",
];

#[test]
fn the_accounts_that_there_are_are_adopted() {
    let repository = Repository::empty().file("snapshot.json", snapshot());
    let run = repository.run(&FROM_SNAPSHOT).succeeds();
    insta::assert_snapshot!("init_adopts", run.stderr);
    insta::assert_snapshot!("init_adopts_domains", repository.read("accounts/domains.toml"));
    is_whole(&repository, "accounts", "github");
    let folder = repository.path("accounts");
    let plan = ["organization", "plan", "--snapshot", "../snapshot.json"];
    let run = run_in(&folder, &plan).succeeds();
    assert!(run.stdout.ends_with("0 accounts to create, 0 to close, 7 other changes\n"), "{run}");
    let actions = run_in(&folder, &[&plan[..], &["--format", "json"]].concat()).succeeds().json();
    let kinds = actions["actions"].as_array().unwrap().iter().map(|action| action["kind"].as_str().unwrap());
    // The unit that retired accounts will be parked in is the only one that is new.
    assert!(kinds.clone().all(|kind| kind == "tag" || kind == "create-unit"), "{:?}", kinds.collect::<Vec<_>>());
    assert_eq!(kinds.filter(|kind| *kind == "create-unit").count(), 1);
}

#[test]
fn what_is_no_organization_is_said_before_anything_is_written() {
    let repository = Repository::empty().file("snapshot.json", "{}");
    let run = repository.run(&FROM_SNAPSHOT).fails();
    assert!(run.stderr.starts_with("error: `snapshot.json` is no snapshot: missing field"), "{run}");
    let repository = Repository::empty().file("snapshot.json", snapshot());
    let run = repository.run(&[&FROM_SNAPSHOT[..], &["--management-account", "222222222222"]].concat()).fails();
    assert!(
        run.stderr.contains("--management-account `222222222222` is not the organization's, which is 111111111111"),
        "{run}"
    );
    assert!(!repository.has("accounts"));
    // Without credentials, the live organization cannot be read; that is said, and what else there is.
    let live: Vec<&str> = FROM_SNAPSHOT.into_iter().filter(|word| !word.contains("snapshot")).collect();
    let nowhere = run_with(&repository.path("."), &live, &[("AWS_EC2_METADATA_DISABLED", "true")]).fails();
    let offline =
        [("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:9")];
    let offline = run_with(&repository.path("."), &live, &offline).fails();
    assert!(offline.stderr.contains("AWS does not answer: is there a network"), "{offline}");
    let run = nowhere;
    assert!(
        run.stderr.starts_with("error: organizations:DescribeOrganization: there are no AWS credentials here\n"),
        "{run}"
    );
    assert!(run.stderr.contains("log in, or set credentials"), "{run}");
    assert!(run.stderr.contains("--snapshot FILE"), "{run}");
    assert!(!repository.has("accounts"));
}
