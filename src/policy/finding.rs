//! What a policy said.

use regorus::Value;

use super::{Fault, Rule};

/// One message of one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule that spoke.
    pub rule: Rule,
    /// What it said.
    pub message: String,
    /// The accounts it is about: the one whose input it saw, or the ones a rule over all accounts named under
    /// `account` or `accounts`.
    pub accounts: Vec<String>,
    /// The resource it is about, when the message names one under `address`.
    pub address: Option<String>,
}

/// All that the policies said about a review.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Messages, in order of account, then rule, then text.
    pub findings: Vec<Finding>,
    /// Rules that could not be evaluated. Not empty means: not judged, and so not passed.
    pub faults: Vec<Fault>,
}

/// The messages in a rule's answer.
///
/// A set or a list holds one message each. A complete rule (`deny := "no"`) is one message. `false` and
/// nothing at all say nothing.
pub(super) fn from_answer(rule: &Rule, account: Option<&str>, answer: &Value) -> Result<Vec<Finding>, Fault> {
    match answer {
        Value::Undefined | Value::Bool(false) => Ok(Vec::new()),
        Value::Bool(true) => {
            Ok(vec![plain(rule, account, format!("`{}` of package `{}` holds", rule.name, rule.package))])
        }
        Value::Set(messages) => messages.iter().map(|message| from_message(rule, account, message)).collect(),
        Value::Array(messages) => messages.iter().map(|message| from_message(rule, account, message)).collect(),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Ok(vec![from_message(rule, account, answer)?])
        }
    }
}

fn from_message(rule: &Rule, account: Option<&str>, message: &Value) -> Result<Finding, Fault> {
    if let Value::String(text) = message {
        return Ok(plain(rule, account, text.to_string()));
    }
    let text_of = |key: &str| match &message[key] {
        Value::String(text) => Some(text.to_string()),
        _ => None,
    };
    let Some(text) = text_of("msg") else {
        let help = format!("`{}` must hold strings, or objects with a string under `msg`; found {message}", rule.name);
        return Err(Fault::at(&rule.path, Some(rule.line), help).for_account(account));
    };
    let mut accounts = match account {
        Some(account) => vec![account.to_owned()],
        None => named_accounts(message),
    };
    accounts.sort();
    accounts.dedup();
    Ok(Finding { rule: rule.clone(), message: text, accounts, address: text_of("address") })
}

fn plain(rule: &Rule, account: Option<&str>, message: String) -> Finding {
    let accounts = account.map(str::to_owned).into_iter().collect();
    Finding { rule: rule.clone(), message, accounts, address: None }
}

fn named_accounts(message: &Value) -> Vec<String> {
    let strings = |value: &Value| match value {
        Value::String(text) => vec![text.to_string()],
        Value::Array(items) => items.iter().filter_map(|item| item.as_string().ok()).map(|s| s.to_string()).collect(),
        Value::Set(items) => items.iter().filter_map(|item| item.as_string().ok()).map(|s| s.to_string()).collect(),
        Value::Undefined | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    };
    let mut accounts = strings(&message["accounts"]);
    accounts.extend(strings(&message["account"]));
    accounts
}
