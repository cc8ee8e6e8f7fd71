//! The features that come with the binary, and those that take their place.

use groundwork::built_in;

use crate::harness::{DOMAINS, Repository};

/// The small organization, with nothing but its configuration.
fn bare() -> Repository {
    let repository = Repository::empty().file("domains.toml", DOMAINS);
    repository.run(&["allocate"]).succeeds();
    repository
}

#[test]
fn a_repository_without_templates_renders_what_one_with_them_does() {
    let (bare, full) = (bare(), Repository::allocated());
    for repository in [&bare, &full] {
        repository.run(&["render"]).succeeds();
    }
    assert_eq!(bare.tree("accounts"), full.tree("accounts"));
    assert!(!bare.tree("accounts").is_empty());
}

#[test]
fn where_a_built_in_value_comes_from_is_said() {
    let repository = bare();
    insta::assert_snapshot!(
        "explain_built_in",
        repository.run(&["explain", "catalog/dev", "network"]).succeeds().stdout
    );
    // A mistake in something built in would be groundwork's own; what it asks for is said with its place all the same.
    repository.write("templates/rival/feature.toml", "description = \"x\"\n");
    repository.write("templates/rival/network.tf", "locals {}\n");
    insta::assert_snapshot!("rival_of_built_in", repository.run(&["check"]).fails().stderr);
}

#[test]
fn an_ejected_feature_changes_nothing_until_somebody_does() {
    let repository = bare();
    repository.run(&["render"]).succeeds();
    for (name, _) in built_in::features() {
        repository.run(&["templates", "eject", name]).succeeds();
    }
    repository.run(&["render", "--check"]).succeeds();
    assert_eq!(repository.run(&["templates", "diff"]).succeeds().stdout, "");
    repository.edit("templates/network/network.tf.tera", "enable_dns_support   = true", "enable_dns_support   = false");
    let run = repository.run(&["render", "--check"]).fails();
    assert!(run.stdout.contains("~ accounts/catalog/dev/network.tf\n"), "{run}");
    let diff = repository.run(&["templates", "diff"]).succeeds().stdout;
    assert!(diff.starts_with(&format!("# network: changed here since it was ejected from {}\n", built_in::VERSION)));
    assert!(diff.contains("\n-  enable_dns_support   = true\n+  enable_dns_support   = false\n"), "{diff}");
    let run = repository.run(&["templates", "eject", "network"]).fails();
    insta::assert_snapshot!("eject_again", run.stderr);
    let run = repository.run(&["templates", "eject", "netwrk"]).fails();
    assert!(run.stderr.contains("did you mean `network`?"), "{run}");
}

/// A newer groundwork, played by an older memory: what was ejected then was other than what is built in now.
#[test]
fn what_groundwork_changed_since_is_told_from_what_was_changed_here() {
    let repository = bare();
    repository.run(&["templates", "eject", "budget"]).succeeds();
    let version = built_in::VERSION;
    let memory = repository.path("templates/budget/.built-in");
    std::fs::rename(memory.join(version), memory.join("0.0.9")).unwrap();
    for path in ["templates/budget/.built-in/0.0.9/README.md", "templates/budget/README.md"] {
        let text = repository.read(path);
        repository.write(path, text.replacen("# budget", "# a budget", 1));
    }
    repository.write("templates/budget/NOTES.md", "ours\n");
    let diff = repository.run(&["templates", "diff", "budget"]).succeeds().stdout;
    let expected = [
        "# budget: changed here since it was ejected from 0.0.9\n--- /dev/null\n+++ b/templates/budget/NOTES.md\n@@ -0,0 +1 @@\n+ours\n".to_owned(),
        format!("# budget: changed in groundwork from 0.0.9 to {version}\n--- a/templates/budget/README.md\n"),
        "-# a budget\n+# budget\n".to_owned(),
    ];
    for part in expected {
        assert!(diff.contains(&part), "{part}\nis not in\n{diff}");
    }
    let run = repository.run(&["templates", "diff", "--check"]).fails();
    assert!(run.stderr.contains("budget changed in groundwork since it was ejected"), "{run}");
    let listed = repository.run(&["templates", "list", "--format", "json"]).succeeds().json();
    let budget = listed.as_array().unwrap().iter().find(|feature| feature["name"] == "budget").unwrap();
    assert_eq!(budget["source"], "repository");
    assert_eq!(
        budget["ejected"],
        serde_json::json!({ "version": "0.0.9", "changed_here": true, "changed_since": true })
    );

    // As a patch it is taken over, and then it is no difference any more.
    let patch = repository.run(&["templates", "diff", "budget", "--upstream"]).succeeds().stdout;
    assert!(!patch.contains("NOTES.md"), "{patch}");
    repository.write("upstream.patch", patch);
    patched(&repository);
    repository.run(&["templates", "renew", "budget"]).succeeds();
    repository.run(&["templates", "diff", "--check"]).succeeds();
    let diff = repository.run(&["templates", "diff", "budget"]).succeeds().stdout;
    assert!(diff.contains("NOTES.md") && !diff.contains("README.md"), "{diff}");
}

#[expect(clippy::disallowed_methods, reason = "a test applies a patch as people do")]
fn patched(repository: &Repository) {
    let output = std::process::Command::new("git")
        .args(["apply", "upstream.patch"])
        .current_dir(repository.path("."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn which_features_there_are_can_be_chosen() {
    let repository = bare();
    repository.edit("domains.toml", "[state]", "[templates]\nbuilt_in = [\"account\", \"netwrk\"]\n[state]");
    insta::assert_snapshot!("built_in_unknown", repository.run(&["check"]).fails().stderr);
    repository.edit("domains.toml", "\"account\", \"netwrk\"", "\"account\"");
    repository.edit("domains.toml", "network = { prefix = 22 }", "");
    repository.edit("domains.toml", "network = { prefix = 20, nat = \"per-az\" }", "");
    repository.run(&["render"]).succeeds();
    assert!(repository.has("accounts/catalog/dev/account.tf") && !repository.has("accounts/catalog/dev/network.tf"));
    let listed = repository.run(&["templates", "list"]).succeeds().stdout;
    assert!(listed.contains("\nnetwork "), "{listed}");
    let line = |name: &str| listed.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line("account").ends_with("account       built in"), "{listed}");
    assert!(line("network").ends_with("not used: templates.built_in in domains.toml leaves it out"), "{listed}");
    let schema = repository.run(&["schema"]).succeeds().json();
    assert!(schema["properties"]["defaults"]["properties"].get("network").is_none());
}
