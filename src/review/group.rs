//! Accounts with equal changes into patterns, and those that are like no other beside the pattern they are nearest to.
//!
//! ```text
//! accounts ─ classes (the same in everything) ─ families (the same but for values) ─┬─ patterns
//!                                                                                   └─ outliers
//! ```

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::model::{Outlier, Pattern, PatternChange, SameShape, Shown, Tally, Values, Varying};
use super::outlier::{differences, likeness};
use crate::digest::short_hash;

/// Accounts that stand alone within a family are outliers only beside a pattern of at least this many.
const FEWEST_FOLLOWERS: usize = 3;

/// A family with more lone accounts than one in this many has no outliers among them: their values just vary.
const ONE_IN: usize = 10;

/// An account that shares less than this much with every pattern resembles none.
const LEAST_LIKENESS: f64 = 0.5;

/// What one account does.
pub(super) struct Member<'a> {
    pub(super) key: &'a str,
    /// Whether the account does not exist yet: what its root module declares cannot be held against a plan.
    pub(super) new: bool,
    /// With tokens.
    pub(super) changes: Vec<PatternChange>,
}

/// Gives an account's changes without tokens.
pub(super) type Own<'a> = &'a dyn Fn(&str) -> Vec<PatternChange>;

/// Accounts with the same changes, value for value.
struct Class<'a> {
    new: bool,
    accounts: Vec<&'a str>,
    changes: Vec<PatternChange>,
}

/// Groups accounts. None of them is without changes.
pub(super) fn group(members: Vec<Member<'_>>, own: Own<'_>) -> (Vec<Pattern>, Vec<Outlier>) {
    let mut patterns = Vec::new();
    let mut lone = Vec::new();
    for family in families(classes(members)) {
        let (shared, others) = split(family);
        let mut of_family: Vec<Pattern> = shared.into_iter().map(|classes| pattern(classes, own)).collect();
        compare_values(&mut of_family);
        patterns.extend(of_family);
        lone.extend(others);
    }
    let candidates = patterns.len();
    let mut outliers = Vec::new();
    for class in lone {
        if class.new {
            patterns.push(pattern(vec![class], own));
            continue;
        }
        match nearest(&class.changes, &patterns[..candidates]) {
            Some(index) => outliers.push((index, class)),
            None => patterns.push(pattern(vec![class], own)),
        }
    }
    let mut outliers: Vec<Outlier> =
        outliers.into_iter().map(|(index, class)| outlier(&patterns[index], &class, own)).collect();
    outliers.sort_by(|a, b| a.account.cmp(&b.account));
    patterns.sort_by(|a, b| (Reverse(a.accounts.len()), &a.accounts).cmp(&(Reverse(b.accounts.len()), &b.accounts)));
    for (index, pattern) in patterns.iter_mut().enumerate() {
        pattern.name = letters(index);
    }
    (patterns, outliers)
}

/// Patterns of one shape say how their values differ from those of the most shared one.
fn compare_values(patterns: &mut [Pattern]) {
    let Some((first, others)) = patterns.split_first_mut() else { return };
    for pattern in others {
        let differences = differences(first, &pattern.changes, &pattern.changes);
        pattern.same_shape = Some(SameShape { pattern: first.id.clone(), differences });
    }
}

