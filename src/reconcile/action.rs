//! What is to be done, as data.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::organization::{AccountKey, Contact, ContactKind};

/// One thing to do. Paths of units are empty for the root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Action {
    /// Make an organizational unit; its parent is there by then.
    CreateUnit {
        /// Its path.
        unit: String,
    },
    /// Attach a service control policy to a unit.
    AttachPolicy {
        /// The policy's name.
        policy: String,
        /// The policy's id.
        id: String,
        /// The unit's path.
        unit: String,
    },
    /// Detach one.
    DetachPolicy {
        /// The policy's name.
        policy: String,
        /// The policy's id.
        id: String,
        /// The unit's path.
        unit: String,
    },
    /// Make an account, and move it out of the root at once.
    CreateAccount {
        /// Who it is.
        account: AccountKey,
        /// Its name.
        name: String,
        /// The e-mail of its root user.
        email: String,
        /// Where it is moved.
        unit: String,
        /// The tags that it is made with.
        tags: BTreeMap<String, String>,
    },
    /// Wait for an account that AWS was asked to make, and move it out of the root.
    FollowCreation {
        /// Who it is.
        account: AccountKey,
        /// The request.
        request: String,
        /// Where it is moved.
        unit: String,
    },
    /// Move an account.
    Move {
        /// Who it is.
        account: AccountKey,
        /// The path of the unit it is in.
        from: String,
        /// The path of the unit it should be in.
        to: String,
    },
    /// Park a retired account.
    Park {
        /// Who it is.
        account: AccountKey,
        /// The path of the unit it is in.
        from: String,
        /// The path of the unit for retired accounts.
        to: String,
    },
    /// Set tags.
    Tag {
        /// Who it is.
        account: AccountKey,
        /// The tags.
        tags: BTreeMap<String, String>,
    },
    /// Remove tags that groundwork had set.
    Untag {
        /// Who it is.
        account: AccountKey,
        /// Their keys.
        keys: BTreeSet<String>,
    },
    /// Write an account's id to the ledger, once Terraform can work in it.
    Record {
        /// Who it is.
        account: AccountKey,
    },
    /// Give an account another name.
    Rename {
        /// Who it is.
        account: AccountKey,
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// Set an alternate contact.
    Contact {
        /// Who it is.
        account: AccountKey,
        /// For what.
        contact: ContactKind,
        /// Who that is.
        to: Contact,
    },
    /// Open the case that asks for a support plan.
    Support {
        /// Who it is.
        account: AccountKey,
        /// The plan.
        plan: String,
    },
    /// Write to the ledger that a support case is resolved.
    SupportResolved {
        /// Who it is.
        account: AccountKey,
        /// The case.
        case: String,
    },
    /// Write to the ledger that nothing of Terraform's is left in a retired account.
    Destroyed {
        /// Who it is.
        account: AccountKey,
    },
    /// Close an account.
    Close {
        /// Who it is.
        account: AccountKey,
    },
}

impl Action {
    /// The account that it is about, if it is about one.
    pub fn account(&self) -> Option<&AccountKey> {
        match self {
            Self::CreateUnit { .. } | Self::AttachPolicy { .. } | Self::DetachPolicy { .. } => None,
            Self::CreateAccount { account, .. }
            | Self::FollowCreation { account, .. }
            | Self::Move { account, .. }
            | Self::Park { account, .. }
            | Self::Tag { account, .. }
            | Self::Untag { account, .. }
            | Self::Record { account }
            | Self::Rename { account, .. }
            | Self::Contact { account, .. }
            | Self::Support { account, .. }
            | Self::SupportResolved { account, .. }
            | Self::Destroyed { account }
            | Self::Close { account } => Some(account),
        }
    }
}

/// A unit as people read it.
fn unit(path: &str) -> &str {
    if path.is_empty() { "the root" } else { path }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateUnit { unit } => write!(f, "+ unit {unit}"),
            Self::AttachPolicy { policy, unit: of, .. } => write!(f, "+ policy {policy} on {}", unit(of)),
            Self::DetachPolicy { policy, unit: of, .. } => write!(f, "- policy {policy} on {}", unit(of)),
            Self::CreateAccount { account, name, email, unit: to, .. } => {
                write!(f, "+ {account}: create the account `{name}` ({email}) in {}", unit(to))
            }
            Self::FollowCreation { account, request, unit: to } => {
                write!(f, "+ {account}: go on with {request}, then move it to {}", unit(to))
            }
            Self::Move { account, from, to } => write!(f, "~ {account}: move from {} to {}", unit(from), unit(to)),
            Self::Park { account, from, to } => write!(f, "~ {account}: park, from {} to {}", unit(from), unit(to)),
            Self::Tag { account, tags } => {
                let tags: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
                write!(f, "~ {account}: tag {}", tags.join(", "))
            }
            Self::Untag { account, keys } => {
                let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                write!(f, "~ {account}: untag {}", keys.join(", "))
            }
            Self::Record { account } => write!(f, "~ {account}: write its id to the ledger, once it can be worked in"),
            Self::Rename { account, from, to } => write!(f, "~ {account}: rename from `{from}` to `{to}`"),
            Self::Contact { account, contact, to } => {
                write!(f, "~ {account}: {} contact {} <{}>", contact.as_str(), to.name, to.email)
            }
            Self::Support { account, plan } => write!(f, "~ {account}: open the case that asks for {plan} support"),
            Self::SupportResolved { account, case } => write!(f, "~ {account}: its support case {case} is resolved"),
            Self::Destroyed { account } => write!(f, "~ {account}: write to the ledger that nothing is left in it"),
            Self::Close { account } => write!(f, "- {account}: close the account"),
        }
    }
}
