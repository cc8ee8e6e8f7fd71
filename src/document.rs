//! A TOML document that remembers where every key and value stands.
//!
//! The parser recovers from errors, so all of them are reported in one run, and what could be read is
//! still checked. Values keep their [`Place`], through merging of layers too: that is what lets
//! `explain` and every diagnostic point at a line.

use indexmap::IndexMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Place, Sources};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the value stands.
    pub place: Place,
    /// What it is.
    pub value: Value,
}

/// What a TOML value can be. Dates are read as their text: nothing in groundwork computes with them here.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text.
    String(String),
    /// A whole number.
    Integer(i64),
    /// Any other finite number.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A list.
    Array(Vec<Node>),
    /// Keys and values, in the order they were written.
    Table(Table),
}

impl Value {
    /// The type's name, as error messages say it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::String(_) => "a string",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Boolean(_) => "a boolean",
            Self::Array(_) => "an array",
            Self::Table(_) => "a table",
        }
    }
}

/// A key's place and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Where the key stands.
    pub key: Place,
    /// The value.
    pub node: Node,
}

/// Keys and values, in the order they were written.
pub type Table = IndexMap<String, Entry>;

impl Node {
    /// The text, if it is text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The table, if it is one.
    pub fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_array(&self) -> Option<&[Self]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Boolean(value) => Some(value),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self.value {
            Value::Integer(value) => Some(value),
            _ => None,
        }
    }

    /// The value under `key`, if this is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_table()?.get(key).map(|entry| &entry.node)
    }

    /// Lays `later` over this value: tables merge key by key, everything else is replaced.
    pub fn merge(&mut self, later: &Self) {
        match (&mut self.value, &later.value) {
            (Value::Table(mine), Value::Table(theirs)) => {
                self.place = later.place;
                merge_tables(mine, theirs);
            }
            _ => self.clone_from(later),
        }
    }

    /// The same value as JSON, for schema validation and machine output.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::String(text) => Json::from(text.as_str()),
            Value::Integer(number) => Json::from(*number),
            Value::Float(number) => Json::from(*number),
            Value::Boolean(boolean) => Json::from(*boolean),
            Value::Array(items) => items.iter().map(Self::to_json).collect(),
            Value::Table(table) => {
                Json::Object(table.iter().map(|(key, entry)| (key.clone(), entry.node.to_json())).collect())
            }
        }
    }
}

/// Lays the keys of `later` over `earlier`.
pub fn merge_tables(earlier: &mut Table, later: &Table) {
    for (key, entry) in later {
        match earlier.get_mut(key) {
            Some(mine) => {
                mine.key = entry.key;
                mine.node.merge(&entry.node);
            }
            None => {
                earlier.insert(key.clone(), entry.clone());
            }
        }
    }
}

/// Reads `file` as TOML. Syntax errors are pushed, all of them; what could be read is returned.
pub fn parse(sources: &Sources, file: FileId, diagnostics: &mut Diagnostics) -> Node {
    let text = std::sync::Arc::clone(&sources.get(file).text);
    let (table, errors) = DeTable::parse_recoverable(&text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        diagnostics.push(Diagnostic::error(Code::Syntax, error.message().trim().to_owned()).at(Place::new(file, span)));
    }
    let span = table.span();
    let value = Value::Table(convert_table(table.into_inner(), file, diagnostics));
    Node { place: Place::new(file, span), value }
}

fn convert_table(table: DeTable<'_>, file: FileId, diagnostics: &mut Diagnostics) -> Table {
    // The parser sorts keys; people read from top to bottom.
    let mut entries: Vec<_> = table.into_iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let mut converted = Table::with_capacity(entries.len());
    for (key, value) in entries {
        let place = Place::new(file, key.span());
        if let Some(node) = convert(value, file, diagnostics) {
            converted.insert(key.into_inner().into_owned(), Entry { key: place, node });
        }
    }
    converted
}

fn convert(value: Spanned<DeValue<'_>>, file: FileId, diagnostics: &mut Diagnostics) -> Option<Node> {
    let place = Place::new(file, value.span());
    let value = match value.into_inner() {
        DeValue::String(text) => Value::String(text.into_owned()),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => {
                diagnostics.push(Diagnostic::error(Code::BadValue, "the number does not fit into 64 bits").at(place));
                return None;
            }
        },
        DeValue::Float(float) => match float.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Float(number),
            _ => {
                diagnostics
                    .push(Diagnostic::error(Code::BadValue, "infinity and not-a-number mean nothing here").at(place));
                return None;
            }
        },
        DeValue::Boolean(boolean) => Value::Boolean(boolean),
        DeValue::Datetime(datetime) => Value::String(datetime.to_string()),
        DeValue::Array(items) => {
            Value::Array(items.into_iter().filter_map(|item| convert(item, file, diagnostics)).collect())
        }
        DeValue::Table(table) => Value::Table(convert_table(table, file, diagnostics)),
    };
    Some(Node { place, value })
}
