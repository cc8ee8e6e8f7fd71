//! Secrets planted wherever a plan can hold one, and searched for in every byte that comes out.

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::planner::Root;
use groundwork_testing::terraform::Terraform;

/// With characters that every encoding has to do something about.
const SECRETS: [&str; 5] = [
    "hunter2/\"<&>'+ pass?",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----\n",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "pässwörd-ünïcode-✓",
    "98765432101234",
];

/// Every way in which Terraform's own functions can carry a secret to where it is not marked.
const SOURCE: &str = r#"
variable "secret" {
  type      = string
  sensitive = true
}
locals { open = nonsensitive(var.secret) }
resource "terraform_data" "marked" {
  input = { secret = var.secret, nested = [{ deep = var.secret }] }
}
resource "terraform_data" "leaks" {
  input = {
    plain   = local.open
    within  = "before ${local.open} after"
    json    = jsonencode({ password = local.open, (local.open) = 1 })
    twice   = jsonencode({ inner = jsonencode({ password = local.open }) })
    yaml    = yamlencode({ password = local.open })
    base64  = base64encode(local.open)
    shifted = base64encode("user:${local.open}:more")
    basic   = "Basic ${base64encode("u:${local.open}")}"
    url     = "https://u:${urlencode(local.open)}@example.com"
    upper   = "no"
    (local.open) = "as a key"
    indent  = "key: |\n${indent(4, local.open)}"
  }
}
resource "terraform_data" "each" {
  for_each = toset([local.open])
  input    = each.key
}
output "marked" {
  value     = var.secret
  sensitive = true
}
output "leaks" { value = "x ${local.open}" }
check "leaks" {
  assert {
    condition     = local.open == "something else"
    error_message = "it must not be ${local.open}"
  }
}
"#;

pub(crate) fn no_secret_is_in_any_output_in_any_encoding(terraform: &Terraform) {
    for secret in SECRETS {
        let root = Root::new(terraform, SOURCE);
        // Through a file: an argument could not hold line breaks.
        fs::write(root.path().join("terraform.tfvars.json"), json!({ "secret": "an older secret, 1234" }).to_string())
            .unwrap();
        root.apply(&[]);
        fs::write(root.path().join("terraform.tfvars.json"), json!({ "secret": secret }).to_string()).unwrap();
        let mut plan: Value = serde_json::from_str(&root.plan(&[])).unwrap();
        plant(&mut plan, secret);
        let plan = plan.to_string();
        assert!(found(&plan, secret).is_some(), "the secret is not even in the plan");
        for (name, output) in outputs(&plan) {
            if let Some(needle) = found(&output, secret) {
                panic!("{name} holds {needle:?} of {secret:?}:\n{output}");
            }
            if let Some(needle) = found(&output, "an older secret, 1234") {
                panic!("{name} holds {needle:?} of the older secret:\n{output}");
            }
        }
    }
}

