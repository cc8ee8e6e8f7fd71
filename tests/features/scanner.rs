//! The security scanner that people will point at what is rendered finds nothing that is not explained.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use groundwork_testing::process::output;
use groundwork_testing::tools;
use serde::Deserialize;
use serde_json::Value;

use super::World;

const EXCEPTIONS: &str = include_str!("exceptions.toml");

#[derive(Deserialize)]
struct Exceptions {
    finding: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    checks: Vec<String>,
    resources: Vec<String>,
    reason: String,
}

pub(crate) fn a_scanner_finds_nothing_that_is_not_explained(_: &World) {
    let checkov = tools::from_pypi("checkov", "checkov==3.3.30").unwrap_or_else(|reason| panic!("{reason}"));
    let rendered = tempfile::tempdir().unwrap();
    let mut render = Command::new(env!("CARGO_BIN_EXE_groundwork"));
    // One of everything is what the rehearsal domain is for; the organization's own is what nobody else has.
    render.args(["render", "-q", "rehearsal/*", "organization", "--out"]).arg(rendered.path());
    output(render.current_dir(env!("CARGO_MANIFEST_DIR"))).succeeds();
    let findings = scan(&checkov, rendered.path());
    let exceptions: Exceptions = toml::from_str(EXCEPTIONS).unwrap();
    let mut explained = BTreeSet::new();
    for exception in &exceptions.finding {
        assert!(exception.reason.len() > 20, "{}", exception.reason);
        for check in &exception.checks {
            explained.extend(exception.resources.iter().map(|resource| (check.clone(), resource.clone())));
        }
    }
    let new: Vec<_> = findings.difference(&explained).collect();
    assert!(new.is_empty(), "not explained: {new:#?}");
    let gone: Vec<_> = explained.difference(&findings).collect();
    assert!(gone.is_empty(), "explained, and not found any more: {gone:#?}");
}

/// What is found, by check and resource.
fn scan(checkov: &Path, folder: &Path) -> BTreeSet<(String, String)> {
    let mut command = Command::new(checkov);
    command
        .args(["--framework", "terraform", "--skip-download", "--compact", "--quiet", "-o", "json", "-d"])
        .arg(folder);
    // It ends with 1 if it finds anything.
    let report: Value = serde_json::from_str(&output(&mut command).stdout).unwrap();
    assert!(report["summary"]["passed"].as_u64().unwrap() > 50, "{}", report["summary"]);
    assert_eq!(report["summary"]["parsing_errors"], 0);
    let failed = report["results"]["failed_checks"].as_array().unwrap().iter();
    failed
        .map(|one| {
            let resource = one["resource"].as_str().unwrap();
            let resource = resource.split_once('[').map_or(resource, |(resource, _)| resource);
            (one["check_id"].as_str().unwrap().to_owned(), resource.to_owned())
        })
        .collect()
}
