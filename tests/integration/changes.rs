//! `changes` and `matrix --since`: each case a real git repository.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::{DOMAINS, Repository, Run, run_in};

/// Runs git in a folder, with nothing of the caller's configuration.
#[expect(clippy::disallowed_methods, reason = "tests make repositories with git itself")]
#[track_caller]
pub(crate) fn git_in(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "protocol.file.allow=always"])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs([("GIT_AUTHOR_NAME", "catalog"), ("GIT_AUTHOR_EMAIL", "catalog@acme.example")])
        .envs([("GIT_COMMITTER_NAME", "catalog"), ("GIT_COMMITTER_EMAIL", "catalog@acme.example")])
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Repository {
    #[track_caller]
    fn git(&self, arguments: &[&str]) -> String {
        git_in(&self.path("."), arguments)
    }

    #[track_caller]
    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// What is touched since `main`, as `key: change (causes)`.
    #[track_caller]
    fn touched(&self) -> Vec<String> {
        lines(&self.run(&["changes", "--since", "main", "--format", "json"]).succeeds())
    }
}

#[track_caller]
fn lines(run: &Run) -> Vec<String> {
    let line = |account: &Value| {
        let causes: Vec<&str> =
            account["causes"].as_array().unwrap().iter().map(|cause| cause.as_str().unwrap()).collect();
        format!("{}: {} ({})", account["key"].as_str().unwrap(), account["change"].as_str().unwrap(), causes.join(", "))
    };
    run.json()["accounts"].as_array().unwrap().iter().map(line).collect()
}

/// The small organization, committed on `main`, with a branch checked out.
fn branch() -> Repository {
    let repository = Repository::allocated();
    repository.git(&["init", "-q", "-b", "main"]);
    repository.commit("an organization");
    repository.git(&["checkout", "-q", "-b", "change"]);
    repository
}

const ALL: [&str; 4] = ["catalog/dev", "catalog/prod", "rehearsal/dev", "rehearsal/prod"];

fn all(change: &str) -> Vec<String> {
    ALL.iter().map(|key| format!("{key}: {change}")).collect()
}

