//! domains.toml: from what is written to the organization that is meant.
//!
//! First the shape, against the schema that core and features make together; then the meaning, one file a
//! concern. Nothing stops at the first problem: what cannot be used is left out, and the rest is checked.

mod accounts;
mod identity;
mod layers;
mod membership;
mod network;
mod root;
mod tags;
mod waves;

pub use layers::{Layers, Settings};
pub(crate) use network::parse as parse_network;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, did_you_mean};
use crate::document::{Node, Table};
use crate::feature::Features;
use crate::ledger::Ledger;
use crate::organization::{Domain, KeysWorkflow, Organization, State, Team, Workflows};
use crate::schema::{Composer, FeatureInputs, Schema};

/// domains.toml as written, shape checked.
#[derive(Debug)]
pub struct Config {
    /// The whole document.
    pub root: Node,
    /// The core schema.
    pub composer: Composer,
}

/// The schema additions of all features.
pub fn feature_inputs(features: &Features) -> Vec<FeatureInputs<'_>> {
    let of_accounts = features.of_accounts().map(|feature| (false, feature));
    let of_organization = features.of_organization().map(|feature| (true, feature));
    of_accounts
        .chain(of_organization)
        .map(|(of_organization, feature)| FeatureInputs {
            key: &feature.key,
            of_organization,
            description: &feature.description,
            schema: feature.inputs.json(),
        })
        .collect()
}

