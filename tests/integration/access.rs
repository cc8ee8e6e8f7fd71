//! Who enters which account: what is said about it before anything is applied.

use crate::harness::{DOMAINS, Repository};

const ACCESS: &str = "[organization.access.levels]\ndev = { developer = 8 }\nprod = { read-only = 8, operator = 1 }\n\
    [organization.access.contractors.redesign]\naccounts = [\"catalog/*\"]\ngroups = [\"studio\"]\nuntil = \"2099-12-31\"\n";

fn with(access: &str) -> Repository {
    let groups =
        DOMAINS.replace("@acme.example\"\n[teams", "@acme.example\"\nidentity_group = \"aws-platform\"\n[teams");
    let groups = groups.replace("cost_center = \"4210\"", "cost_center = \"4210\"\nidentity_group = \"aws-catalog\"");
    assert_eq!(groups.matches("identity_group").count(), 2);
    let repository = Repository::with_domains(&(groups + access));
    repository.run(&["allocate"]);
    repository
}

#[test]
fn whether_an_account_exists_yet_changes_nothing_of_what_is_reviewed() {
    let repository = with(ACCESS);
    repository.run(&["check"]).succeeds();
    repository.run(&["render"]).succeeds();
    let before = repository.read("organization/access.tf");
    let keys: Vec<&str> =
        before.lines().filter_map(|line| line.trim().strip_suffix(" = {")).filter(|key| key.contains('/')).collect();
    assert!(keys.contains(&"\"catalog/dev/developer/aws-catalog\""), "{keys:?}");
    assert!(keys.contains(&"\"catalog/dev/contractor-redesign/studio\""), "{keys:?}");
    let ledger = repository.read("ledger.toml");
    let (head, tail) = ledger.split_once("[accounts.\"catalog/dev\"]\n").unwrap();
    repository.write("ledger.toml", format!("{head}[accounts.\"catalog/dev\"]\nid = \"222233334444\"\n{tail}"));
    repository.run(&["render"]).succeeds();
    assert_eq!(repository.read("organization/access.tf"), before);
}

#[test]
fn what_should_be_looked_at_is_a_warning_and_stops_nothing() {
    let repository = with(&ACCESS.replace("2099-12-31", "2020-02-29"));
    repository.edit("domains.toml", "identity_group = \"aws-catalog\"\n", "");
    insta::assert_snapshot!("advice", repository.run(&["check"]).succeeds().stderr);
    repository.run(&["render"]).succeeds();
}

/// Each is an error, and names what was written; also where the accounts do not exist yet.
#[test]
fn mistakes_are_errors() {
    let wrong = [
        ("dev = {", "devel = {", "`levels` speaks of the environment `devel`"),
        ("developer = 8", "developer = 13", "`organization.access.levels.dev.developer` must be at most 12"),
        ("developer = 8", "admin = 8", "unknown key `admin`"),
        ("catalog/*", "catalgo/*", "`catalgo/*` of the contractor `redesign` means no account"),
        ("catalog/*", "*/dev", "`*/dev` is not what"),
        ("groups = [\"studio\"]\n", "", "organization.access.contractors.redesign"),
        ("until = \"2099-12-31\"\n", "", "`until` is missing in `organization.access.contractors.redesign`"),
        ("2099-12-31", "2099-02-30", "`2099-02-30` is not what"),
        ("2099-12-31", "soon", "`soon` is not what"),
        (
            "[organization.access.levels]",
            "[organization.access]\naccounts = { \"catalog/prod\" = [\"developer\"] }\n[organization.access.levels]",
            "the level `developer`, which `levels` does not have for `prod`",
        ),
        (
            "[organization.access.levels]",
            "[organization.access]\naccounts = { \"catalgo/prod\" = [] }\n[organization.access.levels]",
            "the account `catalgo/prod`, which is not there",
        ),
        (
            "[organization.access.levels]",
            "[organization.access]\noperators = { catalgo = \"x\" }\n[organization.access.levels]",
            "the team `catalgo`",
        ),
        (
            "[organization.access.contractors",
            "[defaults.break_glass]\nenabled = true\nusers = [\"arn:aws:iam::999999999999:user/x\"]\n[organization.access.contractors",
            "is no user of the management account",
        ),
        (
            "[organization.access.contractors",
            "[defaults.break_glass]\nenabled = true\nusers = [\"arn:aws:iam::111111111111:root\"]\n[organization.access.contractors",
            "an IAM user's ARN, without wildcards",
        ),
        (
            "[organization.access.contractors",
            "[defaults.break_glass]\nenabled = true\n[organization.access.contractors",
            "`users` is missing",
        ),
    ];
    for (from, to, said) in wrong {
        assert!(ACCESS.contains(from), "{from}");
        let run = with(&ACCESS.replacen(from, to, 1)).run(&["check"]).fails();
        assert!(run.stderr.contains(said), "{to}: {}", run.stderr);
    }
}
