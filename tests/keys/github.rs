//! A GitHub that holds secrets and variables of environments, and a `gh` that asks it.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use groundwork_testing::proxy::Answer;
use serde_json::{Value, json};

use super::cloud::Layer;

/// `gh`: hands its arguments, and what it reads, to the test.
pub(crate) const GH: &str = r#"#!/usr/bin/env bash
exec 3<>"/dev/tcp/127.0.0.1/$GH_PORT"
body="$*"$'\n'"$(cat)"
printf 'POST /gh HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s' "${#body}" "$body" >&3
read -r _ status _ <&3 || { echo "cut off" >&2; exit 1; }
while read -r line <&3 && [ "$line" != $'\r' ]; do :; done
if [ "$status" -ge 400 ]; then echo "gh: $(cat <&3) (HTTP $status)" >&2; exit 1; fi
cat <&3
"#;

impl Layer {
    /// As GitHub would answer.
    pub(crate) fn gh(&self, body: &str) -> Answer {
        let (arguments, sent) = body.split_once('\n').unwrap();
        assert!(!arguments.contains("SecretAccessKey"), "a secret is an argument: {arguments}");
        if self.away.load(Ordering::SeqCst) {
            return Answer::json(503, &json!("Service Unavailable"));
        }
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let mut github = self.github.lock().unwrap();
        if let ["secret", "set", name, "--repo", repository, "--env", environment] = arguments[..] {
            if !github.contains_key(&format!("environment {repository} {environment}")) {
                return Answer::json(404, &json!("Not Found"));
            }
            github.insert(format!("secret {repository} {environment} {name}"), sent.to_owned());
            return Answer::json(200, &Value::Null);
        }
        let (method, path) = (arguments[2], arguments[3].strip_prefix("repos/").unwrap());
        let parts: Vec<&str> = path.split('/').collect();
        let sent: Value = serde_json::from_str(sent).unwrap_or_default();
        let missing = || Answer::json(404, &json!("Not Found"));
        let is_there = |what: &str, github: &BTreeMap<String, String>| match github.contains_key(what) {
            true => Answer::json(200, &json!({})),
            false => missing(),
        };
        match (method, &parts[2..]) {
            ("GET", ["environments", name]) => {
                is_there(&format!("environment {}/{} {name}", parts[0], parts[1]), &github)
            }
            ("GET", ["environments", environment, "secrets", name]) => {
                is_there(&format!("secret {}/{} {environment} {name}", parts[0], parts[1]), &github)
            }
            ("GET", [.., "variables", _]) => match github.get(&format!("variable {path}")) {
                Some(value) => Answer::json(200, &json!({ "value": value, "updated_at": "2026-01-01T00:00:00Z" })),
                None => missing(),
            },
            ("PATCH", [.., "variables", _]) => {
                let key = format!("variable {path}");
                if !github.contains_key(&key) {
                    return missing();
                }
                github.insert(key, sent["value"].as_str().unwrap().to_owned());
                Answer::json(204, &Value::Null)
            }
            ("POST", [.., "variables"]) => {
                let text = |field: &str| sent[field].as_str().unwrap().to_owned();
                github.insert(format!("variable {path}/{}", text("name")), text("value"));
                Answer::json(201, &json!({}))
            }
            other => panic!("nobody knows {other:?}"),
        }
    }
}
