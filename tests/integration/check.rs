//! `check`: every diagnostic, as people read it.

use std::collections::BTreeSet;

use crate::harness::{DOMAINS, Repository};

/// The small organization with one thing replaced, and what `check` says to that.
#[track_caller]
fn said(from: &str, to: &str) -> String {
    assert!(DOMAINS.contains(from), "{from}");
    let repository = Repository::with_domains(&DOMAINS.replacen(from, to, 1));
    repository.run(&["check"]).fails().stderr
}

macro_rules! diagnostics {
    ($($name:ident: $from:expr => $to:expr;)+) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(stringify!($name), said($from, $to));
        })+
    };
}

diagnostics! {
    an_unknown_key: "protected = true" => "protectd = true";
    an_unknown_key_of_a_feature: "nat = \"per-az\"" => "natt = \"per-az\"";
    an_unknown_table: "[state]" => "[sate]";
    a_missing_key: "email = \"catalog@acme.example\"\n" => "";
    a_wrong_type: "environments = [\"dev\", \"prod\"]\nrepository" => "environments = \"dev\"\nrepository";
    a_value_that_is_none_of_the_choices: "nat = \"per-az\"" => "nat = \"per_az\"";
    a_number_out_of_bounds: "prefix = 22" => "prefix = 25";
    an_unknown_team: "team = \"catalog\"" => "team = \"catalgo\"";
    an_unknown_environment: "environments = [\"dev\", \"prod\"]\nrepository" => "environments = [\"dev\", \"production\"]\nrepository";
    an_environment_twice: "environments = [\"dev\", \"prod\"]\nrepository" => "environments = [\"dev\", \"dev\"]\nrepository";
    a_wave_that_claims_an_unknown_domain: "domains = [\"rehearsal\"]" => "domains = [\"rehersal\"]";
    a_wave_that_claims_no_account_by_glob: "domains = [\"rehearsal\"]" => "accounts = [\"*/staging\"]";
    a_domain_claimed_twice: "name = \"everyone\"" => "name = \"everyone\"\ndomains = [\"rehearsal\"]";
    two_waves_of_one_name: "name = \"everyone\"" => "name = \"rehearsal\"";
    an_import_to_what_is_no_address: "repository = \"acme/catalog\"\n" => "imports = { \"module.vpc.aws_vpc.main\" = \"vpc-1\" }\n";
    a_name_that_breaks_the_rule: "[domains.catalog]" => "[domains.Catalog_1]";
    an_account_name_that_is_too_long: "[state]" => "account_name = \"the-many-accounts-of-the-acme-company-{domain}-in-{environment}\"\n[state]";
    an_email_that_is_too_long: "aws+{domain}-{environment}@acme.example" => "aws+the-accounts-of-the-acme-company-{domain}-{environment}@mail.acme.example";
    an_email_that_is_none: "aws+{domain}-{environment}@acme.example" => "{domain}-{environment}";
    emails_that_collide: "aws+{domain}-{environment}@acme.example" => "aws+{domain}@acme.example";
    names_that_collide: "[state]" => "account_name = \"{environment}\"\n[state]";
    an_unknown_placeholder: "aws+{domain}-{environment}@acme.example" => "aws+{domian}-{environment}@acme.example";
    a_tag_that_aws_refuses: "repository = \"acme/catalog\"" => "tags = { data = \"a;b\", \"aws:x\" = \"y\", team = \"z\" }";
    a_pool_that_is_no_network: "pools = [\"10.64.0.0/16\"]" => "pools = [\"10.64.0.0\", \"10.64.1.0/16\", \"10.65.0.0/99\"]";
    pools_that_overlap: "pools = [\"10.64.0.0/16\"]" => "pools = [\"10.64.0.0/16\", \"10.64.128.0/17\"]";
    a_pool_that_is_reserved: "reserved = [\"10.64.0.0/20\"]" => "reserved = [\"10.0.0.0/8\"]";
    a_pool_of_a_wrong_form: "pools = [\"10.64.0.0/16\"]" => "pools = [{ cidr = \"10.64.0.0/16\", environment = [\"dev\"] }, 7]";
    an_override_for_an_environment_it_is_not_in: "repository = \"acme/catalog\"" => "[domains.catalog.environment.stage]\nprotected = true";
    renamed_from_a_domain_that_is_there: "repository = \"acme/catalog\"" => "renamed_from = \"rehearsal\"";
    a_required_input_that_is_missing: "repository = \"acme/catalog\"" => "[[domains.catalog.faceless_users]]\nname = \"ci\"";
    a_feature_that_needs_another: "[environments.dev]" => "[environments.dev]\naccount = { enabled = false }";
    a_table_twice: "[teams.platform]" => "[teams.platform]\nemail = \"x@acme.example\"\n[teams.platform]";
    text_that_is_not_toml: "name = \"acme\"" => "name = \"acme";
    hostile_text: "name = \"acme\"" => "name = \"ac\\u202eme\\u001b[31m\"";
}

