//! One situation a plan can be in, and what its digest says.

use std::fmt::Write as _;

use groundwork::digest::{Attribute, Change, Digest, Side};
use groundwork::system::plans::read_one;

use crate::planner::Root;
use groundwork_testing::terraform::Terraform;

/// What is applied, then what is planned, with which arguments.
struct Situation {
    name: &'static str,
    before: &'static str,
    after: &'static str,
    arguments: &'static [&'static str],
}

const fn situation(name: &'static str, before: &'static str, after: &'static str) -> Situation {
    Situation { name, before, after, arguments: &[] }
}

const A: &str = "resource \"terraform_data\" \"a\" { input = \"x\" }";

const SITUATIONS: [Situation; 24] = [
    situation("create", "", A),
    situation("nothing", A, A),
    situation("update", A, "resource \"terraform_data\" \"a\" { input = \"y\" }"),
    situation("destroy", A, ""),
    situation(
        "replace",
        "resource \"terraform_data\" \"a\" { triggers_replace = [\"x\"] }",
        "resource \"terraform_data\" \"a\" { triggers_replace = [\"y\"] }",
    ),
    situation(
        "replace without a gap",
        "resource \"terraform_data\" \"a\" {\n triggers_replace = \"x\"\n lifecycle { create_before_destroy = true }\n}",
        "resource \"terraform_data\" \"a\" {\n triggers_replace = \"y\"\n lifecycle { create_before_destroy = true }\n}",
    ),
    Situation { name: "replace by request", before: A, after: A, arguments: &["-replace=terraform_data.a"] },
    situation(
        "moved",
        A,
        "resource \"terraform_data\" \"b\" { input = \"x\" }\nmoved {\n from = terraform_data.a\n to = terraform_data.b\n}",
    ),
    situation(
        "moved and updated",
        A,
        "resource \"terraform_data\" \"b\" { input = \"y\" }\nmoved {\n from = terraform_data.a\n to = terraform_data.b\n}",
    ),
    situation(
        "imported",
        "",
        "resource \"terraform_data\" \"a\" {}\nimport {\n to = terraform_data.a\n id = \"an-id\"\n}",
    ),
    situation("forgotten", A, "removed {\n from = terraform_data.a\n lifecycle { destroy = false }\n}"),
    situation(
        "count that shrinks",
        "resource \"terraform_data\" \"a\" { count = 2 }",
        "resource \"terraform_data\" \"a\" { count = 1 }",
    ),
    situation(
        "for_each that loses a key",
        "resource \"terraform_data\" \"a\" { for_each = toset([\"one\", \"two words\"]) }",
        "resource \"terraform_data\" \"a\" { for_each = toset([\"one\"]) }",
    ),
    situation(
        "unknown",
        A,
        "resource \"terraform_data\" \"n\" {}\nresource \"terraform_data\" \"a\" { input = { list = [\"x\", terraform_data.n.id], one = terraform_data.n.id, known = 1 } }",
    ),
    situation(
        "list and set",
        "resource \"terraform_data\" \"a\" { input = { list = [\"a\", \"c\"], set = toset([\"a\", \"c\"]), objects = [{ k = 1, v = \"x\" }, { k = 2, v = \"y\" }] } }",
        "resource \"terraform_data\" \"a\" { input = { list = [\"a\", \"b\", \"c\"], set = toset([\"c\"]), objects = [{ k = 1, v = \"z\" }, { k = 2, v = \"y\" }] } }",
    ),
    situation(
        "json and text",
        "resource \"terraform_data\" \"a\" { input = { policy = jsonencode({ Action = [\"s3:GetObject\"] }), text = \"a\\nb\\nc\\n\" } }",
        "resource \"terraform_data\" \"a\" { input = { policy = jsonencode({ Action = [\"s3:*\"] }), text = \"a\\nB\\nc\\n\" } }",
    ),
    situation(
        "sensitive",
        "variable \"p\" {\n sensitive = true\n default = \"hunter2-hunter2\"\n}\nresource \"terraform_data\" \"a\" { input = var.p }",
        "variable \"p\" {\n sensitive = true\n default = \"hunter3-hunter3\"\n}\nresource \"terraform_data\" \"a\" { input = var.p }",
    ),
    situation(
        "sensitivity alone",
        "resource \"terraform_data\" \"a\" { input = \"not secret yet\" }",
        "resource \"terraform_data\" \"a\" { input = sensitive(\"not secret yet\") }",
    ),
    situation(
        "outputs",
        "output \"stays\" { value = 1 }\noutput \"changes\" { value = 1 }\noutput \"goes\" { value = 1 }",
        "output \"stays\" { value = 1 }\noutput \"changes\" { value = 2 }\noutput \"comes\" { value = { a = 1 } }\noutput \"secret\" {\n value = \"hunter2-hunter2\"\n sensitive = true\n}",
    ),
    situation(
        "checks",
        "",
        "locals { one = 1 }\ncheck \"fails\" {\n assert {\n  condition = local.one == 2\n  error_message = \"one is not two\"\n }\n}\ncheck \"passes\" {\n assert {\n  condition = local.one == 1\n  error_message = \"never\"\n }\n}",
    ),
    situation(
        "errored",
        "",
        "locals { one = 1 }\nresource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"b\" {\n depends_on = [terraform_data.a]\n lifecycle {\n  precondition {\n   condition = local.one == 2\n   error_message = \"not today\"\n  }\n }\n}",
    ),
    Situation {
        name: "targeted",
        before: "",
        after: "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"b\" {}",
        arguments: &["-target=terraform_data.a"],
    },
    situation(
        "read while applying",
        "",
        "resource \"terraform_data\" \"a\" {}\ndata \"terraform_remote_state\" \"r\" {\n backend = \"local\"\n config = { path = terraform_data.a.id }\n}",
    ),
    Situation { name: "destroy everything", before: A, after: A, arguments: &["-destroy"] },
];

