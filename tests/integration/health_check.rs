//! What the health check refuses.

use crate::harness::{DOMAINS, Repository};

/// What is said of these inputs, for an account with a network.
fn said(inputs: &str) -> String {
    let domains = format!("{DOMAINS}\n[domains.catalog.health_check]\nenabled = true\n{inputs}\n");
    let repository = Repository::with_domains(&domains);
    repository.run(&["allocate"]);
    repository.run(&["render"]).fails().stderr
}

#[test]
fn what_cannot_be_checked_is_refused() {
    let cases = [
        "",
        "notify = []",
        "notify = [\"platform\"]",
        "notify = [\"platform@acme.example\"]\nalarm = { failures = 3, of = 2 }",
        "notify = [\"platform@acme.example\"]\ntargets = [{ name = \"a\", host = \"a.example\", port = 1 }, { name = \"a\", host = \"b.example\", port = 2 }]",
        "notify = [\"platform@acme.example\"]\ntargets = [{ name = \"a\", host = \"https://a.example/\", port = 443, protocol = \"http\" }]",
        "notify = [\"platform@acme.example\"]\n[domains.catalog.network]\nenabled = false",
    ];
    let said: Vec<String> = cases.iter().map(|inputs| format!("==> {inputs}\n{}", said(inputs))).collect();
    insta::assert_snapshot!(said.join("\n"));
}
