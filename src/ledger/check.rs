//! What a ledger gets wrong: gaps, and contradictions that a merge of two branches brought.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;
use jiff::civil::Date;

use super::{Allotment, Ledger, Wanted};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::network::{AddressSpace, overlap};
use crate::organization::{AccountKey, Lifecycle};
use crate::text::Count;

/// Pushes what is wrong with the ledger by itself: the contradictions that a merge of two branches can bring.
pub fn check(ledger: &Ledger, space: &AddressSpace, today: Date, diagnostics: &mut Diagnostics) {
    overlaps(ledger, diagnostics);
    forbidden(ledger, space, today, diagnostics);
    shared(ledger, diagnostics);
}

/// Pushes where the ledger and domains.toml differ: accounts that are in one only, and networks that are not
/// what is wanted.
pub fn compare(ledger: &Ledger, wanted: &[Wanted], diagnostics: &mut Diagnostics) {
    strays(ledger, wanted, diagnostics);
    missing(ledger, wanted, diagnostics);
    moved(ledger, wanted, diagnostics);
    resized(ledger, wanted, diagnostics);
}

/// An account that domains.toml no longer has, though nobody retired it.
pub(super) fn disappeared(key: &AccountKey, held: &Allotment) -> Diagnostic {
    Diagnostic::error(Code::Disappeared, format!("`{key}` is in the ledger, but no longer in domains.toml"))
        .at(held.place)
        .help(format!(
            "to retire it, put it back first, with lifecycle = \"retiring\" (domain `{}`, environment `{}`)",
            key.domain(),
            key.environment()
        ))
        .help(format!("if its domain has a new name, say so there: renamed_from = \"{}\"", key.domain()))
}

/// An account that domains.toml no longer has, and in which what Terraform made may still be.
pub(super) fn left_behind(key: &AccountKey, held: &Allotment) -> Diagnostic {
    let problem =
        format!("`{key}` was {}, and what Terraform made there is not known to be destroyed", held.lifecycle.as_str());
    Diagnostic::error(Code::Disappeared, problem)
        .at(held.place)
        .help("put its table back: `groundwork apply` destroys what is there, and `groundwork organization apply` writes here that nothing is left")
        .help("if you know that nothing is left, write it here yourself: destroyed = \"<the day>\"")
}

fn overlaps(ledger: &Ledger, diagnostics: &mut Diagnostics) {
    let mut blocks: Vec<(Ipv4Net, &AccountKey, &Allotment)> =
        ledger.accounts.iter().filter_map(|(key, held)| Some((held.network?, key, held))).collect();
    blocks.sort_by_key(|(block, key, _)| (block.network(), block.prefix_len(), *key));
    // Blocks are aligned, so two that overlap are one inside the other: it is enough to remember the one
    // that reaches furthest.
    let mut widest: Option<(Ipv4Net, &AccountKey, &Allotment)> = None;
    for (block, key, held) in blocks {
        match widest {
            Some((outer, first, first_held)) if overlap(outer, block) => {
                let movable = [(first, first_held), (key, held)].into_iter().find(|(_, held)| held.id.is_none());
                let remedy = match movable {
                    Some((key, _)) => format!(
                        "`{key}` does not exist yet: `groundwork allocate --reassign {key}` gives it another block"
                    ),
                    None => {
                        "both accounts exist; whichever has no network in AWS yet must get another: ask both owners"
                            .to_owned()
                    }
                };
                diagnostics.push(
                    Diagnostic::error(
                        Code::NetworkOverlap,
                        format!("`{first}` and `{key}` overlap: {outer} and {block}"),
                    )
                    .at(held.place)
                    .label(first_held.place, "taken here as well")
                    .help(remedy),
                );
            }
            _ => widest = Some((block, key, held)),
        }
    }
}

