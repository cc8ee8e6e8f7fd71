//! No string in domains.toml can end a literal or open an interpolation: any text, in every free field, through the
//! whole of groundwork, and the literals read back by an HCL parser.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use std::collections::BTreeMap;

use groundwork::diagnostic::{Diagnostics, print};
use groundwork::organization::Account;
use groundwork::render::{RootModule, render};
use groundwork::repository::Repository;
use groundwork::system::inputs::Inputs;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::Body;
use proptest::prelude::*;
use proptest::test_runner::Config;
use toml_edit::{DocumentMut, value};

/// The free fields: what an organization can write without a stricter rule than "text".
const FIELDS: [(&str, &str, &str); 6] = [
    ("domain_description", "domains.catalog", "description"),
    ("domain_runbook", "domains.catalog", "runbook"),
    ("team_slack", "teams.catalog", "slack"),
    ("team_on_call", "teams.catalog", "on_call"),
    ("team_group", "teams.catalog", "identity_group"),
    ("input", "domains.catalog.echo", "text"),
];

const DOMAINS: &str = r#"
[organization]
name = "acme"
region = "eu-west-1"
management_account = "111111111111"
email = "aws+{domain}-{environment}@acme.example"
[templates]
built_in = []
[state]
bucket = "acme-state"
region = "eu-west-1"
[environments.dev]
[teams.catalog]
email = "catalog@acme.example"
[domains.catalog]
team = "catalog"
environments = ["dev"]
[domains.catalog.echo]
"#;

const MANIFEST: &str = r#"
description = "Writes down what it gets."
[inputs.properties]
text = { type = "string" }
list = { type = "array", items = { type = "string" }, default = [] }
map = { type = "object", additionalProperties = { type = "string" }, default = {} }
"#;

const TEMPLATE: &str = "\
domain_description = {{ domain.description | hcl }}
domain_runbook = {{ domain.runbook | hcl }}
team_slack = {{ team.slack | hcl }}
team_on_call = {{ team.on_call | hcl }}
team_group = {{ team.identity_group | hcl }}
input = {{ inputs.text | hcl }}
nested {
  deeper {
    list = {{ inputs.list | hcl(indent=4) }}
    map = {{ inputs.map | hcl(indent=4) }}
  }
}
";

const LEDGER: &str =
    "version = 1\n[accounts.\"catalog/dev\"]\nstate_key = \"catalog/dev/terraform.tfstate\"\nregion = \"eu-west-1\"\n";

/// Text that somebody chose with care, between text that nobody did.
fn nasty() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "${",
        "%{",
        "$${",
        "%%{",
        "$",
        "%",
        "{",
        "}",
        "\"",
        "\\",
        "\\\"",
        "\n",
        "\r\n",
        "\t",
        "\0",
        "\u{1b}[31m",
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{feff}",
        "\u{fdd0}",
        "\u{ffff}",
        "\u{10ffff}",
        "🦀",
        "é",
        "<<EOT\n",
        "EOT",
        "//",
        "/*",
        "*/",
        "#",
        "{{",
        "}}",
        "{%",
        "{#",
        "\\u0024{",
        "~}",
        "\u{e0041}",
        "\u{85}",
        "\u{2028}",
    ]);
    prop::collection::vec(
        prop_oneof![2 => token.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)],
        0..12,
    )
    .prop_map(|parts| parts.concat())
}

fn read(domains: &str, template: &str) -> Repository {
    let mut inputs = Inputs::default();
    for (path, text) in [
        ("domains.toml", domains),
        ("ledger.toml", LEDGER),
        ("templates/echo/feature.toml", MANIFEST),
        ("templates/echo/echo.tf.tera", template),
    ] {
        inputs.files.insert(path.to_owned(), text.as_bytes().into());
    }
    Repository::load(&inputs, Diagnostics::default(), jiff::civil::date(2026, 11, 20))
}

fn load(domains: &str, template: &str) -> Repository {
    let repository = read(domains, template);
    assert!(repository.is_sound(), "{}", print::to_text(&repository.diagnostics, &repository.sources, false));
    repository
}

fn rendered(repository: &Repository) -> Result<Vec<RootModule>, Diagnostics> {
    let (organization, engine) = (repository.organization.as_ref().unwrap(), repository.engine.as_ref().unwrap());
    let accounts: Vec<&Account> = organization.accounts.iter().collect();
    render(organization, &accounts, &repository.features, engine, &|| ())
}

