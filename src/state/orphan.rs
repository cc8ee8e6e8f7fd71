//! Objects in the bucket that no account owns.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::ledger::Ledger;
use crate::organization::ROOT_STATE_KEY;

/// What Terraform appends to a state's key for its lock.
pub const LOCK_SUFFIX: &str = ".tflock";

/// An object that no account owns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Orphan {
    /// Its key.
    pub key: String,
    /// The account it was, where the ledger still knows: one that has been retired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
}

/// Which of these objects no account in the ledger owns.
pub fn orphans<'a>(keys: impl IntoIterator<Item = &'a str>, ledger: &Ledger) -> Vec<Orphan> {
    let accounts = ledger.accounts.values().map(|held| held.state_key.as_str());
    let owned: BTreeSet<&str> = accounts.chain([ROOT_STATE_KEY]).collect();
    let gone: BTreeMap<&str, String> = ledger
        .tombstones
        .iter()
        .filter_map(|tombstone| Some((tombstone.state_key.as_deref()?, tombstone.key.to_string())))
        .collect();
    let mut orphans: Vec<Orphan> = keys
        .into_iter()
        .filter_map(|key| {
            let state = key.strip_suffix(LOCK_SUFFIX).unwrap_or(key);
            let is_owned = owned.contains(state);
            (!is_owned).then(|| Orphan { key: key.to_owned(), was: gone.get(state).cloned() })
        })
        .collect();
    orphans.sort_by(|a, b| a.key.cmp(&b.key));
    orphans
}
