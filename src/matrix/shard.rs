//! Packing accounts into shards.
//!
//! Rendezvous hashing (Thaler and Ravishankar, 1998) with bounded loads: each account ranks the shards by a
//! hash of both and takes the first that has room. Sizes differ by at most one full shard, and an account
//! more or less moves only those that it crowds out, so that timings and logs of a shard stay comparable.

use crate::organization::AccountKey;

/// `count` shards (some may be empty) of at most `ceil(accounts / count)` accounts each.
pub(super) fn pack<'a>(accounts: &[&'a AccountKey], count: usize) -> Vec<Vec<&'a AccountKey>> {
    let capacity = accounts.len().div_ceil(count);
    let mut shards: Vec<Vec<&AccountKey>> = vec![Vec::with_capacity(capacity); count];
    // In an order of their own, so that an account's name does not decide who gets crowded out.
    let mut order: Vec<(u64, &AccountKey)> = accounts.iter().map(|key| (hash(&key.to_string()), *key)).collect();
    order.sort();
    for (own, key) in order {
        let room = (0..count).filter(|shard| shards[*shard].len() < capacity);
        let best = room.max_by_key(|shard| mix(own ^ mix(*shard as u64 + 1)));
        // There is room: the capacities add up to at least the number of accounts.
        shards[best.unwrap_or(0)].push(key);
    }
    shards
}

/// FNV-1a: the same on every machine and in every version, which the standard library's hasher does not promise.
fn hash(text: &str) -> u64 {
    mix(text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)))
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood, 2014).
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
