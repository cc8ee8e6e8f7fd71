//! The organization's own root module.

use crate::harness::{DOMAINS, Repository};

const ROLES: &str = "[workflows]\nplan_role = \"arn:aws:iam::111111111111:role/groundwork-plan\"\n\
    apply_role = \"arn:aws:iam::111111111111:role/groundwork-apply\"\nreleases = \"acme/groundwork\"\n\
    [organization.ci_roles]\nrepository = \"acme/groundwork\"\n";

fn with_roles() -> Repository {
    let repository = Repository::with_domains(&(DOMAINS.to_owned() + ROLES));
    repository.run(&["allocate"]).succeeds();
    repository
}

#[test]
fn it_is_there_when_a_feature_contributes_to_it_and_goes_with_the_last() {
    let repository = Repository::allocated();
    repository.run(&["render"]).succeeds();
    assert!(!repository.has("organization"), "nothing speaks of it");

    let repository = with_roles();
    repository.run(&["render"]).succeeds();
    for file in ["ci_roles.tf", "providers.tf", "terraform.tf", ".groundwork"] {
        assert!(repository.has(&format!("organization/{file}")), "{file}");
    }
    assert!(repository.read("organization/terraform.tf").contains("\"organization/terraform.tfstate\""));
    repository.run(&["render", "--check"]).succeeds();
    repository.edit(
        "domains.toml",
        "[organization.ci_roles]\nrepository",
        "[organization.ci_roles]\nenabled = false\nrepository",
    );
    let differs = repository.run(&["render", "--check"]).fails();
    assert!(differs.stdout.contains("organization/ci_roles.tf") || differs.stderr.contains("organization/ci_roles.tf"));
    repository.run(&["render"]).succeeds();
    assert!(!repository.has("organization"));
}

#[test]
fn it_comes_before_all_waves_and_is_selected_by_its_name() {
    let repository = with_roles();
    let matrix = repository.run(&["matrix", "--format", "json"]).succeeds().json();
    let waves: Vec<_> = matrix["waves"].as_array().unwrap().iter().map(|wave| wave["name"].as_str().unwrap()).collect();
    assert_eq!(waves, ["organization", "rehearsal", "everyone"]);
    assert_eq!(matrix["waves"][0]["jobs"][0]["accounts"], serde_json::json!(["organization"]));
    let one = repository.run(&["matrix", "organization", "--flat", "--format", "github-output"]).succeeds();
    assert_eq!(
        one.stdout,
        "all={\"include\":[{\"accounts\":[\"organization\"],\"action\":\"apply\",\"name\":\"organization\"}]}\nhas_all=true\n"
    );
    repository.run(&["render", "organization"]).succeeds();
    assert!(!repository.has("accounts"), "nothing else was asked for");
    // Where there is none, nobody can ask for it.
    let run = Repository::allocated().run(&["matrix", "organization"]).fails();
    assert!(run.stderr.starts_with("error: no account matches `organization`"), "{}", run.stderr);
}

/// Subjects are compared whole, and both of GitHub's formats are there once the ids are.
#[test]
fn the_roles_trust_one_repository_in_both_of_its_names() {
    let repository = with_roles();
    repository.run(&["render"]).succeeds();
    let before = repository.read("organization/ci_roles.tf");
    assert!(before.contains("github_repository = [\"repo:acme/groundwork\"]"), "{before}");
    repository.edit(
        "domains.toml",
        "[organization.ci_roles]\n",
        "[organization.ci_roles]\nrepository_id = { owner = 1001, repository = 2002 }\n",
    );
    repository.run(&["render"]).succeeds();
    let after = repository.read("organization/ci_roles.tf");
    assert!(
        after.contains("github_repository = [\"repo:acme/groundwork\", \"repo:acme@1001/groundwork@2002\"]"),
        "{after}"
    );
    for rendered in [&before, &after] {
        assert!(!rendered.contains("StringLike") && !rendered.contains("Principal = \"*\""), "{rendered}");
        assert_eq!(rendered.matches("pull_request").count(), 1, "only planning is for pull requests");
    }
}

#[test]
fn what_it_needs_is_said() {
    let without = DOMAINS.to_owned() + "[organization.ci_roles]\nrepository = \"acme/groundwork\"\n";
    let repository = Repository::with_domains(&without);
    repository.run(&["allocate"]).succeeds();
    let run = repository.run(&["check"]).fails();
    assert!(run.stderr.contains("the roles are those of [workflows] in domains.toml"), "{}", run.stderr);
    let repository =
        Repository::with_domains(&(DOMAINS.to_owned() + ROLES + "[organization.management]\nenabled = false\n"));
    repository.run(&["allocate"]).fails();
    let run = repository.run(&["check"]).fails();
    assert!(
        run.stderr.contains("`ci-roles` needs `management`, which the organization does not have"),
        "{}",
        run.stderr
    );
    let repository = Repository::with_domains(&DOMAINS.replace("name = \"everyone\"", "name = \"organization\""));
    let run = repository.run(&["check"]).fails();
    assert!(run.stderr.contains("no wave can be called `organization`"), "{}", run.stderr);
}
