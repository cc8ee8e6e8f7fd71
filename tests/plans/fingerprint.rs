//! Same fingerprint, same change.

use groundwork::digest::{Digest, Seal};
use groundwork::system::plans::read_one;
use serde_json::Value;

use crate::planner::Root;
use groundwork_testing::terraform::Terraform;

const BEFORE: &str = r#"
variable "password" {
  sensitive = true
  default   = "correct-horse-1"
}
resource "terraform_data" "stays" { input = "x" }
resource "terraform_data" "updated" { input = "x" }
resource "terraform_data" "secret" { input = { password = var.password, user = "app" } }
resource "terraform_data" "gone" {}
"#;

fn digest(plan: &str, seal: Option<&Seal>) -> Digest {
    read_one(plan.as_bytes(), Some("catalog/prod"), seal).unwrap()
}

fn after() -> String {
    BEFORE
        .replace("\"updated\" { input = \"x\" }", "\"updated\" { input = \"y\" }")
        .replace("resource \"terraform_data\" \"gone\" {}", "resource \"terraform_data\" \"new\" {}")
}

fn root(terraform: &Terraform) -> Root<'_> {
    let root = Root::new(terraform, BEFORE);
    root.apply(&[]);
    root
}

pub(crate) fn the_same_effect_has_the_same_fingerprint(terraform: &Terraform) {
    let root = root(terraform);
    root.source(&after());
    let plan = root.plan(&[]);
    let first = digest(&plan, None);
    assert_eq!(first.changes.len(), 3);
    // Planned again, at another time.
    assert_eq!(digest(&root.plan(&[]), None).fingerprint, first.fingerprint);

    let mut value: Value = serde_json::from_str(&plan).unwrap();
    value["resource_changes"].as_array_mut().unwrap().reverse();
    value["timestamp"] = "1999-01-01T00:00:00Z".into();
    value["terraform_version"] = "1.99.0".into();
    value["something_new"] = serde_json::json!({ "x": 1 });
    assert_eq!(digest(&value.to_string(), None).fingerprint, first.fingerprint);
    value["resource_changes"].as_array_mut().unwrap().retain(|change| change["change"]["actions"][0] != "no-op");
    assert_eq!(digest(&value.to_string(), None).fingerprint, first.fingerprint);
    let read = serde_json::json!({"address": "data.x.y", "mode": "data", "type": "x", "name": "y",
        "change": {"actions": ["read"], "before": null, "after": {"a": 1}, "after_unknown": {}}});
    value["resource_changes"].as_array_mut().unwrap().push(read);
    assert_eq!(digest(&value.to_string(), None).fingerprint, first.fingerprint);
    // What is written is read, and still has it.
    assert_eq!(Digest::read(&serde_json::to_string(&first).unwrap()).unwrap(), first);
}

pub(crate) fn another_effect_has_another_fingerprint(terraform: &Terraform) {
    let root = root(terraform);
    let mut seen = std::collections::BTreeSet::new();
    for source in [
        BEFORE.to_owned(),
        after(),
        after().replace("\"y\"", "\"z\""),
        after().replace("resource \"terraform_data\" \"new\" {}", ""),
        BEFORE.replace("terraform_data\" \"gone\"", "terraform_data\" \"renamed\"")
            + "moved {\n from = terraform_data.gone\n to = terraform_data.renamed\n}",
        BEFORE.replace(
            "resource \"terraform_data\" \"gone\" {}",
            "removed {\n from = terraform_data.gone\n lifecycle { destroy = false }\n}",
        ),
        format!("{BEFORE}output \"o\" {{ value = 1 }}"),
    ] {
        root.source(&source);
        let digest = digest(&root.plan(&[]), None);
        assert!(seen.insert(digest.fingerprint.clone()), "{source}");
        let mut forged = digest.clone();
        forged.fingerprint = format!("sha256:{}", "0".repeat(64));
        assert!(Digest::read(&serde_json::to_string(&forged).unwrap()).is_err());
    }
}

pub(crate) fn a_seal_tells_secrets_apart_that_nobody_sees(terraform: &Terraform) {
    let root = root(terraform);
    let plan = |password: &str| {
        root.source(&BEFORE.replace("correct-horse-1", password));
        root.plan(&[])
    };
    let (second, third) = (plan("correct-horse-2"), plan("correct-horse-3"));
    // Without a key nobody can tell, because a hash of a password can be guessed at.
    assert_eq!(digest(&second, None).fingerprint, digest(&third, None).fingerprint);
    let seal = Seal::new("thirty-two random bytes, or so they say");
    assert_ne!(digest(&second, Some(&seal)).fingerprint, digest(&third, Some(&seal)).fingerprint);
    assert_eq!(digest(&second, Some(&seal)).fingerprint, digest(&second, Some(&seal)).fingerprint);
    let other = Seal::new("another key");
    assert_ne!(digest(&second, Some(&seal)).seal, digest(&second, Some(&other)).seal);
    // Nothing sensitive changes: nothing to seal.
    root.source(&after());
    assert_eq!(digest(&root.plan(&[]), Some(&seal)).seal, None);
}
