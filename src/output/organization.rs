//! What is to be done with the AWS organization, for people and for machines.

use std::fmt::Write as _;

use crate::reconcile::{Action, Reconciled};
use crate::text::{Count, inert};

/// One line an action, then what waits, then the sum.
pub fn to_text(reconciled: &Reconciled) -> String {
    let mut text = String::new();
    for action in &reconciled.actions {
        // Names of accounts are whatever somebody typed.
        writeln!(text, "{}", inert(&action.to_string())).ok();
    }
    for waiting in &reconciled.waiting {
        writeln!(text, "  {}: {}", waiting.account, waiting.reason).ok();
    }
    let is = |wanted: fn(&Action) -> bool| reconciled.actions.iter().filter(|action| wanted(action)).count();
    let create = is(|action| matches!(action, Action::CreateAccount { .. } | Action::FollowCreation { .. }));
    let close = is(|action| matches!(action, Action::Close { .. }));
    let other = reconciled.actions.len() - create - close;
    let waiting = match reconciled.waiting.len() {
        0 => String::new(),
        waiting => format!(", {waiting} waiting"),
    };
    if reconciled.actions.is_empty() {
        writeln!(text, "nothing to do{waiting}").ok();
    } else {
        let create = Count(create, "account");
        writeln!(text, "{create} to create, {close} to close, {}{waiting}", Count(other, "other change")).ok();
    }
    text
}

/// `{"actions": [{"kind", "account", ..}], "refusals": [..], "waiting": [..], "found": {..}}`
pub fn to_json(reconciled: &Reconciled) -> String {
    serde_json::to_string_pretty(reconciled).unwrap_or_default() + "\n"
}
