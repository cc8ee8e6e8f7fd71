//! Which accounts a branch touches: what both sides render, compared file by file.
//!
//! ```text
//! base Inputs ─ load ─ render ─┐
//!                              ├─ compare ── AccountChange per touched account
//! head Inputs ─ load ─ render ─┘      └─ cause: what alone would do it?
//! ```
//! Pure. Paths say nothing about what a change does: a comment in a template touches no account, a default all of them.
//! So both sides are rendered, in memory, by this program with their own templates, and what differs has changed.

mod cause;
mod side;

pub use cause::Cause;
pub use side::{Files, Side, SideAccount};

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::organization::{AccountKey, Lifecycle};
use crate::system::inputs::Inputs;
use cause::Causes;

/// What a branch changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// The commit that the branch began from.
    pub base: String,
    /// Every touched account, by key; untouched ones are absent.
    pub accounts: Vec<AccountChange>,
}

/// What a branch does to one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountChange {
    /// Who it is. A renamed account has its new key.
    pub key: AccountKey,
    /// What happens to it.
    pub change: ChangeKind,
    /// The key it had before, if it is renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<AccountKey>,
    /// What of the branch does it.
    pub causes: Vec<Cause>,
    /// Files of its root module that are different, new or gone.
    pub files: Vec<String>,
}

/// What happens to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// Its root module is another one.
    Changed,
    /// It is to be retired, and was not.
    Retiring,
    /// Its domain has a new name.
    Renamed,
    /// It is no longer there.
    Removed,
}

impl ChangeKind {
    /// As JSON spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Retiring => "retiring",
            Self::Renamed => "renamed",
            Self::Removed => "removed",
        }
    }
}

/// One of the two revisions that are compared.
#[derive(Debug)]
pub struct Revision<'a> {
    /// What it holds.
    pub inputs: &'a Inputs,
    /// What it comes to; nothing where it cannot be rendered.
    pub side: Option<&'a Side>,
}

/// What is different at `head`. Both are judged as of `today`.
///
/// A base that cannot be rendered, because an older groundwork wrote it or it was broken, makes every account a changed
/// one, never none.
pub fn changes(commit: &str, base: &Revision<'_>, head: &Inputs, head_side: &Side, today: Date) -> Changes {
    let mut accounts = Vec::new();
    match base.side {
        None => {
            let all = head_side.accounts.iter().filter(|(_, account)| account.lifecycle != Lifecycle::Closed);
            accounts.extend(all.map(|(key, account)| AccountChange {
                key: key.clone(),
                change: ChangeKind::Changed,
                renamed_from: None,
                causes: vec![Cause::Base],
                files: account.files.keys().cloned().collect(),
            }));
        }
        Some(_) if base.inputs.files == head.files => {}
        Some(side) => {
            accounts = compare(side, head_side);
            Causes::new(base.inputs, side, head, today).attribute(&mut accounts);
        }
    }
    accounts.sort_by(|a, b| a.key.cmp(&b.key));
    Changes { base: commit.to_owned(), accounts }
}

impl Changes {
    /// Accounts that are gone although nobody retired them: their resources would go on existing, and cost, with nobody
    /// to look after them.
    pub fn orphans<'a>(&'a self, base: &'a Side) -> impl Iterator<Item = &'a AccountKey> {
        self.accounts
            .iter()
            .filter(|account| account.change == ChangeKind::Removed)
            .map(|account| &account.key)
            .filter(|key| base.accounts.get(key).is_some_and(|account| account.lifecycle == Lifecycle::Active))
    }
}

fn compare(base: &Side, head: &Side) -> Vec<AccountChange> {
    let mut changes = Vec::new();
    let mut moved: BTreeMap<&AccountKey, &AccountKey> = BTreeMap::new();
    for (key, account) in &head.accounts {
        let (change, renamed_from, files) = match base.accounts.get(key) {
            Some(before) if before.lifecycle != account.lifecycle && account.lifecycle == Lifecycle::Retiring => {
                (ChangeKind::Retiring, None, differing(&before.files, &account.files))
            }
            Some(before) => {
                let files = differing(&before.files, &account.files);
                if files.is_empty() && before.lifecycle == account.lifecycle {
                    continue;
                }
                (ChangeKind::Changed, None, files)
            }
            None => {
                let before = account.renamed_from.as_ref().and_then(|old| Some((old, base.accounts.get(old)?)));
                match before {
                    Some((old, before)) => {
                        moved.insert(old, key);
                        (ChangeKind::Renamed, Some(old.clone()), differing(&before.files, &account.files))
                    }
                    None => (ChangeKind::Added, None, account.files.keys().cloned().collect()),
                }
            }
        };
        changes.push(AccountChange { key: key.clone(), change, renamed_from, causes: Vec::new(), files });
    }
    for (key, before) in &base.accounts {
        if !head.accounts.contains_key(key) && !moved.contains_key(key) {
            let files = before.files.keys().cloned().collect();
            changes.push(AccountChange {
                key: key.clone(),
                change: ChangeKind::Removed,
                renamed_from: None,
                causes: Vec::new(),
                files,
            });
        }
    }
    changes
}

/// Names of files that only one side has, or that are not the same on both.
fn differing(before: &Files, after: &Files) -> Vec<String> {
    let mut names: Vec<String> = before
        .iter()
        .filter(|(name, digest)| after.get(*name) != Some(digest))
        .map(|(name, _)| name)
        .chain(after.keys().filter(|name| !before.contains_key(*name)))
        .cloned()
        .collect();
    names.sort();
    names
}
