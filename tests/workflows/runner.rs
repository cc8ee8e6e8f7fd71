//! A machine that runs workflows: as much of GitHub Actions as these use. Every `run` step is run by a real shell, with its
//! expressions filled in; artifacts are folders; what another action would do is done where it is about files, and left where
//! it is about logins and installations.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use groundwork_testing::folder;
use groundwork_testing::process::{Output, output};
use serde_json::Value;

use super::World;

/// Answers for `gh`, and a log of what it was asked. Arguments, standard input, and the answer: a file named for the call.
const GH: &str = r#"#!/usr/bin/env python3
import json, os, shutil, sys
home = os.environ["GH_HOME"]
args = sys.argv[1:]
sent = sys.stdin.read() if "--input" in args else ""
with open(os.path.join(home, "log"), "a") as log:
    log.write(json.dumps({"args": args, "sent": json.loads(sent) if sent else None}) + "\n")
if args[:2] == ["run", "download"]:
    source = os.path.join(home, "runs", args[2], args[args.index("--name") + 1])
    shutil.copytree(source, args[args.index("--dir") + 1], dirs_exist_ok=True)
    sys.exit(0)
if args[:2] == ["release", "download"]:
    shutil.copytree(os.path.join(home, "release"), args[args.index("--dir") + 1], dirs_exist_ok=True)
    sys.exit(0)
method = args[args.index("--method") + 1]
path = [arg for arg in args if arg.startswith("repos/")][0]
answers = json.load(open(os.path.join(home, "answers.json")))
for wanted, answer in answers.items():
    want_method, want_path = wanted.split(" ", 1)
    if method == want_method and path.startswith(want_path):
        print(json.dumps(answer))
        sys.exit(0)
if method == "GET":
    print("gh: Not Found (HTTP 404) " + path, file=sys.stderr)
    sys.exit(1)
print("{}")
"#;

/// The machine.
pub(crate) struct Runner<'a> {
    world: &'a World,
    home: tempfile::TempDir,
    /// Steps that were run, as `page/job/step`.
    ran: RefCell<BTreeSet<String>>,
}

/// One job of one run.
pub(crate) struct Job<'a> {
    /// The page's file name.
    pub(crate) page: &'a str,
    /// The job's name.
    pub(crate) job: &'a str,
    /// The commit or branch that is checked out.
    pub(crate) at: &'a str,
    /// The run, whose artifacts it shares.
    pub(crate) run: &'a str,
    /// What expressions are worth, as they are written.
    pub(crate) values: BTreeMap<String, String>,
}

