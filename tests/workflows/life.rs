//! A pull request, its review, its merge; a night; a request.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use groundwork_testing::process::output;
use serde_json::{Value, json};

use super::World;
use super::runner::{Job, Runner};

/// The waves are those of this repository, whose pages are run.
const DOMAINS: &str = r#"
[organization]
name = "acme"
region = "eu-west-1"
management_account = "123456789012"
email = "aws+{domain}-{environment}@acme.example"
[organization.central]
number = 1
[state]
bucket = "acme-state"
region = "eu-west-1"
[network]
pools = ["10.0.0.0/8"]
[templates]
built_in = []
[workflows]
plan_role = "arn:aws:iam::111111111111:role/groundwork-plan"
apply_role = "arn:aws:iam::111111111111:role/groundwork-apply"
releases = "acme/groundwork"
[workflows.keys]
role = "arn:aws:iam::111111111111:role/groundwork-keys"
[[waves]]
name = "rehearsal"
domains = ["rehearsal"]
[[waves]]
name = "early"
accounts = ["*/dev"]
[[waves]]
name = "everyone"
[defaults.things]
number = 1
[environments.dev]
[environments.prod]
[teams.catalog]
email = "catalog@acme.example"
[domains.rehearsal]
team = "catalog"
environments = ["dev"]
[domains.catalog]
team = "catalog"
environments = ["dev", "prod"]
[[domains.catalog.environment.dev.faceless_users]]
name = "ci"
kind = "oidc"
repositories = ["acme/catalog"]
"#;

const THINGS: &str = r#"terraform {
  backend "s3" {
    bucket       = {{ state.bucket | hcl }}
    key          = {{ account.state_key | hcl }}
    region       = {{ state.region | hcl }}
    use_lockfile = true
  }
}
resource "terraform_data" "thing" {
  for_each = toset([for number in range({{ inputs.number }}) : tostring(number)])
  input    = each.key
}
"#;

const FEATURE: &str = "description = \"Things.\"\n[inputs.properties.number]\ntype = \"integer\"\ndescription = \"How many.\"\ndefault = 1\n";

/// Steps that this does not run: the gate itself, building, publishing; and those that a release is packed and installed
/// with, which have a test of their own.
const NOT_RUN: [&str; 16] = [
    "action.yml/groundwork/Install groundwork",
    "ci.yml/gate/bash .ci/run",
    "ci.yml/gate/rustup default 1.95.0",
    "ci.yml/gate/rustup toolchain install 1.95.0 --profile minimal --component clippy,rustfmt",
    "deny.yml/deny/cargo +1.95.0 deny check",
    "deny.yml/deny/cargo +1.95.0 install cargo-deny --version 0.20.2 --locked",
    "deny.yml/deny/rustup toolchain install 1.95.0 --profile minimal",
    "release.yml/build/Install what the static build needs",
    "release.yml/build/Pack",
    "release.yml/build/cargo +1.95.0 build --release --locked --target \"$TARGET\"",
    "release.yml/build/rustup toolchain install 1.95.0 --profile minimal --target \"$TARGET\"",
    "release.yml/gate/bash .ci/run",
    "release.yml/gate/rustup default 1.95.0",
    "release.yml/gate/rustup toolchain install 1.95.0 --profile minimal --component clippy,rustfmt",
    "release.yml/publish/gh release create \"$GITHUB_REF_NAME\" --repo \"$GITHUB_REPOSITORY\" --verify-tag --generate-notes dist/*.tar.gz dist/SHA256SUMS",
    "release.yml/publish/sha256sum -- *.tar.gz > SHA256SUMS",
];

/// Of faceless users, as much as who looks after them reads.
const FACELESS: &str = "description = \"Faceless.\"\n[inputs]\ntype = \"array\"\n[inputs.items]\ntype = \"object\"\n";

