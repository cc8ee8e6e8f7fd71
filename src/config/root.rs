//! The organization's own root module: what is Terraform's in the management account.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Config;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::Node;
use crate::feature::{Feature, Features};
use crate::organization::{Account, AccountKey, Allotted, Domain, Lifecycle, ORGANIZATION, ROOT_STATE_KEY, Team};

/// What stands for it among the accounts; nothing without a feature that contributes to it.
pub(super) fn root(config: &Config, features: &Features, diagnostics: &mut Diagnostics) -> Option<Account> {
    let table = config.root.get("organization")?;
    let text = |key: &str| config.text("organization", key);
    // Unlike those of accounts they are off until domains.toml speaks of them: nobody else has made what they make.
    let is_wanted = |feature: &&Feature| table.get(&feature.key).is_some_and(|written| feature.is_on(Some(written)));
    let mut waiting: Vec<&Feature> = features.of_organization().filter(is_wanted).collect();
    let mut inputs = BTreeMap::new();
    while let Some(feature) = waiting.pop() {
        if inputs.contains_key(&feature.key) {
            continue;
        }
        let mut node = feature.defaults.clone();
        if let Some(written) = table.get(&feature.key) {
            node.merge(written);
        }
        let mut found = Diagnostics::default();
        feature.inputs.validate(&node, &format!("{ORGANIZATION}.{}", feature.key), &mut found);
        // Violations of what is written were found where domains.toml was checked.
        diagnostics.extend(found.into_iter().filter(|found| found.code == Code::MissingKey));
        for (required, place) in &feature.requires {
            match features.features.get(required) {
                Some(required) if !is_off(table, required) => waiting.push(required),
                _ => {
                    let problem =
                        format!("`{}` needs `{required}`, which the organization does not have", feature.name);
                    diagnostics.push(Diagnostic::error(Code::FeatureRequires, problem).at(*place));
                }
            }
        }
        inputs.insert(feature.key.clone(), Arc::new(node));
    }
    if inputs.is_empty() {
        return None;
    }
    let name = text("name")?;
    let tags = [
        ("organization", Some(name.clone())),
        ("repository", text("repository")),
        ("managed-by", Some("groundwork".to_owned())),
    ];
    Some(Account {
        key: AccountKey::organization(),
        domain: Arc::new(Domain {
            name: ORGANIZATION.to_owned(),
            team: Arc::new(Team {
                name: name.clone(),
                email: String::new(),
                slack: None,
                on_call: None,
                cost_center: None,
                github: None,
                identity_group: None,
                contacts: BTreeMap::new(),
            }),
            description: None,
            repository: text("repository"),
            runbook: None,
            renamed_from: None,
        }),
        region: text("region")?,
        name,
        email: String::new(),
        unit: String::new(),
        // Whatever it destroys, everybody has.
        protected: true,
        support: String::new(),
        lifecycle: Lifecycle::Active,
        wave: usize::MAX,
        tags: tags.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect(),
        inputs,
        allotment: Some(Allotted {
            id: text("management_account"),
            state_key: ROOT_STATE_KEY.to_owned(),
            newrelic: None,
            network: None,
            zones: Vec::new(),
        }),
        place: table.place,
    })
}

/// Whether domains.toml switches a feature off.
fn is_off(table: &Node, feature: &Feature) -> bool {
    table.get(&feature.key).is_some_and(|written| !feature.is_on(Some(written)))
}

/// Names that no wave may have: the wave of the organization's own root module, and that of a matrix without waves.
pub(super) const RESERVED_WAVES: [&str; 2] = [ORGANIZATION, "all"];

/// A wave that is called like one of those.
pub(super) fn reserved(name: &str, node: &Node) -> Option<Diagnostic> {
    RESERVED_WAVES.contains(&name).then(|| {
        Diagnostic::error(Code::Duplicate, format!("no wave can be called `{name}`"))
            .at(node.place)
            .help("groundwork itself calls jobs that: give the wave another name")
    })
}
