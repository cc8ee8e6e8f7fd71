//! What is not wrong, and should be looked at: days that have passed, and teams without what a feature needs of them.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::Value as Json;

use super::{Features, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Node, Value};
use crate::organization::{ORGANIZATION, Organization};

/// A warning for every input that its schema marks with `x-ends` and whose day is over; and for every team that lacks a key
/// which a feature's manifest lists in `teams`. `teams` is that table of domains.toml.
pub fn advice(organization: &Organization, features: &Features, teams: Option<&Node>, today: Date) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for feature in features.features.values() {
        let on = || organization.with_root().filter(|account| account.inputs.contains_key(&feature.key));
        if speaks_of_days(feature.inputs.json()) {
            let path = match feature.scope {
                Scope::Account => feature.key.clone(),
                Scope::Organization => format!("{ORGANIZATION}.{}", feature.key),
            };
            for inputs in on().filter_map(|account| account.inputs.get(&feature.key)) {
                ended(feature.inputs.json(), inputs, &path, today, &mut found);
            }
        }
        if !feature.teams.is_empty() && on().next().is_some() {
            let concerned: BTreeSet<&str> = match feature.scope {
                Scope::Account => on().map(|account| account.domain.team.name.as_str()).collect(),
                Scope::Organization => organization.accounts.iter().map(|one| one.domain.team.name.as_str()).collect(),
            };
            let each = concerned.into_iter().flat_map(|team| feature.teams.iter().map(move |key| (team, key)));
            found.extend(each.filter_map(|(team, key)| lacks(teams?, team, key, &feature.name)));
        }
    }
    found
}

/// Whether a schema marks anything with `x-ends`: most do not, and then there is nothing to walk through.
fn speaks_of_days(schema: &Json) -> bool {
    match schema {
        Json::Object(object) => object.contains_key("x-ends") || object.values().any(speaks_of_days),
        Json::Array(items) => items.iter().any(speaks_of_days),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

fn lacks(teams: &Node, team: &str, key: &str, feature: &str) -> Option<Diagnostic> {
    let entry = teams.as_table()?.get(team)?;
    entry.node.get(key).is_none().then(|| {
        Diagnostic::warning(
            Code::TeamLacks,
            format!("team `{team}` has no `{key}`, so `{feature}` does nothing for it"),
        )
        .at(entry.key)
        .help(format!("set `{key}` in [teams.{team}]"))
    })
}

/// Pushes the days that are over, of an input and all that is in it.
fn ended(schema: &Json, node: &Node, path: &str, today: Date, found: &mut Vec<Diagnostic>) {
    match &node.value {
        Value::String(text) if schema["x-ends"] == true => {
            if text.parse::<Date>().is_ok_and(|day| day < today) {
                found.push(
                    Diagnostic::warning(Code::Ended, format!("`{path}` is over: {text} has passed"))
                        .at(node.place)
                        .help("take out what ended with it, or set a later day"),
                );
            }
        }
        Value::Table(table) => {
            for (key, entry) in table {
                let property = schema["properties"].get(key).unwrap_or(&schema["additionalProperties"]);
                ended(property, &entry.node, &format!("{path}.{key}"), today, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                ended(&schema["items"], item, path, today, found);
            }
        }
        Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) => {}
    }
}