/// Places that this Terraform leaves empty.
fn plant(plan: &mut Value, secret: &str) {
    plan["action_invocations"] = json!([{"address": "action.x.y", "type": "x",
        "config_values": {"token": secret, "note": format!("token {secret}")}, "config_sensitive": {"token": true}}]);
    plan["deferred_changes"] = json!([{"reason": "instance_count_unknown", "resource_change": {
        "address": format!("x.y[\"{secret}\"]"), "type": "x",
        "change": {"actions": ["create"], "before": null, "after": {"p": secret}, "after_sensitive": {"p": true}}}}]);
    plan["resource_drift"] = json!([{"address": "terraform_data.drifted", "type": "terraform_data",
        "change": {"actions": ["update"], "before": {"a": secret, "b": "x"}, "after": {"a": "y", "b": secret}, "before_sensitive": {"a": true}, "after_sensitive": {}}}]);
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    changes.push(json!({"address": "aws_iam_policy.p", "type": "aws_iam_policy", "action_reason": secret, "previous_address": secret,
        "change": {"actions": ["update"], "importing": {"id": secret},
            "before": {"policy": "{}"}, "after": {"policy": format!(r#"{{"Statement":[{{"Effect":"Allow","Action":"*","Resource":{}}}]}}"#, Value::from(secret))}}}));
    changes.push(json!({"address": "aws_security_group.g", "type": "aws_security_group",
        "change": {"actions": ["update"], "before": {}, "after": {"ingress": [{"protocol": secret, "cidr_blocks": ["0.0.0.0/0", secret]}]}}}));
    plan["variables"]["also"] = json!({ "value": format!("a {secret} b") });
    plan["variables"]["undeclared"] = json!({ "value": "only here, and not declared" });
    plan["configuration"]["root_module"]["variables"]["also"] = json!({});
}

/// Everything the binary writes about a plan: what is public.
fn outputs(plan: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for key in ["catalog", "payments", "search"] {
        fs::create_dir_all(path(&format!("plans/{key}"))).unwrap();
        fs::write(path(&format!("plans/{key}/prod.json")), plan).unwrap();
    }
    fs::write(path("plans/broken.json"), &plan[..plan.len() / 2]).unwrap();
    fs::write(path("plans/wrong.json"), plan.replacen("\"actions\":[", "\"actions\":\"x\",\"y\":[", 1)).unwrap();
    fs::create_dir(path("policies")).unwrap();
    let policy = "package main\nimport rego.v1\nwarn contains json.marshal(input) if true\n";
    fs::write(path("policies/all.rego"), policy).unwrap();
    let mut texts = Vec::new();
    let arguments = [
        "review",
        "plans",
        "-v",
        "-v",
        "--markdown",
        "out.md",
        "--summary",
        "out.summary",
        "--html",
        "out.html",
        "--json",
        "out.json",
        "--policy",
        "policies",
    ];
    run(folder.path(), &arguments, &mut texts);
    run(
        folder.path(),
        &["digest", "plans/catalog/prod.json", "-v", "--account", "catalog/prod", "--out", "out.digest"],
        &mut texts,
    );
    run(folder.path(), &["digest", "plans/wrong.json"], &mut texts);
    for name in ["out.md", "out.summary", "out.html", "out.json", "out.digest"] {
        texts.push((name.to_owned(), fs::read_to_string(path(name)).unwrap()));
    }
    texts
}

fn run(folder: &Path, arguments: &[&str], texts: &mut Vec<(String, String)>) {
    let output = Command::new(env!("CARGO_BIN_EXE_groundwork"))
        .args(arguments)
        .current_dir(folder)
        .env("GROUNDWORK_SEAL_KEY", "the key, which nobody may see")
        .output()
        .unwrap();
    let name = arguments.join(" ");
    for (stream, bytes) in [("stdout", output.stdout), ("stderr", output.stderr)] {
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains("nobody may see"), "{name} shows the key");
        texts.push((format!("{stream} of {name}"), text));
    }
}

/// A piece of the secret that stands in a text, in some encoding. Written without the library's own search.
fn found(text: &str, secret: &str) -> Option<String> {
    let lower = text.to_lowercase();
    // A single line of a key is as secret as all of it.
    let lines = secret.lines().map(str::trim).filter(|line| line.len() >= 8 && !line.starts_with("-----"));
    for piece in lines {
        let json = Value::from(piece).to_string();
        let json = &json[1..json.len() - 1];
        let go = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
        let html =
            |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let percent: String = piece
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect();
        let ascii: String =
            json.chars()
                .map(|character| {
                    if character.is_ascii() {
                        character.to_string()
                    } else {
                        format!("\\u{:04x}", u32::from(character))
                    }
                })
                .collect();
        let hex: String = piece.bytes().map(|byte| format!("{byte:02x}")).collect();
        let mut needles = vec![
            piece.to_owned(),
            json.to_owned(),
            go.clone(),
            go.replace('\\', "\\\\"),
            html(piece),
            html(json),
            html(piece).replace('\'', "&#39;"),
            html(piece).replace('\'', "&#x27;"),
            percent.clone(),
            percent.replace("%20", "+"),
            ascii,
            hex,
            piece.replace('`', "\\`"),
            piece.replace('|', "\\|"),
            // Half of it is too much as well.
            piece.chars().take(piece.chars().count() * 2 / 3).collect(),
            piece.chars().skip(piece.chars().count() / 3).collect(),
        ];
        for before in ["", "a", "ab"] {
            let encoded = STANDARD.encode(format!("{before}{piece}"));
            // Without the characters that neighbours have a part in.
            needles.push(encoded[4..encoded.len() - 4].to_owned());
            let encoded = URL_SAFE_NO_PAD.encode(format!("{before}{piece}"));
            needles.push(encoded[4..encoded.len() - 4].to_owned());
        }
        for needle in needles {
            if text.contains(&needle) || lower.contains(&needle.to_lowercase()) {
                return Some(needle);
            }
        }
    }
    None
}
