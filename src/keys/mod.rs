//! Keys of machines: made at a source, carried to sinks, rotated without downtime.
//!
//! A source makes keys (IAM, for a faceless user) and says a key's secret once. The vault (Secrets Manager in the same
//! account) is the first place the secret is put, and the only one it can be read from again; from there it goes to all
//! other sinks (GitHub environments). Every sink says the id of the key it holds, and that is written when the sink has
//! the secret, never before. So whatever a sink holds is an id that it says, or the vault's; neither is ever touched.
//!
//! [`next`] is the rule: from what is seen to the one next step. [`rotate()`] looks, takes that step, and looks again, so
//! that a run which is killed anywhere is simply run again.

mod doors;
mod license;
#[cfg(test)]
mod lives;
mod next;
mod rotate;
mod wanted;

pub use doors::UserDoors;
pub use license::{LICENSE_SECRET, LicenseDoors};
pub use next::{Next, next};
pub use rotate::{Doors, Event, Problem, Rotated, Settings, rotate};
pub use wanted::{KEYS, Place, ROLES, Scope, User, Variable, clashes, has_users, is_watched, users, variables};

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

/// How many keys an IAM user may have.
pub const MOST_KEYS: usize = 2;

/// The first part of the name of every secret in an account that holds a faceless user's key.
const SECRETS: &str = "/groundwork/faceless-users";

/// The name of the secret that holds a faceless user's key, in its own account.
pub fn secret_name(user: &str) -> String {
    format!("{SECRETS}/{user}/access-key")
}

/// A text that nobody is to see: it has no `Display`, and its `Debug` does not say it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes it.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for the one who carries it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A key, as its source lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// What it is known by; no secret.
    pub id: String,
    /// Whether it is accepted.
    pub active: bool,
    /// When it was made.
    pub created: Timestamp,
    /// When it was used last, and with which service; nothing if never.
    pub used: Option<(Timestamp, String)>,
}

/// What a sink says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// The id of the key it holds, if it holds one of ours.
    pub key: Option<String>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// Whether it cannot be reached: then it holds nobody knows what, and no key may go.
    pub unreached: bool,
}

impl Holding {
    /// Whether it can be given that key, and does not have it.
    pub(crate) fn lacks(&self, key: &str) -> bool {
        !self.unreached && self.key.as_deref() != Some(key)
    }
}

/// Everything that is looked at before a step.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The user's keys.
    pub keys: Vec<Key>,
    /// The id of the key in the vault, if there is one of ours.
    pub vault: Option<String>,
    /// The other sinks.
    pub sinks: Vec<Holding>,
    /// Why sinks cannot be reached.
    pub problems: Vec<Problem>,
    /// Whether this run has made a key: one a run is enough.
    pub made: bool,
    /// Keys that this run has deactivated: whoever misses one gets a run's time to say so.
    pub rested: BTreeSet<String>,
}

/// When what is done.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// The time.
    pub now: Timestamp,
    /// How old a key may become.
    pub older_than: Duration,
    /// How long a key that no sink holds any more is left active, and then inactive; counted anew whenever it is used.
    pub grace: Duration,
    /// How old a key that no sink has ever held has to be: a younger one may be on its way, in another run.
    pub settle: Duration,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Make a key, and put it into the vault.
    Make,
    /// Put the vault's key into a sink, by its index.
    Push(usize, String),
    /// Deactivate a key.
    Deactivate(String),
    /// Delete a key that is inactive.
    Delete(String),
}

/// Why something is left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The key is young enough, until then.
    Fresh(String, Timestamp),
    /// No sink holds the key; it is deactivated or deleted then, unless it is used until that.
    Rests(String, Timestamp),
    /// No sink has ever held the key: a killed run has left it, or another run is about to push it.
    Lost(String, Timestamp),
    /// No sink holds the key, and somebody uses it.
    Used(String, Timestamp),
    /// The key was deactivated by this run; the next one may delete it.
    Inactive(String),
    /// A sink holds the key, though it is not the vault's.
    Held(String),
    /// A sink that cannot be reached may hold the key.
    Unknown(String),
    /// A key is due, and the user has as many as it may have.
    Full,
}

impl Note {
    /// Whether a run that ends with this has not done what it was asked for.
    pub fn is_stuck(&self) -> bool {
        matches!(self, Self::Full)
    }
}
