//! From domains and environments to accounts.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::identity::{self, Identity};
use super::layers::{Layers, Settings};
use super::{Config, membership, tags};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, did_you_mean};
use crate::document::{Entry, Node};
use crate::feature::Features;
use crate::ledger::Ledger;
use crate::organization::{Account, AccountKey, Allotted, Domain, Lifecycle};

/// All accounts, by key, each with its settings resolved and checked.
pub(super) fn accounts(
    config: &Config,
    layers: &Layers,
    features: &Features,
    domains: &BTreeMap<String, Arc<Domain>>,
    environments: &[String],
    ledger: &Ledger,
    diagnostics: &mut Diagnostics,
) -> Vec<Account> {
    let organization = config.text("organization", "name").unwrap_or_default();
    let mut builder = Builder {
        layers,
        features,
        ledger,
        organization,
        checked: Checked::default(),
        identities: Vec::new(),
        diagnostics,
    };
    let mut accounts = Vec::new();
    for (name, entry) in config.table("domains") {
        builder.check_overrides(name, entry, environments);
        // A domain whose team is unknown has been reported; its accounts would only repeat that.
        let Some(domain) = domains.get(name) else { continue };
        for node in entry.node.get("environments").and_then(Node::as_array).unwrap_or_default() {
            let Some(environment) = node.as_str() else { continue };
            if environments.iter().any(|known| known == environment) {
                accounts.extend(builder.account(domain, entry, environment, node.place));
            } else {
                builder.diagnostics.push(
                    Diagnostic::error(Code::Unknown, format!("there is no environment `{environment}`"))
                        .at(node.place)
                        .maybe_help(did_you_mean(environment, environments.iter().map(String::as_str)))
                        .help(format!("or declare it: [environments.{environment}]")),
                );
            }
        }
    }
    accounts.sort_by(|a, b| a.key.cmp(&b.key));
    // A list that names an environment twice has been reported.
    accounts.dedup_by(|a, b| a.key == b.key);
    builder.identities.sort_by(|a, b| a.key.cmp(&b.key));
    builder.identities.dedup_by(|a, b| a.key == b.key);
    identity::check_values(&builder.identities, builder.diagnostics);
    identity::check_collisions(&builder.identities, builder.diagnostics);
    accounts
}

/// Inputs that have been validated: those that accounts share are checked once.
type Checked = HashSet<(String, *const Node)>;

struct Builder<'a> {
    layers: &'a Layers,
    features: &'a Features,
    ledger: &'a Ledger,
    organization: String,
    checked: Checked,
    identities: Vec<Identity>,
    diagnostics: &'a mut Diagnostics,
}