fn values(more: &[(&str, &str)]) -> BTreeMap<String, String> {
    let known = [
        ("github.token", "t0ken"),
        ("github.server_url", "https://github.com"),
        ("github.repository", "acme/groundwork"),
        ("github.run_id", "77"),
        ("github.event.pull_request.number", "12"),
        ("secrets.GROUNDWORK_SEAL_KEY", ""),
        ("secrets.GROUNDWORK_SLACK_WEBHOOK", ""),
        ("inputs.plan_run", ""),
        ("inputs.allow_destroy", ""),
        ("inputs.leaked", "catalog/dev"),
        ("secrets.GROUNDWORK_GITHUB_TOKEN", "t0ken"),
        ("secrets.NEW_RELIC_API_KEY", ""),
        ("github.event_name == 'pull_request' && 'origin/main' || ''", "origin/main"),
    ];
    known.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// The shards of a matrix, each with what its expressions are worth.
fn shards(matrix: &str) -> Vec<BTreeMap<String, String>> {
    let matrix: Value = serde_json::from_str(matrix).unwrap();
    let shard = |(index, job): (usize, &Value)| {
        let accounts: Vec<&str> = job["accounts"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        values(&[
            ("join(matrix.accounts, ' ')", &accounts.join(" ")),
            ("matrix.name", job["name"].as_str().unwrap()),
            ("strategy.job-index", &index.to_string()),
        ])
    };
    matrix["include"].as_array().unwrap().iter().enumerate().map(shard).collect()
}

fn things(world: &World, account: &str) -> usize {
    let Some(state) = world.moto.object("acme-state", &format!("{account}/terraform.tfstate")) else { return 0 };
    let state: Value = serde_json::from_slice(&state).unwrap();
    state["resources"].as_array().unwrap().iter().map(|resource| resource["instances"].as_array().unwrap().len()).sum()
}

pub(crate) fn a_change_is_planned_reviewed_and_applied(world: &World) {
    let runner = Runner::new(world);
    let repository = runner.path("repository");
    let groundwork = |arguments: &[&str]| output(runner.command("groundwork", &repository).args(arguments)).succeeds();
    world.moto.organizations("CreateOrganization", &json!({ "FeatureSet": "ALL" }));
    world.moto.bucket("acme-state");
    fs::create_dir_all(repository.join("templates/things")).unwrap();
    fs::create_dir_all(repository.join("policies")).unwrap();
    fs::write(repository.join("domains.toml"), DOMAINS).unwrap();
    fs::write(repository.join("templates/things/feature.toml"), FEATURE).unwrap();
    fs::write(repository.join("templates/things/main.tf.tera"), THINGS).unwrap();
    // The organization's own root module has one of its own.
    fs::create_dir_all(repository.join("templates/central")).unwrap();
    fs::write(repository.join("templates/central/feature.toml"), format!("scope = \"organization\"\n{FEATURE}"))
        .unwrap();
    fs::write(repository.join("templates/central/main.tf.tera"), THINGS).unwrap();
    fs::create_dir_all(repository.join("templates/faceless-users")).unwrap();
    fs::write(repository.join("templates/faceless-users/feature.toml"), FACELESS).unwrap();
    fs::write(repository.join(".gitignore"), "/accounts\n/organization\n/target\n").unwrap();
    fs::write(
        repository.join("policies/none.rego"),
        "package groundwork.none\n\nimport rego.v1\n\ndeny contains \"never\" if false\n",
    )
    .unwrap();
    groundwork(&["allocate", "-q"]);
    groundwork(&["organization", "apply", "--yes", "--poll", "10ms"]);
    groundwork(&["workflows", "-q"]);
    runner.git(&["init", "-q", "-b", "main"]);
    runner.git(&["add", "."]);
    runner.git(&["commit", "-q", "-m", "begin"]);

    // A pull request: another thing for everybody, and a domain that does not exist yet.
    runner.git(&["checkout", "-q", "-b", "more"]);
    let more = DOMAINS.replace("number = 1", "number = 2")
        + "[domains.search]\nteam = \"catalog\"\nenvironments = [\"dev\"]\n";
    fs::write(repository.join("domains.toml"), more).unwrap();
    groundwork(&["allocate", "-q"]);
    runner.git(&["commit", "-q", "-a", "-m", "more"]);
    runner.git(&["checkout", "-q", "main"]);
    let job = |page: &'static str, name: &str, at: &str, run: &str, values: BTreeMap<String, String>| {
        let result = runner.job(&Job { page, job: name, at, run, values });
        result.unwrap_or_else(|(step, said)| panic!("{page}/{name}/{step}: {}\n{}", said.stdout, said.stderr))
    };
    let plan = |name: &str, values| job("groundwork-plan.yml", name, "more", "plan-1", values);
    let changed = plan("changes", values(&[]));
    assert_eq!(changed["matrix.has_all"], "true");
    plan("organization", values(&[]));
    let all = shards(&changed["matrix.all"]);
    assert_eq!(all.len(), 5, "{all:#?}");
    for shard in all {
        plan("plan", shard);
    }
    runner.answers(&json!({ "GET repos/acme/groundwork/issues/12/comments": [] }));
    plan("review", values(&[]));
    let asked = runner.asked();
    let (call, sent) = asked.last().unwrap();
    assert_eq!(call, "api --method POST repos/acme/groundwork/issues/12/comments --input -");
    let comment = sent["body"].as_str().unwrap().to_owned();
    assert!(comment.starts_with("<!-- groundwork: review -->\n") && comment.contains("search/dev"), "{comment}");
    let reviewed = fs::read_dir(runner.path("gh/runs/plan-1/reviewed")).unwrap().count();
    assert_eq!(reviewed, 4, "digests of three domains, and of the organization");
    // Again: the same comment is left alone, another one of our own is changed, those of others are theirs.
    runner.answers(&json!({ "GET repos/acme/groundwork/issues/12/comments": [{ "id": 1, "body": "hello" }, { "id": 2, "body": comment }] }));
    plan("review", values(&[]));
    assert!(runner.asked().iter().all(|(call, _)| call.contains("--method GET")));
    runner.answers(&json!({ "GET repos/acme/groundwork/issues/12/comments": [{ "id": 2, "body": "<!-- groundwork: review -->\nold" }] }));
    plan("review", values(&[]));
    assert!(
        runner.asked().iter().any(|(call, _)| call.contains("--method PATCH repos/acme/groundwork/issues/comments/2"))
    );

    // Merged.
    runner.git(&["merge", "-q", "--ff-only", "more"]);
    let merged = runner.git(&["rev-parse", "HEAD"]);
    let ledger = fs::read_to_string(repository.join("ledger.toml")).unwrap();
    runner.answers(&json!({
        format!("GET repos/acme/groundwork/commits/{merged}/pulls"): [
            { "merged_at": "2026-11-21T10:00:00Z", "merge_commit_sha": merged, "head": { "sha": "abc123" } },
        ],
        "GET repos/acme/groundwork/actions/workflows/groundwork-plan.yml/runs?head_sha=abc123": { "workflow_runs": [{ "id": 3 }, { "id": 41 }] },
        "GET repos/acme/groundwork/actions/runs/41/artifacts": { "artifacts": [{ "name": "reviewed", "expired": false }] },
        "GET repos/acme/groundwork/contents/ledger.toml": { "sha": "f00", "content": BASE64.encode(&ledger) },
    }));
    std::os::unix::fs::symlink(runner.path("gh/runs/plan-1"), runner.path("gh/runs/41")).unwrap();
    let apply = |name: &str, values| job("groundwork-apply.yml", name, &merged, "apply-1", values);
    let waves = apply("prepare", values(&[]));
    apply("organization", values(&[]));
    let written = runner
        .asked()
        .into_iter()
        .find(|(call, _)| call.contains("--method PUT repos/acme/groundwork/contents/ledger.toml"));
    let (_, sent) = written.unwrap();
    assert_eq!((&sent["sha"], &sent["branch"]), (&json!("f00"), &json!("main")));
    let committed = String::from_utf8(BASE64.decode(sent["content"].as_str().unwrap()).unwrap()).unwrap();
    assert_eq!(committed.matches("\nid = ").count(), 4, "{committed}");
    let mut accounts = Vec::new();
    for wave in ["organization", "rehearsal", "early", "everyone"] {
        assert_eq!(waves[&format!("matrix.has_{wave}")], "true");
        apply(&format!("gate-{wave}"), values(&[]));
        for shard in shards(&waves[&format!("matrix.{wave}")]) {
            accounts.push(shard["join(matrix.accounts, ' ')"].clone());
            apply(&format!("wave-{wave}"), shard);
        }
    }
    assert_eq!(accounts, ["organization", "rehearsal/dev", "catalog/dev", "search/dev", "catalog/prod"]);
    assert!(accounts.iter().all(|account| things(world, account) == 2));

    // What nobody reviewed is not applied; and somebody is told.
    runner.git(&["checkout", "-q", "-b", "unreviewed"]);
    let unreviewed = fs::read_to_string(repository.join("domains.toml")).unwrap().replace("number = 2", "number = 3");
    fs::write(repository.join("domains.toml"), unreviewed).unwrap();
    runner.git(&["commit", "-q", "-a", "-m", "three"]);
    let failed = runner.job(&Job {
        page: "groundwork-apply.yml",
        job: "wave-rehearsal",
        at: "unreviewed",
        run: "apply-1",
        values: shards(&waves["matrix.rehearsal"]).remove(0),
    });
    let (step, said) = failed.unwrap_err();
    assert_eq!((step.as_str(), said.code), ("Apply", Some(1)));
    assert!(said.stderr.contains("rehearsal/dev refused"), "{}", said.stderr);
    assert_eq!(things(world, "rehearsal/dev"), 2);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let webhook = format!("http://127.0.0.1:{}/services/T0/B0/a-secret", listener.local_addr().unwrap().port());
    let chat = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut said = vec![0; 8_192];
        let mut length = 0;
        while !String::from_utf8_lossy(&said[..length]).ends_with('}') {
            length += stream.read(&mut said[length..]).unwrap();
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").unwrap();
        String::from_utf8_lossy(&said[..length]).into_owned()
    });
    apply("notify", values(&[("secrets.GROUNDWORK_SLACK_WEBHOOK", &webhook)]));
    let said = chat.join().unwrap();
    assert!(
        said.contains("groundwork apply failed")
            && said.contains("rehearsal/dev: ")
            && said.contains("actions/runs/77"),
        "{said}"
    );
    runner.git(&["checkout", "-q", "main"]);
    runner.git(&["branch", "-D", "unreviewed"]);

    // A night: nothing has drifted, so an issue that says so is closed; and another one, somebody has been there.
    let drift = |name: &str, run: &'static str, values| job("groundwork-drift.yml", name, &merged, run, values);
    let night = drift("matrix", "drift-1", values(&[]));
    for shard in shards(&night["matrix.all"]) {
        drift("plan", "drift-1", shard);
    }
    runner.asked();
    runner.answers(&json!({ "GET repos/acme/groundwork/issues?state=open": [{ "id": 9, "number": 31, "body": "<!-- groundwork: drift -->\nold" }] }));
    drift("report", "drift-1", values(&[]));
    let asked = runner.asked();
    assert!(
        asked
            .iter()
            .any(|(call, sent)| call.contains("PATCH repos/acme/groundwork/issues/31") && sent["state"] == "closed"),
        "{asked:#?}"
    );

    // Another night: what a workflow has to know of its role is where it runs, and the ledger of New Relic is kept.
    runner.answers(&json!({
        "GET repos/acme/catalog/environments/dev/variables/AWS_ROLE": { "value": "another", "updated_at": "2026-11-01T00:00:00Z" },
        "GET repos/acme/groundwork/contents/ledger.toml": { "sha": "f00", "content": BASE64.encode(&committed) },
    }));
    job("groundwork-keys.yml", "keys", &merged, "keys-1", values(&[]));
    let asked = runner.asked();
    let told = asked
        .iter()
        .find(|(call, _)| call.contains("PATCH repos/acme/catalog/environments/dev/variables/AWS_ROLE_ARN_CI"));
    assert!(told.unwrap().1["value"].as_str().unwrap().ends_with(":role/faceless/ci"), "{asked:#?}");
    job("groundwork-keys.yml", "monitoring", &merged, "keys-1", values(&[]));
    job("groundwork-keys.yml", "notify", &merged, "keys-1", values(&[]));
    let asked = runner.asked();
    assert!(
        asked.iter().all(|(call, _)| call.contains("--method GET repos/acme/groundwork/contents/ledger.toml")),
        "{asked:#?}"
    );

    // Somebody asks for a domain.
    let form = "### Domain\n\nreturns\n\n### Team\n\ncatalog\n\n### Environments\n\n- [x] dev\n- [ ] prod\n\n### Description\n\n_No response_\n\n### Repository\n\nacme/returns\n";
    fs::write(runner.path("event.json"), json!({ "issue": { "number": 55, "body": form } }).to_string()).unwrap();
    let domains = fs::read_to_string(repository.join("domains.toml")).unwrap();
    runner.answers(&json!({
        "GET repos/acme/groundwork/git/ref/heads/main": { "object": { "sha": merged } },
        "GET repos/acme/groundwork/git/matching-refs": [],
        "GET repos/acme/groundwork/contents/domains.toml": { "sha": "d00", "content": BASE64.encode(&domains) },
        "GET repos/acme/groundwork/contents/ledger.toml": { "sha": "f00", "content": BASE64.encode(&ledger) },
        "GET repos/acme/groundwork/pulls": [],
        "POST repos/acme/groundwork/pulls": { "number": 56 },
    }));
    job("groundwork-request.yml", "request", &merged, "request-1", values(&[]));
    let asked = runner.asked();
    let sent = |part: &str| {
        asked.iter().find(|(call, sent)| call.contains(part) && !sent.is_null()).map(|(_, sent)| sent.clone()).unwrap()
    };
    assert_eq!(sent("git/refs")["ref"], "refs/heads/groundwork/request-55");
    let new =
        String::from_utf8(BASE64.decode(sent("contents/domains.toml")["content"].as_str().unwrap()).unwrap()).unwrap();
    assert!(new.contains("[domains.returns]\nteam = \"catalog\"\nenvironments = [\"dev\"]\n"), "{new}");
    assert_eq!(sent("acme/groundwork/pulls")["head"], "groundwork/request-55");
    assert_eq!(sent("issues/55/comments")["body"], "#56 adds it.");
    // What cannot be is answered, and changes nothing.
    let bad = json!({ "issue": { "number": 57, "body": "### Domain\n\n$(curl evil)\n\n### Team\n\ncatalog\n" } });
    fs::write(runner.path("event.json"), bad.to_string()).unwrap();
    let refused = runner.job(&Job {
        page: "groundwork-request.yml",
        job: "request",
        at: &merged,
        run: "request-2",
        values: values(&[]),
    });
    assert!(refused.unwrap_err().1.stderr.contains("lower-case letters"));
    let asked = runner.asked();
    assert_eq!(asked.len(), 1, "{asked:#?}");
    assert!(asked[0].1["body"].as_str().unwrap().starts_with("This cannot be done: "));

    let not_run: BTreeSet<String> = NOT_RUN.iter().map(|step| (*step).to_owned()).collect();
    assert_eq!(runner.not_run(), not_run);
}