fn echoed(modules: &[RootModule]) -> String {
    String::from_utf8(modules[0].files["echo.tf"].bytes.to_vec()).unwrap()
}

/// domains.toml with a text in every free field.
fn written(texts: &[String], list: &[String], map: &BTreeMap<String, String>) -> String {
    let mut document: DocumentMut = DOMAINS.parse().unwrap();
    for ((_, table, key), text) in FIELDS.iter().zip(texts) {
        let table = table.split('.').fold(document.as_item_mut(), |item, name| &mut item[name]);
        table[*key] = value(text);
    }
    document["domains"]["catalog"]["echo"]["list"] = value(list.iter().collect::<toml_edit::Array>());
    document["domains"]["catalog"]["echo"]["map"] = value(map.iter().collect::<toml_edit::InlineTable>());
    document.to_string()
}

fn text(expression: &Expression) -> &str {
    expression.as_str().unwrap_or_else(|| panic!("not a plain string: {expression:?}"))
}

fn expression<'a>(body: &'a Body, key: &str) -> &'a Expression {
    &body.get_attribute(key).unwrap().value
}

proptest! {
    #![proptest_config(Config { cases: 1_500, failure_persistence: None, ..Config::default() })]

    #[test]
    fn any_text_in_any_field_is_a_literal_that_evaluates_back_to_it(
        texts in prop::collection::vec(nasty(), FIELDS.len()),
        list in prop::collection::vec(nasty(), 0..4),
        map in prop::collection::btree_map(nasty(), nasty(), 0..4),
    ) {
        let repository = load(&written(&texts, &list, &map), TEMPLATE);
        let modules = rendered(&repository).expect("it renders");
        let file = echoed(&modules);
        let body = hcl_edit::parser::parse_body(&file).expect("it parses");
        prop_assert_eq!(body.iter().count(), FIELDS.len() + 1, "nothing was added: {}", file);
        for ((name, ..), expected) in FIELDS.iter().zip(&texts) {
            prop_assert_eq!(text(expression(&body, name)), expected, "{}", file);
        }
        let deeper = &body.get_blocks("nested").next().unwrap().body;
        let deeper = &deeper.get_blocks("deeper").next().unwrap().body;
        let items: Vec<&str> = expression(deeper, "list").as_array().unwrap().iter().map(text).collect();
        prop_assert_eq!(items, list);
        let entries = expression(deeper, "map").as_object().unwrap().iter().map(|(key, value)| {
            let key = match key {
                ObjectKey::Ident(ident) => ident.to_string(),
                ObjectKey::Expression(expression) => text(expression).to_owned(),
            };
            (key.trim().to_owned().clone(), key, text(value.expr()).to_owned())
        });
        // The parser keeps the space around a bare key; a quoted one is exact.
        let entries: BTreeMap<String, String> = entries
            .map(|(trimmed, exact, value)| (if map.contains_key(&exact) { exact } else { trimmed }, value))
            .collect();
        prop_assert_eq!(entries, map);

        let again = rendered(&repository).expect("it renders again");
        prop_assert_eq!(echoed(&again), file, "the same bytes");
    }

    /// Without the filter a text is put out only if it means nothing to HCL, inside quotes or out.
    #[test]
    fn text_without_the_filter_is_refused_or_harmless(input in prop_oneof![nasty(), "[A-Za-z0-9_.:/@+-]{0,20}"]) {
        let texts = vec![input.clone(); FIELDS.len()];
        let repository = load(&written(&texts, &[], &BTreeMap::new()), "quoted = \"{{ inputs.text }}\"\nlast = 1\n");
        match rendered(&repository) {
            Ok(modules) => {
                let file = echoed(&modules);
                let body = hcl_edit::parser::parse_body(&file).expect("it parses");
                prop_assert_eq!(body.iter().count(), 2);
                prop_assert_eq!(text(expression(&body, "quoted")), &input);
            }
            Err(problems) => {
                let problem = problems.iter().next().unwrap();
                prop_assert!(problem.message.contains("put out as it is"), "{}", problem.message);
                let place = problem.labels[0].place;
                prop_assert_eq!((place.start, place.end), (10, 27), "the expression's own place");
            }
        }
    }
}