pub(crate) fn every_kind_of_change_is_read_for_what_it_is(terraform: &Terraform) {
    let mut text = String::new();
    for situation in SITUATIONS {
        let root = Root::new(terraform, situation.before);
        if !situation.before.is_empty() {
            root.apply(&[]);
        }
        root.source(situation.after);
        describe(&mut text, situation.name, &root.plan(situation.arguments));
    }
    describe(&mut text, "tainted", &tainted(terraform));
    describe(&mut text, "deposed", &deposed(terraform));
    insta::with_settings!({filters => vec![(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID")]}, {
        insta::assert_snapshot!("situations", text);
    });
}

fn tainted(terraform: &Terraform) -> String {
    let root = Root::new(terraform, A);
    root.apply(&[]);
    root.terraform(&["taint", "terraform_data.a"]);
    root.plan(&[])
}

/// What a replacement leaves that could create the new object and not destroy the old one.
fn deposed(terraform: &Terraform) -> String {
    let root = Root::new(terraform, A);
    root.apply(&[]);
    root.edit_state(|state| {
        let instances = state["resources"][0]["instances"].as_array_mut().unwrap();
        let mut old = instances[0].clone();
        old["deposed"] = "0badcafe".into();
        instances.push(old);
    });
    root.plan(&[])
}

fn describe(text: &mut String, name: &str, plan: &str) {
    let digest = read_one(plan.as_bytes(), None, None).unwrap_or_else(|reason| panic!("{name}: {reason}"));
    let written = serde_json::to_vec(&digest).unwrap();
    let again = read_one(&written, None, None).unwrap_or_else(|reason| panic!("{name}, read back: {reason}"));
    assert_eq!(again.fingerprint, digest.fingerprint, "{name}");
    writeln!(text, "# {name}").unwrap();
    for (state, holds) in [
        ("errored", digest.errored == Some(true)),
        ("incomplete", digest.complete == Some(false)),
        ("empty", digest.is_empty()),
    ] {
        if holds {
            writeln!(text, "({state})").unwrap();
        }
    }
    lines(text, &digest);
    text.push('\n');
}

fn lines(text: &mut String, digest: &Digest) {
    for change in &digest.changes {
        heading(text, change);
        attributes(text, &change.attributes);
    }
    for output in &digest.outputs {
        writeln!(text, "{:?} output {}", output.action.words(), output.name).unwrap();
        attributes(text, &output.attributes);
    }
    for check in &digest.checks {
        writeln!(text, "check {}: {} {:?}", check.address, check.status, check.messages).unwrap();
    }
}

fn heading(text: &mut String, change: &Change) {
    write!(text, "{:?} {}", change.action.words(), change.address).unwrap();
    for (word, value) in [
        ("deposed", &change.deposed),
        ("from", &change.previous_address),
        ("importing", &change.importing),
        ("because", &change.reason),
    ] {
        if let Some(value) = value {
            write!(text, " {word} {value}").unwrap();
        }
    }
    if !change.replace_paths.is_empty() {
        write!(text, " forced by {:?}", change.replace_paths).unwrap();
    }
    for danger in &change.dangers {
        write!(text, " !{}", danger.kind.as_str()).unwrap();
    }
    text.push('\n');
}

fn attributes(text: &mut String, attributes: &[Attribute]) {
    let side = |side: &Side| serde_json::to_string(side).unwrap();
    for attribute in attributes {
        let sensitivity = attribute.sensitivity.map_or_else(String::new, |change| format!(" sensitivity {change:?}"));
        writeln!(text, "    {}: {} > {}{sensitivity}", attribute.path, side(&attribute.before), side(&attribute.after))
            .unwrap();
    }
}
