//! `render`: what is written, and what is left alone.

use crate::harness::Repository;

#[test]
fn an_account_is_rendered_as_people_will_review_it() {
    let repository = Repository::allocated();
    repository.edit(
        "domains.toml",
        "nat = \"per-az\"",
        "nat = \"per-az\", isolated = true, interface_endpoints = [\"ecr.api\"]",
    );
    repository.edit("domains.toml", "repository = \"acme/catalog\"\n", "repository = \"acme/catalog\"\ntags = { data-classification = \"personal\" }\n[[domains.catalog.faceless_users]]\nname = \"github-actions\"\nkind = \"oidc\"\nrepositories = [\"acme/catalog\"]\nbranches = [\"main\"]\nrepository_ids = { \"acme/catalog\" = { owner = 1001, repository = 2002 } }\npolicies = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]\n[[domains.catalog.faceless_users]]\nname = \"legacy-ci\"\nkind = \"access-key\"\n");
    repository.edit("ledger.toml", "[accounts.\"catalog/prod\"]", "[accounts.\"catalog/prod\"]\nid = \"111122223333\"");
    repository.run(&["render", "catalog/prod"]).succeeds();
    let mut text = String::new();
    for (path, bytes) in repository.tree("accounts/catalog/prod") {
        text.push_str(&format!("==> {path}\n{}\n", String::from_utf8(bytes).unwrap()));
    }
    insta::assert_snapshot!(text);
    assert!(!repository.has("accounts/rehearsal"), "only what was asked for");
}

#[test]
fn files_are_written_only_where_they_differ() {
    let repository = Repository::allocated();
    let run = repository.run(&["render"]).succeeds();
    assert!(run.stderr.starts_with("done 4 root modules: 0 unchanged, 4 changed ("), "{run}");
    let written = |path: &str| std::fs::metadata(repository.path(path)).unwrap().modified().unwrap();
    let before = written("accounts/catalog/dev/network.tf");
    let run = repository.run(&["render"]).succeeds();
    assert_eq!(run.stderr, "done 4 root modules: 4 unchanged, 0 changed (0 files added, 0 changed, 0 removed)\n");

    repository.edit("domains.toml", "repository = \"acme/catalog\"", "repository = \"acme/catalogue\"");
    let run = repository.run(&["render", "--check"]).fails();
    assert_eq!(run.stdout, "~ accounts/catalog/dev/account.tf\n~ accounts/catalog/prod/account.tf\n");
    repository.run(&["render"]).succeeds();
    assert_eq!(written("accounts/catalog/dev/network.tf"), before);
    repository.run(&["render", "--check"]).succeeds();
}

#[test]
fn what_is_no_longer_rendered_goes_and_what_is_not_ours_stays() {
    let repository = Repository::allocated();
    repository.run(&["render"]).succeeds();
    repository.write("accounts/catalog/dev/.terraform.lock.hcl", "# terraform's");
    repository.write("accounts/catalog/dev/notes/todo.md", "mine");
    repository.write("accounts/elsewhere/dev/main.tf", "# not rendered by groundwork");
    repository.edit(
        "domains.toml",
        "network = { prefix = 22 }",
        "network = { prefix = 22, nat = \"none\", flow_logs = { enabled = false } }",
    );
    let run = repository.run(&["render"]).succeeds();
    assert!(run.stderr.contains("4 removed"), "{run}");
    assert!(!repository.has("accounts/catalog/dev/network_nat.tf"));
    assert!(repository.has("accounts/catalog/prod/network_nat.tf"));

    repository.edit("domains.toml", "[domains.catalog]", "[domains.catalog]\nlifecycle = \"closed\"");
    repository.run(&["render"]).succeeds();
    let left: Vec<String> = repository.tree("accounts/catalog").into_keys().collect();
    assert_eq!(left, ["dev/.terraform.lock.hcl", "dev/notes/todo.md"]);
    assert!(!repository.has("accounts/catalog/prod"), "an empty folder goes too");
    assert!(repository.has("accounts/elsewhere/dev/main.tf"));
}

#[test]
fn a_selection_removes_nothing_of_other_accounts() {
    let repository = Repository::allocated();
    repository.run(&["render"]).succeeds();
    repository.edit("domains.toml", "[domains.rehearsal]", "[domains.rehearsal]\nlifecycle = \"closed\"");
    repository.run(&["render", "catalog/*"]).succeeds();
    assert!(repository.has("accounts/rehearsal/dev/network.tf"));
}

#[test]
fn an_edited_file_that_is_no_longer_rendered_stays_and_is_named() {
    let repository = Repository::allocated();
    repository.run(&["render"]).succeeds();
    repository.edit("accounts/catalog/dev/network_nat.tf", "nat", "my-nat");
    repository.edit("domains.toml", "network = { prefix = 22 }", "network = { prefix = 22, nat = \"none\" }");
    let run = repository.run(&["render"]).succeeds();
    assert!(
        run.stderr.contains("`accounts/catalog/dev/network_nat.tf` is no longer rendered, but has been edited"),
        "{run}"
    );
    assert!(repository.has("accounts/catalog/dev/network_nat.tf"));
}

#[test]
fn a_file_of_somebody_else_is_never_overwritten() {
    let repository = Repository::allocated().file("accounts/catalog/dev/network.tf", "# mine\n");
    let run = repository.run(&["render"]).fails();
    insta::assert_snapshot!(run.stderr);
    assert_eq!(repository.read("accounts/catalog/dev/network.tf"), "# mine\n");
    assert!(!repository.has("accounts/rehearsal"), "nothing was written");
}

