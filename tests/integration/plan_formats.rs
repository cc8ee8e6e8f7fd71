//! Plans that the Terraform of these tests cannot emit, made by hand after the sources of the versions that do
//! (`internal/command/jsonplan` of Terraform and of OpenTofu), and what their digests say.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::harness::Repository;

/// Terraform 0.12: no marks, no drift, no `errored`.
fn terraform_0_12() -> Value {
    json!({
        "format_version": "0.1", "terraform_version": "0.12.31",
        "variables": {"name": {"value": "catalog"}},
        "planned_values": {"root_module": {"resources": [{"address": "null_resource.a", "values": {"triggers": {"x": "2"}}}]}},
        "resource_changes": [{
            "address": "null_resource.a", "mode": "managed", "type": "null_resource", "name": "a", "provider_name": "null",
            "change": {"actions": ["delete", "create"], "before": {"id": "123", "triggers": {"x": "1"}},
                "after": {"triggers": {"x": "2"}}, "after_unknown": {"id": true, "triggers": {}}}
        }],
        "output_changes": {"o": {"actions": ["create"], "before": null, "after": "x", "after_unknown": false}},
        "prior_state": {"format_version": "0.1", "values": {"root_module": {}}},
        "configuration": {"root_module": {"variables": {"name": {}}, "outputs": {"o": {}}}}
    })
}

fn one(actions: &[&str], more: &Value) -> Value {
    let mut change = json!({
        "address": "aws_thing.a", "mode": "managed", "type": "aws_thing", "name": "a",
        "change": {"actions": actions, "before": {"id": "a-1", "size": 1}, "after": {"size": 2}, "after_unknown": {"id": true}}
    });
    for (key, value) in more.as_object().unwrap() {
        change[key] = value.clone();
    }
    json!({"format_version": "1.2", "planned_values": {}, "resource_changes": [change]})
}

fn drift() -> Value {
    json!({"format_version": "1.2", "planned_values": {}, "resource_drift": [{
        "address": "aws_security_group.web", "type": "aws_security_group",
        "change": {"actions": ["update"], "before": {"description": "web"}, "after": {"description": "changed by hand"}}
    }, {
        "address": "aws_instance.gone", "type": "aws_instance",
        "change": {"actions": ["delete"], "before": {"id": "i-0123456789abcdef0"}, "after": null}
    }]})
}

/// Terraform 1.14 and later.
fn newest() -> Value {
    json!({"format_version": "1.2", "planned_values": {}, "complete": false,
        "deferred_changes": [{"reason": "provider_config_unknown", "resource_change": {
            "address": "aws_eks_addon.dns", "type": "aws_eks_addon",
            "change": {"actions": ["create"], "before": null, "after": {"addon_name": "coredns"}}}}],
        "action_invocations": [{"address": "action.aws_lambda_invoke.warm", "type": "aws_lambda_invoke", "name": "warm",
            "config_values": {"function_name": "warm", "payload": "hunter2-hunter2"}, "config_sensitive": {"payload": true},
            "config_unknown": {"qualifier": true},
            "lifecycle_action_trigger": {"triggering_resource_address": "aws_lambda_function.f"}}]})
}

fn numbers() -> Value {
    let text = r#"{"format_version":"1.2","planned_values":{},"resource_changes":[{"address":"a.b","type":"a","change":{"actions":["update"],
        "before":{"big":1e400,"long":123456789012345678901234567890,"same":1.0},"after":{"big":1E401,"long":123456789012345678901234567891,"same":1.0}}}]}"#;
    serde_json::from_str(text).unwrap()
}

