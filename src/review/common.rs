//! What patterns have in common, so that it need be read only once.

use super::model::{Common, Pattern};

/// A pattern joins the others if at least one in this many of their common changes is among its own.
const ONE_IN: usize = 2;

/// The changes that the most shared pattern has in common with all that resemble it; nothing where none does.
///
/// `patterns` is in order, the most shared first. A pattern with little in common does not join: one account that does
/// something else entirely must not make the others look as if they had nothing in common.
pub(super) fn common(patterns: &[Pattern]) -> Option<Common> {
    let (first, others) = patterns.split_first()?;
    let mut changes = first.changes.clone();
    let mut members = vec![first];
    for pattern in others {
        let shared: Vec<_> = changes.iter().filter(|change| pattern.changes.contains(change)).cloned().collect();
        if !shared.is_empty() && shared.len() * ONE_IN >= changes.len() {
            changes = shared;
            members.push(pattern);
        }
    }
    (members.len() > 1).then(|| Common {
        patterns: members.iter().map(|pattern| pattern.id.clone()).collect(),
        accounts: members.iter().map(|pattern| pattern.accounts.len()).sum(),
        totals: super::group::tally(&changes),
        changes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Action;
    use crate::review::model::PatternChange;

    fn pattern(id: &str, addresses: &[&str]) -> Pattern {
        let change = |address: &&str| PatternChange {
            address: (*address).to_owned(),
            action: Action::Create,
            ..PatternChange::default()
        };
        Pattern {
            id: id.to_owned(),
            accounts: vec![id.to_owned()],
            changes: addresses.iter().map(change).collect(),
            ..Pattern::default()
        }
    }

    #[test]
    fn what_does_something_else_does_not_join() {
        let common = common(&[
            pattern("a", &["x", "y", "z"]),
            pattern("b", &["x", "y", "b"]),
            pattern("odd", &["o"]),
            pattern("c", &["x", "y", "c"]),
        ])
        .unwrap();
        assert_eq!(common.patterns, ["a", "b", "c"]);
        assert_eq!(common.changes.iter().map(|change| change.address.as_str()).collect::<Vec<_>>(), ["x", "y"]);
    }

    #[test]
    fn patterns_without_anything_in_common_have_none() {
        assert!(common(&[pattern("a", &["x"]), pattern("b", &["y"])]).is_none());
        assert!(common(&[pattern("a", &["x"])]).is_none());
        assert!(common(&[]).is_none());
    }
}
