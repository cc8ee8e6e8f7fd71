//! The layers, later wins, tables merge: built-in defaults, `[defaults]`, `[environments.X]`,
//! `[domains.D]`, `[domains.D.environment.X]`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Config;
use crate::document::{Node, Table};
use crate::feature::Features;

/// What an account is to get: one value a setting or feature key, each with its places. Values that no
/// domain overrides are shared between accounts.
pub type Settings = BTreeMap<String, Arc<Node>>;

/// The layers below the domains, merged once per environment.
#[derive(Debug)]
pub struct Layers {
    /// What is a setting or a feature's key; a domain's table holds other things, too.
    keys: BTreeSet<String>,
    built_in: Settings,
    environments: BTreeMap<String, Settings>,
}

impl Layers {
    /// Merges what does not depend on a domain.
    pub fn new(config: &Config, features: &Features) -> Self {
        let mut built_in = Settings::new();
        for (key, entry) in config.composer.settings() {
            // Three settings have the organization's own as their default.
            let inherited = || config.root.get("organization")?.get(key);
            let default = || entry.node.get("default");
            let declared = || config.composer.default_of(&["organization", key]);
            if let Some(node) = inherited().or_else(default).or_else(declared) {
                built_in.insert(key.clone(), Arc::new(node.clone()));
            }
        }
        for feature in features.of_accounts() {
            built_in.insert(feature.key.clone(), Arc::new(feature.defaults.clone()));
        }
        let keys = config.composer.settings().keys().cloned();
        let keys = keys.chain(features.of_accounts().map(|feature| feature.key.clone())).collect();
        let mut layers = Self { keys, built_in, environments: BTreeMap::new() };
        let mut defaults = layers.built_in.clone();
        layers.lay(&mut defaults, config.table("defaults"));
        for (name, entry) in config.table("environments") {
            let mut settings = defaults.clone();
            layers.lay(&mut settings, entry.node.as_table().unwrap_or(&Table::new()));
            layers.environments.insert(name.clone(), settings);
        }
        layers
    }

    /// The settings of an environment before any domain has its say.
    pub fn of_environment(&self, environment: &str) -> &Settings {
        self.environments.get(environment).unwrap_or(&self.built_in)
    }

    /// The settings of `domain` (its table in domains.toml) in `environment`.
    pub fn of_account(&self, domain: &Node, environment: &str) -> Settings {
        let mut settings = self.of_environment(environment).clone();
        if let Some(table) = domain.as_table() {
            self.lay(&mut settings, table);
        }
        if let Some(table) = domain.get("environment").and_then(|all| all.get(environment)).and_then(Node::as_table) {
            self.lay(&mut settings, table);
        }
        settings
    }

    /// Lays a table over the settings, passing over what is none (a domain's `team`, say).
    fn lay(&self, settings: &mut Settings, later: &Table) {
        for (key, entry) in later {
            if !self.keys.contains(key) {
                continue;
            }
            match settings.get_mut(key) {
                Some(node) => Arc::make_mut(node).merge(&entry.node),
                None => {
                    settings.insert(key.clone(), Arc::new(entry.node.clone()));
                }
            }
        }
    }
}