/// Blocks inside reserved ranges or inside blocks that are still in quarantine.
fn forbidden(ledger: &Ledger, space: &AddressSpace, today: Date, diagnostics: &mut Diagnostics) {
    let quarantined: Vec<_> =
        ledger.tombstones.iter().filter(|gone| gone.is_quarantined(space.quarantine_days, today)).collect();
    for (key, held) in &ledger.accounts {
        let Some(block) = held.network else { continue };
        if let Some(reserved) = space.reserved.iter().find(|reserved| overlap(reserved.cidr, block)) {
            diagnostics.push(
                Diagnostic::error(
                    Code::NetworkOverlap,
                    format!("`{key}` has {block}, which is reserved: {}", reserved.cidr),
                )
                .at(held.place)
                .label(reserved.place, "reserved here")
                .help("a block never moves once its account exists; reserve around it, or reassign it before it does"),
            );
        }
        if let Some(gone) = quarantined.iter().find(|gone| gone.network.is_some_and(|old| overlap(old, block))) {
            diagnostics.push(
                Diagnostic::error(
                    Code::NetworkOverlap,
                    format!("`{key}` has {block}, which `{}` had until {}", gone.key, gone.released),
                )
                .at(held.place)
                .help(format!("a released block stays unused for {}", Count(space.quarantine_days as usize, "day"))),
            );
        }
    }
}

/// Ids, e-mails and state keys that two accounts have.
fn shared(ledger: &Ledger, diagnostics: &mut Diagnostics) {
    let facts: [(&str, BTreeMap<String, Vec<&AccountKey>>); 3] = [
        ("id", index(ledger, |held| held.id.clone())),
        ("e-mail", index(ledger, |held| held.email.as_ref().map(|email| email.to_lowercase()))),
        ("state key", index(ledger, |held| Some(held.state_key.clone()))),
    ];
    for (what, values) in facts {
        for (value, keys) in values.iter().filter(|(_, keys)| keys.len() > 1) {
            let places: Vec<_> =
                keys.iter().filter_map(|key| ledger.accounts.get(*key)).map(|held| held.place).collect();
            diagnostics.push(
                Diagnostic::error(
                    Code::Duplicate,
                    format!("`{}` and `{}` have the same {what}: `{value}`", keys[0], keys[1]),
                )
                .at(places[1])
                .label(places[0], "the first of the two")
                .help("restore the right lines from git: `git log -p ledger.toml` shows who had it first"),
            );
        }
    }
}

/// Accounts that are in the ledger only.
fn strays(ledger: &Ledger, wanted: &[Wanted], diagnostics: &mut Diagnostics) {
    let keys: BTreeSet<&AccountKey> =
        wanted.iter().flat_map(|wish| [Some(&wish.key), wish.renamed_from.as_ref()]).flatten().collect();
    for (key, held) in ledger.accounts.iter().filter(|(key, _)| !keys.contains(key)) {
        if held.lifecycle == Lifecycle::Active {
            diagnostics.push(disappeared(key, held));
        } else if held.id.is_some() && !held.asked.is_over() {
            diagnostics.push(left_behind(key, held));
        }
    }
}

/// Accounts that are in domains.toml only, or without the network they want.
fn missing(ledger: &Ledger, wanted: &[Wanted], diagnostics: &mut Diagnostics) {
    let lacks = |wish: &&Wanted| match ledger.accounts.get(&wish.key) {
        None => true,
        Some(held) => {
            wish.prefix.is_some()
                && wish.lifecycle == Lifecycle::Active
                && (held.network.is_none() || held.zones.len() < wish.zones)
        }
    };
    let missing: Vec<&Wanted> = wanted.iter().filter(lacks).collect();
    let Some(first) = missing.first() else { return };
    let who = match missing.len() - 1 {
        0 => format!("`{}` is", first.key),
        others => format!("`{}` and {} are", first.key, Count(others, "other account")),
    };
    diagnostics.push(
        Diagnostic::warning(
            Code::NotAllocated,
            format!("{who} not in the ledger yet, or without what the network needs"),
        )
        .at(first.place)
        .help("run `groundwork allocate`, and commit ledger.toml together with domains.toml"),
    );
}

