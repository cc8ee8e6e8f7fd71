//! The address space, block by block.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::ledger::{Ledger, Wanted};
use crate::network::{self, AddressSpace, FreeSpace, overlap, size};

/// Where network blocks come from.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Space {
    /// Days that a released block stays unused.
    pub quarantine_days: u32,
    /// In the order they are declared.
    pub pools: Vec<Pool>,
    /// Blocks of accounts that are in no pool: of networks that were there before, or of a pool that was moved since.
    pub outside: Vec<Block>,
}

/// A network that blocks are taken from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Pool {
    /// The network.
    #[schemars(with = "String")]
    pub cidr: Ipv4Net,
    /// Only for accounts in these regions; none means any.
    pub regions: Vec<String>,
    /// Only for accounts of these environments; none means any.
    pub environments: Vec<String>,
    /// All its addresses. The next four are parts of them.
    pub addresses: u64,
    /// Addresses in blocks of accounts.
    pub held: u64,
    /// Addresses that no account may get.
    pub reserved: u64,
    /// Addresses in blocks of accounts that are gone, and that nobody gets yet.
    pub quarantined: u64,
    /// Addresses that are left.
    pub free: u64,
    /// The prefix length of the largest free block; nothing in a pool that is full.
    pub largest_free: Option<u8>,
    /// The share of the free addresses, from 0 to 1, that is of no use to the accounts which ask for the largest blocks here:
    /// it lies in holes that are too small.
    pub fragmentation: f64,
    /// How many more blocks fit, for each size that accounts ask for here.
    pub room: Vec<Room>,
    /// All its addresses in order, each once.
    pub blocks: Vec<Block>,
}

/// How many more blocks of a size fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Room {
    /// The prefix length.
    pub prefix: u8,
    /// How many.
    pub blocks: u64,
}

/// Addresses that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Block {
    /// Which.
    #[schemars(with = "String")]
    pub cidr: Ipv4Net,
    /// What they are.
    pub kind: Kind,
    /// The key of the account that has them, or had them until they were quarantined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The first day on which a quarantined block may be given to another account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub until: Option<Date>,
}

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An account has it.
    Held,
    /// No account may get it.
    Reserved,
    /// An account that is gone had it; nobody gets it yet.
    Quarantined,
    /// It can be given to an account. As large as it can be.
    Free,
}

/// Why an address has no account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotHeld {
    /// It is in a pool, and nobody's.
    #[error("{0} is nobody's: it is free, in {1}")]
    Free(Ipv4Addr, Ipv4Net),
    /// It may not be anybody's.
    #[error("{0} is nobody's: {1} is reserved")]
    Reserved(Ipv4Addr, Ipv4Net),
    /// It was somebody's.
    #[error("{0} is nobody's: {1} was `{2}`'s, which is gone, and stays unused for a while")]
    Quarantined(Ipv4Addr, Ipv4Net, String),
    /// It is in no pool.
    #[error("{0} is in no pool, and in no account's block")]
    Elsewhere(Ipv4Addr),
}

impl Space {
    /// The key of the account whose block has that address.
    pub fn holder(&self, address: Ipv4Addr) -> Result<&str, NotHeld> {
        let blocks = self.pools.iter().flat_map(|pool| &pool.blocks).chain(&self.outside);
        let block = blocks.into_iter().find(|block| block.cidr.contains(&address));
        let block = block.ok_or(NotHeld::Elsewhere(address))?;
        let account = block.account.as_deref().unwrap_or_default();
        match block.kind {
            Kind::Held => Ok(account),
            Kind::Free => Err(NotHeld::Free(address, block.cidr)),
            Kind::Reserved => Err(NotHeld::Reserved(address, block.cidr)),
            Kind::Quarantined => Err(NotHeld::Quarantined(address, block.cidr, account.to_owned())),
        }
    }

    /// The address space on that day.
    pub fn of(space: &AddressSpace, ledger: &Ledger, wanted: &[Wanted], today: Date) -> Self {
        let taken = taken(space, ledger, today);
        let free = space.free(taken.iter().map(|block| block.cidr));
        let pools = space.pools.iter().zip(&free).map(|(pool, free)| self::pool(pool, free, &taken, wanted));
        let is_outside =
            |block: &&Block| block.kind == Kind::Held && !space.pools.iter().any(|pool| overlap(pool.cidr, block.cidr));
        Self {
            quarantine_days: space.quarantine_days,
            pools: pools.collect(),
            outside: taken.iter().filter(is_outside).cloned().collect(),
        }
    }
}

/// Everything that is not free, by address; what contains another comes before it.
fn taken(space: &AddressSpace, ledger: &Ledger, today: Date) -> Vec<Block> {
    let block = |cidr, kind| Block { cidr, kind, account: None, until: None };
    let mut taken: Vec<Block> = space.reserved.iter().map(|reserved| block(reserved.cidr, Kind::Reserved)).collect();
    for (key, held) in &ledger.accounts {
        taken.extend(held.network.map(|cidr| Block { account: Some(key.to_string()), ..block(cidr, Kind::Held) }));
    }
    for gone in ledger.tombstones.iter().filter(|gone| gone.is_quarantined(space.quarantine_days, today)) {
        let until = gone.quarantine_end(space.quarantine_days);
        let account = Some(gone.key.to_string());
        taken.extend(gone.network.map(|cidr| Block { account, until, ..block(cidr, Kind::Quarantined) }));
    }
    taken.sort_by_key(|block| (block.cidr.network(), block.cidr.prefix_len()));
    taken
}