#[test]
fn everything_wrong_is_reported_in_one_run() {
    let domains = DOMAINS
        .replace("protected = true", "protectd = true")
        .replace("team = \"catalog\"", "team = \"catalgo\"")
        .replace("domains = [\"rehearsal\"]", "domains = [\"rehersal\"]")
        .replace("pools = [\"10.64.0.0/16\"]", "pools = [\"10.64.0.0\"]");
    let run = Repository::with_domains(&domains).run(&["check", "--format", "json"]).fails();
    let problems = run.json();
    let codes: Vec<&str> =
        problems.as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["network", "unknown-reference", "unknown-key", "unknown-reference"]);
    for problem in problems.as_array().unwrap() {
        assert_eq!(problem["file"], "domains.toml");
        assert!(problem["line"].as_u64().unwrap() > 1 && problem["column"].as_u64().unwrap() > 0, "{problem}");
    }
}

#[test]
fn a_sound_repository_passes_and_says_what_it_saw() {
    let run = Repository::allocated().run(&["check"]).succeeds();
    let said = run.stderr.strip_prefix("done 4 accounts in 2 domains, ").unwrap_or_else(|| panic!("{}", run.stderr));
    assert!(said.ends_with(" features: nothing wrong\n"), "{said}");
    assert_eq!(run.stdout, "");
    assert_eq!(Repository::allocated().run(&["check", "--quiet"]).succeeds().stderr, "");
    assert_eq!(
        Repository::allocated().run(&["check", "--format", "json", "-q"]).succeeds().json(),
        serde_json::json!([])
    );
}

#[test]
fn mistakes_in_features_are_reported_where_they_are() {
    let repository = Repository::allocated()
        .file("templates/bad-manifest/feature.toml", "descripton = \"x\"\nscope = \"acount\"\n")
        .file("templates/bad-schema/feature.toml", "description = \"x\"\n[inputs]\ntype = \"objekt\"\n")
        .file("templates/lonely/feature.toml", "description = \"x\"\nrequires = [\"netwrk\"]\n")
        .file("templates/no-manifest/x.tf", "a = 1\n")
        .file("templates/policies/feature.toml", "description = \"x\"\nscope = \"organization\"\n")
        .file("templates/region/feature.toml", "description = \"x\"\n")
        .file(
            "templates/rival/feature.toml",
            "description = \"x\"\n[providers.aws]\nsource = \"hashicorp/aws\"\nversion = \"~> 5.0\"\n",
        )
        .file("templates/rival/network.tf", "a = 1\n")
        .file("overlays/catalgo/x.tf", "a = 1\n")
        .file("overlays/catalog/x.tf", b"\xff\xfe");
    insta::assert_snapshot!(repository.run(&["check"]).fails().stderr);
}

#[test]
fn a_feature_that_cannot_be_used_is_told_once_and_not_wherever_it_is_meant() {
    let repository = Repository::allocated();
    repository.edit("templates/network/feature.toml", "description = \"", "descripton = \"");
    let run = repository.run(&["check", "--format", "json"]).fails();
    let problems = run.json();
    let of = |problem: &serde_json::Value| problem["file"].as_str().unwrap().to_owned();
    let files: BTreeSet<String> = problems.as_array().unwrap().iter().map(of).collect();
    assert_eq!(files, BTreeSet::from(["templates/network/feature.toml".to_owned()]), "{run}");
}

#[test]
fn mistakes_in_templates_name_template_line_and_account() {
    let repository = Repository::allocated();
    for (name, template) in [("syntax", "a = {{ account.key }\nb = {% if %}\n"), ("syntax-too", "a = {% endfor %}\n")] {
        repository.write(&format!("templates/{name}/feature.toml"), "description = \"x\"\n");
        repository.write(&format!("templates/{name}/{name}.tf.tera"), template);
    }
    insta::assert_snapshot!("template_syntax", repository.run(&["check"]).fails().stderr);

    let repository = Repository::allocated();
    for (name, template) in [
        ("undefined", "a = 1\nb = {{ account.nmae | hcl }}\n"),
        ("refused", "a = 1\nb = \"{{ team.email }} {{ tags }}\"\n"),
        ("not-hcl", "a = 1\n\nb = = 2\n"),
        ("safe", "a = {{ account.name | safe }}\n"),
        ("changed", "a = {{ account.name | hcl | replace(from=\"\\\"\", to=\"\") }}\n"),
    ] {
        repository.write(&format!("templates/{name}/feature.toml"), "description = \"x\"\n");
        repository.write(&format!("templates/{name}/{name}.tf.tera"), template);
    }
    insta::assert_snapshot!("template_rendering", repository.run(&["check"]).fails().stderr);
}

