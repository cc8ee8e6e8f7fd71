//! `feature.toml`: what a feature is, what it needs, which inputs it takes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::{Value as Json, json};

use super::{Folder, SourceFile};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Sources, did_you_mean};
use crate::document::{self, Entry, Node, Table, Value};
use crate::schema::Schema;

/// What a feature contributes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The root module of every account that has it on.
    Account,
    /// The organization's root module.
    Organization,
}

/// A Terraform provider that a feature's files use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Where it comes from: `hashicorp/aws`.
    pub source: String,
    /// Version constraint: `~> 6.25`.
    pub version: String,
    /// Where the manifest says so.
    pub place: Place,
}

/// A folder below `templates/`, read and checked.
#[derive(Debug)]
pub struct Feature {
    /// The folder's name.
    pub name: String,
    /// The key its inputs stand under: the name with `_` for `-`.
    pub key: String,
    /// What it gives an account.
    pub description: String,
    /// What it contributes to.
    pub scope: Scope,
    /// Features that must be on wherever this one is, with the place that says so.
    pub requires: Vec<(String, Place)>,
    /// The keys of a team without which it does nothing for that team.
    pub teams: Vec<String>,
    /// The providers its files use, by local name.
    pub providers: BTreeMap<String, Provider>,
    /// The shape of its inputs, defaults filled in.
    pub inputs: Schema,
    /// The inputs' defaults, each with the place in the manifest it comes from.
    pub defaults: Node,
    /// What it contributes.
    pub files: Vec<SourceFile>,
}

impl Feature {
    /// Whether `inputs`, as one account gets them, switch the feature on: a table by its `enabled`, a list
    /// by having an item.
    pub fn is_on(&self, inputs: Option<&Node>) -> bool {
        match inputs.map(|node| &node.value) {
            Some(Value::Table(table)) => table.get("enabled").and_then(|entry| entry.node.as_bool()).unwrap_or(true),
            Some(Value::Array(items)) => !items.is_empty(),
            _ => false,
        }
    }
}

static MANIFEST: LazyLock<Schema> = LazyLock::new(|| {
    let mut sources = Sources::default();
    let file = sources.add("feature.schema.toml", include_str!("feature.schema.toml"));
    let node = document::parse(&sources, file, &mut Diagnostics::default());
    Schema::new(node.to_json()).expect("the manifest's schema is part of this program, and tested")
});

