//! `review` and `digest`: what they read, what they write, and how they end.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::harness::Repository;

/// A plan with these changes.
fn plan(changes: &Value) -> Value {
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4",
        "planned_values": {"root_module": {}}, "resource_changes": changes,
        "errored": false, "complete": true, "applyable": true,
    })
}

fn change(address: &str, actions: &[&str], before: &Value, after: &Value) -> Value {
    let kind = address.split(['.', '[']).next().unwrap_or_default();
    json!({"address": address, "mode": "managed", "type": kind, "name": "x",
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}}})
}

fn retention(days: u32) -> Value {
    change(
        "aws_cloudwatch_log_group.app",
        &["update"],
        &json!({"retention_in_days": 30}),
        &json!({"retention_in_days": days}),
    )
}

/// Six accounts of a groundwork repository: two patterns, one outlier that destroys something in a protected one.
fn fleet() -> Repository {
    let domains = crate::harness::DOMAINS.to_owned()
        + "[domains.payments]\nteam = \"catalog\"\nenvironments = [\"dev\", \"prod\"]\n[domains.search]\nteam = \"catalog\"\nenvironments = [\"dev\", \"prod\"]\n";
    let mut repository = Repository::with_domains(&domains);
    repository.run(&["allocate"]).succeeds();
    for domain in ["catalog", "payments", "rehearsal", "search"] {
        for environment in ["dev", "prod"] {
            let role = format!("{domain}-{environment}-deploy");
            let mut changes =
                vec![retention(90), change("aws_iam_role.deploy", &["create"], &Value::Null, &json!({"name": role}))];
            if (domain, environment) == ("payments", "prod") {
                let gateway = json!({"allocation_id": "eipalloc-0123456789abcdef0", "id": "nat-0123456789abcdef0"});
                changes.push(change("aws_nat_gateway.main[2]", &["delete"], &gateway, &Value::Null));
            }
            repository =
                repository.file(&format!("plans/{domain}/{environment}.json"), plan(&json!(changes)).to_string());
        }
    }
    repository
}

#[test]
fn a_review_in_the_terminal_and_as_a_comment() {
    let repository = fleet();
    let run = repository.run(&[
        "review",
        "plans",
        "--markdown",
        "comment.md",
        "--html",
        "review.html",
        "--json",
        "review.json",
    ]);
    insta::assert_snapshot!("review_text", run.succeeds().stdout);
    insta::assert_snapshot!("review_comment", repository.read("comment.md"));
    assert!(repository.read("review.html").starts_with("<!doctype html>"));
    let review: Value = serde_json::from_str(&repository.read("review.json")).unwrap();
    assert_eq!(review["outliers"][0]["account"], "payments/prod");
    assert_eq!(review["dangers"][0]["protected"], true);
    assert_eq!(review["dangers"][0]["kinds"], json!(["destroy", "network"]));
    assert_eq!(review["accounts"][0]["team"], "catalog");
}

#[test]
fn the_same_plans_give_the_same_bytes_in_whatever_order_they_come() {
    let repository = fleet();
    let arguments = ["review", "plans", "-q", "--markdown", "a.md", "--html", "a.html", "--json", "a.json"];
    repository.run(&arguments).succeeds();
    let first = ["a.md", "a.html", "a.json"].map(|name| repository.read(name));
    // As digests, in other folders, with other names.
    for (index, key) in [
        "search/prod",
        "payments/prod",
        "catalog/dev",
        "rehearsal/dev",
        "rehearsal/prod",
        "catalog/prod",
        "search/dev",
        "payments/dev",
    ]
    .iter()
    .enumerate()
    {
        let (plan, out) = (format!("plans/{key}.json"), format!("digests/shard-{}/{index}.json", index % 3));
        repository.run(&["digest", &plan, "--account", key, "--out", &out]).succeeds();
    }
    repository.run(&arguments.map(|argument| if argument == "plans" { "digests" } else { argument })).succeeds();
    assert_eq!(["a.md", "a.html", "a.json"].map(|name| repository.read(name)), first);
}

#[test]
fn it_works_alone_on_the_plans_of_any_repository() {
    let repository = Repository::empty()
        .file("plans/payments-prod.json", plan(&json!([retention(90)])).to_string())
        .file("plans/payments-dev/plan.json", plan(&json!([retention(90)])).to_string())
        .file("plans/notes.md", "not a plan");
    let run = repository.run(&["review", "plans", "--json", "-"]).succeeds();
    assert_eq!(run.stderr, "1 file with other names than plans have passed over\n");
    assert_eq!(run.json()["patterns"][0]["accounts"], json!(["payments-dev", "payments-prod"]));
}

