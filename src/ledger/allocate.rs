//! The next ledger.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

use ipnet::Ipv4Net;
use jiff::civil::Date;

use super::{Allotment, Asked, Ledger, Tombstone, Wanted};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::network::{AddressSpace, FreeSpace, LARGEST_BLOCK, SMALLEST_BLOCK, overlap};
use crate::organization::{AccountKey, Lifecycle};
use crate::text::Count;

/// What a new ledger says that the old one did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new account, with its block.
    Added(AccountKey, Option<Ipv4Net>),
    /// An account that had no network block has one.
    Networked(AccountKey, Ipv4Net),
    /// More availability zones.
    Zones(AccountKey, Vec<String>),
    /// An account has a new key and keeps everything else.
    Renamed {
        /// The key it had.
        from: AccountKey,
        /// The key it has.
        to: AccountKey,
    },
    /// domains.toml says something else about its life.
    Lifecycle(AccountKey, Lifecycle),
    /// An account is gone; its block is in quarantine.
    Released(AccountKey, Option<Ipv4Net>),
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(key, Some(block)) => write!(f, "+ {key}: {block}"),
            Self::Added(key, None) => write!(f, "+ {key}"),
            Self::Networked(key, block) => write!(f, "~ {key}: network {block}"),
            Self::Zones(key, zones) => write!(f, "~ {key}: zones {}", zones.join(", ")),
            Self::Renamed { from, to } => write!(f, "~ {from} is now {to}"),
            Self::Lifecycle(key, lifecycle) => write!(f, "~ {key}: {}", lifecycle.as_str()),
            Self::Released(key, Some(block)) => write!(f, "- {key}: {block} is in quarantine"),
            Self::Released(key, None) => write!(f, "- {key}"),
        }
    }
}

/// The ledger that gives every account in `wanted` what it needs, and changes nothing that is there. With
/// errors among the diagnostics the ledger is not to be used.
///
/// `zone_ids` gives the zone ids of a region in order of preference. The result does not depend on the order
/// of `wanted`.
pub fn allocate(
    wanted: &[Wanted],
    ledger: &Ledger,
    space: &AddressSpace,
    zone_ids: &dyn Fn(&str) -> Option<Vec<String>>,
    today: Date,
) -> (Ledger, Vec<Change>, Diagnostics) {
    let mut wanted: Vec<&Wanted> = wanted.iter().collect();
    wanted.sort_by(|a, b| a.key.cmp(&b.key));
    let held = ledger.accounts.values().map(|held| &held.state_key);
    let old = ledger.tombstones.iter().filter_map(|gone| gone.state_key.as_ref());
    let mut allocation = Allocation {
        ledger: ledger.clone(),
        changes: Vec::new(),
        diagnostics: Diagnostics::default(),
        zone_ids,
        added: BTreeSet::new(),
        state_keys: held.chain(old).cloned().collect(),
    };
    allocation.rename(&wanted);
    allocation.release(&wanted, today);
    for wish in &wanted {
        allocation.enter(wish);
    }
    allocation.give_networks(&wanted, space, today);
    allocation.ledger.tombstones.sort();
    for key in std::mem::take(&mut allocation.added) {
        let network = allocation.ledger.accounts.get(&key).and_then(|held| held.network);
        allocation.changes.push(Change::Added(key, network));
    }
    (allocation.ledger, allocation.changes, allocation.diagnostics)
}

struct Allocation<'a> {
    ledger: Ledger,
    changes: Vec<Change>,
    diagnostics: Diagnostics,
    zone_ids: &'a dyn Fn(&str) -> Option<Vec<String>>,
    /// New accounts, told once their block is known.
    added: BTreeSet<AccountKey>,
    /// Every state key there is or was.
    state_keys: HashSet<String>,
}