pub(super) fn load(name: &str, folder: Folder, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Feature> {
    let path = format!("templates/{name}");
    let Some(file) = folder.manifest else {
        if name.starts_with('_') {
            return None;
        }
        diagnostics.push(
            Diagnostic::error(Code::FeatureManifest, "the folder has no feature.toml").in_file(path).help(
                "every folder below `templates/` is a feature; one that only holds parts for others starts with `_`",
            ),
        );
        return None;
    };
    if !is_feature_name(name) {
        diagnostics.push(
            Diagnostic::error(Code::BadName, format!("`{name}` is not a feature's name"))
                .in_file(path)
                .help("lower-case letters, digits and hyphens, starting with a letter"),
        );
        return None;
    }
    let mut found = Diagnostics::default();
    let node = document::parse(sources, file, &mut found);
    MANIFEST.validate(&node, "", &mut found);
    let broken = found.has_errors();
    diagnostics.extend(found);
    if broken {
        return None;
    }
    let schema = inputs_schema(&node);
    let inputs = match Schema::new(schema) {
        Ok(inputs) => inputs,
        Err(error) => {
            let place = node.as_table().and_then(|table| table.get("inputs")).map_or(node.place, |entry| entry.key);
            diagnostics.push(
                Diagnostic::error(Code::FeatureManifest, format!("`inputs` is not a JSON Schema: {error}")).at(place),
            );
            return None;
        }
    };
    let text = |key: &str| node.get(key).and_then(Node::as_str).unwrap_or_default().to_owned();
    Some(Feature {
        name: name.to_owned(),
        key: name.replace('-', "_"),
        description: text("description"),
        scope: if text("scope") == "organization" { Scope::Organization } else { Scope::Account },
        requires: node
            .get("requires")
            .and_then(Node::as_array)
            .into_iter()
            .flatten()
            .filter_map(|item| Some((item.as_str()?.to_owned(), item.place)))
            .collect(),
        teams: (node.get("teams").and_then(Node::as_array).into_iter().flatten())
            .filter_map(|item| Some(item.as_str()?.to_owned()))
            .collect(),
        providers: providers(&node),
        defaults: defaults(&node),
        inputs,
        files: folder.files,
    })
}

fn is_feature_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn takes_a_table(inputs: Option<&Node>) -> bool {
    inputs.and_then(|inputs| inputs.get("type")).and_then(Node::as_str).is_none_or(|kind| kind == "object")
}

/// The declared schema, with the switch that every feature has whose inputs are a table.
fn inputs_schema(manifest: &Node) -> Json {
    let inputs = manifest.get("inputs");
    let mut schema = inputs.map_or_else(|| json!({}), Node::to_json);
    if takes_a_table(inputs)
        && let Some(object) = schema.as_object_mut()
    {
        object.insert("type".to_owned(), json!("object"));
        object.entry("additionalProperties").or_insert(json!(false));
        let enabled = manifest.get("enabled").and_then(Node::as_bool).unwrap_or(true);
        let switch =
            json!({ "type": "boolean", "default": enabled, "description": "Whether the account has the feature." });
        if let Json::Object(properties) = object.entry("properties").or_insert_with(|| json!({})) {
            properties.insert("enabled".to_owned(), switch);
        }
    }
    schema
}

fn defaults(manifest: &Node) -> Node {
    let inputs = manifest.get("inputs");
    if !takes_a_table(inputs) {
        let place = inputs.map_or(manifest.place, |inputs| inputs.place);
        return inputs
            .and_then(|inputs| inputs.get("default"))
            .cloned()
            .unwrap_or(Node { place, value: Value::Array(Vec::new()) });
    }
    let mut table = inputs.and_then(declared_defaults).unwrap_or_default();
    let entry = manifest.as_table().and_then(|table| table.get("enabled"));
    let (key, node) = match entry {
        Some(entry) => (entry.key, entry.node.clone()),
        None => (manifest.place, Node { place: manifest.place, value: Value::Boolean(true) }),
    };
    table.insert("enabled".to_owned(), Entry { key, node });
    Node { place: inputs.map_or(manifest.place, |inputs| inputs.place), value: Value::Table(table) }
}

/// The `default`s of a schema's properties, nested tables included.
fn declared_defaults(schema: &Node) -> Option<Table> {
    let mut table = Table::new();
    for (name, property) in schema.get("properties")?.as_table()? {
        let default = match property.node.as_table()?.get("default") {
            Some(default) => Some(default.node.clone()),
            None => declared_defaults(&property.node)
                .map(|below| Node { place: property.node.place, value: Value::Table(below) }),
        };
        if let Some(node) = default {
            table.insert(name.clone(), Entry { key: property.key, node });
        }
    }
    Some(table)
}

fn providers(manifest: &Node) -> BTreeMap<String, Provider> {
    let table = manifest.get("providers").and_then(Node::as_table);
    table
        .into_iter()
        .flatten()
        .filter_map(|(name, entry)| {
            let text = |key: &str| Some(entry.node.get(key)?.as_str()?.to_owned());
            let provider = Provider { source: text("source")?, version: text("version")?, place: entry.key };
            Some((name.clone(), provider))
        })
        .collect()
}

/// Pushes what a manifest requires and is not there, and providers that two manifests disagree on.
pub(super) fn check_requirements(
    features: &BTreeMap<String, Feature>,
    broken: &BTreeSet<String>,
    diagnostics: &mut Diagnostics,
) {
    for feature in features.values() {
        for (name, place) in &feature.requires {
            if !features.contains_key(name) && !broken.contains(name) {
                diagnostics.push(
                    Diagnostic::error(Code::FeatureManifest, format!("there is no feature `{name}`"))
                        .at(*place)
                        .maybe_help(did_you_mean(name, features.keys().map(String::as_str))),
                );
            }
        }
    }
    let mut known: BTreeMap<&str, (&Provider, &Feature)> = BTreeMap::new();
    for feature in features.values() {
        for (name, provider) in &feature.providers {
            match known.get(name.as_str()) {
                Some((first, _)) if (&first.source, &first.version) == (&provider.source, &provider.version) => {}
                Some((first, owner)) => diagnostics.push(
                    Diagnostic::error(
                        Code::FeatureManifest,
                        format!("provider `{name}` is declared differently by `{}`", owner.name),
                    )
                    .label(provider.place, format!("{} {}", provider.source, provider.version))
                    .label(first.place, format!("{} {}", first.source, first.version))
                    .help("a root module has one version of a provider: write the same source and version in both"),
                ),
                None => {
                    known.insert(name, (provider, feature));
                }
            }
        }
    }
}

/// Pushes files that two features would write, wherever both are on.
pub(super) fn check_files(features: &BTreeMap<String, Feature>, diagnostics: &mut Diagnostics) {
    for scope in [Scope::Account, Scope::Organization] {
        let mut owners: BTreeMap<&str, &SourceFile> = BTreeMap::new();
        for file in features.values().filter(|feature| feature.scope == scope).flat_map(|feature| &feature.files) {
            if let Some(first) = owners.insert(&file.target, file) {
                diagnostics.push(
                    Diagnostic::error(
                        Code::FileConflict,
                        format!("it would write `{}`, as `{}` does", file.target, first.shown),
                    )
                    .in_file(&file.shown)
                    .help("rename one of the two: a file of a root module has one source"),
                );
            }
        }
    }
}
