//! ledger.toml: what has been allotted and must never move, and what is gone.
//!
//! It is generated and committed. [`allocate`] computes the next ledger from what domains.toml wants; [`check`]
//! says what a ledger, possibly merged from two branches, gets wrong by itself, and [`compare`] where it and
//! domains.toml differ. All of it is pure.

mod allocate;
mod check;
mod format;

pub use allocate::{Change, allocate};
pub use check::{check, compare};

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::diagnostic::Place;
use crate::organization::{AccountKey, Lifecycle};

/// All that has been allotted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// What accounts hold.
    pub accounts: BTreeMap<AccountKey, Allotment>,
    /// What accounts held that are gone; by key and date.
    pub tombstones: Vec<Tombstone>,
}

/// What an account holds, for as long as it lives.
#[derive(Clone, Debug)]
pub struct Allotment {
    /// Twelve digits, once AWS has made the account.
    pub id: Option<String>,
    /// E-mail of the root user. It cannot follow a rename, so it stays what it was at first.
    pub email: Option<String>,
    /// The account's key in the state bucket.
    pub state_key: String,
    /// The region the network is in.
    pub region: String,
    /// The network block.
    pub network: Option<Ipv4Net>,
    /// The availability zone ids of the network, in order; they are only ever added to.
    pub zones: Vec<String>,
    /// What domains.toml said last. An account may disappear from there once this is not `active`.
    pub lifecycle: Lifecycle,
    /// The number of its account at New Relic, once there is one.
    pub newrelic: Option<u64>,
    /// What was asked of AWS and is not known to be done, or not visible to others.
    pub asked: Asked,
    /// Where the ledger says so; for an allotment that is not in a file yet, where domains.toml wants it.
    pub place: Place,
}

/// What was asked of AWS for an account. Nothing of it can be read back for certain, so it is written down before, or as
/// soon as, AWS knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// When it was asked to make the account; until that exists.
    pub creation: Option<Timestamp>,
    /// The request's id (`car-…`), once AWS has said it.
    pub request: Option<String>,
    /// The support plan that was asked for.
    pub support: Option<SupportCase>,
    /// The day on which nothing was left of what Terraform had made there.
    pub destroyed: Option<Date>,
    /// The day it was asked to close the account.
    pub closed: Option<Date>,
    /// When New Relic was asked to make its account there; until that exists.
    pub newrelic: Option<Timestamp>,
}

impl Asked {
    /// Whether an account may leave domains.toml: nothing of it would be left behind that nobody knows of.
    pub fn is_over(&self) -> bool {
        self.destroyed.is_some() || self.closed.is_some()
    }

    /// Forgets a request to make the account: it exists, or will not.
    pub fn forget_creation(&mut self) {
        self.creation = None;
        self.request = None;
    }
}

/// A support plan has no interface: a case asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportCase {
    /// The plan.
    pub plan: String,
    /// The case's id.
    pub case: String,
    /// Whether it is resolved.
    pub resolved: bool,
}

/// Two allotments are equal if they say the same, wherever they stand.
impl PartialEq for Allotment {
    fn eq(&self, other: &Self) -> bool {
        let facts = |of: &Self| {
            let Self { id, email, state_key, region, network, zones, lifecycle, newrelic, asked, place: _ } =
                of.clone();
            (id, email, state_key, region, network, zones, lifecycle, newrelic, asked)
        };
        facts(self) == facts(other)
    }
}

/// What an account held that is gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tombstone {
    /// Who it was.
    pub key: AccountKey,
    /// The day it left the ledger; its block stays unused for the quarantine after that.
    pub released: Date,
    /// Its id, if it was ever made.
    pub id: Option<String>,
    /// Its e-mail, which AWS never accepts again.
    pub email: Option<String>,
    /// Its key in the state bucket, where an old state may still lie: nobody else gets it.
    pub state_key: Option<String>,
    /// The block it held; none once that was given to another account.
    pub network: Option<Ipv4Net>,
}

impl Tombstone {
    /// Whether the block may not be used yet on that day.
    pub fn is_quarantined(&self, days: u32, today: Date) -> bool {
        self.quarantine_end(days).is_some_and(|end| today < end)
    }

    /// The first day on which the block may be used again; none at the end of time.
    pub fn quarantine_end(&self, days: u32) -> Option<Date> {
        self.released.checked_add(jiff::Span::new().days(i64::from(days))).ok()
    }
}

/// What domains.toml asks of the ledger for one account.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Who asks.
    pub key: AccountKey,
    /// The account's region.
    pub region: String,
    /// The e-mail it gets if it has none yet.
    pub email: String,
    /// Prefix length of its network; none without a network.
    pub prefix: Option<u8>,
    /// The block that the network has already, which is then the one to write down; inside of a pool or not.
    pub block: Option<Ipv4Net>,
    /// How many availability zones it wants.
    pub zones: usize,
    /// Where it is in its life.
    pub lifecycle: Lifecycle,
    /// The key it had before its domain was renamed.
    pub renamed_from: Option<AccountKey>,
    /// Where domains.toml asks for the account.
    pub place: Place,
    /// Where it says how large the network is.
    pub network_place: Place,
}

impl Ledger {
    /// This ledger with what another one, that began as an earlier state of it, says of accounts that AWS was asked for: ids,
    /// e-mails, requests, cases. What else is in either is this one's.
    #[must_use]
    pub fn with_news_of(&self, other: &Self) -> Self {
        let mut ledger = self.clone();
        for (key, held) in &mut ledger.accounts {
            let Some(news) = other.accounts.get(key) else { continue };
            if held.id.is_none() && news.id.is_some() {
                held.id.clone_from(&news.id);
                held.email.clone_from(&news.email);
            }
            held.newrelic = held.newrelic.or(news.newrelic);
            // One that is there by now was asked for by somebody else.
            if held.id == news.id {
                held.asked = news.asked.clone();
            }
        }
        ledger
    }
}

/// An account whose network block cannot be taken away.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotReassign {
    /// It is not in the ledger.
    #[error("`{0}` is not in ledger.toml")]
    Unknown(AccountKey),
    /// It exists, so its network may as well.
    #[error("`{0}` exists in AWS: its network block never moves")]
    Exists(AccountKey),
}

/// The ledger without the network block of an account that does not exist yet, so that [`allocate`] gives it
/// another: the way out when two branches took the same one.
pub fn reassign(ledger: &Ledger, key: &AccountKey) -> Result<Ledger, CannotReassign> {
    let mut ledger = ledger.clone();
    match ledger.accounts.get_mut(key) {
        None => Err(CannotReassign::Unknown(key.clone())),
        Some(held) if held.id.is_some() => Err(CannotReassign::Exists(key.clone())),
        Some(held) => {
            held.network = None;
            Ok(ledger)
        }
    }
}