/// What the AWS provider writes when something is opened, widened or exposed.
fn dangers() -> Value {
    let group = |blocks: &[&str]| {
        json!({"id": "sg-0123456789abcdef0", "ingress": [{"cidr_blocks": blocks, "description": "", "from_port": 22,
            "ipv6_cidr_blocks": [], "prefix_list_ids": [], "protocol": "tcp", "security_groups": [], "self": false, "to_port": 22}]})
    };
    let statement = |action: &str, resource: &str| json!({"policy": json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}).to_string()});
    let trust = |who: Value| json!({"assume_role_policy": json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": who}]}).to_string()});
    let block = |on: bool| json!({"block_public_acls": on, "block_public_policy": on, "ignore_public_acls": on, "restrict_public_buckets": on});
    let change = |address: &str, before: Value, after: Value| {
        let actions = match (before.is_null(), after.is_null()) {
            (true, _) => json!(["create"]),
            (_, true) => json!(["delete"]),
            _ => json!(["update"]),
        };
        json!({"address": address, "type": address.split('.').next(), "change": {"actions": actions, "before": before, "after": after}})
    };
    let mut vpc = change("aws_vpc.main", json!({"cidr_block": "10.0.0.0/16"}), json!({"cidr_block": "10.1.0.0/16"}));
    vpc["change"]["actions"] = json!(["delete", "create"]);
    vpc["change"]["replace_paths"] = json!([["cidr_block"]]);
    vpc["action_reason"] = json!("replace_because_cannot_update");
    json!({"format_version": "1.2", "planned_values": {}, "resource_changes": [
        change("aws_security_group.ssh", group(&["10.0.0.0/8"]), group(&["10.0.0.0/8", "0.0.0.0/0"])),
        change("aws_vpc_security_group_ingress_rule.any", Value::Null, json!({"cidr_ipv4": "0.0.0.0/0", "ip_protocol": "-1"})),
        change("aws_iam_policy.p", statement("s3:GetObject", "*"), statement("*", "*")),
        change("aws_iam_role.r", trust(json!({"AWS": "arn:aws:iam::111111111111:root"})), trust(json!("*"))),
        change("aws_s3_bucket_public_access_block.b", block(true), block(false)),
        change("aws_db_instance.d", json!({"publicly_accessible": false}), json!({"publicly_accessible": true})),
        change("aws_nat_gateway.n", json!({"id": "nat-1"}), Value::Null),
        vpc,
    ]})
}

#[test]
fn what_other_versions_write_is_understood() {
    let plans = [
        ("terraform 0.12", terraform_0_12()),
        ("opentofu 1.11: an ephemeral resource is opened", one(&["open"], &json!({"mode": "ephemeral"}))),
        ("opentofu 1.12: forgotten, then created", one(&["forget", "create"], &json!({}))),
        (
            "terraform 1.16: created, then forgotten",
            one(&["create", "forget"], &json!({"action_reason": "replace_because_cannot_update"})),
        ),
        ("an action of the future", one(&["delete", "archive"], &json!({}))),
        ("a key of the future", one(&["update"], &json!({"since_1_20": {"x": [1]}}))),
        ("drift", drift()),
        ("deferred changes and provider actions", newest()),
        ("numbers that no machine holds", numbers()),
        ("dangers", dangers()),
    ];
    let mut text = String::new();
    let mut repository = Repository::empty();
    for (index, (name, plan)) in plans.iter().enumerate() {
        let file = format!("{index}.json");
        repository = repository.file(&file, plan.to_string());
        let digest = repository.run(&["digest", &file]).succeeds().json();
        let mut digest = digest.as_object().unwrap().clone();
        digest.remove("fingerprint");
        digest.remove("schema_version");
        writeln!(text, "# {name}\n{}\n", serde_json::to_string_pretty(&digest).unwrap()).unwrap();
    }
    insta::assert_snapshot!("formats", text);
}

#[test]
fn drift_is_reviewed_apart_and_is_no_change() {
    let repository = Repository::empty();
    let mut repository = repository;
    for key in ["a/dev", "b/dev", "c/dev"] {
        repository = repository.file(&format!("plans/{key}.json"), drift().to_string());
    }
    let run = repository.run(&["review", "plans", "--fail-on", "change,destroy,danger"]).succeeds();
    insta::assert_snapshot!("review_drift", run.stdout);
    let run = repository.run(&["review", "plans", "--fail-on", "drift"]).fails();
    assert!(run.stderr.ends_with("error: the review fails on 3 accounts drifted\n"), "{}", run.stderr);
}

#[test]
fn dangers_are_named_in_the_comment() {
    let repository = Repository::empty()
        .file("plans/a/prod.json", dangers().to_string())
        .file("plans/b/prod.json", dangers().to_string());
    let run = repository.run(&["review", "plans", "-q", "--markdown", "-"]).succeeds();
    let dangers: String = run
        .stdout
        .lines()
        .take_while(|line| *line != "### Patterns")
        .fold(String::new(), |text, line| text + line + "\n");
    insta::assert_snapshot!("review_dangers", dangers);
}

/// Who an account is, is the caller's word and no secret, even where a sensitive value is the same text.
#[test]
fn an_account_is_who_it_is_whatever_its_plan_hides() {
    let change = json!({
        "address": "aws_thing.a", "mode": "managed", "type": "aws_thing", "name": "a",
        "change": {
            "actions": ["create"], "before": null, "after": {"key": "catalog/production", "note": "of catalog/production"},
            "after_unknown": {}, "before_sensitive": false, "after_sensitive": {"key": true}
        }
    });
    let plan = json!({"format_version": "1.2", "planned_values": {}, "resource_changes": [change]});
    let repository = Repository::empty().file("plan.json", plan.to_string());
    let digest = repository.run(&["digest", "plan.json", "--account", "catalog/production"]).succeeds();
    assert_eq!(digest.json()["account"], "catalog/production");
    assert_eq!(digest.stdout.matches("catalog/production").count(), 1, "{}", digest.stdout);
}
