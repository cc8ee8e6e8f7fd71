//! Equal contents held once.
//!
//! Most files of most accounts are the same bytes. Holding, hashing and checking each content once is what
//! keeps ten thousand accounts within memory and parsing off the critical path.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

/// Enough that threads seldom meet.
const SHARDS: usize = 32;

/// The first sixteen bytes of a SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 16]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let hash = Sha256::digest(bytes);
        Self(std::array::from_fn(|index| hash[index]))
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn from_hex(text: &str) -> Option<Self> {
        let well_formed = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        well_formed.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(|number| Self(number.to_be_bytes()))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// What a rendered file holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Contents {
    /// All of it.
    pub bytes: Box<[u8]>,
    /// Its digest.
    pub digest: Digest,
}

/// Contents by their digest.
#[derive(Debug, Default)]
pub(super) struct Store {
    shards: [Mutex<HashMap<Digest, Arc<Contents>>>; SHARDS],
}

impl Store {
    /// The one copy of `bytes`. It is kept if it passes `check`, which runs once per content (twice if two
    /// threads meet it at the same moment).
    pub(super) fn keep<E>(&self, bytes: &[u8], check: impl FnOnce(&[u8]) -> Result<(), E>) -> Result<Arc<Contents>, E> {
        let digest = Digest::of(bytes);
        let shard = &self.shards[usize::from(digest.0[0]) % SHARDS];
        let lock = || shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = lock().get(&digest) {
            return Ok(Arc::clone(held));
        }
        // Outside the lock: parsing takes longer than anything else here.
        check(bytes)?;
        let contents = || Arc::new(Contents { bytes: bytes.into(), digest });
        Ok(Arc::clone(lock().entry(digest).or_insert_with(contents)))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::{Arc, Digest, Store};

    #[test]
    fn equal_contents_are_one_and_checked_once() {
        let store = Store::default();
        let mut checks = 0;
        let mut keep = |text: &str| {
            store.keep::<Infallible>(text.as_bytes(), |_| {
                checks += 1;
                Ok(())
            })
        };
        let (Ok(a), Ok(b), Ok(c)) = (keep("same"), keep("same"), keep("other"));
        assert!(Arc::ptr_eq(&a, &b) && !Arc::ptr_eq(&a, &c));
        assert_eq!(checks, 2);
    }

    #[test]
    fn what_fails_its_check_is_not_held() {
        let store = Store::default();
        assert_eq!(store.keep(b"x", |_| Err("no")), Err("no"));
        assert!(store.keep(b"x", |_| Ok::<(), &str>(())).is_ok());
    }

    #[test]
    fn a_digest_reads_what_it_writes() {
        let digest = Digest::of(b"content");
        assert_eq!(Digest::from_hex(&digest.to_string()), Some(digest));
        assert_eq!(Digest::from_hex("abc"), None);
    }
}
