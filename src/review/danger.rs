//! Dangers of all accounts, those that are the same in one entry.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::model::{Danger, PatternChange};
use crate::digest::DangerKind;

/// Collects dangers. The same one in many accounts is one entry, but never one for protected and other accounts.
#[derive(Debug, Default)]
pub(super) struct Dangers {
    /// By everything but their accounts.
    found: BTreeMap<Danger, Vec<String>>,
}

impl Dangers {
    /// Takes in one change of one account, and why it is dangerous.
    pub(super) fn add(&mut self, key: &str, protected: bool, change: &PatternChange, why: &[crate::digest::Danger]) {
        let mut kinds: Vec<_> = why.iter().map(|danger| danger.kind).collect();
        kinds.dedup();
        let danger = Danger {
            protected,
            kinds,
            address: change.address.clone(),
            resource: change.kind.clone(),
            deposed: change.deposed.clone(),
            action: change.action.clone(),
            forced_by: change.forced_by.clone(),
            reason: change.reason.clone(),
            details: why
                .iter()
                .filter(|danger| !danger.detail.is_empty())
                .map(|danger| danger.detail.clone())
                .collect(),
            accounts: Vec::new(),
        };
        self.found.entry(danger).or_default().push(key.to_owned());
    }

    /// All of them: in protected accounts first, then the worst, what others are connected by before the rest, then the most frequent.
    pub(super) fn into_list(self) -> Vec<Danger> {
        let mut dangers: Vec<Danger> = self
            .found
            .into_iter()
            .map(|(danger, mut accounts)| {
                accounts.sort();
                accounts.dedup();
                Danger { accounts, ..danger }
            })
            .collect();
        dangers.sort_by(|a, b| {
            let network = |danger: &Danger| danger.kinds.contains(&DangerKind::Network);
            let rank =
                |danger: &Danger| (!danger.protected, danger.worst(), !network(danger), Reverse(danger.accounts.len()));
            rank(a).cmp(&rank(b)).then_with(|| a.cmp(b))
        });
        dangers
    }
}
