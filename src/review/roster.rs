//! Who is under review: the plans that were found, the accounts that were expected, and what is known of them.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobBuilder;
use serde_json::Value;

use super::subject::{About, Subject};
use crate::digest::Digest;
use crate::organization::Organization;

/// A plan that was found: the account's key, where it was, and its digest or why there is none.
#[derive(Debug)]
pub struct Planned {
    /// Whose it is.
    pub key: String,
    /// Where it was found.
    pub path: String,
    /// Its digest, or why there is none.
    pub digest: Result<Digest, String>,
}

/// Every account that was planned or expected, once.
pub fn roster(planned: Vec<Planned>, expected: &BTreeSet<String>, organization: Option<&Organization>) -> Vec<Subject> {
    let mut by_key: BTreeMap<String, Vec<Planned>> = BTreeMap::new();
    for plan in planned {
        by_key.entry(plan.key.clone()).or_default().push(plan);
    }
    for key in expected {
        by_key.entry(key.clone()).or_default();
    }
    let known: BTreeMap<String, About> = organization
        .iter()
        .flat_map(|organization| organization.with_root())
        .map(|account| (account.key.to_string(), About::account(account)))
        .collect();
    by_key
        .into_iter()
        .map(|(key, mut plans)| {
            let digest =
                match plans.len() {
                    0 => Err("no plan was found for it: its job did not run, failed, or did not upload its digest"
                        .to_owned()),
                    1 => plans.remove(0).digest,
                    _ => Err(several(&plans)),
                };
            let about = known.get(&key).cloned().unwrap_or_else(|| About::key(&key));
            Subject { key, about, digest }
        })
        .collect()
}

/// Marks accounts as protected whose key matches one of the globs (`*/prod`, `*-prod`), beside those that the
/// organization protects.
///
/// # Errors
/// A glob that is none, or that no account matches: a typo must not leave unprotected what was meant.
pub fn protect(subjects: &mut [Subject], globs: &[String]) -> Result<(), String> {
    for text in globs {
        let glob = GlobBuilder::new(text).literal_separator(true).build();
        let glob = glob.map_err(|error| format!("`{text}` is no glob: {}", error.kind()))?.compile_matcher();
        let mut matched = subjects.iter_mut().filter(|subject| glob.is_match(&subject.key)).peekable();
        if matched.peek().is_none() {
            return Err(format!("no account matches `{text}`"));
        }
        matched.for_each(|subject| subject.about.protected = true);
    }
    Ok(())
}

/// Two plans for one account: neither can be trusted to be the one that will be applied.
fn several(plans: &[Planned]) -> String {
    let paths: Vec<String> = plans.iter().map(|plan| format!("`{}`", plan.path)).collect();
    format!("there are {} plans for it: {}", plans.len(), paths.join(", "))
}

/// The accounts that a file says there should be: the JSON of `groundwork matrix` or `groundwork changes`, a JSON list
/// of keys, or a key on each line.
///
/// # Errors
/// JSON in which no account is named, in one sentence.
pub fn expected(text: &str) -> Result<BTreeSet<String>, String> {
    if !text.trim_start().starts_with(['{', '[']) {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        return Ok(lines.map(str::to_owned).collect());
    }
    let value: Value = serde_json::from_str(text).map_err(|error| {
        format!("it is neither JSON (line {}, column {}) nor a list of keys", error.line(), error.column())
    })?;
    let mut keys = BTreeSet::new();
    collect(&value, &mut keys);
    if keys.is_empty() && !is_empty_matrix(&value) {
        return Err(
            "no account is named in it; `groundwork matrix --format json` writes what is expected here".to_owned()
        );
    }
    Ok(keys)
}

/// Accounts are listed under `accounts`, as texts, objects with a `key`, or one text with spaces between (as a GitHub
/// matrix has them); or the file itself is such a list.
fn collect(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => {
            for item in items {
                match item {
                    Value::String(key) => {
                        keys.insert(key.clone());
                    }
                    other => collect(other, keys),
                }
            }
        }
        Value::Object(object) => {
            for (name, value) in object {
                match (name.as_str(), value) {
                    ("key", Value::String(key)) => {
                        keys.insert(key.clone());
                    }
                    ("accounts", Value::String(listed)) => keys.extend(listed.split_whitespace().map(str::to_owned)),
                    ("accounts" | "waves" | "jobs" | "include", value) => collect(value, keys),
                    (_, value @ Value::Object(_)) => collect(value, keys),
                    _ => {}
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_empty_matrix(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => {
            ["waves", "accounts"].iter().any(|name| object.contains_key(*name))
                || object.keys().any(|name| name.starts_with("has_"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_accounts_are_read_from_what_there_is() {
        for text in [
            r#"{"waves":[{"name":"w","jobs":[{"name":"1","action":"apply","accounts":["a/dev","b/prod"]}]}]}"#,
            r#"{"everyone":{"include":[{"name":"1","accounts":"a/dev b/prod"}]},"has_everyone":true}"#,
            r#"["a/dev","b/prod"]"#,
            r#"{"base":"x","accounts":[{"key":"a/dev","files":["main.tf"]},{"key":"b/prod"}]}"#,
            "# all\na/dev\n\n b/prod\n",
        ] {
            assert_eq!(expected(text).unwrap(), BTreeSet::from(["a/dev".to_owned(), "b/prod".to_owned()]), "{text}");
        }
        assert_eq!(expected(r#"{"waves":[]}"#).unwrap(), BTreeSet::new());
        assert!(expected(r#"{"x":1}"#).is_err());
        assert!(expected("{").is_err());
    }
}