impl Allocation<'_> {
    /// Moves what a renamed domain's accounts hold to their new keys.
    fn rename(&mut self, wanted: &[&Wanted]) {
        let keys: BTreeSet<&AccountKey> = wanted.iter().map(|wish| &wish.key).collect();
        for wish in wanted {
            let Some(from) = wish.renamed_from.as_ref().filter(|from| !keys.contains(from)) else { continue };
            if self.ledger.accounts.contains_key(&wish.key) {
                if let Some(old) = self.ledger.accounts.get(from) {
                    self.diagnostics.push(
                        Diagnostic::error(
                            Code::Duplicate,
                            format!("`{from}` cannot become `{}`: the ledger has both", wish.key),
                        )
                        .at(old.place)
                        .label(wish.place, "renamed here")
                        .help("retire one of the two first: put its table back with lifecycle = \"retiring\""),
                    );
                }
                continue;
            }
            if let Some(held) = self.ledger.accounts.remove(from) {
                self.ledger.accounts.insert(wish.key.clone(), held);
                self.changes.push(Change::Renamed { from: from.clone(), to: wish.key.clone() });
            }
        }
    }

    /// Makes tombstones of accounts that were on their way out and are gone from domains.toml.
    fn release(&mut self, wanted: &[&Wanted], today: Date) {
        let keys: BTreeSet<&AccountKey> = wanted.iter().map(|wish| &wish.key).collect();
        let gone: Vec<AccountKey> = self.ledger.accounts.keys().filter(|key| !keys.contains(key)).cloned().collect();
        for key in gone {
            let Some(held) = self.ledger.accounts.get(&key) else { continue };
            if held.lifecycle == Lifecycle::Active {
                self.diagnostics.push(super::check::disappeared(&key, held));
                continue;
            }
            if held.id.is_some() && !held.asked.is_over() {
                self.diagnostics.push(super::check::left_behind(&key, held));
                continue;
            }
            let network = held.network;
            let tombstone = Tombstone {
                key: key.clone(),
                released: today,
                id: held.id.clone(),
                email: held.email.clone(),
                state_key: Some(held.state_key.clone()),
                network,
            };
            self.ledger.tombstones.push(tombstone);
            self.ledger.accounts.remove(&key);
            self.changes.push(Change::Released(key, network));
        }
    }

    /// Gives an account its entry, without a network yet; notes what domains.toml says about its life.
    fn enter(&mut self, wish: &Wanted) {
        let key = &wish.key;
        if let Some(held) = self.ledger.accounts.get_mut(key) {
            if held.lifecycle != wish.lifecycle {
                // What is in use is not destroyed, whatever was so before.
                if [held.lifecycle, wish.lifecycle].contains(&Lifecycle::Active) {
                    held.asked.destroyed = None;
                }
                held.lifecycle = wish.lifecycle;
                self.changes.push(Change::Lifecycle(key.clone(), wish.lifecycle));
            }
            // As long as nothing has been allotted in the old region; later it is an error that `compare` finds.
            if held.region != wish.region && held.id.is_none() && held.network.is_none() {
                held.region.clone_from(&wish.region);
                held.zones.clear();
            }
            return;
        }
        self.refuse_used_email(wish);
        let allotment = Allotment {
            id: None,
            email: Some(wish.email.clone()),
            state_key: self.state_key(key),
            region: wish.region.clone(),
            network: None,
            zones: Vec::new(),
            lifecycle: wish.lifecycle,
            newrelic: None,
            asked: Asked::default(),
            place: wish.place,
        };
        self.ledger.accounts.insert(key.clone(), allotment);
        self.added.insert(key.clone());
    }

    /// The account's own path in the bucket, unless a renamed account has kept it or a retired one left a state
    /// there.
    fn state_key(&mut self, key: &AccountKey) -> String {
        let path = |suffix: &str| format!("{key}{suffix}/terraform.tfstate");
        let numbered = (2_u32..).map(|number| path(&format!("-{number}")));
        std::iter::once(path("")).chain(numbered).find(|path| self.state_keys.insert(path.clone())).unwrap_or_default()
    }

    fn refuse_used_email(&mut self, wish: &Wanted) {
        let same = |email: &Option<String>| email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(&wish.email));
        if let Some(gone) = self.ledger.tombstones.iter().find(|gone| same(&gone.email)) {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::AccountIdentity,
                    format!("`{}` wants the e-mail that `{}` had: `{}`", wish.key, gone.key, wish.email),
                )
                .at(wish.place)
                .help("AWS never accepts the e-mail of a closed account again; give the domain another: email = \"…\""),
            );
        }
    }

    /// Writes down the blocks that networks have already: before any is chosen, so that none of these is.
    fn enter_blocks(&mut self, wanted: &[&Wanted], space: &AddressSpace, today: Date) {
        for wish in wanted.iter().filter(|wish| wish.lifecycle == Lifecycle::Active) {
            let Some(block) = wish.block else { continue };
            if self.ledger.accounts.get(&wish.key).is_none_or(|held| held.network.is_some()) {
                continue;
            }
            match self.obstacle(wish, block, space, today) {
                Some(obstacle) => self.diagnostics.push(obstacle),
                None => {
                    self.give_zones(wish);
                    self.give(wish, block);
                }
            }
        }
    }

    /// Why an account cannot have a block that it says it has.
    fn obstacle(&self, wish: &Wanted, block: Ipv4Net, space: &AddressSpace, today: Date) -> Option<Diagnostic> {
        let problem = |what: String| {
            let message = format!("`{}` has {block} already, which overlaps {what}", wish.key);
            Diagnostic::error(Code::NetworkOverlap, message).at(wish.network_place)
        };
        let accounts = self.ledger.accounts.iter().filter_map(|(key, held)| Some((key, held.network?)));
        let quarantined = self.ledger.tombstones.iter();
        let quarantined = quarantined.filter(|gone| gone.is_quarantined(space.quarantine_days, today));
        let gone = quarantined.filter_map(|gone| Some((&gone.key, gone.network?)));
        if let Some((other, taken)) = accounts.chain(gone).find(|(_, taken)| overlap(*taken, block)) {
            return Some(
                problem(format!("{taken} of `{other}`"))
                    .help(format!("if `{other}` does not exist yet: `groundwork allocate --reassign {other}`"))
                    .help("where both are there for good, leave out `cidr` of one: the ledger cannot keep it from anybody"),
            );
        }
        let reserved = space.reserved.iter().find(|reserved| overlap(reserved.cidr, block))?;
        Some(
            problem(format!("{}, which is reserved", reserved.cidr))
                .label(reserved.place, "reserved here")
                .help("reserve around it: from now on the ledger keeps it from everybody else"),
        )
    }

    /// Writes an account's block down.
    fn give(&mut self, wish: &Wanted, block: Ipv4Net) {
        if let Some(entry) = self.ledger.accounts.get_mut(&wish.key) {
            entry.network = Some(block);
        }
        // Its quarantine is over for good: a longer one, set later, is about other blocks.
        for gone in &mut self.ledger.tombstones {
            gone.network = gone.network.filter(|old| !overlap(*old, block));
        }
        if !self.added.contains(&wish.key) {
            self.changes.push(Change::Networked(wish.key.clone(), block));
        }
    }

    fn give_networks(&mut self, wanted: &[&Wanted], space: &AddressSpace, today: Date) {
        self.enter_blocks(wanted, space, today);
        let held: Vec<Ipv4Net> = self.blocks(space.quarantine_days, today).collect();
        let mut free = space.free(held.iter().copied());
        let mut left_out: BTreeMap<(Vec<usize>, u8), Vec<&Wanted>> = BTreeMap::new();
        // Large blocks first: a small one never stands where it would keep a large one out.
        let mut order: Vec<&&Wanted> = wanted.iter().filter(|wish| wish.lifecycle == Lifecycle::Active).collect();
        order.sort_by_key(|wish| (wish.prefix, &wish.key));
        for wish in order {
            let Some(prefix) = wish.prefix else { continue };
            self.give_zones(wish);
            let held = self.ledger.accounts.get(&wish.key);
            if wish.block.is_some() || held.is_none_or(|held| held.network.is_some()) {
                continue;
            }
            if !(LARGEST_BLOCK..=SMALLEST_BLOCK).contains(&prefix) {
                self.diagnostics.push(
                    Diagnostic::error(Code::Network, format!("a VPC cannot be a /{prefix}"))
                        .at(wish.network_place)
                        .help(format!("AWS makes them from /{LARGEST_BLOCK} to /{SMALLEST_BLOCK}")),
                );
                continue;
            }
            let pools = serving(space, wish);
            match take(&mut free, space, &pools, prefix) {
                Some(block) => self.give(wish, block),
                None => left_out.entry((pools, prefix)).or_default().push(wish),
            }
        }
        for ((pools, prefix), wishes) in left_out {
            self.diagnostics.push(exhausted(space, &free, &pools, prefix, &wishes));
        }
    }

    /// All blocks that are not free.
    fn blocks(&self, quarantine_days: u32, today: Date) -> impl Iterator<Item = Ipv4Net> {
        let accounts = self.ledger.accounts.values().filter_map(|held| held.network);
        let tombstones = self.ledger.tombstones.iter();
        accounts.chain(
            tombstones.filter(move |gone| gone.is_quarantined(quarantine_days, today)).filter_map(|gone| gone.network),
        )
    }

    /// Pins zone ids. Those that are there stay, whatever the list or the wish says today.
    fn give_zones(&mut self, wish: &Wanted) {
        let Some(entry) = self.ledger.accounts.get_mut(&wish.key) else { return };
        if entry.zones.len() >= wish.zones {
            return;
        }
        let missing = wish.zones - entry.zones.len();
        let known = (self.zone_ids)(&entry.region);
        let more: Vec<String> =
            known.iter().flatten().filter(|zone| !entry.zones.contains(zone)).take(missing).cloned().collect();
        if more.len() < missing {
            let problem = match known {
                None => format!("the zone ids of `{}` are not known", entry.region),
                Some(known) => {
                    format!(
                        "`{}` wants {}, but `{}` has {}",
                        wish.key,
                        Count(wish.zones, "zone"),
                        entry.region,
                        known.len()
                    )
                }
            };
            self.diagnostics.push(Diagnostic::error(Code::Network, problem).at(wish.network_place).help(format!(
                "lower `network.zones`, or list the ids: [network.zones] {} = [\"…-az1\", …]",
                entry.region
            )));
            return;
        }
        let is_new = entry.network.is_none();
        entry.zones.extend(more);
        if !is_new {
            self.changes.push(Change::Zones(wish.key.clone(), entry.zones.clone()));
        }
    }
}