#[test]
fn filters_that_are_not_there_are_reported_all_at_once() {
    let repository = Repository::allocated()
        .file("templates/x/feature.toml", "description = \"x\"\n")
        .file("templates/x/a.tf.tera", "a = 1\nb = {{ account.key | hlc }}\nc = {{ account.key | jsno }}\n")
        .file("templates/x/b.tf.tera", "d = {{ account.key | hlc }}\n");
    insta::assert_snapshot!(repository.run(&["check"]).fails().stderr);
}

#[test]
fn a_template_that_includes_itself_is_an_error_and_not_a_crash() {
    let repository = Repository::allocated()
        .file("templates/loop/feature.toml", "description = \"x\"\n")
        .file("templates/loop/a.tf.tera", "{% include \"templates/loop/b.tf.tera\" %}\n")
        .file("templates/loop/b.tf.tera", "{% include \"templates/loop/a.tf.tera\" %}\n");
    let run = repository.run(&["check"]).fails();
    assert!(run.stderr.contains("includes itself"), "{run}");
}

/// Whoever adds a kind of problem shows how it reads.
#[test]
fn every_kind_of_problem_is_in_a_snapshot() {
    let folder = crate::harness::project("tests/integration/snapshots");
    let snapshots =
        std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let shown: String = snapshots.collect();
    for code in groundwork::diagnostic::Code::ALL {
        assert!(shown.contains(&format!("[{code}]")), "no snapshot shows `{code}`");
    }
}

#[test]
fn what_the_first_wave_does_not_rehearse_is_named() {
    let repository = Repository::allocated();
    assert!(!repository.run(&["check"]).succeeds().stderr.contains("parity"));
    repository.edit(
        "domains.toml",
        "repository = \"acme/catalog\"",
        "repository = \"acme/catalog\"\nenvironment.prod.network.nat = \"regional\"\nfaceless_users = [{ name = \"ci\", kind = \"access-key\" }]",
    );
    let run = repository.run(&["check"]).succeeds();
    insta::assert_snapshot!("parity", run.stderr);
    repository.run(&["check", "--deny", "parity"]).fails();
    // Rehearsed, it is gone.
    repository.edit(
        "domains.toml",
        "[domains.rehearsal]",
        "[domains.rehearsal]\nenvironment.prod.network.nat = \"regional\"\nfaceless_users = [{ name = \"ci\", kind = \"access-key\" }]",
    );
    repository.run(&["check", "--deny", "parity"]).succeeds();
}

/// A feature of accounts is about the teams that have it, and a day is over wherever it stands.
#[test]
fn a_feature_says_what_ends_and_what_it_needs_of_a_team() {
    let manifest = "description = \"x\"\nenabled = false\nteams = [\"slack\"]\n[inputs.properties.loans]\ntype = \"array\"\n\
        [inputs.properties.loans.items.properties.until]\ntype = \"string\"\nformat = \"date\"\nx-ends = true\n";
    let repository = Repository::allocated().file("templates/loan/feature.toml", manifest);
    assert!(!repository.run(&["check"]).succeeds().stderr.contains("warning"));
    repository.edit(
        "domains.toml",
        "repository = \"acme/catalog\"",
        "repository = \"acme/catalog\"\nloan = { enabled = true, loans = [{ until = 2099-01-01 }, { until = 2020-01-01 }] }",
    );
    let said = repository.run(&["check"]).succeeds().stderr;
    assert_eq!(said.matches("team `catalog` has no `slack`").count(), 1, "{said}");
    assert_eq!(said.matches("is over").count(), 1, "{said}");
    assert!(said.contains("`loan.loans.until` is over: 2020-01-01 has passed"), "{said}");
    assert!(!said.contains("`platform`"), "{said}");
}

#[test]
fn the_example_rehearses_everything() {
    let project = crate::harness::project(".");
    let run = crate::harness::run_in(&project, &["check", "--deny", "parity"]).succeeds();
    assert!(!run.stderr.contains("warning"), "{run}");
}
