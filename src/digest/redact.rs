//! Trees and texts to what may be seen: the one door through which anything of a plan gets into a digest.

use serde_json::Value;

use super::compare::Leaf;
use super::fingerprint::sha256;
use super::mask::{MASK, Mask};
use super::model::{Attribute, More};
use super::path::bounded;
use super::side::Side;
use super::tree::Tree;

/// Attributes of one change that are kept; the rest are counted and hashed.
pub const MOST_ATTRIBUTES: usize = 256;

/// Longer texts are cut, in bytes.
const LONGEST_TEXT: usize = 2_048;

/// Redacts, and remembers what it hid for the seal.
pub(super) struct Redactor<'a> {
    mask: &'a Mask,
    /// Where sensitive values change, and to what.
    hidden: String,
}

impl<'a> Redactor<'a> {
    pub(super) fn new(mask: &'a Mask) -> Self {
        Self { mask, hidden: String::new() }
    }

    /// A text that is no value: an address, a message.
    pub(super) fn text(&self, text: &str) -> String {
        bounded(self.mask.text(text).into_owned())
    }

    /// An optional one.
    pub(super) fn maybe(&self, text: Option<&str>) -> Option<String> {
        text.map(|text| self.text(text))
    }

    /// The leaves of one change, by path. `address` is the change's, for the seal.
    pub(super) fn attributes(&mut self, address: &str, leaves: Vec<Leaf>) -> (Vec<Attribute>, Option<More>) {
        let mut attributes: Vec<Attribute> = leaves
            .into_iter()
            .map(|leaf| {
                self.remember(address, &leaf);
                Attribute {
                    path: self.text(&leaf.path),
                    before: self.side(leaf.before),
                    after: self.side(leaf.after),
                    sensitivity: leaf.sensitivity,
                }
            })
            .collect();
        attributes.sort_by(|a, b| a.path.cmp(&b.path));
        if attributes.len() <= MOST_ATTRIBUTES {
            return (attributes, None);
        }
        let rest = attributes.split_off(MOST_ATTRIBUTES);
        let sha256 = sha256(&serde_json::to_vec(&rest).unwrap_or_default());
        (attributes, Some(More { count: rest.len(), sha256 }))
    }

    /// All sensitive values that change, in the order of the digest; empty when none does.
    pub(super) fn into_hidden(self) -> String {
        self.hidden
    }

    fn remember(&mut self, address: &str, leaf: &Leaf) {
        for side in [&leaf.before, &leaf.after] {
            if let Tree::Sensitive(hidden) = side {
                // JSON texts of all three: nothing in one can be taken for the end of another.
                let line = [Value::from(address), Value::from(leaf.path.as_str()), Value::from(hidden.raw())];
                self.hidden.push_str(&serde_json::to_string(&line).unwrap_or_default());
            }
        }
    }

    fn side(&self, tree: Tree) -> Side {
        match tree {
            Tree::Absent => Side::Absent,
            Tree::Unknown => Side::Unknown,
            Tree::Sensitive(_) => Side::Sensitive,
            Tree::Leaf(Value::String(text)) => self.cut(self.mask.text(&text).into_owned()),
            Tree::Leaf(Value::Number(number)) if self.mask.hits(&number.to_string()) => Side::Sensitive,
            Tree::Leaf(value) => Side::Value(value),
            // Comparing leaves nothing but atoms; if it ever did not, nothing of it would be shown.
            Tree::List(_) | Tree::Map(_) | Tree::Json { .. } => Side::Sensitive,
        }
    }

    fn cut(&self, text: String) -> Side {
        if text == MASK {
            return Side::Sensitive;
        }
        if text.len() <= LONGEST_TEXT {
            return Side::Value(text.into());
        }
        let mut end = LONGEST_TEXT;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Side::Cut { text: text[..end].to_owned(), bytes: text.len(), sha256: sha256(text.as_bytes()) }
    }
}