impl Config {
    /// Checks the shape of domains.toml.
    pub fn load(root: Node, features: &Features, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Self {
        let composer = Composer::new(sources);
        for feature in features.of_accounts() {
            if composer.settings().contains_key(&feature.key) {
                diagnostics.push(
                    Diagnostic::error(
                        Code::FeatureManifest,
                        format!("`{}` is a setting of groundwork itself", feature.key),
                    )
                    .in_file(format!("templates/{}", feature.name))
                    .help("rename the folder: a feature's inputs stand beside the settings, under its name"),
                );
            }
        }
        for feature in features.of_organization() {
            if composer.has(&["organization", &feature.key]) {
                diagnostics.push(
                    Diagnostic::error(
                        Code::FeatureManifest,
                        format!("`{}` is a key of [organization] itself", feature.key),
                    )
                    .in_file(format!("templates/{}", feature.name))
                    .help("rename the folder: the inputs of a feature of the organization stand in [organization], under its name"),
                );
            }
        }
        let mut inputs = feature_inputs(features);
        // What is said to a feature that cannot be used is not known to be wrong.
        let (broken, anything): (Vec<String>, _) =
            (features.broken.iter().map(|name| name.replace('-', "_")).collect(), serde_json::json!({}));
        inputs.extend(broken.iter().flat_map(|key| {
            [false, true].map(|of_organization| FeatureInputs {
                key,
                of_organization,
                description: "",
                schema: &anything,
            })
        }));
        match Schema::new(composer.compose(&inputs)) {
            Ok(schema) => schema.validate(&root, "", diagnostics),
            Err(error) => diagnostics.push(Diagnostic::error(
                Code::FeatureManifest,
                format!("the features' inputs make no valid schema: {error}"),
            )),
        }
        Self { root, composer }
    }

    /// The organization that the document means, with what the ledger holds for its accounts. Without the
    /// parts that nothing can do without, there is none.
    pub fn organization(
        &self,
        features: &Features,
        ledger: &Ledger,
        diagnostics: &mut Diagnostics,
    ) -> Option<Organization> {
        let layers = Layers::new(self, features);
        let environments: Vec<String> = self.table("environments").keys().cloned().collect();
        let address_space = network::address_space(self, &environments, diagnostics);
        let teams = self.teams(diagnostics);
        let domains = self.domains(&teams, diagnostics);
        let accounts = accounts::accounts(self, &layers, features, &domains, &environments, ledger, diagnostics);
        let mut organization = Organization {
            name: self.text("organization", "name")?,
            region: self.text("organization", "region")?,
            management_account: self.text("organization", "management_account")?,
            role: self.text("organization", "role").or_else(|| self.default_text("role"))?,
            state: State {
                bucket: self.text("state", "bucket")?,
                region: self.text("state", "region")?,
                role_arn: self.text("state", "role_arn"),
            },
            address_space,
            zones: network::zones(&self.root),
            waves: Vec::new(),
            membership: membership::membership(self, diagnostics),
            workflows: self.workflows(),
            environments,
            teams,
            domains,
            accounts,
            root: root::root(self, features, diagnostics),
        };
        waves::assign(&self.root, &mut organization, diagnostics);
        Some(organization)
    }

    /// What is configured of the workflows; nothing without the table, or without what it must have.
    fn workflows(&self) -> Option<Workflows> {
        let table = self.root.get("workflows")?;
        let value = |key: &str| table.get(key).or_else(|| self.composer.default_of(&["workflows", key]));
        let text = |key: &str| value(key).and_then(Node::as_str).map(str::to_owned);
        Some(Workflows {
            plan_role: text("plan_role")?,
            apply_role: text("apply_role")?,
            releases: text("releases")?,
            branch: text("branch")?,
            runner: text("runner")?,
            max_parallel: value("max_parallel").and_then(Node::as_integer).and_then(|n| usize::try_from(n).ok())?,
            terraform: text("terraform")?,
            schedule: text("schedule")?,
            keys: self.keys_workflow(table),
        })
    }

    fn keys_workflow(&self, workflows: &Node) -> Option<KeysWorkflow> {
        let table = workflows.get("keys")?;
        let schedule = || self.composer.default_of(&["workflows", "keys", "schedule"]);
        let text = |node: Option<&Node>| node.and_then(Node::as_str).map(str::to_owned);
        Some(KeysWorkflow { role: text(table.get("role"))?, schedule: text(table.get("schedule").or_else(schedule))? })
    }

    /// A top-level table, empty if it is not there.
    fn table(&self, key: &str) -> &Table {
        static NONE: std::sync::LazyLock<Table> = std::sync::LazyLock::new(Table::new);
        self.root.get(key).and_then(Node::as_table).unwrap_or(&NONE)
    }

    fn text(&self, table: &str, key: &str) -> Option<String> {
        Some(self.root.get(table)?.get(key)?.as_str()?.to_owned())
    }

    fn default_text(&self, key: &str) -> Option<String> {
        Some(self.composer.default_of(&["organization", key])?.as_str()?.to_owned())
    }

    fn teams(&self, diagnostics: &mut Diagnostics) -> BTreeMap<String, Arc<Team>> {
        let shared = self.root.get("organization").map(membership::contacts).unwrap_or_default();
        let team = |name: &String, node: &Node| {
            let mut contacts = shared.clone();
            contacts.extend(membership::contacts(node));
            let text = |key: &str| node.get(key).and_then(Node::as_str).map(str::to_owned);
            Team {
                name: name.clone(),
                email: text("email").unwrap_or_default(),
                slack: text("slack"),
                on_call: text("on_call"),
                cost_center: text("cost_center"),
                github: text("github"),
                identity_group: text("identity_group"),
                contacts,
            }
        };
        for (_, entry) in self.table("teams") {
            if let Some(node) = entry.node.get("cost_center") {
                tags::check_value(node, diagnostics);
            }
        }
        self.table("teams").iter().map(|(name, entry)| (name.clone(), Arc::new(team(name, &entry.node)))).collect()
    }

    /// The domains whose team is there; the others are pushed.
    fn domains(
        &self,
        teams: &BTreeMap<String, Arc<Team>>,
        diagnostics: &mut Diagnostics,
    ) -> BTreeMap<String, Arc<Domain>> {
        let organization_repository = self.text("organization", "repository");
        let mut domains = BTreeMap::new();
        for (name, entry) in self.table("domains") {
            let text = |key: &str| entry.node.get(key).and_then(Node::as_str).map(str::to_owned);
            // A missing team, or one that is not text, is a violation of the schema and already said.
            let Some(node) = entry.node.get("team") else { continue };
            let Some(wanted) = node.as_str() else { continue };
            let Some(team) = teams.get(wanted) else {
                diagnostics.push(
                    Diagnostic::error(Code::Unknown, format!("there is no team `{wanted}`"))
                        .at(node.place)
                        .maybe_help(did_you_mean(wanted, teams.keys().map(String::as_str)))
                        .help(format!("or declare it: [teams.{wanted}]")),
                );
                continue;
            };
            let domain = Domain {
                name: name.clone(),
                team: Arc::clone(team),
                description: text("description"),
                repository: text("repository").or_else(|| organization_repository.clone()),
                runbook: text("runbook"),
                renamed_from: text("renamed_from"),
            };
            self.check_rename(name, &entry.node, diagnostics);
            domains.insert(name.clone(), Arc::new(domain));
        }
        domains
    }

    fn check_rename(&self, name: &str, node: &Node, diagnostics: &mut Diagnostics) {
        let Some(from) = node.get("renamed_from") else { return };
        let Some(old) = from.as_str() else { return };
        let problem = if old == name {
            format!("`{name}` cannot be renamed from itself")
        } else if self.table("domains").contains_key(old) {
            format!("`{old}` is still a domain of its own")
        } else {
            return;
        };
        diagnostics.push(
            Diagnostic::error(Code::Duplicate, problem)
                .at(from.place)
                .help("`renamed_from` is the name this domain had before, which nothing else has now"),
        );
    }
}
