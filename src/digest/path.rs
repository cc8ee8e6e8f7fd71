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

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into an object.
    Key(String),
    /// Into a list, counted from zero.
    Index(usize),
    /// Into a text, counted from one.
    Line(usize),
}

/// The steps of a path as this room writes it. What is not one, because it was cut or masked, is taken as keys.
pub(crate) fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let mut quoted = serde_json::Deserializer::from_str(after).into_iter::<String>();
            if let Some(Ok(key)) = quoted.next() {
                let end = quoted.byte_offset();
                steps.push(Step::Key(key));
                rest = after[end..].strip_prefix(']').unwrap_or(&after[end..]);
            } else {
                let (inside, after) = after.split_once(']').unwrap_or((after, ""));
                steps.push(match (inside.parse(), inside.strip_prefix("line ").map(str::parse)) {
                    (Ok(index), _) => Step::Index(index),
                    (_, Some(Ok(line))) => Step::Line(line),
                    _ => Step::Key(inside.to_owned()),
                });
                rest = after;
            }
        } else {
            rest = rest.strip_prefix('.').unwrap_or(rest);
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end > 0 {
                steps.push(Step::Key(rest[..end].to_owned()));
            }
            rest = &rest[end..];
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let written = [
            Step::Key("tags".to_owned()),
            Step::Key("cost \"center\"] [0].x".to_owned()),
            Step::Index(3),
            Step::Key("a-b".to_owned()),
            Step::Key("0".to_owned()),
            Step::Line(12),
        ];
        let mut path = String::new();
        for step in &written {
            match step {
                Step::Key(key) => push_key(&mut path, key),
                Step::Index(index) => push_index(&mut path, *index),
                Step::Line(line) => push_line(&mut path, *line),
            }
        }
        assert_eq!(path, r#"tags["cost \"center\"] [0].x"][3].a-b["0"][line 12]"#);
        assert_eq!(steps(&path), written);
        for odd in ["[", "[\"", ".", "..", "a.", "a[b]", "]", "[line x]", "[\"a"] {
            steps(odd);
        }
    }
}
