//! What AWS Organizations holds at one moment: read once, kept as JSON, compared with what is meant.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::organization::{Contact, ContactKind};

/// Version of the JSON.
pub const SCHEMA_VERSION: u32 = 1;

/// The tag that says which account of domains.toml an AWS account is.
pub const KEY_TAG: &str = "groundwork:key";

/// Everything there is. Account ids and e-mails are in it, secrets are not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Version of this format.
    pub schema_version: u32,
    /// When it was read.
    pub taken: Timestamp,
    /// The AWS organization's id.
    pub organization: String,
    /// The id of its management account.
    pub management_account: String,
    /// The id of its root.
    pub root: String,
    /// All organizational units, parents before children.
    pub units: Vec<Unit>,
    /// All accounts, by id.
    pub accounts: Vec<Member>,
    /// The service control policies.
    pub policies: Vec<Policy>,
    /// Requests to make an account that are in progress, or were answered lately.
    pub creations: Vec<Creation>,
    /// Whether the support cases of the ledger are resolved, by case.
    #[serde(default)]
    pub cases: BTreeMap<String, bool>,
    /// Retiring accounts whose Terraform state has nothing in it any more, by key.
    #[serde(default)]
    pub destroyed: BTreeSet<String>,
}

/// An organizational unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its id.
    pub id: String,
    /// Its name, which only its siblings do not have.
    pub name: String,
    /// The id of the unit, or of the root, that it is in.
    pub parent: String,
}

/// An account of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Twelve digits.
    pub id: String,
    /// Its name, which says nothing about who it is.
    pub name: String,
    /// The e-mail of its root user.
    pub email: String,
    /// Where it is in its life, by AWS's word.
    pub state: State,
    /// The id of the unit, or of the root, that it is in.
    pub parent: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its alternate contacts; nothing where nobody asked for them.
    #[serde(default)]
    pub contacts: Option<BTreeMap<ContactKind, Contact>>,
}

/// Where an account is in its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// It waits for somebody to finish signing up.
    PendingActivation,
    /// It is in use.
    Active,
    /// AWS has suspended it; an older server says so of closed ones, too.
    Suspended,
    /// It is being closed.
    PendingClosure,
    /// It is closed.
    Closed,
    /// Something newer than this program, which then does nothing.
    #[serde(untagged)]
    Other(String),
}

impl State {
    /// The state of that name.
    pub fn from_name(name: &str) -> Self {
        match name {
            "PENDING_ACTIVATION" => Self::PendingActivation,
            "ACTIVE" => Self::Active,
            "SUSPENDED" => Self::Suspended,
            "PENDING_CLOSURE" => Self::PendingClosure,
            "CLOSED" => Self::Closed,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Whether it is closed, or on its way there.
    pub fn is_closing(&self) -> bool {
        matches!(self, Self::Suspended | Self::PendingClosure | Self::Closed)
    }

    /// In a sentence: "it is …".
    pub fn in_words(&self) -> &str {
        match self {
            Self::PendingActivation => "waiting for its activation",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::PendingClosure => "being closed",
            Self::Closed => "closed",
            Self::Other(name) => name,
        }
    }
}

/// A service control policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Ids of the units, roots and accounts it is attached to; only those that somebody asked for.
    pub targets: BTreeSet<String>,
}

/// A request to make an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creation {
    /// Its id, `car-…`.
    pub id: String,
    /// The name that the account was to have.
    pub name: String,
    /// When it was asked for.
    pub requested: Timestamp,
    /// How it stands.
    pub progress: Progress,
}

/// How a request to make an account stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    /// Not decided.
    Pending,
    /// The account exists, and has this id.
    Done(String),
    /// It will not exist, for this reason.
    Failed(String),
}

impl Snapshot {
    /// The path of a unit, by its id; empty for the root.
    pub fn path(&self, id: &str) -> String {
        let mut names = Vec::new();
        let mut at = id;
        while let Some(unit) = self.units.iter().find(|unit| unit.id == at) {
            names.push(unit.name.as_str());
            at = &unit.parent;
        }
        names.reverse();
        names.join("/")
    }

    /// The ids of all units, and of the root, by path.
    pub fn units_by_path(&self) -> BTreeMap<String, String> {
        let mut paths: BTreeMap<String, String> =
            self.units.iter().map(|unit| (self.path(&unit.id), unit.id.clone())).collect();
        paths.insert(String::new(), self.root.clone());
        paths
    }
}