/// What is wanted elsewhere, and what is held.
type Moved<'a> = (&'a Wanted, &'a Allotment);

/// Accounts that domains.toml wants in another region than the one they have been allotted in.
fn moved(ledger: &Ledger, wanted: &[Wanted], diagnostics: &mut Diagnostics) {
    let mut moves: BTreeMap<(&str, &str, bool), Vec<Moved<'_>>> = BTreeMap::new();
    for wish in wanted {
        let Some(held) = ledger.accounts.get(&wish.key) else { continue };
        if held.region != wish.region && (held.id.is_some() || held.network.is_some()) {
            let kind = (held.region.as_str(), wish.region.as_str(), held.id.is_some());
            moves.entry(kind).or_default().push((wish, held));
        }
    }
    for ((from, to, exist), accounts) in moves {
        let (first, held) = accounts[0];
        let (who, are, they) = match accounts.len() - 1 {
            0 => (format!("`{}`", first.key), "is", "it"),
            others => (format!("`{}` and {}", first.key, Count(others, "other account")), "are", "they"),
        };
        let help = if exist {
            "retire it and make a new account in the other region".to_owned()
        } else {
            "what does not exist yet may: remove its table from ledger.toml, and run `groundwork allocate`".to_owned()
        };
        diagnostics.push(
            Diagnostic::error(Code::Network, format!("{who} {are} in {from}; {they} cannot move to {to}"))
                .at(first.place)
                .label(held.place, "allotted here")
                .help(help)
                .help(format!("if nothing was to move: `region` in domains.toml says {to}")),
        );
    }
}

/// Networks of another size than domains.toml says: one warning a place that says so.
fn resized(ledger: &Ledger, wanted: &[Wanted], diagnostics: &mut Diagnostics) {
    let mut places: BTreeMap<Place, Vec<(&Wanted, Ipv4Net)>> = BTreeMap::new();
    for wish in wanted {
        let block = ledger.accounts.get(&wish.key).and_then(|held| held.network);
        if let (Some(block), Some(own)) = (block, wish.block) {
            if block != own {
                diagnostics.push(
                    Diagnostic::error(Code::Network, format!("`{}` has the block {block} in the ledger, not {own}", wish.key))
                        .at(wish.network_place)
                        .help(format!("a block never moves; if nothing has been made in {block}, take its `network` out of ledger.toml and run `groundwork allocate`")),
                );
            }
        } else if let (Some(block), Some(prefix)) = (block, wish.prefix)
            && block.prefix_len() != prefix
        {
            places.entry(wish.network_place).or_default().push((wish, block));
        }
    }
    for (place, accounts) in places {
        let (first, block) = accounts[0];
        let others = match accounts.len() - 1 {
            0 => String::new(),
            others => format!(", and so for {}", Count(others, "other account")),
        };
        let prefix = first.prefix.unwrap_or_default();
        diagnostics.push(
            Diagnostic::warning(
                Code::Network,
                format!("`{}` has the block {block} and keeps it; a /{prefix} is not given{others}", first.key),
            )
            .at(place)
            .help(format!(
                "say prefix = {} where the account exists already; a network is never resized or moved",
                block.prefix_len()
            ))
            .help("for more addresses, add a second network in an overlay, or make a new account and move there"),
        );
    }
}

/// The accounts that hold each value of a fact.
fn index<'a, K: Ord>(ledger: &'a Ledger, by: impl Fn(&'a Allotment) -> Option<K>) -> BTreeMap<K, Vec<&'a AccountKey>> {
    let mut index: BTreeMap<K, Vec<&AccountKey>> = BTreeMap::new();
    for (key, held) in &ledger.accounts {
        if let Some(value) = by(held) {
            index.entry(value).or_default().push(key);
        }
    }
    index
}