#[test]
fn an_edited_generated_file_is_restored() {
    let repository = Repository::allocated();
    repository.run(&["render"]).succeeds();
    let before = repository.tree("accounts");
    repository.edit("accounts/catalog/dev/network.tf", "enable_dns_support   = true", "enable_dns_support   = false");
    let run = repository.run(&["render", "--check"]).fails();
    assert_eq!(run.stdout, "~ accounts/catalog/dev/network.tf\n");
    repository.run(&["render"]).succeeds();
    assert_eq!(repository.tree("accounts"), before);
}

#[test]
fn an_account_without_a_ledger_entry_is_not_rendered() {
    let run = Repository::small().run(&["render"]).fails();
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn an_account_that_does_not_exist_yet_reaches_no_account() {
    let repository = Repository::allocated();
    repository.run(&["render", "catalog/dev"]).succeeds();
    let provider = repository.read("accounts/catalog/dev/providers.tf");
    assert!(provider.contains("allowed_account_ids = [\"000000000000\"]"), "{provider}");
}

#[test]
fn overlays_add_files_to_a_domain_or_an_account() {
    let repository = Repository::allocated()
        .file("overlays/catalog/budget.tf.tera", "locals {\n  owner = {{ team.email | hcl }}\n}\n")
        .file("overlays/catalog/prod/bucket.tf", "locals {\n  bucket = \"catalog\"\n}\n")
        .file("overlays/catalog/lambda/index.py", "print('x')\n");
    repository.run(&["render"]).succeeds();
    assert!(repository.read("accounts/catalog/dev/budget.tf").contains("owner = \"catalog@acme.example\""));
    assert!(
        repository.has("accounts/catalog/prod/budget.tf") && repository.has("accounts/catalog/dev/lambda/index.py")
    );
    assert!(repository.has("accounts/catalog/prod/bucket.tf") && !repository.has("accounts/catalog/dev/bucket.tf"));
    assert!(!repository.has("accounts/rehearsal/dev/budget.tf"));

    let repository = repository
        .file("overlays/catalog/prod/network.tf", "locals {}\n")
        .file("overlays/catalog/broken.tf", "a = = 1\n");
    let run = repository.run(&["render"]).fails();
    assert!(
        run.stderr
            .contains("it would write `network.tf` of `catalog/prod`, as `templates/network/network.tf.tera` does"),
        "{run}"
    );
    assert!(run.stderr.contains("overlays/catalog/broken.tf"), "{run}");
}

#[test]
fn a_feature_is_a_folder() {
    let repository = Repository::allocated()
        .file("templates/budget/feature.toml", "description = \"A budget.\"\nenabled = false\n[inputs.properties.limit]\ntype = \"integer\"\ndefault = 500\ndescription = \"USD a month.\"\n")
        .file("templates/budget/budget.tf.tera", "locals {\n  limit = {{ inputs.limit }}\n}\n");
    repository.run(&["render"]).succeeds();
    assert!(!repository.has("accounts/catalog/dev/budget.tf"));
    repository.edit("domains.toml", "repository = \"acme/catalog\"", "budget = { enabled = true }");
    repository.run(&["render"]).succeeds();
    assert!(repository.read("accounts/catalog/dev/budget.tf").contains("limit = 500"));
    assert!(!repository.has("accounts/rehearsal/dev/budget.tf"));
    let schema = repository.run(&["schema"]).succeeds().json();
    assert_eq!(schema["properties"]["defaults"]["properties"]["budget"]["properties"]["limit"]["default"], 500);
}

#[test]
fn a_folder_that_is_an_archive_is_written_as_one_file() {
    let repository = Repository::allocated()
        .file("templates/probe/feature.toml", "description = \"A function.\"\n")
        .file("templates/probe/probe.zip/index.py", "print('x')\n")
        .file("templates/probe/probe.zip/__pycache__/index.cpython-313.pyc", "compiled here")
        .file("templates/probe/tests/test_index.py", "import index\n")
        .file("overlays/catalog/prod/extra.zip/lib/a.py", "");
    repository.run(&["render"]).succeeds();
    let archives = |account: &str| -> Vec<(String, Vec<u8>)> {
        let files = repository.tree(&format!("accounts/{account}")).into_iter();
        files.filter(|(name, _)| !name.ends_with(".tf") && name != ".groundwork").collect()
    };
    let names = |account: &str| archives(account).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names("catalog/dev"), ["probe.zip"], "without the feature's own tests");
    assert_eq!(names("catalog/prod"), ["extra.zip", "probe.zip"]);
    let archive = |account: &str| archives(account).pop().unwrap().1;
    assert_eq!(archive("catalog/dev"), archive("rehearsal/prod"));
    assert!(!archive("catalog/dev").windows(8).any(|part| part == b"compiled"), "what Python leaves is not packed");

    // The same again is no change; what is in it is.
    repository.write("templates/probe/probe.zip/index.py", "print('x')\n");
    repository.run(&["render", "--check"]).succeeds();
    repository.write("templates/probe/probe.zip/index.py", "print('y')\n");
    let run = repository.run(&["render", "--check", "catalog/*"]).fails();
    assert_eq!(run.stdout, "~ accounts/catalog/dev/probe.zip\n~ accounts/catalog/prod/probe.zip\n");

    repository.write("templates/probe/probe.zip/index.py.tera", "");
    repository.write("templates/network/probe.zip", "PK");
    let run = repository.run(&["render"]).fails();
    for problem in [
        "templates/probe/probe.zip/index.py.tera: a template cannot be part of an archive",
        "templates/probe/probe.zip: it would write `probe.zip`, as `templates/network/probe.zip` does",
    ] {
        assert!(run.stderr.contains(problem), "{run}");
    }
}
