//! What features make is called what docs/features.md says, and is kept by the features it says.

use std::collections::BTreeMap;

use crate::harness::{Repository, project};

/// What is kept, by the type of its resources: the row of the table, the attribute that names it, and what stands before the
/// name in its ARN. A path stands between the two.
const KINDS: [(&str, &str, &str, &str); 10] = [
    ("aws_iam_role", "role", "name", ":role"),
    ("aws_iam_user", "user", "name", ":user"),
    ("aws_iam_policy", "policy", "name", ":policy"),
    ("aws_secretsmanager_secret", "secret", "name", ":secret:"),
    ("aws_ssm_parameter", "parameter", "name", ":parameter"),
    ("aws_lambda_function", "function", "function_name", ":function:"),
    ("aws_cloudwatch_event_rule", "rule", "name", ":rule/"),
    ("aws_scheduler_schedule_group", "schedule", "name", ":schedule-group/"),
    ("aws_sns_topic", "topic", "name", ":sns:eu-west-1:1:"),
    ("aws_cloudwatch_log_group", "log group", "name", ":log-group:"),
];

/// The table: its patterns, and who keeps them, by what they are of.
fn table() -> BTreeMap<String, (Vec<String>, Vec<String>)> {
    let document = std::fs::read_to_string(project("docs/features.md")).unwrap();
    let names = document.split("## Names").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = names.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let list = |cell: &str| cell.split(", ").map(|item| item.trim_matches('`').to_owned()).collect();
        (cells[0].to_owned(), (list(cells[1]), list(cells[2])))
    };
    rows.map(row).collect()
}

fn example() -> Repository {
    let repository = Repository::empty();
    for file in ["domains.toml", "ledger.toml"] {
        repository.write(file, std::fs::read(project(file)).unwrap());
    }
    repository.run(&["render", "-q"]).succeeds();
    repository
}

/// Every resource of a root module: its type, and its body.
fn resources(files: &BTreeMap<String, Vec<u8>>) -> Vec<(String, hcl::Body)> {
    let bodies = files.iter().filter(|(path, _)| path.ends_with(".tf")).map(|(path, text)| {
        hcl::parse(std::str::from_utf8(text).unwrap()).unwrap_or_else(|error| panic!("{path}: {error}"))
    });
    let blocks = bodies.flat_map(|body| body.into_blocks().collect::<Vec<_>>());
    blocks
        .filter(|block| block.identifier() == "resource")
        .map(|block| (block.labels()[0].as_str().to_owned(), block.body))
        .collect()
}

/// An attribute that is a text; what is only known later stands in it as it is written.
fn text(body: &hcl::Body, name: &str) -> Option<String> {
    match body.attributes().find(|attribute| attribute.key() == name)?.expr() {
        hcl::Expression::String(text) => Some(text.clone()),
        hcl::Expression::TemplateExpr(template) => Some(template.to_string().trim_matches('"').to_owned()),
        other => Some(format!("${{{other}}}")),
    }
}

fn matches(pattern: &str, arn: &str) -> bool {
    let pattern = format!("*:{}", pattern.trim_start_matches(':'));
    globset::Glob::new(&pattern).unwrap().compile_matcher().is_match(arn)
}

#[test]
fn what_features_make_is_called_as_it_says() {
    let (table, repository) = (table(), example());
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for account in ["dev", "stage", "prod"] {
        for (kind, body) in resources(&repository.tree(&format!("accounts/rehearsal/{account}"))) {
            let Some((_, what, attribute, before)) = KINDS.iter().find(|(of, ..)| *of == kind) else { continue };
            let name = text(&body, attribute).unwrap();
            let path = match kind.as_str() {
                "aws_iam_role" | "aws_iam_user" | "aws_iam_policy" => {
                    text(&body, "path").unwrap_or_else(|| "/".to_owned())
                }
                _ => String::new(),
            };
            let arn = format!("arn:aws:x{before}{path}{name}");
            let (patterns, _) = &table[*what];
            assert!(patterns.iter().any(|pattern| matches(pattern, &arn)), "rehearsal/{account}: {what} {arn}");
            *seen.entry(what).or_default() += 1;
        }
    }
    // Of everything in the table but rules, which are the organization's.
    let missing: Vec<_> = table.keys().filter(|what| !seen.contains_key(what.as_str())).collect();
    assert_eq!(missing, ["rule"], "{seen:?}");
    assert!(!matches("role/groundwork-*", "arn:aws:x:role/monitoring"));
}

#[test]
fn every_name_is_kept_by_whom_it_says() {
    let repository = example();
    let of = |path: &str| repository.read(path);
    let kept = BTreeMap::from([
        ("boundary", of("accounts/rehearsal/prod/boundary.tf")),
        ("access", of("organization/access_levels.tf")),
        ("guardrails", of("organization/guardrails.json")),
    ]);
    for (what, (patterns, keepers)) in table() {
        assert!(!keepers.is_empty(), "{what}");
        for (keeper, pattern) in keepers.iter().flat_map(|keeper| patterns.iter().map(move |one| (keeper, one))) {
            let ends = [format!(":{pattern}\""), format!(":{pattern}/\"")];
            assert!(ends.iter().any(|end| kept[keeper.as_str()].contains(end)), "{keeper} has no {pattern}");
        }
    }
}

/// What was reviewed is planned again once accounts are made; it has to be the same text.
#[test]
fn the_organizations_root_module_does_not_depend_on_which_accounts_exist() {
    let repository = example();
    let all = repository.tree("organization");
    assert!(all.len() > 8, "{:?}", all.keys());
    let ledger = repository.read("ledger.toml");
    let ids = regex::Regex::new("(?m)^id = .*\n").unwrap();
    assert!(ids.find_iter(&ledger).count() > 30);
    let without = |keep: &dyn Fn(usize) -> bool| {
        let mut number = 0;
        let ledger = ids.replace_all(&ledger, |found: &regex::Captures<'_>| {
            number += 1;
            if keep(number) { found[0].to_owned() } else { String::new() }
        });
        repository.write("ledger.toml", ledger.as_bytes());
        repository.run(&["render", "-q", "organization"]).succeeds();
        repository.tree("organization")
    };
    for (path, text) in without(&|_| false).into_iter().chain(without(&|number| number % 2 == 0)) {
        assert_eq!(String::from_utf8_lossy(&text), String::from_utf8_lossy(&all[&path]), "{path}");
    }
}