impl<'a> Runner<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        let home = tempfile::tempdir().unwrap();
        let bin = home.path().join("bin");
        fs::create_dir_all(&bin).unwrap();
        fs::create_dir_all(home.path().join("gh")).unwrap();
        fs::write(bin.join("gh"), GH).unwrap();
        assert!(Command::new("chmod").arg("+x").arg(bin.join("gh")).status().unwrap().success());
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_groundwork"), bin.join("groundwork")).unwrap();
        std::os::unix::fs::symlink(world.terraform.program(), bin.join("terraform")).unwrap();
        Self { world, home, ran: RefCell::default() }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    /// What `gh` answers from now on.
    pub(crate) fn answers(&self, answers: &Value) {
        fs::write(self.path("gh/answers.json"), answers.to_string()).unwrap();
    }

    /// What `gh` was asked since the last time: what it was given, and what was sent.
    pub(crate) fn asked(&self) -> Vec<(String, Value)> {
        let log = fs::read_to_string(self.path("gh/log")).unwrap_or_default();
        fs::remove_file(self.path("gh/log")).ok();
        let call = |line: &str| {
            let call: Value = serde_json::from_str(line).unwrap();
            let args: Vec<&str> = call["args"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            (args.join(" "), call["sent"].clone())
        };
        log.lines().map(call).collect()
    }

    /// A command with what every job has.
    pub(crate) fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        self.world
            .equip(command.current_dir(folder), self.home.path())
            // The workflows install one on PATH.
            .env_remove("GROUNDWORK_TERRAFORM")
            .env("PATH", path)
            .env("GH_HOME", self.path("gh"))
            .env("GIT_AUTHOR_NAME", "platform")
            .env("GIT_AUTHOR_EMAIL", "platform@acme.example")
            .env("GIT_COMMITTER_NAME", "platform")
            .env("GIT_COMMITTER_EMAIL", "platform@acme.example")
            .env("GITHUB_REPOSITORY", "acme/groundwork")
            .env("GITHUB_EVENT_PATH", self.path("event.json"));
        command
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let said = output(self.command("git", &self.path("repository")).args(arguments)).succeeds();
        said.stdout.trim().to_owned()
    }

    /// Runs all steps of a job; what its steps put out, by `step.name`. A step that fails is told by its name.
    pub(crate) fn job(&self, job: &Job<'_>) -> Result<BTreeMap<String, String>, (String, Output)> {
        let page = page(job.page);
        let steps = page["jobs"][job.job]["steps"]
            .as_array()
            .unwrap_or_else(|| panic!("{} has no {}", job.page, job.job))
            .clone();
        let workspace = tempfile::tempdir_in(self.home.path()).unwrap();
        let (step_output, summary) = (self.path("output"), self.path("summary"));
        let artifacts = self.path("gh/runs").join(job.run);
        let mut put_out = BTreeMap::new();
        let mut failed = None;
        let job_environment = page["jobs"][job.job]["env"].as_object().cloned().unwrap_or_default();
        for step in &steps {
            let goes_on = step["if"]
                .as_str()
                .is_some_and(|condition| condition.contains("cancelled()") || condition == "always()");
            if failed.is_some() && !goes_on {
                continue;
            }
            let uses = step["uses"].as_str().unwrap_or_default().split('@').next().unwrap();
            let with = |name: &str| step["with"][name].as_str().map(|text| fill_in(text, &job.values));
            match uses {
                "actions/checkout" => {
                    assert_eq!(step["with"]["persist-credentials"], false);
                    let repository = self.path("repository").display().to_string();
                    output(self.command("git", workspace.path()).args(["clone", "-q", &repository, "."])).succeeds();
                    output(self.command("git", workspace.path()).args(["checkout", "-q", job.at])).succeeds();
                }
                "actions/upload-artifact" => {
                    upload(workspace.path(), &artifacts.join(with("name").unwrap()), &with("path").unwrap());
                }
                "actions/download-artifact" => {
                    let to = workspace.path().join(with("path").unwrap_or_default());
                    download(
                        &artifacts,
                        with("name").as_deref(),
                        with("pattern").as_deref(),
                        &step["with"]["merge-multiple"],
                        &to,
                    );
                }
                "aws-actions/configure-aws-credentials"
                | "hashicorp/setup-terraform"
                | "./.github/actions/groundwork" => {}
                "" => {
                    fs::write(&step_output, "").unwrap();
                    let mut shell = self.command("bash", workspace.path());
                    shell.args(["-e", "-o", "pipefail", "-c", step["run"].as_str().unwrap()]);
                    shell
                        .env("GITHUB_OUTPUT", &step_output)
                        .env("GITHUB_STEP_SUMMARY", &summary)
                        .env("GITHUB_SHA", job.at);
                    for (name, value) in job_environment.iter().chain(step["env"].as_object().into_iter().flatten()) {
                        let value = value.as_str().map_or_else(|| value.to_string(), |text| fill_in(text, &job.values));
                        shell.env(name, value);
                    }
                    let name = step["name"].as_str().unwrap();
                    let said = output(&mut shell);
                    self.ran.borrow_mut().insert(format!("{}/{}/{name}", job.page, job.job));
                    if said.code != Some(0) {
                        failed.get_or_insert((name.to_owned(), said));
                        continue;
                    }
                    for line in fs::read_to_string(&step_output).unwrap().lines() {
                        let (key, value) = line.split_once('=').unwrap();
                        put_out.insert(format!("{}.{key}", step["id"].as_str().unwrap()), value.to_owned());
                    }
                }
                other => panic!("nobody knows what {other} does"),
            }
        }
        failed.map_or(Ok(put_out), Err)
    }

    /// Every step of every page that was not run, as `page/job/step`.
    pub(crate) fn not_run(&self) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github");
        let mut all = BTreeSet::new();
        let mut add = |page: &str, job: &str, steps: &Value| {
            for step in steps.as_array().unwrap().iter().filter(|step| step["run"].is_string()) {
                let name = step["name"].as_str().or_else(|| step["run"].as_str()?.lines().next()).unwrap();
                all.insert(format!("{page}/{job}/{name}"));
            }
        };
        for entry in fs::read_dir(folder.join("workflows")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            for (job, of) in page(&name)["jobs"].as_object().unwrap() {
                add(&name, job, &of["steps"]);
            }
        }
        let action = fs::read_to_string(folder.join("actions/groundwork/action.yml")).unwrap();
        let action: Value = serde_yaml_ng::from_str(&action).unwrap();
        add("action.yml", "groundwork", &action["runs"]["steps"]);
        all.difference(&self.ran.borrow()).cloned().collect()
    }
}

/// A page of this repository.
pub(crate) fn page(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/workflows").join(name);
    serde_yaml_ng::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Fills in expressions. One that nobody knows is an error.
fn fill_in(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${{") {
        let (expression, after) = behind.split_once("}}").unwrap();
        let value = values.get(expression.trim()).unwrap_or_else(|| panic!("nobody knows what {expression} is"));
        filled += before;
        filled += value;
        rest = after;
    }
    filled + rest
}

/// A folder's contents, or one file. What is not there is no artifact.
fn upload(workspace: &Path, artifact: &Path, path: &str) {
    let from = workspace.join(path);
    if from.is_dir() {
        folder::copy(&from, artifact).unwrap();
    } else if from.is_file() {
        fs::create_dir_all(artifact).unwrap();
        fs::copy(&from, artifact.join(from.file_name().unwrap())).unwrap();
    }
}

fn download(artifacts: &Path, name: Option<&str>, pattern: Option<&str>, merge: &Value, to: &Path) {
    fs::create_dir_all(to).unwrap();
    if let Some(name) = name {
        folder::copy(&artifacts.join(name), to).unwrap();
    }
    let Some(start) = pattern.map(|pattern| pattern.trim_end_matches('*')) else { return };
    for entry in fs::read_dir(artifacts).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name.starts_with(start) {
            folder::copy(&entry.path(), &if *merge == true { to.to_owned() } else { to.join(name) }).unwrap();
        }
    }
}