fn classes(members: Vec<Member<'_>>) -> Vec<Class<'_>> {
    let mut classes: Vec<Class<'_>> = Vec::new();
    let mut known: HashMap<(bool, Vec<PatternChange>), usize> = HashMap::new();
    for member in members {
        let same = (member.new, member.changes);
        if let Some(index) = known.get(&same) {
            classes[*index].accounts.push(member.key);
        } else {
            let (new, changes) = (same.0, same.1.clone());
            known.insert(same, classes.len());
            classes.push(Class { new, accounts: vec![member.key], changes });
        }
    }
    classes
}

/// Classes that differ in values only, the largest first within each.
fn families(classes: Vec<Class<'_>>) -> Vec<Vec<Class<'_>>> {
    let mut families: BTreeMap<(bool, Vec<PatternChange>), Vec<Class<'_>>> = BTreeMap::new();
    for class in classes {
        families.entry((class.new, shape(&class.changes))).or_default().push(class);
    }
    let mut families: Vec<_> = families.into_values().collect();
    for family in &mut families {
        family.sort_by(|a, b| (Reverse(a.accounts.len()), &a.accounts).cmp(&(Reverse(b.accounts.len()), &b.accounts)));
    }
    families
}

/// Changes without their values.
fn shape(changes: &[PatternChange]) -> Vec<PatternChange> {
    let mut shape = changes.to_vec();
    for change in &mut shape {
        for attribute in &mut change.attributes {
            for side in [&mut attribute.before, &mut attribute.after] {
                if let Shown::Text(_) = side {
                    *side = Shown::Varies;
                }
            }
        }
        change.attributes.sort();
    }
    shape.sort();
    shape
}

/// What a family comes to: classes that make a pattern each or together, the most shared first, and accounts that
/// stand alone.
///
/// Accounts with equal changes are a pattern. Those whose values no other account has are outliers where they are few
/// beside a pattern, and together a pattern whose values vary where they are not.
fn split(family: Vec<Class<'_>>) -> (Vec<Vec<Class<'_>>>, Vec<Class<'_>>) {
    let accounts: usize = family.iter().map(|class| class.accounts.len()).sum();
    let followed = family.first().is_some_and(|class| class.accounts.len() >= FEWEST_FOLLOWERS);
    let (shared, alone): (Vec<_>, Vec<_>) = family.into_iter().partition(|class| class.accounts.len() > 1);
    let mut patterns: Vec<_> = shared.into_iter().map(|class| vec![class]).collect();
    let few = alone.len() == 1 || (followed && alone.len() <= accounts / ONE_IN);
    if few {
        return (patterns, alone);
    }
    if !alone.is_empty() {
        patterns.push(alone);
    }
    (patterns, Vec::new())
}

fn pattern(classes: Vec<Class<'_>>, own: Own<'_>) -> Pattern {
    let mut accounts: Vec<String> =
        classes.iter().flat_map(|class| &class.accounts).map(|key| (*key).to_owned()).collect();
    accounts.sort();
    let alone = accounts.len() == 1;
    let varying = varying(&classes);
    let Some(first) = classes.into_iter().next() else { return Pattern::default() };
    // One account's values are its own anyway; tokens would only hide them.
    let mut changes = if alone { own(&accounts[0]) } else { first.changes };
    for (path, (change, attribute)) in &varying {
        let attribute = &mut changes[*change].attributes[*attribute];
        for (side, differs) in [(&mut attribute.before, path.before), (&mut attribute.after, path.after)] {
            if differs {
                *side = Shown::Varies;
            }
        }
    }
    let content = serde_json::to_vec(&changes).unwrap_or_default();
    let totals = tally(&changes);
    let varying = varying.into_iter().map(|(path, _)| path.varying).collect();
    Pattern { id: short_hash(&content), name: String::new(), accounts, changes, varying, same_shape: None, totals }
}

struct VaryingPath {
    before: bool,
    after: bool,
    varying: Varying,
}

/// The paths whose values differ between classes of one shape, with the indices of change and attribute.
fn varying(classes: &[Class<'_>]) -> Vec<(VaryingPath, (usize, usize))> {
    let Some((first, others)) = classes.split_first() else { return Vec::new() };
    let mut found = Vec::new();
    for (change_index, change) in first.changes.iter().enumerate() {
        for (attribute_index, attribute) in change.attributes.iter().enumerate() {
            let at = |class: &Class<'_>| {
                let attribute = &class.changes[change_index].attributes[attribute_index];
                (attribute.before.clone(), attribute.after.clone())
            };
            let before = others.iter().any(|class| at(class).0 != attribute.before);
            let after = others.iter().any(|class| at(class).1 != attribute.after);
            if !before && !after {
                continue;
            }
            let mut accounts: BTreeMap<(Shown, Shown), Vec<String>> = BTreeMap::new();
            for class in classes {
                accounts.entry(at(class)).or_default().extend(class.accounts.iter().map(|key| (*key).to_owned()));
            }
            let mut values: Vec<Values> = accounts
                .into_iter()
                .map(|((before, after), mut accounts)| {
                    accounts.sort();
                    Values { before, after, accounts }
                })
                .collect();
            values.sort_by(|a, b| {
                (Reverse(a.accounts.len()), &a.accounts).cmp(&(Reverse(b.accounts.len()), &b.accounts))
            });
            let varying = Varying { address: change.address.clone(), path: attribute.path.clone(), values };
            found.push((VaryingPath { before, after, varying }, (change_index, attribute_index)));
        }
    }
    found
}

fn nearest(changes: &[PatternChange], patterns: &[Pattern]) -> Option<usize> {
    let mut best: Option<(f64, usize, usize)> = None;
    for (index, pattern) in patterns.iter().enumerate() {
        let likeness = likeness(changes, &pattern.changes);
        let size = pattern.accounts.len();
        if likeness >= LEAST_LIKENESS && best.is_none_or(|(most, most_size, _)| (likeness, size) > (most, most_size)) {
            best = Some((likeness, size, index));
        }
    }
    best.map(|(_, _, index)| index)
}

fn outlier(pattern: &Pattern, class: &Class<'_>, own: Own<'_>) -> Outlier {
    let account = class.accounts.first().copied().unwrap_or_default();
    let changes = own(account);
    Outlier {
        account: account.to_owned(),
        nearest: pattern.id.clone(),
        differences: differences(pattern, &class.changes, &changes),
        totals: tally(&changes),
        changes,
    }
}

/// How much of what is done.
pub(super) fn tally(changes: &[PatternChange]) -> Tally {
    let mut tally = Tally::default();
    for change in changes {
        if change.kind == "output" && change.address.starts_with("output.") {
            tally.output += 1;
            continue;
        }
        if change.deferred.is_some() {
            tally.other += 1;
            continue;
        }
        tally.add(&change.action);
        tally.import += usize::from(change.importing.is_some());
        tally.moved += usize::from(change.previous_address.is_some());
    }
    tally
}

/// A, B, …, Z, AA, AB, …
fn letters(index: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(index % 26).unwrap_or(0));
    if index < 26 { letter.to_string() } else { format!("{}{letter}", letters(index / 26 - 1)) }
}

#[cfg(test)]
mod tests {
    use super::super::model::PatternAttribute;
    use super::*;
    use crate::plan::Action;

    fn change(address: &str, action: Action, value: &str) -> PatternChange {
        let attribute = PatternAttribute {
            path: "a".to_owned(),
            before: Shown::Absent,
            after: Shown::Text(value.to_owned()),
            sensitivity: None,
        };
        PatternChange { address: address.to_owned(), action, attributes: vec![attribute], ..PatternChange::default() }
    }

    fn members<'a>(keys: &'a [String], changes: impl Fn(usize) -> Vec<PatternChange>) -> Vec<Member<'a>> {
        let member = |(index, key): (usize, &'a String)| {
            let mut changes = changes(index);
            changes.sort();
            Member { key, new: false, changes }
        };
        keys.iter().enumerate().map(member).collect()
    }

    fn grouped(keys: &[String], changes: impl Fn(usize) -> Vec<PatternChange>) -> (Vec<Pattern>, Vec<Outlier>) {
        let own = |key: &str| changes(keys.iter().position(|other| other == key).unwrap());
        group(members(keys, &changes), &own)
    }

    fn keys(number: usize) -> Vec<String> {
        (0..number).map(|index| format!("domain-{index:03}/prod")).collect()
    }

    #[test]
    fn one_that_also_destroys_something_is_named_against_the_others() {
        let keys = keys(128);
        let (patterns, outliers) = grouped(&keys, |index| {
            let mut changes = vec![change("a.b", Action::Update, "1"), change("a.c", Action::Create, "1")];
            if index == 7 {
                changes.push(change("aws_nat_gateway.main[2]", Action::Delete, "1"));
            }
            changes
        });
        assert_eq!(patterns.len(), 1);
        assert_eq!(patterns[0].accounts.len(), 127);
        assert_eq!(outliers.len(), 1);
        assert_eq!(outliers[0].account, "domain-007/prod");
        assert_eq!(outliers[0].nearest, patterns[0].id);
        assert_eq!(outliers[0].differences.len(), 1);
        assert_eq!(outliers[0].differences[0].address, "aws_nat_gateway.main[2]");
        assert!(!outliers[0].differences[0].harmless);
    }

    #[test]
    fn other_values_are_another_pattern_of_the_same_shape_and_a_lone_one_is_an_outlier() {
        let keys = keys(100);
        let value = |index: usize| match index {
            0 => "x1e.32xlarge",
            1..=30 => "m5.large",
            _ => "t3.small",
        };
        let (patterns, outliers) = grouped(&keys, |index| vec![change("a.b", Action::Update, value(index))]);
        let sizes: Vec<usize> = patterns.iter().map(|pattern| pattern.accounts.len()).collect();
        assert_eq!(sizes, [69, 30]);
        let same = patterns[1].same_shape.as_ref().unwrap();
        assert_eq!(same.pattern, patterns[0].id);
        assert_eq!(same.differences.len(), 1);
        assert_eq!(same.differences[0].path.as_deref(), Some("a"));
        assert_eq!(same.differences[0].here, Some(Shown::Text("m5.large".to_owned())));
        assert_eq!(same.differences[0].pattern, Some(Shown::Text("t3.small".to_owned())));
        assert_eq!(outliers.len(), 1);
        assert_eq!(outliers[0].account, keys[0]);
        assert_eq!(outliers[0].differences[0].here, Some(Shown::Text("x1e.32xlarge".to_owned())));
    }

    #[test]
    fn values_that_are_different_everywhere_make_one_pattern_without_outliers() {
        let keys = keys(40);
        let (patterns, outliers) = grouped(&keys, |index| vec![change("a.b", Action::Update, &index.to_string())]);
        assert_eq!((patterns.len(), outliers.len()), (1, 0));
        assert_eq!(patterns[0].varying[0].values.len(), 40);
        assert_eq!(patterns[0].changes[0].attributes[0].after, Shown::Varies);
    }

    #[test]
    fn an_account_that_resembles_nothing_is_a_pattern_of_its_own() {
        let keys = keys(4);
        let (patterns, outliers) = grouped(&keys, |index| match index {
            0 => vec![change("z.z", Action::Delete, "1")],
            _ => vec![change("a.b", Action::Update, "1")],
        });
        assert_eq!((patterns.len(), outliers.len()), (2, 0));
        assert_eq!((patterns[0].name.as_str(), patterns[1].name.as_str()), ("A", "B"));
    }

    #[test]
    fn letters_go_on_after_z() {
        for (index, expected) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letters(index), expected);
        }
    }
}