/// The pools that serve an account, in the order they are tried: precise ones first.
fn serving(space: &AddressSpace, wish: &Wanted) -> Vec<usize> {
    let serves = |index: &usize| space.pools[*index].serves(&wish.region, wish.key.environment());
    let mut pools: Vec<usize> = (0..space.pools.len()).filter(serves).collect();
    pools.sort_by_key(|index| (std::cmp::Reverse(space.pools[*index].precision()), *index));
    pools
}

/// The best fit among the pools that are equally precise; then among the next.
fn take(free: &mut [FreeSpace], space: &AddressSpace, pools: &[usize], prefix: u8) -> Option<Ipv4Net> {
    for group in pools.chunk_by(|a, b| space.pools[*a].precision() == space.pools[*b].precision()) {
        let fits = group.iter().filter_map(|index| Some((free[*index].best_fit(prefix)?, *index)));
        let best = fits.max_by_key(|(block, _)| (block.prefix_len(), std::cmp::Reverse(block.network())));
        if let Some((_, index)) = best {
            return free[index].allocate(prefix);
        }
    }
    None
}

fn exhausted(space: &AddressSpace, free: &[FreeSpace], pools: &[usize], prefix: u8, wishes: &[&Wanted]) -> Diagnostic {
    let first = wishes[0];
    let others = match wishes.len() - 1 {
        0 => String::new(),
        others => format!(" and {}", Count(others, "other account")),
    };
    if pools.is_empty() {
        let problem = format!("no pool serves `{}` in {}{others}", first.key, first.region);
        return Diagnostic::error(Code::PoolExhausted, problem).at(first.network_place).help(
            "declare one: [network] pools = [\"10.64.0.0/10\"]; or widen the `regions` and `environments` of one",
        );
    }
    let left: u64 = pools.iter().map(|index| free[*index].addresses()).sum();
    let largest = pools.iter().filter_map(|index| free[*index].largest()).min();
    let largest = largest.map_or_else(
        || "nothing is free".to_owned(),
        |largest| format!("{left} addresses are free, the largest free block is a /{largest}"),
    );
    let mut diagnostic =
        Diagnostic::error(Code::PoolExhausted, format!("no /{prefix} is left for `{}`{others}: {largest}", first.key))
            .at(first.network_place);
    for index in pools {
        let pool = &space.pools[*index];
        let usage = AddressSpace::usage(pool, &free[*index]);
        diagnostic = diagnostic.label(pool.place, format!("{} of {} addresses are free here", usage.free, usage.total));
    }
    diagnostic.help("add a pool, or ask for a smaller network: `prefix` with a larger number")
}