/// What the release workflow packs is what the action of all other workflows installs, if nobody has touched it.
pub(crate) fn a_release_is_packed_and_installed(world: &World) {
    let runner = Runner::new(world);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let build = tempfile::tempdir().unwrap();
    for file in ["LICENSE", "README.md", "CHANGELOG.md"] {
        fs::copy(root.join(file), build.path().join(file)).unwrap();
    }
    let pack = root.join(".ci/pack");
    let bash = |folder: &std::path::Path, arguments: &[&str]| {
        let mut command = runner.command("bash", folder);
        command.args(arguments);
        command
    };
    let program = env!("CARGO_BIN_EXE_groundwork");
    output(&mut bash(build.path(), &[pack.to_str().unwrap(), "x64-linux", program])).succeeds();
    let dist = build.path().join("dist");
    let archive = dist.join("groundwork-x64-linux.tar.gz");
    let packed =
        output(runner.command("tar", build.path()).args(["-tzf", archive.to_str().unwrap()])).succeeds().stdout;
    for file in ["groundwork", "LICENSE", "CHANGELOG.md", "completions/groundwork.zsh", "man/groundwork-add-domain.1"] {
        assert!(packed.lines().any(|line| line == format!("./{file}")), "{file} is not among\n{packed}");
    }
    let release = super::runner::page("release.yml");
    let steps = release["jobs"]["publish"]["steps"].as_array().unwrap();
    let sums = steps.iter().find(|step| step["working-directory"] == "dist").unwrap()["run"].as_str().unwrap();
    output(&mut bash(&dist, &["-c", sums])).succeeds();
    groundwork_testing::folder::copy(&dist, &runner.path("gh/release")).unwrap();

    let action = fs::read_to_string(root.join(".github/actions/groundwork/action.yml")).unwrap();
    let action: Value = serde_yaml_ng::from_str(&action).unwrap();
    let install = action["runs"]["steps"][0]["run"].as_str().unwrap();
    let installed = |temp: &str| {
        let folder = runner.path(temp);
        fs::create_dir_all(&folder).unwrap();
        let mut command = bash(&folder, &["-c", install]);
        command.env("RUNNER_ARCH", "X64").env("RUNNER_OS", "Linux").env("RUNNER_TEMP", &folder);
        output(command.env("GITHUB_PATH", folder.join("path")))
    };
    installed("first").succeeds();
    let path = fs::read_to_string(runner.path("first/path")).unwrap();
    let own = format!("{}/groundwork", path.trim());
    output(runner.command(&own, build.path()).arg("--version")).succeeds();
    // An archive that is not the one that was published.
    let archive = runner.path("gh/release/groundwork-x64-linux.tar.gz");
    let mut bytes = fs::read(&archive).unwrap();
    bytes.push(0);
    fs::write(&archive, bytes).unwrap();
    let refused = installed("second");
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(!runner.path("second/path").exists());
}
