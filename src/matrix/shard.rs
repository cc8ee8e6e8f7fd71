//! Packing accounts into shards.
//!
//! Rendezvous hashing (Thaler and Ravishankar, 1998) with bounded loads: each account ranks the shards by a
//! hash of both and takes the first that has room. Sizes differ by at most one full shard, and an account
//! more or less moves only those that it crowds out, so that timings and logs of a shard stay comparable.

use std::cmp::Reverse;

use super::Timings;
use crate::organization::AccountKey;

/// How much longer than the even share a shard may take before an account has to go elsewhere, in percent. Less packs
/// tighter, more moves fewer accounts.
const SLACK: u64 = 115;

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

/// `count` shards (some may be empty) that take about equally long.
///
/// The longest account chooses first. Each takes the shard that it ranks highest among those that have time for it, or
/// the least loaded one; so no shard takes longer than the even share and the longest account together, and an account
/// more or less moves few others.
pub(super) fn pack_by_time<'a>(
    accounts: &[&'a AccountKey],
    count: usize,
    timings: &Timings,
) -> Vec<Vec<&'a AccountKey>> {
    let mut order: Vec<(Reverse<u64>, u64, &AccountKey)> =
        accounts.iter().map(|key| (Reverse(timings.of(key)), hash(&key.to_string()), *key)).collect();
    order.sort();
    let total: u64 = order.iter().map(|(time, ..)| time.0).sum();
    let longest = order.first().map_or(0, |(time, ..)| time.0);
    let capacity = (total * SLACK / 100).div_ceil(count as u64).max(longest);
    let mut shards: Vec<(u64, Vec<&AccountKey>)> = vec![(0, Vec::new()); count];
    for (Reverse(time), own, key) in order {
        let room = (0..count).filter(|shard| shards[*shard].0 + time <= capacity);
        let best = room.max_by_key(|shard| mix(own ^ mix(*shard as u64 + 1)));
        let best = best.or_else(|| (0..count).min_by_key(|shard| shards[*shard].0)).unwrap_or(0);
        shards[best].0 += time;
        shards[best].1.push(key);
    }
    shards.into_iter().map(|(_, accounts)| accounts).collect()
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write as _;

    use super::*;

    fn keys(number: usize) -> Vec<AccountKey> {
        (0..number).map(|index| AccountKey::new(format!("domain-{index}"), "prod")).collect()
    }

    /// Times between 10 and 110 seconds, and a few of ten minutes.
    fn timings(number: usize) -> Timings {
        let mut text = String::from("{\"accounts\":[");
        for index in 0..number {
            let seconds = if index % 97 == 0 { 600 } else { 10 + index * 7_919 % 100 };
            let comma = if index == 0 { "" } else { "," };
            write!(text, "{comma}{{\"account\":\"domain-{index}/prod\",\"seconds\":{seconds}}}").unwrap();
        }
        Timings::read(&(text + "]}")).unwrap()
    }

    #[test]
    fn shards_take_about_equally_long() {
        for (number, count) in [(1, 1), (10, 3), (257, 256), (1_000, 20), (1_000, 256), (10_000, 256)] {
            let (keys, timings) = (keys(number), timings(number));
            let keys: Vec<&AccountKey> = keys.iter().collect();
            let shards = pack_by_time(&keys, count, &timings);
            assert_eq!(shards.len(), count);
            let mut all: Vec<&AccountKey> = shards.iter().flatten().copied().collect();
            all.sort();
            let mut expected = keys.clone();
            expected.sort();
            assert_eq!(all, expected, "every account once");
            let time = |shard: &Vec<&AccountKey>| shard.iter().map(|key| timings.of(key)).sum::<u64>();
            let longest = keys.iter().map(|key| timings.of(key)).max().unwrap();
            let share = keys.iter().map(|key| timings.of(key)).sum::<u64>().div_ceil(count as u64);
            let worst = shards.iter().map(time).max().unwrap();
            assert!(worst <= share + longest, "{number} in {count}: {worst} of {share} and {longest}");
        }
    }

    #[test]
    fn one_account_more_moves_few_others() {
        let (more, timings) = (keys(1_001), timings(1_001));
        let more: Vec<&AccountKey> = more.iter().collect();
        let place = |keys: &[&AccountKey]| -> BTreeMap<String, usize> {
            let shards = pack_by_time(keys, 50, &timings);
            let place = |(index, keys): (usize, Vec<&AccountKey>)| {
                keys.into_iter().map(move |key| (key.to_string(), index)).collect::<Vec<_>>()
            };
            shards.into_iter().enumerate().flat_map(place).collect()
        };
        let (before, after) = (place(&more[..1_000]), place(&more));
        let moved = before.iter().filter(|(key, shard)| after[*key] != **shard).count();
        assert!(moved < 100, "{moved} of 1,000 moved");
    }
}
