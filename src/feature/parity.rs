//! Whether the first wave rehearses what later waves get.
//!
//! A failure is to be seen in the accounts that are applied first. What none of them has, no failure of theirs can show.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::Features;
use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::document::{Node, Value};
use crate::organization::{Account, AccountKey, Lifecycle, Organization};
use crate::text::Count;

/// A way in which a feature can be used: its name, or a place in its inputs and what stands there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct FeatureOption {
    path: String,
    /// A choice or a switch; nothing for what is just there or not.
    value: Option<String>,
}

impl FeatureOption {
    fn words(&self) -> String {
        match &self.value {
            Some(value) => format!("`{} = {value}`", self.path),
            None => format!("`{}`", self.path),
        }
    }
}

/// One diagnostic for every option that an account of a later wave uses and no account of the first one.
///
/// Options are what a schema gives a choice of: an `enum`, a boolean, and whether something without a default is there
/// at all. Numbers and texts are not: there is no rehearsing all of them.
pub fn parity(organization: &Organization, features: &Features, severity: Severity) -> Vec<Diagnostic> {
    let active = |account: &&Account| account.lifecycle == Lifecycle::Active;
    let (first, later): (Vec<&Account>, Vec<&Account>) =
        organization.accounts.iter().filter(active).partition(|account| account.wave == 0);
    let Some(wave) = organization.waves.first().filter(|_| !first.is_empty() && !later.is_empty()) else {
        return Vec::new();
    };
    let rehearsed: BTreeSet<FeatureOption> =
        first.iter().flat_map(|account| options(account, features)).map(|(option, _)| option).collect();
    let mut missing: BTreeMap<FeatureOption, (Place, BTreeSet<&AccountKey>)> = BTreeMap::new();
    for account in later {
        for (option, place) in options(account, features) {
            if !rehearsed.contains(&option) {
                missing.entry(option).or_insert_with(|| (place, BTreeSet::new())).1.insert(&account.key);
            }
        }
    }
    let diagnostic = |(option, (place, keys)): (FeatureOption, (Place, BTreeSet<&AccountKey>))| {
        let who = match keys.first() {
            Some(first) if keys.len() == 1 => format!("`{first}`"),
            Some(first) => format!("`{first}` and {}", Count(keys.len() - 1, "other account")),
            None => String::new(),
        };
        let wave = &wave.name;
        let message = format!("{} is used by {who}, and by no account of the first wave, `{wave}`", option.words());
        let diagnostic = Diagnostic::warning(Code::Parity, message)
            .at(place)
            .help(format!("give an account of `{wave}` the same, so that a failure is seen there first"));
        Diagnostic { severity, ..diagnostic }
    };
    // Where the whole is not rehearsed, its parts need no words.
    let wholes: Vec<String> =
        missing.keys().filter(|option| option.value.is_none()).map(|option| format!("{}.", option.path)).collect();
    missing.retain(|option, _| !wholes.iter().any(|whole| option.path.starts_with(whole)));
    missing.into_iter().map(diagnostic).collect()
}

/// The options that an account uses, and where they are chosen.
fn options(account: &Account, features: &Features) -> Vec<(FeatureOption, Place)> {
    let mut options = Vec::new();
    for feature in features.of_accounts() {
        let Some(inputs) = account.inputs.get(&feature.key) else { continue };
        let on = FeatureOption { path: feature.key.clone(), value: None };
        options.push((on, inputs.place));
        collect(feature.inputs.json(), inputs, &feature.key, &mut options);
    }
    options
}

fn collect(schema: &Json, node: &Node, path: &str, options: &mut Vec<(FeatureOption, Place)>) {
    let is_choice = schema.get("enum").is_some() || schema["type"] == "boolean";
    let value = match &node.value {
        Value::String(text) => Some(format!("\"{text}\"")),
        Value::Boolean(value) => Some(value.to_string()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(_) | Value::Array(_) | Value::Table(_) => None,
    };
    if let Some(value) = value.filter(|_| is_choice) {
        options.push((FeatureOption { path: path.to_owned(), value: Some(value) }, node.place));
        return;
    }
    match &node.value {
        Value::Table(table) => {
            for (key, entry) in table {
                let Some(property) = schema["properties"].get(key) else { continue };
                let below = format!("{path}.{key}");
                if property.get("default").is_none() && property["type"] != "boolean" && property.get("enum").is_none()
                {
                    options.push((FeatureOption { path: below.clone(), value: None }, entry.node.place));
                }
                collect(property, &entry.node, &below, options);
            }
        }
        Value::Array(items) => {
            for item in items {
                collect(&schema["items"], item, path, options);
            }
        }
        Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => {}
    }
}
