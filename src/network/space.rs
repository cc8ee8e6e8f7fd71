//! Pools and what may not be taken from them.

use ipnet::Ipv4Net;

use super::{FreeSpace, overlap, size};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};

/// A network that blocks are taken from.
#[derive(Clone, Debug)]
pub struct Pool {
    /// The network.
    pub cidr: Ipv4Net,
    /// Only for accounts in these regions; none means any.
    pub regions: Vec<String>,
    /// Only for accounts of these environments; none means any.
    pub environments: Vec<String>,
    /// Where domains.toml declares it.
    pub place: Place,
}

impl Pool {
    /// Whether an account may get its block here.
    pub fn serves(&self, region: &str, environment: &str) -> bool {
        let admits = |list: &[String], name: &str| list.is_empty() || list.iter().any(|listed| listed == name);
        admits(&self.regions, region) && admits(&self.environments, environment)
    }

    /// How closely it is limited: pools that name a region are used before those that name an environment,
    /// and those before the ones that serve everybody.
    pub fn precision(&self) -> u8 {
        2 * u8::from(!self.regions.is_empty()) + u8::from(!self.environments.is_empty())
    }
}

/// A network that no account may get.
#[derive(Clone, Debug)]
pub struct Reserved {
    /// The network.
    pub cidr: Ipv4Net,
    /// Where domains.toml declares it.
    pub place: Place,
}

/// Where network blocks come from.
#[derive(Clone, Debug, Default)]
pub struct AddressSpace {
    /// In the order they are declared.
    pub pools: Vec<Pool>,
    /// What is kept out of them.
    pub reserved: Vec<Reserved>,
    /// Days that a released block stays unused.
    pub quarantine_days: u32,
}

/// How full a pool is, in addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// All of it.
    pub total: u64,
    /// What is left.
    pub free: u64,
    /// Prefix length of the largest free block.
    pub largest: Option<u8>,
}

impl AddressSpace {
    /// Pushes pools that share addresses, and pools of which nothing is left by what is reserved.
    pub fn check(&self, diagnostics: &mut Diagnostics) {
        for (index, pool) in self.pools.iter().enumerate() {
            if let Some(first) = self.pools[..index].iter().find(|first| overlap(first.cidr, pool.cidr)) {
                diagnostics.push(
                    Diagnostic::error(Code::Network, format!("the pools `{}` and `{}` overlap", first.cidr, pool.cidr))
                        .at(pool.place)
                        .label(first.place, "shares addresses with this one")
                        .help("an address belongs to one pool: shrink or remove one of the two"),
                );
            }
            if let Some(all) = self.reserved.iter().find(|reserved| reserved.cidr.contains(&pool.cidr)) {
                diagnostics.push(
                    Diagnostic::error(Code::Network, format!("the pool `{}` is reserved as a whole", pool.cidr))
                        .at(pool.place)
                        .label(all.place, "by this"),
                );
            }
        }
    }

    /// The free space of every pool, in their order, when `held` blocks are taken.
    pub fn free(&self, held: impl Iterator<Item = Ipv4Net> + Clone) -> Vec<FreeSpace> {
        self.pools
            .iter()
            .map(|pool| {
                let mut free = FreeSpace::new(pool.cidr);
                self.reserved.iter().for_each(|reserved| free.take(reserved.cidr));
                held.clone().filter(|block| overlap(*block, pool.cidr)).for_each(|block| free.take(block));
                free
            })
            .collect()
    }

    /// How full a pool is, given its free space.
    pub fn usage(pool: &Pool, free: &FreeSpace) -> Usage {
        Usage { total: size(pool.cidr), free: free.addresses(), largest: free.largest() }
    }
}
