//! The organization in one piece: whose every account is, where it is in its life, and what is left of the address
//! space. What `groundwork list` prints and `groundwork map` draws; it decides nothing.

mod space;

pub use space::{Block, Kind, NotHeld, Pool, Room, Space};

use std::collections::{BTreeMap, BTreeSet};

use clap::ValueEnum;
use ipnet::Ipv4Net;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::feature::Features;
use crate::ledger::{Ledger, Wanted};
use crate::organization::{self, Lifecycle, Organization, Team};

/// What `schema_version` says. A change that old readers would misunderstand raises it.
pub const SCHEMA_VERSION: u32 = 1;

/// All of it.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Map {
    /// The version of this format.
    pub schema_version: u32,
    /// The organization's short name.
    pub organization: String,
    /// The region of accounts that do not say otherwise.
    pub region: String,
    /// Id of the management account.
    pub management_account: String,
    /// Names of the environments, in the order they are declared.
    pub environments: Vec<String>,
    /// Names of the waves, in the order they are applied.
    pub waves: Vec<String>,
    /// What accounts can have, by name.
    pub features: Vec<Feature>,
    /// Who stewards the domains, by name.
    pub teams: Vec<Team>,
    /// By name.
    pub domains: Vec<Domain>,
    /// By key.
    pub accounts: Vec<Account>,
    /// Where network blocks come from. Always whole, whichever accounts are listed.
    pub address_space: Space,
}

/// A feature that accounts can have.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Feature {
    /// Its folder below `templates/`.
    pub name: String,
    /// What it gives.
    pub description: String,
}

/// A product domain.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Domain {
    /// Its name.
    pub name: String,
    /// The name of its team.
    pub team: String,
    /// What it is.
    pub description: Option<String>,
    /// Where its code lives.
    pub repository: Option<String>,
    /// What to do when it breaks.
    pub runbook: Option<String>,
    /// The name it had before.
    pub renamed_from: Option<String>,
}

/// One domain in one environment.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Account {
    /// `domain/environment`.
    pub key: String,
    /// The name of its domain.
    pub domain: String,
    /// Its environment.
    pub environment: String,
    /// The name of its team.
    pub team: String,
    /// Twelve digits; nothing before the account exists.
    pub id: Option<String>,
    /// Its name in AWS.
    pub name: String,
    /// The e-mail of its root user.
    pub email: String,
    /// `active`, `retiring` or `closed`.
    pub lifecycle: String,
    /// The name of its wave.
    pub wave: String,
    /// Path of its organizational unit, as long as it is active.
    pub unit: String,
    /// Its region.
    pub region: String,
    /// Whether destroying or replacing anything in it needs an explicit word.
    pub protected: bool,
    /// The support plan it should have.
    pub support: String,
    /// Its network block, once it is allotted.
    #[schemars(with = "Option<String>")]
    pub network: Option<Ipv4Net>,
    /// The availability zone ids of its network.
    pub zones: Vec<String>,
    /// Its key in the state bucket, once it is allotted.
    pub state_key: Option<String>,
    /// Names of the features that are on; the others of [`Map::features`] are off.
    pub features: Vec<String>,
    /// Tags for everything in it.
    pub tags: BTreeMap<String, String>,
}

/// What accounts are sorted by; those that are equal then by key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// Domain, then environment.
    #[default]
    Key,
    /// The account's id; those that do not exist come last.
    Id,
    /// The team.
    Team,
    /// The address of the network block; those without come last.
    Network,
    /// Wave after wave.
    Wave,
    /// Active, retiring, closed.
    Lifecycle,
    /// The region.
    Region,
    /// The organizational unit.
    Unit,
}