#[test]
fn what_does_not_reach_the_output_touches_nobody() {
    let comment = |repository: &Repository| repository.edit("domains.toml", "[state]", "# where the state is\n[state]");
    let space = |repository: &Repository| repository.edit("domains.toml", "prefix = 22", "prefix   =   22");
    let order = |repository: &Repository| {
        let catalog = "[domains.catalog]\nteam = \"catalog\"\nenvironments = [\"dev\", \"prod\"]\nrepository = \"acme/catalog\"\n";
        repository.edit("domains.toml", catalog, "");
        repository.edit("domains.toml", "[domains.rehearsal]", &format!("{catalog}\n[domains.rehearsal]"));
    };
    let template = |repository: &Repository| {
        let path = "templates/account/README.md";
        repository.write(path, repository.read(path) + "\nMore words.\n");
        let (name, text) = a_template(repository);
        repository.write(&name, format!("{{# nobody sees this #}}{text}"));
    };
    let accounts = |repository: &Repository| repository.write("accounts/catalog/dev/main.tf", "# rendered, or not\n");
    let nothing = |_: &Repository| {};
    type Edit<'a> = (&'a str, &'a dyn Fn(&Repository));
    let edits: [Edit<'_>; 6] = [
        ("comment", &comment),
        ("white space", &space),
        ("order of tables", &order),
        ("comment of a template", &template),
        ("rendered files", &accounts),
        ("nothing", &nothing),
    ];
    for (name, edit) in edits {
        let repository = branch();
        edit(&repository);
        assert_eq!(repository.touched(), Vec::<String>::new(), "{name}, not committed");
        repository.commit(name);
        assert_eq!(repository.touched(), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_is_in_an_archive_touches_who_has_it_and_what_tests_it_nobody() {
    let repository = branch();
    repository.write("templates/account/probe.zip/index.py", "print('x')\n");
    repository.commit("an archive");
    repository.git(&["checkout", "-q", "-B", "main"]);
    repository.git(&["checkout", "-q", "-B", "change"]);
    repository.write("templates/account/tests/test_index.py", "import index\n");
    assert_eq!(repository.touched(), Vec::<String>::new());
    repository.write("templates/account/probe.zip/index.py", "print('y')\n");
    assert_eq!(repository.touched(), all("changed (template)"));
}

/// What is built in is on both sides; a copy of it is the same until somebody changes it.
#[test]
fn ejecting_a_feature_touches_nobody() {
    let repository = Repository::empty().file("domains.toml", DOMAINS);
    repository.run(&["allocate"]).succeeds();
    repository.git(&["init", "-q", "-b", "main"]);
    repository.commit("an organization without templates");
    repository.git(&["checkout", "-q", "-b", "change"]);
    assert_eq!(repository.touched(), Vec::<String>::new());
    repository.run(&["templates", "eject", "network"]).succeeds();
    repository.commit("ejected");
    assert_eq!(repository.touched(), Vec::<String>::new());
    repository.edit("templates/network/network.tf.tera", "enable_dns_support   = true", "enable_dns_support   = false");
    assert_eq!(repository.touched(), all("changed (template)"));
}

/// A template of the account feature, by name, and its text.
fn a_template(repository: &Repository) -> (String, String) {
    let tree = repository.tree("templates/account");
    let (name, text) = tree.iter().find(|(name, _)| name.ends_with(".tf.tera")).unwrap();
    (format!("templates/account/{name}"), String::from_utf8(text.clone()).unwrap())
}

/// A lock of a provider that every account needs.
const LOCK: &str = "provider \"registry.terraform.io/hashicorp/aws\" {\n  version = \"6.25.0\"\n  hashes = [\n    \"h1:MJclj56jijp7T4V4g5tzHXS3M8vUdJAcBRjEstBh0Hc=\",\n  ]\n}\n";

#[test]
fn one_edit_touches_exactly_whom_it_reaches() {
    let repository = branch();
    repository.edit("domains.toml", "repository = \"acme/catalog\"", "repository = \"acme/shop\"");
    assert_eq!(repository.touched(), ["catalog/dev: changed (config)", "catalog/prod: changed (config)"]);

    let repository = branch();
    repository.edit("domains.toml", "nat = \"per-az\"", "nat = \"single\"");
    assert_eq!(repository.touched(), ["catalog/prod: changed (config)", "rehearsal/prod: changed (config)"]);

    let repository = branch();
    let (name, text) = a_template(&repository);
    repository.write(&name, text + "\n# for everybody\n");
    assert_eq!(repository.touched(), all("changed (template)"));

    let repository = branch().file("overlays/catalog/dev/extra.tf", "# more\n");
    assert_eq!(repository.touched(), ["catalog/dev: changed (overlay)"]);
    let json = repository.run(&["changes", "--since", "main", "--format", "json"]).succeeds().json();
    assert_eq!(json["accounts"][0]["files"], json!(["extra.tf"]));
    assert_eq!(json["base"], repository.git(&["rev-parse", "main"]));

    let repository = branch().file(".terraform.lock.hcl", LOCK);
    assert_eq!(repository.touched(), all("changed (provider-lock)"));
    let repository = branch().file(".terraform.lock.hcl", LOCK.replace("hashicorp/aws", "acme/other"));
    assert_eq!(repository.touched(), [] as [&str; 0], "nobody needs that provider");
}

#[test]
fn causes_are_told_apart_by_what_each_alone_would_do() {
    let repository = branch().file("overlays/catalog/dev/extra.tf", "# more\n");
    repository.edit("domains.toml", "nat = \"per-az\"", "nat = \"single\"");
    repository.write(".terraform.lock.hcl", LOCK);
    assert_eq!(
        repository.touched(),
        [
            "catalog/dev: changed (overlay, provider-lock)",
            "catalog/prod: changed (config, provider-lock)",
            "rehearsal/dev: changed (provider-lock)",
            "rehearsal/prod: changed (config, provider-lock)",
        ]
    );
}

#[test]
fn a_domain_comes_and_is_renamed_and_retires() {
    let repository = branch();
    repository
        .write("domains.toml", DOMAINS.to_owned() + "[domains.search]\nteam = \"catalog\"\nenvironments = [\"dev\"]\n");
    assert_eq!(repository.touched(), ["search/dev: added (config)"], "before it is in the ledger");
    repository.run(&["allocate"]).succeeds();
    assert_eq!(repository.touched(), ["search/dev: added (config)"]);

    let repository = branch();
    repository.edit("domains.toml", "[domains.catalog]", "[domains.shop]\nrenamed_from = \"catalog\"");
    repository.run(&["allocate"]).succeeds();
    let json = repository.run(&["changes", "--since", "main", "--format", "json"]).succeeds().json();
    let accounts: Vec<_> = json["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["key"], &one["change"], &one["renamed_from"]))
        .collect();
    assert_eq!(
        accounts,
        [
            (&json!("shop/dev"), &json!("renamed"), &json!("catalog/dev")),
            (&json!("shop/prod"), &json!("renamed"), &json!("catalog/prod")),
        ]
    );

    let repository = branch();
    repository.edit("domains.toml", "[domains.catalog]", "[domains.catalog]\nlifecycle = \"retiring\"");
    assert_eq!(repository.touched(), ["catalog/dev: retiring (config)", "catalog/prod: retiring (config)"]);
    let matrix = repository.run(&["matrix", "--since", "main", "--format", "json", "-q"]).succeeds().json();
    let jobs: Vec<_> =
        matrix["waves"][1]["jobs"].as_array().unwrap().iter().map(|job| (&job["action"], &job["accounts"])).collect();
    assert_eq!(jobs, [(&json!("destroy"), &json!(["catalog/dev"])), (&json!("destroy"), &json!(["catalog/prod"]))]);
    assert_eq!(matrix["waves"][0]["jobs"], json!([]));

    // Retired on main, and gone on the branch.
    repository.run(&["allocate"]).succeeds();
    repository.commit("retiring");
    repository.git(&["branch", "-f", "main", "HEAD"]);
    let domains = repository.read("domains.toml");
    repository.write("domains.toml", domains.split("[domains.catalog]").next().unwrap());
    repository.run(&["allocate"]).succeeds();
    let touched = repository.touched();
    assert_eq!(touched, ["catalog/dev: removed (config, ledger)", "catalog/prod: removed (config, ledger)"]);
    assert_eq!(
        repository.run(&["matrix", "--since", "main", "--format", "github", "-q"]).succeeds().json()["has_everyone"],
        false
    );
}

#[test]
fn a_domain_that_disappears_is_refused_with_the_remedy() {
    let repository = branch();
    let domains = repository.read("domains.toml");
    repository.write("domains.toml", domains.split("[domains.catalog]").next().unwrap());
    let run = repository.run(&["changes", "--since", "main"]).fails();
    assert!(run.stderr.contains("lifecycle = \"retiring\""), "{}", run.stderr);

    // And if its line in the ledger was taken out by hand as well.
    let ledger = repository.read("ledger.toml");
    let without: String = ledger.split_inclusive("\n\n").filter(|part| !part.contains("catalog")).collect();
    assert_ne!(without, ledger);
    repository.write("ledger.toml", without);
    let run = repository.run(&["changes", "--since", "main", "--format", "json"]).fails();
    assert_eq!(lines(&run), ["catalog/dev: removed (config, ledger)", "catalog/prod: removed (config, ledger)"]);
    insta::assert_snapshot!("changes_orphans", run.stderr);
    repository.run(&["matrix", "--since", "main"]).fails();
}

#[test]
fn a_branch_that_is_behind_changes_only_what_it_changes() {
    let repository = branch();
    repository.edit("domains.toml", "cost_center = \"4210\"", "cost_center = \"4211\"");
    repository.commit("mine");
    repository.git(&["checkout", "-q", "main"]);
    for round in 0..5 {
        let mut domains = repository.read("domains.toml");
        for number in 0..10 {
            domains += &format!("[domains.d{round}-{number}]\nteam = \"platform\"\nenvironments = [\"dev\"]\n");
        }
        repository.write("domains.toml", domains.replace("10.64.0.0/16", "10.64.0.0/12"));
        repository.run(&["allocate"]).succeeds();
        repository.commit("ten more");
    }
    repository.git(&["checkout", "-q", "change"]);
    let mine = ["catalog/dev: changed (config)", "catalog/prod: changed (config)"];
    assert_eq!(repository.touched(), mine);
    // After a merge of main the same, and nothing of what main did.
    repository.git(&["merge", "-q", "--no-edit", "main"]);
    assert_eq!(repository.touched(), mine);
    // Detached, as CI checks out.
    repository.git(&["checkout", "-q", "--detach"]);
    assert_eq!(repository.touched(), mine);
    // The base is pushed anew, without the branch's parent in it.
    repository.git(&["branch", "-f", "main", "main~2"]);
    repository.git(&["checkout", "-q", "main"]);
    repository.git(&["commit", "-q", "--amend", "-m", "rewritten"]);
    repository.git(&["checkout", "-q", "change"]);
    let touched = repository.touched();
    assert!(mine.iter().all(|line| touched.contains(&(*line).to_owned())), "{touched:?}");
}

#[test]
fn a_base_that_cannot_be_rendered_makes_everything_changed() {
    let repository = branch();
    repository.git(&["checkout", "-q", "main"]);
    let (name, text) = a_template(&repository);
    repository.write(&name, format!("{text}{{{{ nobody.knows }}}}"));
    repository.commit("broken");
    repository.git(&["checkout", "-q", "-B", "change", "main"]);
    repository.write(&name, text);
    let run = repository.run(&["changes", "--since", "main", "--format", "json"]).succeeds();
    assert_eq!(lines(&run), all("changed (base)"));
    assert!(
        run.stderr.contains("cannot be rendered by this groundwork")
            && run.stderr.contains("Every account counts as changed"),
        "{}",
        run.stderr
    );
}

#[test]
fn before_there_was_a_configuration_there_was_no_account() {
    let repository = Repository::allocated();
    repository.git(&["init", "-q", "-b", "main"]);
    repository.git(&["commit", "-q", "--allow-empty", "-m", "nothing yet"]);
    assert_eq!(
        repository.touched(),
        all("added (config, template, ledger)")
            .iter()
            .map(|line| line.replace("config, template, ledger", "config"))
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_shallow_clone_works_as_far_as_its_history_goes() {
    let repository = branch();
    repository.edit("domains.toml", "repository = \"acme/catalog\"", "repository = \"acme/shop\"");
    repository.commit("mine");
    for number in 0..3 {
        repository.commit(&format!("empty {number}"));
    }
    let url = format!("file://{}", repository.path(".").canonicalize().unwrap().display());
    let clone = |depth: &str| {
        let folder = tempfile::tempdir().unwrap();
        git_in(folder.path(), &["clone", "-q", "--depth", depth, "--no-single-branch", "-b", "change", &url, "clone"]);
        folder
    };
    let enough = clone("5");
    let run = run_in(&enough.path().join("clone"), &["changes", "--since", "origin/main", "--format", "json"]);
    assert_eq!(lines(&run), ["catalog/dev: changed (config)", "catalog/prod: changed (config)"]);
    let short = clone("2");
    let run = run_in(&short.path().join("clone"), &["changes", "--since", "origin/main"]).fails();
    insta::assert_snapshot!("changes_shallow", run.stderr);
    let run = run_in(&short.path().join("clone"), &["changes", "--since", "origin/release"]).fails();
    assert!(
        run.stderr.contains("there is no commit `origin/release` here")
            && run.stderr.contains("git fetch origin release"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_no_repository_says_so() {
    let run = Repository::allocated().run(&["changes", "--since", "main"]).fails();
    assert!(run.stderr.contains("is not in a git repository"), "{}", run.stderr);
    let repository = Repository::allocated();
    repository.git(&["init", "-q", "-b", "main"]);
    let run = repository.run(&["changes", "--since", "main"]).fails();
    assert!(run.stderr.contains("there is no commit"), "{}", run.stderr);
}

#[test]
fn a_repository_below_the_top_and_a_submodule_beside_it_are_no_trouble() {
    let repository = Repository::allocated();
    let outer = tempfile::tempdir().unwrap();
    let below = outer.path().join("platform/accounts");
    std::fs::create_dir_all(&below).unwrap();
    groundwork_testing::folder::copy(&repository.path("."), &below).unwrap();
    let other = branch();
    git_in(outer.path(), &["init", "-q", "-b", "main"]);
    git_in(
        outer.path(),
        &["submodule", "--quiet", "add", &other.path(".").canonicalize().unwrap().display().to_string(), "beside"],
    );
    git_in(outer.path(), &["add", "-A"]);
    git_in(outer.path(), &["commit", "-q", "-m", "all"]);
    let domains = std::fs::read_to_string(below.join("domains.toml")).unwrap();
    std::fs::write(below.join("domains.toml"), domains.replace("acme/catalog", "acme/shop")).unwrap();
    std::fs::write(outer.path().join("domains.md"), "beside the point").unwrap();
    let run = run_in(&below, &["changes", "--since", "main", "--format", "json"]);
    assert_eq!(lines(&run), ["catalog/dev: changed (config)", "catalog/prod: changed (config)"]);
}

#[test]
fn thousands_of_changed_files_are_not_too_many() {
    let repository = branch();
    for number in 0..8_000 {
        repository.write(&format!("docs/{}/{number}.md", number % 50), "x");
    }
    repository.edit("domains.toml", "repository = \"acme/catalog\"", "repository = \"acme/shop\"");
    repository.commit("a lot");
    assert_eq!(repository.touched(), ["catalog/dev: changed (config)", "catalog/prod: changed (config)"]);
}

#[test]
fn people_read_who_is_touched_and_why() {
    let repository = branch().file("overlays/catalog/dev/extra.tf", "# more\n");
    repository
        .write("domains.toml", DOMAINS.to_owned() + "[domains.search]\nteam = \"catalog\"\nenvironments = [\"dev\"]\n");
    repository.edit("domains.toml", "nat = \"per-az\"", "nat = \"single\"");
    repository.run(&["allocate"]).succeeds();
    let run = repository.run(&["changes", "--since", "main"]).succeeds();
    insta::with_settings!({filters => vec![(r"since [0-9a-f]{10}", "since COMMIT")]}, {
        insta::assert_snapshot!("changes_text", run.stdout);
    });
}
