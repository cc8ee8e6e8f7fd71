//! Digests with tokens in the place of what is each account's own, so that equal changes are equal.
//!
//! ```text
//! digests ─ items (what happens, raw) ─┬─ evidence: who else has this text in this place? ─┐
//!                                      └────────────────── tokens ─────────────────────────┴─ Normal
//! ```
//! A token is used only where it makes accounts agree. That `/dev/sda1` holds the name of an environment is an accident,
//! and what shows it is that accounts of other environments have the same text in the same place. So there are two
//! rules for a text:
//!
//! 1. Only one account has it there: it gets tokens for what is known to be the account's, and for what looks
//!    generated.
//! 2. Several have it: tokens for what is known, if all of them come to the same result by it; else it stays as it is.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefIterator as _, IntoParallelRefMutIterator as _, ParallelIterator as _,
};

use super::item::{Item, place_of};
use super::model::{PatternChange, Shown};
use super::tokens::{Generated, Tokens};
use crate::digest::Danger;

/// What happens in one account, comparable with others.
#[derive(Debug, Default)]
pub(super) struct Normal {
    /// By address.
    pub(super) changes: Vec<PatternChange>,
    /// The dangers among them, with the change each belongs to.
    pub(super) dangers: Vec<(PatternChange, Vec<Danger>)>,
    /// What the tokens stand for.
    pub(super) values: BTreeMap<String, String>,
}

/// Who has a text in a place.
#[derive(Debug)]
struct Seen {
    account: usize,
    several: bool,
    /// The hash of what known tokens make of it.
    known: u64,
    disagree: bool,
}

#[derive(Debug, Default)]
struct Evidence(HashMap<u64, Seen>);

impl Evidence {
    fn note(&mut self, account: usize, texts: Vec<(u64, u64)>) {
        for (text, known) in texts {
            match self.0.entry(text) {
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(Seen { account, several: false, known, disagree: false });
                }
                std::collections::hash_map::Entry::Occupied(mut entry) => {
                    let seen = entry.get_mut();
                    seen.several |= seen.account != account;
                    seen.disagree |= seen.known != known;
                }
            }
        }
    }

    fn rule(&self, text: u64) -> Rule {
        match self.0.get(&text) {
            Some(Seen { several: true, disagree: true, .. }) => Rule::AsItIs,
            Some(Seen { several: true, .. }) => Rule::Known,
            _ => Rule::Own,
        }
    }
}

/// What is done with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Only this account has it.
    Own,
    /// Several have it and agree.
    Known,
    /// Several have it and do not.
    AsItIs,
}

/// Every account's items made comparable, in the order of the accounts.
pub(super) fn normalise(mut accounts: Vec<Vec<Item>>, tokens: &[Tokens]) -> Vec<Normal> {
    // A review of one account has nobody to compare with, and says what it says.
    if accounts.iter().filter(|items| !items.is_empty()).count() < 2 {
        return accounts.into_iter().map(as_it_is).collect();
    }
    let addresses = gather(&accounts, tokens, |item, note| {
        for text in [Some(&item.change.address), item.change.previous_address.as_ref()].into_iter().flatten() {
            note(0, text);
        }
    });
    let mut used: Vec<BTreeSet<String>> = accounts
        .par_iter_mut()
        .zip(tokens)
        .map(|(items, tokens)| {
            let mut used = BTreeSet::new();
            for item in items {
                let mut generated = Generated::default();
                let mut text =
                    |text: &mut String| apply(addresses.rule(hash(0, text)), text, tokens, &mut generated, &mut used);
                text(&mut item.change.address);
                item.change.previous_address.as_mut().map(&mut text);
            }
            used
        })
        .collect();
    let values = gather(&accounts, tokens, |item, note| item.values(&mut |place, text| note(place, text)));
    accounts
        .par_iter_mut()
        .zip(tokens)
        .zip(&mut used)
        .map(|((items, tokens), used)| {
            for item in items.iter_mut() {
                let mut generated = Generated::default();
                item.values_mut(&mut |place, text| {
                    apply(values.rule(hash(place, text)), text, tokens, &mut generated, used);
                });
                item.settle();
            }
            let mut normal = as_it_is(std::mem::take(items));
            normal.values =
                used.iter().filter_map(|token| Some((token.clone(), tokens.value(token)?.to_owned()))).collect();
            normal
        })
        .collect()
}

fn as_it_is(items: Vec<Item>) -> Normal {
    let mut normal = Normal::default();
    for item in items {
        if !item.dangers.is_empty() {
            normal.dangers.push((item.change.clone(), item.dangers));
        }
        normal.changes.push(item.change);
    }
    normal.changes.sort();
    normal
}

fn gather(
    accounts: &[Vec<Item>],
    tokens: &[Tokens],
    visit: impl Fn(&Item, &mut dyn FnMut(u64, &str)) + Sync,
) -> Evidence {
    let texts: Vec<Vec<(u64, u64)>> = accounts
        .par_iter()
        .zip(tokens)
        .map(|(items, tokens)| {
            let mut texts = Vec::new();
            let mut used = BTreeSet::new();
            for item in items {
                visit(item, &mut |place, text| {
                    texts.push((hash(place, text), hash(0, &tokens.known(text, &mut used))));
                });
            }
            texts
        })
        .collect();
    let mut evidence = Evidence::default();
    for (account, texts) in texts.into_iter().enumerate() {
        evidence.note(account, texts);
    }
    evidence
}

fn apply(rule: Rule, text: &mut String, tokens: &Tokens, generated: &mut Generated, used: &mut BTreeSet<String>) {
    let replaced = match rule {
        Rule::AsItIs => return,
        Rule::Known => tokens.known(text, used).into_owned(),
        Rule::Own => generated.replace(&tokens.known(text, used)).into_owned(),
    };
    *text = replaced;
}

fn hash(place: u64, text: &str) -> u64 {
    // Without a random key: the same input gives the same review. Whoever makes two texts collide gains a token too
    // many in a display, and has to be able to write plans.
    let mut hasher = DefaultHasher::new();
    place.hash(&mut hasher);
    text.hash(&mut hasher);
    hasher.finish()
}

impl Item {
    /// Every text that may hold something of the account's, with where it stands.
    fn values(&self, visit: &mut dyn FnMut(u64, &str)) {
        let address = &self.change.address;
        for attribute in &self.change.attributes {
            visit(place_of(address, "", &attribute.path), &attribute.path);
            for side in [&attribute.before, &attribute.after] {
                if let Shown::Text(text) = side {
                    visit(place_of(address, "value", &attribute.path), text);
                }
            }
        }
        if let Some(id) = &self.change.importing {
            visit(place_of(address, "import", ""), id);
        }
        for danger in &self.dangers {
            visit(place_of(address, "danger", danger.kind.as_str()), &danger.detail);
        }
    }

    /// The same texts, to be changed.
    fn values_mut(&mut self, change: &mut dyn FnMut(u64, &mut String)) {
        let address = &self.change.address;
        for attribute in &mut self.change.attributes {
            // The place of a value is the path as it was read.
            let value = place_of(address, "value", &attribute.path);
            for side in [&mut attribute.before, &mut attribute.after] {
                if let Shown::Text(text) = side {
                    change(value, text);
                }
            }
            let path = place_of(address, "", &attribute.path);
            change(path, &mut attribute.path);
        }
        if let Some(id) = &mut self.change.importing {
            change(place_of(address, "import", ""), id);
        }
        for danger in &mut self.dangers {
            change(place_of(address, "danger", danger.kind.as_str()), &mut danger.detail);
        }
    }
}
