//! The configuration reference, written from the schema: what cannot be written by hand cannot go stale.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};

/// The schema as Markdown: one heading a table, one row a key. `settings` are told once, behind the tables that
/// take them.
pub fn to_markdown(schema: &Json, settings: &Map<String, Json>) -> String {
    let mut text = String::new();
    table(schema, "", 2, &mut text);
    text.push_str("## Settings\n\nWhat every layer may set, feature by feature.\n\n");
    table(&json!({ "properties": settings }), "", 3, &mut text);
    text
}

fn table(schema: &Json, path: &str, level: usize, text: &mut String) {
    let Some(properties) = schema.get("properties").and_then(Json::as_object) else { return };
    let lists = ["required", "x-required"].into_iter().filter_map(|key| schema.get(key)?.as_array());
    let required: Vec<&str> = lists.flatten().filter_map(Json::as_str).collect();
    let (tables, values): (Vec<_>, Vec<_>) = properties.iter().partition(|(_, value)| is_table(value));
    if !values.is_empty() {
        text.push_str("| key | type | default | what it is |\n| --- | --- | --- | --- |\n");
        for (key, value) in values {
            let default = match value.get("default") {
                Some(default) => format!("`{default}`"),
                None if required.contains(&key.as_str()) => "required".to_owned(),
                None => String::new(),
            };
            let description = value.get("description").and_then(Json::as_str).unwrap_or_default();
            writeln!(text, "| `{key}` | {} | {default} | {} |", type_of(value), cell(description)).ok();
        }
        text.push('\n');
    }
    for (key, value) in tables {
        let named = value.get("additionalProperties").filter(|below| below.is_object());
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (value.get("items"), named) {
            (Some(items), _) => section(&format!("[[{path}]]"), value, items, &path, level, text),
            (None, Some(named)) => {
                let name = value.get("x-name").and_then(Json::as_str).unwrap_or("name").to_uppercase();
                let path = format!("{path}.{name}");
                section(&format!("[{path}]"), value, named, &path, level, text);
            }
            (None, None) => section(&format!("[{path}]"), value, value, &path, level, text),
        }
    }
}

fn section(title: &str, about: &Json, below: &Json, path: &str, level: usize, text: &mut String) {
    writeln!(text, "{} `{title}`\n", "#".repeat(level.min(6))).ok();
    if let Some(description) = about.get("description").and_then(Json::as_str) {
        writeln!(text, "{description}\n").ok();
    }
    if below.get("x-settings").is_some() {
        text.push_str("Takes every [setting](#settings), too.\n\n");
    }
    table(below, path, level + 1, text);
}

fn is_table(schema: &Json) -> bool {
    let is_object = |schema: &Json| schema.get("type").and_then(Json::as_str) == Some("object");
    let named = schema.get("additionalProperties").filter(|below| below.is_object());
    let of_tables = schema.get("items").is_some_and(|items| is_object(items) && items.get("properties").is_some());
    (is_object(schema)
        && (schema.get("properties").is_some() || schema.get("x-settings").is_some() || named.is_some_and(is_object)))
        || of_tables
}

fn type_of(schema: &Json) -> String {
    if let Some(options) = schema.get("enum").and_then(Json::as_array) {
        return options.iter().map(|option| format!("`{option}`")).collect::<Vec<_>>().join(", ");
    }
    match schema.get("type").and_then(Json::as_str) {
        Some("array") => match schema.get("items").map(type_of) {
            Some(items) if !items.is_empty() => format!("array of {items}"),
            _ => "array".to_owned(),
        },
        Some("object") => "table".to_owned(),
        Some(other) => other.to_owned(),
        None => String::new(),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
