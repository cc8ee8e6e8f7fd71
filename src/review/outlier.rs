//! What one account does otherwise than others.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Difference, DifferenceKind, Pattern, PatternChange, Shown};
use crate::plan::Action;

/// Which change it is, whatever its values.
type Identity<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

fn identity(change: &PatternChange) -> Identity<'_> {
    (&change.address, change.deposed.as_deref(), change.deferred.as_deref())
}

/// How much two sets of changes have in common, from 0 to 1: resources to which the same is done, among all there are.
/// Equal values count a little, so that of two patterns with the same resources the nearer one wins.
pub(super) fn likeness(a: &[PatternChange], b: &[PatternChange]) -> f64 {
    let others: BTreeMap<Identity<'_>, &PatternChange> = b.iter().map(|change| (identity(change), change)).collect();
    let (mut common, mut equal) = (0_u32, 0_u32);
    for change in a {
        if let Some(other) = others.get(&identity(change)).filter(|other| other.action == change.action) {
            common += 1;
            equal += u32::from(*other == change);
        }
    }
    let most = u32::try_from(a.len().max(b.len())).unwrap_or(u32::MAX);
    if most == 0 {
        return 0.0;
    }
    (f64::from(common) + f64::from(equal) / 1_000.0) / f64::from(most)
}

/// What an account does otherwise than a pattern, the dangerous first. `changes` has tokens as the pattern has, `raw`
/// the account's own values, which are what is shown.
pub(super) fn differences(pattern: &Pattern, changes: &[PatternChange], raw: &[PatternChange]) -> Vec<Difference> {
    let here: BTreeMap<Identity<'_>, &PatternChange> =
        changes.iter().map(|change| (identity(change), change)).collect();
    let there: BTreeMap<Identity<'_>, &PatternChange> =
        pattern.changes.iter().map(|change| (identity(change), change)).collect();
    let own: BTreeMap<Identity<'_>, &PatternChange> = raw.iter().map(|change| (identity(change), change)).collect();
    let mut differences = Vec::new();
    for (identity, change) in &here {
        match there.get(identity) {
            None => differences.push(whole(DifferenceKind::Also, change)),
            Some(other) if other.action != change.action => {
                differences.push(whole(DifferenceKind::OtherAction, change));
            }
            Some(other) => differences.extend(values(pattern, other, change, own.get(identity).copied())),
        }
    }
    let lacking = there.iter().filter(|(identity, _)| !here.contains_key(*identity));
    differences.extend(lacking.map(|(_, change)| whole(DifferenceKind::Lacks, change)));
    differences.sort();
    differences
}

fn whole(kind: DifferenceKind, change: &PatternChange) -> Difference {
    let dangerous = kind != DifferenceKind::Lacks && takes_away(&change.action);
    Difference {
        harmless: !dangerous,
        kind,
        address: change.address.clone(),
        actions: change.action.clone(),
        path: None,
        pattern: None,
        here: None,
    }
}

fn takes_away(action: &Action) -> bool {
    action.is_destructive() || action.leaves_behind()
}

/// The attributes in which two changes of one resource differ.
fn values(
    whole: &Pattern,
    pattern: &PatternChange,
    here: &PatternChange,
    own: Option<&PatternChange>,
) -> Vec<Difference> {
    let paths: BTreeSet<&str> =
        pattern.attributes.iter().chain(&here.attributes).map(|attribute| attribute.path.as_str()).collect();
    let sides = |change: &PatternChange, path: &str| -> Vec<(Shown, Shown)> {
        let attributes = change.attributes.iter().filter(|attribute| attribute.path == path);
        attributes.map(|attribute| (attribute.before.clone(), attribute.after.clone())).collect()
    };
    let mut differences = Vec::new();
    for path in paths {
        let (there, mut found) = (sides(pattern, path), sides(here, path));
        let same = there.len() == found.len()
            && there
                .iter()
                .zip(&found)
                .all(|(there, here)| there == here || is_one_of(whole, &pattern.address, path, here));
        if same {
            continue;
        }
        let missing: Vec<_> = there.into_iter().filter(|side| !remove(&mut found, side)).collect();
        // The account's own spelling, where its paths are the same without tokens.
        let shown = own.map(|own| sides(own, path)).filter(|own| own.len() == 1);
        let one = |side: Option<&(Shown, Shown)>| {
            side.map(|(before, after)| if after.is_absent() { before.clone() } else { after.clone() })
        };
        differences.push(Difference {
            harmless: true,
            kind: DifferenceKind::OtherValue,
            address: here.address.clone(),
            actions: here.action.clone(),
            path: Some(path.to_owned()),
            pattern: one(missing.first()),
            here: one(shown.as_deref().unwrap_or(&found).first()),
        });
    }
    differences
}

/// Whether a value that varies within a pattern is also what some of its accounts have.
fn is_one_of(pattern: &Pattern, address: &str, path: &str, here: &(Shown, Shown)) -> bool {
    let varying = pattern.varying.iter().filter(|varying| varying.address == address && varying.path == path);
    varying.flat_map(|varying| &varying.values).any(|values| (&values.before, &values.after) == (&here.0, &here.1))
}

fn remove(sides: &mut Vec<(Shown, Shown)>, side: &(Shown, Shown)) -> bool {
    let Some(index) = sides.iter().position(|other| other == side) else { return false };
    sides.remove(index);
    true
}