impl Builder<'_> {
    /// Pushes overrides for environments that the domain is not in.
    fn check_overrides(&mut self, domain: &str, entry: &Entry, environments: &[String]) {
        let wanted: Vec<&str> = entry
            .node
            .get("environments")
            .and_then(Node::as_array)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::as_str)
            .collect();
        for (name, override_) in entry.node.get("environment").and_then(Node::as_table).into_iter().flatten() {
            if wanted.contains(&name.as_str()) {
                continue;
            }
            let problem = if environments.contains(name) {
                format!("`{domain}` has no account in `{name}`")
            } else {
                format!("there is no environment `{name}`")
            };
            self.diagnostics.push(
                Diagnostic::error(Code::Unknown, problem)
                    .at(override_.key)
                    .maybe_help(did_you_mean(name, wanted.iter().copied())),
            );
        }
    }

    fn account(&mut self, domain: &Arc<Domain>, entry: &Entry, environment: &str, place: Place) -> Option<Account> {
        let key = AccountKey::new(domain.name.as_str(), environment);
        let settings = self.layers.of_account(&entry.node, environment);
        let allotment = self.ledger.accounts.get(&key);
        let name = self.fill_in(&settings, "account_name", &key, domain)?;
        let filled = self.fill_in(&settings, "email", &key, domain)?;
        let unit = self.fill_in(&settings, "unit", &key, domain)?;
        // The root has no name that a path could begin with.
        let unit = if unit == "/" { String::new() } else { unit };
        if let Some(problem) =
            Some(&unit).filter(|unit| !unit.is_empty()).and_then(|unit| membership::refuse_path(unit))
        {
            let place = settings["unit"].place;
            if self.checked.insert((format!("unit {problem}"), Arc::as_ptr(&settings["unit"]))) {
                self.diagnostics.push(
                    Diagnostic::error(
                        Code::BadValue,
                        format!("the organizational unit of `{key}`, `{unit}`, {problem}"),
                    )
                    .at(place),
                );
            }
        }
        // The e-mail of an account that exists cannot follow a rename, so the ledger's is the one that counts.
        let pinned = allotment.and_then(|allotment| allotment.email.clone());
        let email_pattern = pinned.is_none().then(|| settings["email"].place);
        let email = pinned.unwrap_or(filled);
        self.identities.push(Identity {
            key: key.clone(),
            place,
            name: name.clone(),
            name_pattern: settings["account_name"].place,
            email: email.clone(),
            email_pattern,
        });
        let text = |key: &str| settings.get(key).and_then(|node| node.as_str()).map(str::to_owned);
        Some(Account {
            region: text("region")?,
            support: text("support").unwrap_or_default(),
            protected: settings.get("protected").and_then(|node| node.as_bool()).unwrap_or(false),
            unit,
            lifecycle: lifecycle(&entry.node, environment),
            wave: 0,
            tags: tags::tags(
                &self.organization,
                &key,
                domain,
                settings.get("tags").map(AsRef::as_ref),
                place,
                self.diagnostics,
            ),
            inputs: self.inputs(&key, &settings),
            allotment: allotment.map(|held| Allotted {
                id: held.id.clone(),
                state_key: held.state_key.clone(),
                newrelic: held.newrelic,
                network: held.network,
                zones: held.zones.clone(),
            }),
            domain: Arc::clone(domain),
            name,
            email,
            place,
            key,
        })
    }

    fn fill_in(&mut self, settings: &Settings, what: &str, key: &AccountKey, domain: &Domain) -> Option<String> {
        identity::fill_in(settings.get(what)?, key, domain, &self.organization, self.diagnostics)
    }

    /// The inputs of the features that are on, as a whole: what a feature requires must be there now.
    fn inputs(&mut self, key: &AccountKey, settings: &Settings) -> BTreeMap<String, Arc<Node>> {
        let mut inputs = BTreeMap::new();
        for feature in self.features.of_accounts() {
            let Some(node) = settings.get(&feature.key) else { continue };
            if !feature.is_on(Some(node)) {
                continue;
            }
            // A list is one layer's as a whole, and was validated there.
            if node.as_table().is_some() && self.checked.insert((feature.key.clone(), Arc::as_ptr(node))) {
                let mut found = Diagnostics::default();
                feature.inputs.validate(node, &feature.key, &mut found);
                // Violations of single values were found in the layer that wrote them; what only the whole
                // can lack is found here.
                self.diagnostics.extend(
                    found
                        .into_iter()
                        .filter(|found| found.code == Code::MissingKey)
                        .map(|found| found.help(format!("no layer sets it for `{key}`"))),
                );
            }
            inputs.insert(feature.key.clone(), Arc::clone(node));
        }
        for feature in self.features.of_accounts().filter(|feature| inputs.contains_key(&feature.key)) {
            for (required, _) in &feature.requires {
                let on = self.features.features.get(required).is_none_or(|required| inputs.contains_key(&required.key));
                if !on
                    && self
                        .checked
                        .insert((format!("{} requires {required}", feature.key), Arc::as_ptr(&inputs[&feature.key])))
                {
                    self.diagnostics.push(
                        Diagnostic::error(
                            Code::FeatureRequires,
                            format!("`{}` needs `{required}`, which is off for `{key}`", feature.name),
                        )
                        .at(inputs[&feature.key].place)
                        .help(format!(
                            "switch `{required}` on, or `{}` off: {} = {{ enabled = false }}",
                            feature.name, feature.key
                        )),
                    );
                }
            }
        }
        inputs
    }
}

/// The account's lifecycle: its own, or else the domain's.
fn lifecycle(domain: &Node, environment: &str) -> Lifecycle {
    let own = domain.get("environment").and_then(|all| all.get(environment)).and_then(|table| table.get("lifecycle"));
    own.or_else(|| domain.get("lifecycle")).and_then(Node::as_str).and_then(Lifecycle::from_name).unwrap_or_default()
}