/// Every way that is known to make Tera put out a text unchecked.
#[test]
fn no_filter_and_no_block_lets_a_text_through_unchecked() {
    let evil = "\"\n}\nresource \"x\" \"y\" {}\n${file(\"/etc/passwd\")}";
    let domains = written(&vec![evil.to_owned(); FIELDS.len()], &[evil.to_owned()], &BTreeMap::new());
    for expression in [
        "{{ inputs.text }}",
        "{{ inputs.text | safe }}",
        "{{ inputs.text | escape }}",
        "{{ inputs.text | escape_html }}",
        "{{ inputs.text | escape_xml }}",
        "{{ inputs.text | newlines_to_br }}",
        "{{ inputs.text | hcl | safe }}",
        "{{ inputs.text | hcl | trim }}",
        "{{ inputs.text | hcl | upper }}",
        "{{ inputs.text | hcl | lower }}",
        "{{ inputs.text | hcl | capitalize }}",
        "{{ inputs.text | hcl | title }}",
        "{{ inputs.text | hcl | replace(from=\"\\\"\", to=\"\") }}",
        "{{ inputs.text | hcl | truncate(length=3) }}",
        "{{ inputs.text | hcl | indent(width=2) }}",
        "{{ inputs.text | hcl | hcl }}",
        "{{ inputs.text | hcl | json }}",
        "{{ inputs.text | hcl | reverse }}",
        "{{ inputs.text | hcl | split(pat=\"x\") | join(sep=\"\") }}",
        "{{ inputs.text | hcl | str }}",
        "{{ inputs.list | join(sep=\", \") }}",
        "{{ [inputs.text | hcl] | join(sep=\", \") }}",
        "{{ inputs.list }}",
        "{{ inputs.list | first }}",
        "{{ inputs.text ~ \"\" }}",
        "{{ (inputs.text | hcl) ~ inputs.text }}",
        "{% set x = inputs.text %}{{ x }}",
        "{% set x %}{{ inputs.text }}{% endset %}{{ x }}",
        "{% filter upper %}{{ inputs.text }}{% endfilter %}",
        "{% filter safe %}{{ inputs.text }}{% endfilter %}",
        "{% for x in inputs.list %}{{ x }}{% endfor %}",
        "{{ inputs }}",
        "{{ __tera_context }}",
    ] {
        let template = format!("a = {expression}\n");
        let repository = read(&domains, &template);
        if repository.engine.is_some() {
            assert!(
                rendered(&repository).is_err(),
                "{expression} was put out: {}",
                echoed(&rendered(&repository).unwrap())
            );
        }
    }
}

/// Texts that would be code, and valid, if they were put out: the HCL parser is no second line of defence here.
#[test]
fn no_finished_literal_is_cut_open_and_none_is_for_another_reader() {
    for (template, text) in [
        ("a = {{ (inputs.text | hcl)[1:-1] }}\n", "local.secret"),
        ("{% set x = inputs.text | hcl %}a = {{ x?[1:-1:1] }}\n", "local.secret"),
        ("{% set x %}{{ inputs.text | hcl }}{% endset %}a = {{ x[1:-1] }}\n", "local.secret"),
        (
            "{% component c() %}{{ body[1:-1] }}{% endcomponent c %}a = {% <c> %}{{ inputs.text | hcl }}{% </c> %}\n",
            "local.secret",
        ),
        ("a = {{ inputs.text | json }}\n", "${local.secret}"),
        ("a = {{ inputs | json }}\n", "${local.secret}"),
        ("a = <<EOT\n{{ inputs.text | json }}\nEOT\n", "${local.secret}"),
    ] {
        let domains = written(&vec![text.to_owned(); FIELDS.len()], &[], &BTreeMap::new());
        let repository = read(&domains, template);
        let problems = match repository.engine {
            Some(_) => rendered(&repository).expect_err(template),
            None => repository.diagnostics,
        };
        let said: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert!(said.iter().any(|said| said.contains("slice") || said.contains("`json`")), "{template}: {said:?}");
    }
}

/// A comment is the one place where the end of a literal is not looked for.
#[test]
fn no_text_ends_the_comment_it_stands_in() {
    for (template, text) in
        [("/* {{ inputs.text | hcl }} */\n", "*/ x = 1 /*"), ("# {{ inputs.text | hcl }}\n", "\nx = 1")]
    {
        let domains = written(&vec![text.to_owned(); FIELDS.len()], &[], &BTreeMap::new());
        let file = echoed(&rendered(&read(&domains, &format!("{template}a = 1\n"))).expect("it renders"));
        let body = hcl_edit::parser::parse_body(&file).expect("it parses");
        assert_eq!(body.iter().count(), 1, "{file}");
    }
}
