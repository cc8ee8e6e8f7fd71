//! Paths into values, as people write them.

use std::fmt::Write as _;

use serde_json::Value;

/// Longer paths are cut; only a hostile plan has one.
const LONGEST: usize = 512;

/// `path` and then `key`: `tags.owner`, or `tags["cost center"]` where the key is no identifier.
pub(super) fn push_key(path: &mut String, key: &str) {
    if is_identifier(key) {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
    } else {
        write!(path, "[{}]", Value::from(key)).ok();
    }
}

/// `path` and then an index: `ingress[0]`.
pub(super) fn push_index(path: &mut String, index: usize) {
    write!(path, "[{index}]").ok();
}

/// `path` and then a line of a text, counted from one: `user_data[line 12]`.
pub(super) fn push_line(path: &mut String, line: usize) {
    write!(path, "[line {line}]").ok();
}

/// A path as `replace_paths` lists its steps.
pub(super) fn from_steps(steps: &[Value]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Value::String(key) => push_key(&mut path, key),
            other => {
                write!(path, "[{other}]").ok();
            }
        }
    }
    path
}

fn is_identifier(key: &str) -> bool {
    key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && key.chars().all(|character| character.is_ascii_alphanumeric() || character == '_' || character == '-')
}

/// The text, or its beginning and a mark where it is too long for an address or a path. What is cut off still tells
/// two of them apart.
pub(super) fn bounded(text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let hash = super::fingerprint::short_hash(text.as_bytes());
    let mut end = LONGEST;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…#{hash}", &text[..end])
}
