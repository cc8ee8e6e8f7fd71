//! Puts the schema of domains.toml together: the core, and what the features add to every layer.

use serde_json::{Map, Value as Json, json};

use crate::diagnostic::{Diagnostics, FileId, Sources};
use crate::document::{self, Node};

/// The core schema, part of the binary. The path is what `explain` shows as the origin of a default.
const CORE: &str = include_str!("domains.schema.toml");
const CORE_PATH: &str = "(built in)/domains.schema.toml";

/// The rule for the names that people give: they end up in DNS names, role names, paths and tags
/// (RFC 1123 labels, shortened so that `domain-environment` still fits an account name).
const NAME_PATTERN: &str = "^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$";
const NAME_RULE: &str = "lower-case letters, digits and hyphens, starting with a letter and not ending in a hyphen, at most 40 characters; \
     it becomes part of names in AWS, of paths and of tags";

/// What a feature adds to the layers: its key and the JSON Schema of its inputs.
#[derive(Clone, Copy, Debug)]
pub struct FeatureInputs<'a> {
    /// The key in a layer: the feature's name with `_` for `-`.
    pub key: &'a str,
    /// Whether it belongs to the organization's own root module: its inputs are in `[organization]`, and in no layer.
    pub of_organization: bool,
    /// What the feature does.
    pub description: &'a str,
    /// The schema of the inputs as one account gets them, defaults filled in.
    pub schema: &'a Json,
}

/// The core schema, read once per run.
#[derive(Debug)]
pub struct Composer {
    core: Node,
}

impl Composer {
    /// Reads the core; it becomes one of the run's sources because its defaults are origins of values.
    pub fn new(sources: &mut Sources) -> Self {
        let file: FileId = sources.add(CORE_PATH, CORE);
        let mut diagnostics = Diagnostics::default();
        let core = document::parse(sources, file, &mut diagnostics);
        debug_assert!(diagnostics.is_empty(), "the core schema is TOML");
        Self { core }
    }

    /// The settings every layer may set, as schema by key; with the places of their defaults.
    pub fn settings(&self) -> &document::Table {
        static NONE: std::sync::LazyLock<document::Table> = std::sync::LazyLock::new(document::Table::new);
        self.core.get("settings").and_then(Node::as_table).unwrap_or(&NONE)
    }

    /// Whether the core has a property there, walking down by property names.
    pub fn has(&self, path: &[&str]) -> bool {
        path.iter().try_fold(&self.core, |node, name| node.get("properties")?.get(name)).is_some()
    }

    /// The built-in default at `properties.….default`, walking down by property names.
    pub fn default_of(&self, path: &[&str]) -> Option<&Node> {
        let mut node = &self.core;
        for name in path {
            node = node.get("properties")?.get(name)?;
        }
        node.get("default")
    }

    /// The schema that domains.toml is validated against.
    pub fn compose(&self, features: &[FeatureInputs<'_>]) -> Json {
        let (mut schema, settings) = self.parts(features);
        expand(&mut schema, &settings);
        schema
    }

    /// The core, with `x-settings` where every layer's settings join, and those settings as a schema of their
    /// own: each is told once.
    pub fn parts(&self, features: &[FeatureInputs<'_>]) -> (Json, Map<String, Json>) {
        let mut schema = self.core.to_json();
        let mut settings = match schema.as_object_mut().and_then(|root| root.remove("settings")) {
            Some(Json::Object(settings)) => settings,
            _ => Map::new(),
        };
        for feature in features {
            if feature.of_organization {
                let properties =
                    schema.pointer_mut("/properties/organization/properties").and_then(Json::as_object_mut);
                properties.map(|properties| properties.insert(feature.key.to_owned(), as_layer(feature)));
            } else {
                settings.insert(feature.key.to_owned(), as_layer(feature));
            }
        }
        (schema, settings)
    }

    /// The same for editors: without what only groundwork understands.
    pub fn publish(&self, features: &[FeatureInputs<'_>]) -> Json {
        let mut schema = self.compose(features);
        strip(&mut schema);
        schema
    }
}

/// A layer sets some of the inputs: nothing is required there, and a feature can be switched.
fn as_layer(feature: &FeatureInputs<'_>) -> Json {
    let mut schema = feature.schema.clone();
    if schema.get("type").and_then(Json::as_str) == Some("object") {
        drop_required(&mut schema);
    }
    if let Some(object) = schema.as_object_mut() {
        object.entry("description").or_insert_with(|| json!(feature.description));
    }
    schema
}

fn drop_required(schema: &mut Json) {
    let Some(object) = schema.as_object_mut() else { return };
    // The reference says it all the same: some layer has to.
    if let Some(required) = object.remove("required") {
        object.insert("x-required".to_owned(), required);
    }
    // Tables merge key by key, so a nested one is partial too; an array is replaced as a whole.
    if let Some(Json::Object(properties)) = object.get_mut("properties") {
        properties.values_mut().for_each(drop_required);
    }
}

fn expand(schema: &mut Json, settings: &Map<String, Json>) {
    match schema {
        Json::Object(object) => {
            object.values_mut().for_each(|value| expand(value, settings));
            if object.remove("x-settings").is_some() {
                let properties = object.entry("properties").or_insert_with(|| json!({}));
                if let Json::Object(properties) = properties {
                    for (key, value) in settings {
                        properties.entry(key.as_str()).or_insert_with(|| value.clone());
                    }
                }
            }
            if object.remove("x-names").is_some() {
                object.insert("propertyNames".to_owned(), json!({ "pattern": NAME_PATTERN, "x-rule": NAME_RULE }));
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| expand(item, settings)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

fn strip(schema: &mut Json) {
    match schema {
        Json::Object(object) => {
            object.retain(|key, _| !key.starts_with("x-"));
            object.values_mut().for_each(strip);
        }
        Json::Array(items) => items.iter_mut().for_each(strip),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}