impl Map {
    /// The map of `accounts`, with the teams and domains they belong to. Blocks leave their quarantine as days pass, so it
    /// depends on the day.
    pub fn of(
        organization: &Organization,
        accounts: &[&organization::Account],
        features: &Features,
        ledger: &Ledger,
        wanted: &[Wanted],
        today: Date,
    ) -> Self {
        let is_whole = accounts.len() == organization.accounts.len();
        let domains: BTreeSet<&str> = accounts.iter().map(|account| account.key.domain()).collect();
        let teams: BTreeSet<&str> = accounts.iter().map(|account| account.domain.team.name.as_str()).collect();
        Self {
            schema_version: SCHEMA_VERSION,
            organization: organization.name.clone(),
            region: organization.region.clone(),
            management_account: organization.management_account.clone(),
            environments: organization.environments.clone(),
            waves: organization.waves.iter().map(|wave| wave.name.clone()).collect(),
            features: features
                .of_accounts()
                .map(|feature| Feature { name: feature.name.clone(), description: feature.description.clone() })
                .collect(),
            teams: organization
                .teams
                .values()
                .filter(|team| is_whole || teams.contains(team.name.as_str()))
                .map(|team| Team::clone(team))
                .collect(),
            domains: organization
                .domains
                .values()
                .filter(|domain| is_whole || domains.contains(domain.name.as_str()))
                .map(|domain| self::domain(domain))
                .collect(),
            accounts: accounts.iter().map(|account| self::account(account, organization, features)).collect(),
            address_space: Space::of(&organization.address_space, ledger, wanted, today),
        }
    }

    /// Sorts the accounts.
    pub fn sort(&mut self, order: Order) {
        let wave = |account: &Account| self.waves.iter().position(|wave| *wave == account.wave);
        // One text a key, so that all orders compare alike; what is missing sorts behind every text.
        let by = |account: &Account| match order {
            Order::Key => Some(String::new()),
            Order::Id => account.id.clone(),
            Order::Team => Some(account.team.clone()),
            Order::Network => account.network.map(|block| format!("{:010}", u32::from(block.network()))),
            Order::Wave => wave(account).map(|index| format!("{index:010}")),
            Order::Lifecycle => Lifecycle::from_name(&account.lifecycle).map(|state| format!("{}", state as u8)),
            Order::Region => Some(account.region.clone()),
            Order::Unit => Some(account.unit.clone()),
        };
        self.accounts.sort_by_cached_key(|account| {
            let by = by(account);
            (by.is_none(), by, account.key.clone())
        });
    }

    /// The features that every account has.
    pub fn common_features(&self) -> Vec<&str> {
        let everywhere = |name: &&str| self.accounts.iter().all(|account| account.features.iter().any(|on| on == name));
        self.features.iter().map(|feature| feature.name.as_str()).filter(everywhere).collect()
    }
}

fn domain(domain: &organization::Domain) -> Domain {
    Domain {
        name: domain.name.clone(),
        team: domain.team.name.clone(),
        description: domain.description.clone(),
        repository: domain.repository.clone(),
        runbook: domain.runbook.clone(),
        renamed_from: domain.renamed_from.clone(),
    }
}

fn account(account: &organization::Account, organization: &Organization, features: &Features) -> Account {
    let held = account.allotment.as_ref();
    let on = features.of_accounts().filter(|feature| account.inputs.contains_key(&feature.key));
    Account {
        key: account.key.to_string(),
        domain: account.key.domain().to_owned(),
        environment: account.key.environment().to_owned(),
        team: account.domain.team.name.clone(),
        id: held.and_then(|held| held.id.clone()),
        name: account.name.clone(),
        email: account.email.clone(),
        lifecycle: account.lifecycle.as_str().to_owned(),
        wave: organization.wave_of(account).name.clone(),
        unit: account.unit.clone(),
        region: account.region.clone(),
        protected: account.protected,
        support: account.support.clone(),
        network: held.and_then(|held| held.network),
        zones: held.map(|held| held.zones.clone()).unwrap_or_default(),
        state_key: held.map(|held| held.state_key.clone()),
        features: on.map(|feature| feature.name.clone()).collect(),
        tags: account.tags.clone(),
    }
}