#[test]
fn whatever_is_no_plan_becomes_a_row_and_stops_nothing() {
    let good = plan(&json!([retention(90)])).to_string();
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(good.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let broken = plan(&json!([])).to_string().replace("\"errored\":false", "\"errored\":true");
    let targeted = plan(&json!([retention(90)])).to_string().replace("\"complete\":true", "\"complete\":false");
    let repository = Repository::empty()
        .file("plans/a-good.json", &good)
        .file("plans/b-utf16.json", utf16)
        .file("plans/c-wrapped.json", format!("[command]/usr/bin/terraform show -json p\n{good}\n::debug::exit 0\n"))
        .file("plans/d-two.ndjson", format!("{good}\n{good}\n"))
        .file("plans/e-truncated.json", &good[..good.len() - 30])
        .file("plans/f-empty.json", "")
        .file("plans/g-text.json", "No changes. Your infrastructure matches the configuration.\n")
        .file("plans/h-binary.tfplan", b"PK\x03\x04\x00")
        .file("plans/i-log.json", "{\"@level\":\"info\",\"@message\":\"Terraform 1.11.4\"}\n{\"@level\":\"info\"}\n")
        .file("plans/j-state.json", r#"{"format_version":"1.0","values":{"root_module":{}}}"#)
        .file("plans/k-newer.json", r#"{"format_version":"2.0"}"#)
        .file("plans/l-other.json", r#"{"hello":"world"}"#)
        .file(
            "plans/m-deep.json",
            plan(&json!([change("a.b", &["update"], &json!({}), &json!("X"))]))
                .to_string()
                .replace("\"X\"", &("[".repeat(500) + &"]".repeat(500))),
        )
        .file("plans/n-errored.json", broken)
        .file("plans/o-targeted.json", targeted)
        .file("plans/p-latin1.json", b"{\"a\": \"\xe9\"}")
        .file("plans/q-digest.json", r#"{"schema_version":99,"fingerprint":"x"}"#)
        .file("plans/r-forged.json", r#"{"schema_version":1,"fingerprint":"sha256:0"}"#)
        .file("expected.txt", "a-good\nz-missing\n");
    let run =
        repository.run(&["review", "plans", "--expect", "expected.txt", "--fail-on", "not-planned,incomplete"]).fails();
    insta::assert_snapshot!("review_dirty", format!("{}\n{}", run.stdout, run.stderr));
}

#[test]
fn two_plans_for_one_account_are_not_chosen_from() {
    let repository = Repository::empty()
        .file("plans/one/catalog/prod.json", plan(&json!([])).to_string())
        .file("plans/digest.json", "")
        .file("plan.json", plan(&json!([retention(90)])).to_string());
    repository.run(&["digest", "plan.json", "--account", "catalog/prod", "--out", "plans/digest.json"]).succeeds();
    repository.run(&["digest", "plan.json", "--account", "catalog/prod", "--out", "plans/again.json"]).succeeds();
    let review = repository.run(&["review", "plans", "--json", "-"]).succeeds().json();
    assert_eq!(review["not_planned"][0]["account"], "catalog/prod");
    assert_eq!(review["not_planned"][0]["reason"], "there are 2 plans for it: `again.json`, `digest.json`");
}

#[test]
fn a_workflow_can_gate_on_what_is_found() {
    let repository = fleet();
    for (what, found) in [
        ("destroy", Some("1 resource destroyed")),
        ("replace", None),
        ("protected", Some("1 loss in protected accounts")),
        ("change", Some("8 accounts changing")),
        ("danger,destroy", Some("1 danger, 1 resource destroyed")),
        ("not-planned,policy,warn,drift,check,forget,incomplete", None),
    ] {
        let run = repository.run(&["review", "plans", "-q", "--markdown", "out.md", "--fail-on", what]);
        match found {
            None => {
                run.succeeds();
            }
            Some(found) => assert_eq!(run.fails().stderr, format!("error: the review fails on {found}\n")),
        }
        // What was found is written in any case.
        assert!(repository.has("out.md"));
    }
}

#[test]
fn accounts_are_protected_by_glob_where_no_domains_toml_says_so() {
    let gone = change("aws_s3_bucket.logs", &["delete"], &json!({"bucket": "b"}), &Value::Null);
    let repository = Repository::empty()
        .file("plans/catalog-prod.json", plan(&json!([gone])).to_string())
        .file("plans/catalog-dev.json", plan(&json!([gone])).to_string());
    let protected = |globs: &str| {
        repository.run(&["review", "plans", "--protected", globs, "--fail-on", "protected", "--json", "-"])
    };
    let review = protected("*-prod").fails().json();
    let dangers: Vec<_> =
        review["dangers"].as_array().unwrap().iter().map(|one| (&one["protected"], &one["accounts"])).collect();
    assert_eq!(dangers, [(&json!(true), &json!(["catalog-prod"])), (&json!(false), &json!(["catalog-dev"]))]);
    // A typo must not leave open what was to be protected.
    assert_eq!(protected("*-porduction").fails().stderr, "error: no account matches `*-porduction`\n");
    assert_eq!(
        protected("[").fails().stderr.lines().next().map(|line| line.starts_with("error: `[` is no glob")),
        Some(true)
    );
}

#[test]
fn policies_speak_in_the_review() {
    let repository = fleet().file(
        "policies/nat.rego",
        "package nat\nimport rego.v1\ndeny contains {\"msg\": msg, \"address\": r.address} if {\n some r in input.resource_changes\n \
         r.type == \"aws_nat_gateway\"\n \"delete\" in r.change.actions\n input.protected\n msg := sprintf(\"%s of %s goes\", [r.change.before.id, input.team])\n}\n\
         warn contains \"roles\" if some r in input.resource_changes\n",
    );
    let run = repository
        .run(&["review", "plans", "--policy", "policies", "--fail-on", "policy", "--markdown", "out.md"])
        .fails();
    assert!(run.stderr.ends_with("error: the review fails on 1 refusal by a policy\n"), "{}", run.stderr);
    let comment = repository.read("out.md");
    let policy: String = comment
        .lines()
        .skip_while(|line| *line != "### Policy")
        .take(3)
        .fold(String::new(), |text, line| text + line + "\n");
    insta::assert_snapshot!("review_policy", policy);
    let run = fleet()
        .file("policies/bad.rego", "package p\n\ndeny {\n")
        .run(&["review", "plans", "--policy", "policies"])
        .fails();
    insta::assert_snapshot!("review_bad_policy", run.stderr);
}

#[test]
fn a_review_is_compared_with_the_one_before() {
    let repository = fleet();
    repository.run(&["review", "plans", "-q", "--json", "before.json"]).succeeds();
    let same = repository.run(&["review", "plans", "-q", "--compare", "before.json", "--markdown", "-"]).succeeds();
    assert!(same.stdout.contains("### Since the last review\nNothing is different.\n"), "{}", same.stdout);
    let bucket = change("aws_s3_bucket.logs", &["delete"], &json!({"bucket": "b"}), &Value::Null);
    repository.write("plans/catalog/dev.json", plan(&json!([retention(60), bucket])).to_string());
    repository.write("plans/payments/prod.json", plan(&json!([])).to_string());
    std::fs::remove_file(repository.path("plans/search/dev.json")).unwrap();
    let run = repository.run(&["review", "plans", "-q", "--compare", "before.json", "--markdown", "-"]).succeeds();
    let since: String = run
        .stdout
        .lines()
        .skip_while(|line| !line.contains("Since the last"))
        .take(6)
        .fold(String::new(), |text, line| text + line + "\n");
    insta::assert_snapshot!("review_since", since);
    repository.write("before.json", "{\"accounts\": 1}");
    insta::assert_snapshot!(
        "review_bad_compare",
        repository.run(&["review", "plans", "--compare", "before.json"]).fails().stderr
    );
}

/// Everything that a comment could be abused for.
const HOSTILE: &str = "x`y\"] @everyone #1 </details><script>alert(1)</script> | **b** [l](http://example.com) \u{202e}\u{1b}[31m\n```\n# heading\n<!-- -->";

#[test]
fn hostile_text_is_inert_in_the_comment_and_in_the_terminal() {
    let mut repository = Repository::empty();
    for key in ["a/prod", "b/prod", "c/prod"] {
        let address = format!("aws_x.y[{}]", Value::from(HOSTILE));
        let mut hostile = change(&address, &["delete", HOSTILE], &json!({HOSTILE: HOSTILE}), &Value::Null);
        hostile["action_reason"] = HOSTILE.into();
        let mut update = change("aws_z.z", &["update"], &json!({"v": "1"}), &json!({"v": format!("{key} {HOSTILE}")}));
        update["previous_address"] = HOSTILE.into();
        update["type"] = HOSTILE.into();
        let mut plan = plan(&json!([hostile, update]));
        plan["checks"] = json!([{"address": {"to_display": HOSTILE}, "status": "fail", "instances": [{"status": "fail", "problems": [{"message": HOSTILE}]}]}]);
        plan["output_changes"] = json!({HOSTILE: {"actions": ["create"], "before": null, "after": HOSTILE}});
        repository = repository.file(&format!("plans/{key}.json"), plan.to_string());
    }
    let file = format!("plans/{}.json", HOSTILE.replace(['/', '\0'], "-"));
    let repository = repository
        .file(&file, "{}")
        .file("policies/p.rego", format!("package p\nimport rego.v1\ndeny contains {}\n", Value::from(HOSTILE)));
    for most in ["2048", "4096", "65536"] {
        let run = repository
            .run(&["review", "plans", "--policy", "policies", "--markdown", "out.md", "--max-bytes", most])
            .succeeds();
        let comment = repository.read("out.md");
        assert!(comment.len() <= most.parse().unwrap());
        assert_inert(&comment);
        for text in [&run.stdout, &run.stderr, &comment] {
            assert!(
                !text.chars().any(|character| character != '\n' && groundwork::text::is_hostile(character)),
                "{text:?}"
            );
        }
        for line in run.stdout.lines() {
            assert!(!line.starts_with("# heading") && !line.starts_with("```"), "a text began a line: {line}");
        }
    }
}

/// Whatever is left when code is taken away is ours.
#[track_caller]
fn assert_inert(comment: &str) {
    let outside = without_code(comment);
    for word in ["@everyone", "#1", "<script", "alert", "**b**", "](http", "# heading", "</details><"] {
        assert!(!outside.contains(word), "{word} is outside of code:\n{outside}");
    }
    assert_eq!(outside.matches("<details>").count(), outside.matches("</details>").count());
    assert_eq!(outside.matches("<!--").count(), 1, "only the marker");
}

/// A comment without its fenced blocks and inline code, by CommonMark's rules for both.
fn without_code(comment: &str) -> String {
    let (mut text, mut fence) = (String::new(), None::<usize>);
    for line in comment.lines() {
        let run = line.bytes().take_while(|byte| *byte == b'`').count();
        match fence {
            Some(length) if run >= length && line[run..].trim().is_empty() => fence = None,
            Some(_) => {}
            None if run >= 3 && !line[run..].contains('`') => fence = Some(run),
            None => {
                writeln!(text, "{}", without_inline_code(line)).unwrap();
            }
        }
    }
    assert_eq!(fence, None, "a block is left open");
    text
}

fn without_inline_code(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        text.push_str(&rest[..start]);
        let run = rest[start..].bytes().take_while(|byte| *byte == b'`').count();
        let after = &rest[start + run..];
        // A code span ends at the next run of exactly as many.
        let mut at = 0;
        let end = loop {
            let Some(found) = after[at..].find('`') else { break None };
            let length = after[at + found..].bytes().take_while(|byte| *byte == b'`').count();
            if length == run {
                break Some(at + found + run);
            }
            at += found + length;
        };
        match end {
            Some(end) => rest = &after[end..],
            None => {
                text.push_str(&rest[start..start + run]);
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

#[test]
fn a_comment_keeps_to_its_budget_and_says_what_it_left_out() {
    let mut repository = Repository::empty();
    for number in 0..40 {
        let mut changes = vec![change("aws_nat_gateway.main", &["delete"], &json!({"id": "nat-1"}), &Value::Null)];
        for index in 0..=number {
            let text = format!("a value {} that takes some place", "long ".repeat(20));
            changes.push(change(
                &format!("aws_thing_{number}.resource_{index}"),
                &["create"],
                &Value::Null,
                &json!({"one": text, "two": "x"}),
            ));
        }
        repository = repository.file(&format!("plans/domain-{number}/prod.json"), plan(&json!(changes)).to_string());
    }
    let mut sizes = Vec::new();
    for most in [2_048, 3_000, 6_000, 12_000, 24_000, 48_000, 65_536, 1_000_000] {
        let run = repository
            .run(&[
                "review",
                "plans",
                "-q",
                "--markdown",
                "-",
                "--max-bytes",
                &most.to_string(),
                "--link",
                "https://ci.example/run/1?a=b c",
            ])
            .succeeds();
        let size = run.stdout.trim_end().len();
        assert!(size <= most, "{size} of {most}");
        assert!(run.stdout.contains("**destroys"), "the danger is there with {most} bytes:\n{}", run.stdout);
        let left_out = run.stdout.contains("**Left out, to fit:**");
        assert_eq!(run.stdout.contains("[All of it](https://ci.example/run/1?a=b%20c)"), left_out, "{most}");
        assert_eq!(left_out, most < 48_000, "{most}");
        sizes.push(size);
    }
    assert!(sizes.is_sorted(), "{sizes:?}");
    let run = repository.run(&["review", "plans", "--max-bytes", "100"]);
    assert_eq!(run.code, Some(2));
    insta::assert_snapshot!(
        "review_small",
        repository.run(&["review", "plans", "-q", "--markdown", "-", "--max-bytes", "6000"]).succeeds().stdout
    );
}

#[test]
fn what_is_written_is_what_the_schemas_say() {
    let repository = fleet().file("policies/w.rego", "package w\nimport rego.v1\nwarn contains \"w\"\n");
    repository.run(&["review", "plans", "-q", "--json", "before.json"]).succeeds();
    let review = repository
        .run(&["review", "plans", "-q", "--json", "-", "--policy", "policies", "--compare", "before.json"])
        .succeeds()
        .json();
    let digest =
        repository.run(&["digest", "plans/payments/prod.json", "--account", "payments/prod"]).succeeds().json();
    for (of, value) in [("review", &review), ("digest", &digest)] {
        let schema = repository.run(&["schema", "--of", of]).succeeds().json();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new(), "{of}");
        assert!(!validator.is_valid(&json!({})), "the schema of a {of} asks for nothing");
    }
}

#[test]
fn nothing_to_review_is_said_with_what_a_plan_is() {
    let repository = Repository::empty().file("plans/readme.md", "");
    insta::assert_snapshot!("review_nothing", repository.run(&["review", "plans"]).fails().stderr);
    insta::assert_snapshot!("review_missing", repository.run(&["review", "missing"]).fails().stderr);
    insta::assert_snapshot!("digest_missing", repository.run(&["digest", "missing.json"]).fails().stderr);
}

#[test]
fn a_secret_that_is_marked_in_one_place_is_hidden_in_all() {
    const SECRET: &str = "hunter2-hunter2";
    let sensitive =
        |values: Value| json!({"before": null, "after": values, "after_sensitive": {"s": true}, "actions": ["no-op"]});
    let marked = [
        (
            "a resource that stays",
            json!({"resource_changes": [{"address": "a.b", "type": "a", "change": sensitive(json!({"s": SECRET}))}]}),
        ),
        (
            "drift",
            json!({"resource_drift": [{"address": "a.b", "type": "a", "change": sensitive(json!({"s": SECRET}))}]}),
        ),
        (
            "a deferred change",
            json!({"deferred_changes": [{"resource_change": {"address": "a.b", "type": "a", "change": sensitive(json!({"s": SECRET}))}}]}),
        ),
        (
            "an output",
            json!({"output_changes": {"o": {"actions": ["no-op"], "before": SECRET, "after": SECRET, "before_sensitive": true, "after_sensitive": true}}}),
        ),
        (
            "a variable",
            json!({"variables": {"v": {"value": {"deep": [SECRET]}}}, "configuration": {"root_module": {"variables": {"v": {"sensitive": true}}}}}),
        ),
        (
            "an ephemeral variable",
            json!({"variables": {"v": {"value": SECRET}}, "configuration": {"root_module": {"variables": {"v": {"ephemeral": true}}}}}),
        ),
        ("a variable of which nothing is known", json!({"variables": {"v": {"value": SECRET}}})),
        (
            "an output of the prior state",
            json!({"prior_state": {"values": {"outputs": {"o": {"sensitive": true, "value": SECRET}}}}}),
        ),
        (
            "a resource of the prior state",
            json!({"prior_state": {"values": {"root_module": {"child_modules": [{"child_modules": [
            {"resources": [{"address": "a.b", "values": {"l": ["x", SECRET]}, "sensitive_values": {"l": [false, true]}}]}]}]}}}}),
        ),
        (
            "a provider's action",
            json!({"action_invocations": [{"address": "action.a.b", "type": "a", "config_values": {"s": SECRET}, "config_sensitive": {"s": true}}]}),
        ),
    ];
    for (place, more) in marked {
        let leak = change("c.d", &["update"], &json!({"text": "x"}), &json!({"text": format!("token {SECRET}!")}));
        let mut plan = plan(&json!([leak]));
        for (key, value) in more.as_object().unwrap() {
            match (plan[key].as_array_mut(), value.as_array()) {
                (Some(list), Some(more)) => list.extend(more.iter().cloned()),
                _ => plan[key] = value.clone(),
            }
        }
        let repository = Repository::empty().file("plan.json", plan.to_string());
        let digest = repository.run(&["digest", "plan.json"]).succeeds().stdout;
        assert!(!digest.contains(SECRET), "{place}: {digest}");
        assert!(digest.contains("token (sensitive)!"), "{place}: {digest}");
    }
}
