//! The organization as it is meant: teams, domains, environments, accounts. Plain values; no reading, no
//! writing, no printing.

mod key;
mod select;

pub use key::{AccountKey, NotAKey, ORGANIZATION};
pub use select::{NoMatch, Selection};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use ipnet::Ipv4Net;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Place;
use crate::document::Node;
use crate::network::AddressSpace;

/// Where in the bucket the state of the organization's own root module is. No account's can be there: theirs have the
/// domain and the environment in front.
pub const ROOT_STATE_KEY: &str = "organization/terraform.tfstate";

/// Everything domains.toml and the ledger say, resolved.
#[derive(Debug)]
pub struct Organization {
    /// Short name.
    pub name: String,
    /// The region of accounts that do not say otherwise.
    pub region: String,
    /// Id of the management account.
    pub management_account: String,
    /// Name of the role in each account that Terraform assumes.
    pub role: String,
    /// Where Terraform keeps its state.
    pub state: State,
    /// Where network blocks come from.
    pub address_space: AddressSpace,
    /// Availability zone ids by region, where the configuration overrides the built-in list.
    pub zones: BTreeMap<String, Vec<String>>,
    /// In the order they are applied; there is at least one.
    pub waves: Vec<Wave>,
    /// How its accounts come, stay and go.
    pub membership: Membership,
    /// What the workflows of CI need to know, if it is configured.
    pub workflows: Option<Workflows>,
    /// The names of the declared environments, in the order they are declared.
    pub environments: Vec<String>,
    /// By name.
    pub teams: BTreeMap<String, Arc<Team>>,
    /// By name.
    pub domains: BTreeMap<String, Arc<Domain>>,
    /// By key, ascending.
    pub accounts: Vec<Account>,
    /// The organization's own root module, if a feature contributes to one: what is Terraform's in the management account.
    pub root: Option<Account>,
}

/// How accounts come into the AWS organization, where they are in it, and how they go.
#[derive(Clone, Debug, Default)]
pub struct Membership {
    /// Path of the organizational unit that retired accounts are parked in.
    pub retired_unit: String,
    /// How many accounts may be in creation at once.
    pub creations: usize,
    /// How many accounts the organization may have, where that is known.
    pub account_quota: Option<usize>,
    /// How many accounts may be closed in thirty days.
    pub closures_per_month: usize,
    /// How many accounts may be in closure at once.
    pub closures_at_once: usize,
    /// Names of the service control policies that are attached to organizational units, by their path.
    pub policies: BTreeMap<String, BTreeSet<String>>,
}

/// What the workflows of CI need to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflows {
    /// ARN of the role that jobs which plan assume.
    pub plan_role: String,
    /// ARN of the role that jobs which apply assume.
    pub apply_role: String,
    /// The repository whose releases hold groundwork.
    pub releases: String,
    /// The branch that is applied.
    pub branch: String,
    /// The label of the machines.
    pub runner: String,
    /// How many jobs of a matrix run at a time.
    pub max_parallel: usize,
    /// The version of Terraform.
    pub terraform: String,
    /// When drift is looked for.
    pub schedule: String,
    /// The jobs that look after keys, if there are any.
    pub keys: Option<KeysWorkflow>,
}

/// What the jobs need to know that look after keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysWorkflow {
    /// ARN of the role that they assume.
    pub role: String,
    /// When they run.
    pub schedule: String,
}

/// Whom AWS writes to about an account, besides its root user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContactKind {
    /// About money.
    Billing,
    /// About what runs.
    Operations,
    /// About what is wrong.
    Security,
}

impl ContactKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Billing, Self::Operations, Self::Security];

    /// As it is written in domains.toml.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Billing => "billing",
            Self::Operations => "operations",
            Self::Security => "security",
        }
    }
}

/// An alternate contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Who it is.
    pub name: String,
    /// What they do.
    pub title: String,
    /// Where they read mail.
    pub email: String,
    /// Where they pick up.
    pub phone: String,
}

/// The S3 backend.
#[derive(Clone, Debug)]
pub struct State {
    /// Name of the bucket.
    pub bucket: String,
    /// Region of the bucket.
    pub region: String,
    /// Role that the backend assumes, if not the caller's own.
    pub role_arn: Option<String>,
}

/// Accounts that are applied together.
#[derive(Clone, Debug)]
pub struct Wave {
    /// Its name.
    pub name: String,
}

/// Who stewards domains.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// Where it reads mail.
    pub email: String,
    /// Its channel.
    pub slack: Option<String>,
    /// Its on-call rotation.
    pub on_call: Option<String>,
    /// Who pays.
    pub cost_center: Option<String>,
    /// `owner/team` on GitHub.
    pub github: Option<String>,
    /// Its group in IAM Identity Center.
    pub identity_group: Option<String>,
    /// Whom AWS writes to about its accounts: its own contacts, or else the organization's.
    #[schemars(with = "BTreeMap<String, BTreeMap<String, String>>")]
    pub contacts: BTreeMap<ContactKind, Contact>,
}