fn pool(pool: &network::Pool, free: &FreeSpace, taken: &[Block], wanted: &[Wanted]) -> Pool {
    let blocks = blocks(pool.cidr, free, taken);
    let sum = |kind| blocks.iter().filter(|block| block.kind == kind).map(|block| size(block.cidr)).sum();
    let asked = wanted.iter().filter(|wish| pool.serves(&wish.region, wish.key.environment()));
    let sizes: BTreeSet<u8> = asked.filter(|wish| wish.block.is_none()).filter_map(|wish| wish.prefix).collect();
    let room: Vec<Room> = sizes.iter().map(|prefix| Room { prefix: *prefix, blocks: free.room(*prefix) }).collect();
    let left: u64 = sum(Kind::Free);
    Pool {
        cidr: pool.cidr,
        regions: pool.regions.clone(),
        environments: pool.environments.clone(),
        addresses: size(pool.cidr),
        held: sum(Kind::Held),
        reserved: sum(Kind::Reserved),
        quarantined: sum(Kind::Quarantined),
        free: left,
        largest_free: free.largest(),
        fragmentation: room.first().filter(|_| left > 0).map_or(0.0, |largest| {
            let useful = largest.blocks << (32 - largest.prefix);
            // Four digits are more than anybody reads, and the same on every machine.
            ((left - useful) as f64 / left as f64 * 10_000.0).round() / 10_000.0
        }),
        room,
        blocks,
    }
}

/// All of a pool, in order: what is taken, cut to the pool, and what is free between.
fn blocks(pool: Ipv4Net, free: &FreeSpace, taken: &[Block]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for block in taken.iter().filter(|block| overlap(block.cidr, pool)) {
        let cidr = if block.cidr.contains(&pool) { pool } else { block.cidr };
        // One within another, such as a quarantined block in what has been reserved since, is part of it.
        if blocks.last().is_none_or(|last| !last.cidr.contains(&cidr)) {
            blocks.push(Block { cidr, ..block.clone() });
        }
    }
    let free = free.blocks().into_iter().map(|cidr| Block { cidr, kind: Kind::Free, account: None, until: None });
    blocks.extend(free);
    blocks.sort_by_key(|block| block.cidr.network());
    blocks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::Place;
    use crate::network::Reserved;

    fn place() -> Place {
        Place::new(crate::diagnostic::Sources::default().add("domains.toml", ""), 0..0)
    }

    fn space(pools: &[&str], reserved: &[Ipv4Net]) -> AddressSpace {
        let pool = |cidr: &&str| network::Pool {
            cidr: cidr.parse().unwrap(),
            regions: Vec::new(),
            environments: Vec::new(),
            place: place(),
        };
        AddressSpace {
            pools: pools.iter().map(pool).collect(),
            reserved: reserved.iter().map(|cidr| Reserved { cidr: *cidr, place: place() }).collect(),
            quarantine_days: 30,
        }
    }

    #[test]
    fn holes_that_are_too_small_for_what_is_asked_for_are_fragments() {
        let space = space(&["10.0.0.0/16"], &["10.0.0.0/17".parse().unwrap(), "10.0.128.0/24".parse().unwrap()]);
        let wanted = |prefix| Wanted {
            key: crate::organization::AccountKey::new("catalog", "dev"),
            region: "eu-west-1".to_owned(),
            email: String::new(),
            prefix: Some(prefix),
            block: None,
            zones: 3,
            lifecycle: crate::organization::Lifecycle::Active,
            renamed_from: None,
            place: place(),
            network_place: place(),
        };
        let today = jiff::civil::date(2026, 11, 20);
        let pool = &Space::of(&space, &Ledger::default(), &[wanted(18), wanted(24)], today).pools[0];
        assert_eq!((pool.free, pool.largest_free), (127 * 256, Some(18)));
        assert_eq!(pool.room, [Room { prefix: 18, blocks: 1 }, Room { prefix: 24, blocks: 127 }]);
        assert_eq!(pool.fragmentation, 0.4961);
    }

    proptest! {
        /// Whatever is taken, however it overlaps: every address of a pool is in one block.
        #[test]
        fn blocks_cover_a_pool_exactly(networks in prop::collection::vec((any::<u16>(), 12_u8..=28), 0..40)) {
            let networks: Vec<Ipv4Net> = networks
                .into_iter()
                .map(|(low, prefix)| Ipv4Net::new((10 << 24 | u32::from(low) << 4).into(), prefix).unwrap().trunc())
                .collect();
            let space = space(&["10.0.0.0/14", "10.4.0.0/24", "10.8.0.0/20"], &networks);
            let today = jiff::civil::date(2026, 11, 20);
            for pool in Space::of(&space, &Ledger::default(), &[], today).pools {
                let mut next = u64::from(u32::from(pool.cidr.network()));
                for block in &pool.blocks {
                    prop_assert_eq!(u64::from(u32::from(block.cidr.network())), next);
                    next += size(block.cidr);
                }
                prop_assert_eq!(next, u64::from(u32::from(pool.cidr.broadcast())) + 1);
                prop_assert_eq!(pool.held + pool.reserved + pool.quarantined + pool.free, pool.addresses);
            }
        }
    }
}