/// A product domain.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// Who stewards it.
    pub team: Arc<Team>,
    /// What it is.
    pub description: Option<String>,
    /// Where its code lives: its own repository, or else the organization's.
    pub repository: Option<String>,
    /// What to do when it breaks.
    pub runbook: Option<String>,
    /// The name it had before.
    pub renamed_from: Option<String>,
}

/// Where an account is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lifecycle {
    /// In use.
    #[default]
    Active,
    /// Its resources are to be destroyed; the account stays.
    Retiring,
    /// The account may be closed.
    Closed,
}

impl Lifecycle {
    /// As it is written in domains.toml and in the ledger.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Closed => "closed",
        }
    }

    /// The lifecycle of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::Retiring, Self::Closed].into_iter().find(|lifecycle| lifecycle.as_str() == name)
    }
}

/// One domain in one environment.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who it is.
    pub key: AccountKey,
    /// The domain it belongs to.
    pub domain: Arc<Domain>,
    /// Its region.
    pub region: String,
    /// Its name in AWS.
    pub name: String,
    /// The e-mail of its root user: the ledger's, once it is there.
    pub email: String,
    /// Path of its organizational unit.
    pub unit: String,
    /// Whether destroying or replacing anything in it needs an explicit word.
    pub protected: bool,
    /// The support plan it should have.
    pub support: String,
    /// Where it is in its life.
    pub lifecycle: Lifecycle,
    /// Index of its wave in [`Organization::waves`]; beyond its end for the organization's own root module.
    pub wave: usize,
    /// Tags for everything in it.
    pub tags: BTreeMap<String, String>,
    /// The inputs of every feature that is on, by the feature's key.
    pub inputs: BTreeMap<String, Arc<Node>>,
    /// What the ledger holds for it; nothing before `groundwork allocate`.
    pub allotment: Option<Allotted>,
    /// Where domains.toml asks for it.
    pub place: Place,
}

/// What the ledger holds for an account, as rendering needs it.
#[derive(Clone, Debug)]
pub struct Allotted {
    /// Twelve digits, once the account exists.
    pub id: Option<String>,
    /// Its key in the state bucket.
    pub state_key: String,
    /// The number of its account at New Relic, once there is one.
    pub newrelic: Option<u64>,
    /// Its network block.
    pub network: Option<Ipv4Net>,
    /// The availability zone ids of its network.
    pub zones: Vec<String>,
}

impl Account {
    /// Whether the ledger holds what a root module needs: the account's entry, and a block for its network.
    pub fn is_renderable(&self) -> bool {
        self.allotment.as_ref().is_some_and(|held| held.network.is_some() || self.network_prefix().is_none())
    }

    /// The block that its network has already, as domains.toml says.
    pub fn own_block(&self) -> Option<Ipv4Net> {
        self.inputs.get("network")?.get("cidr")?.as_str()?.parse().ok()
    }

    /// Whether its network was there before groundwork, and is used as it is.
    pub fn has_existing_network(&self) -> bool {
        self.inputs.get("network").is_some_and(|network| network.get("existing").is_some())
    }

    /// How large a block the ledger is to hold for it; none without a network, or where nobody says which block one has
    /// that is used as it is.
    pub fn network_prefix(&self) -> Option<u8> {
        let prefix = || u8::try_from(self.inputs.get("network")?.get("prefix")?.as_integer()?).ok();
        let own = self.own_block().map(|block| block.prefix_len());
        own.or_else(|| prefix().filter(|_| !self.has_existing_network()))
    }
}

impl Organization {
    /// Everything that has a root module: the organization itself, then the accounts by key.
    pub fn with_root(&self) -> impl Iterator<Item = &Account> {
        self.root.iter().chain(&self.accounts)
    }

    /// The account of that key, or what stands for the organization's own root module.
    pub fn account(&self, key: &AccountKey) -> Option<&Account> {
        if key.is_organization() {
            return self.root.as_ref();
        }
        self.accounts.binary_search_by(|account| account.key.cmp(key)).ok().map(|index| &self.accounts[index])
    }

    /// The wave an account is applied in.
    pub fn wave_of(&self, account: &Account) -> &Wave {
        static ROOT: LazyLock<Wave> = LazyLock::new(|| Wave { name: ORGANIZATION.to_owned() });
        // The organization's own root module comes before all of them.
        self.waves.get(account.wave).unwrap_or(&ROOT)
    }
}
