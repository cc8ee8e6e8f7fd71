//! One side of an attribute.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// What stands on one side, before or after, of a leaf.
///
/// As JSON a value is itself; what is no value is an object with one telling key: `{"unknown": true}`,
/// `{"sensitive": true}`, `{"cut": "…", "bytes": 70000, "sha256": "…"}`. Leaves are never objects with keys, so the two
/// cannot be confused.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Side {
    /// Nothing, or null: Terraform does not tell them apart either.
    #[default]
    Absent,
    /// Known only after applying.
    Unknown,
    /// Something that must not be shown.
    Sensitive,
    /// A text, a number, a boolean; or a list or an object with nothing in it.
    Value(Value),
    /// A long text's beginning.
    Cut {
        /// Its first bytes.
        text: String,
        /// How long all of it is.
        bytes: usize,
        /// The hash of all of it, redacted.
        sha256: String,
    },
}

impl Side {
    /// Whether there is nothing.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The text, if it is one; of a long one its beginning.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Value(Value::String(text)) | Self::Cut { text, .. } => Some(text),
            Self::Value(_) | Self::Absent | Self::Unknown | Self::Sensitive => None,
        }
    }
}

impl Serialize for Side {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_none(),
            Self::Unknown => mark(serializer, "unknown"),
            Self::Sensitive => mark(serializer, "sensitive"),
            Self::Value(value) => value.serialize(serializer),
            Self::Cut { text, bytes, sha256 } => {
                let mut map = serializer.serialize_map(Some(3))?;
                map.serialize_entry("cut", text)?;
                map.serialize_entry("bytes", bytes)?;
                map.serialize_entry("sha256", sha256)?;
                map.end()
            }
        }
    }
}

/// An object with one telling key. Written by hand, so that the bytes do not depend on how serde_json orders keys.
pub(crate) fn mark<S: Serializer>(serializer: S, word: &'static str) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(word, &true)?;
    map.end()
}

impl JsonSchema for Side {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Side".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What stands on one side of a leaf: a value; nothing (null); or an object with one telling key.",
            "oneOf": [
                { "type": ["null", "string", "number", "boolean"] },
                { "type": "array", "maxItems": 0 },
                { "type": "object", "maxProperties": 0 },
                { "type": "object", "properties": { "unknown": { "const": true } }, "required": ["unknown"], "additionalProperties": false },
                { "type": "object", "properties": { "sensitive": { "const": true } }, "required": ["sensitive"], "additionalProperties": false },
                {
                    "type": "object",
                    "properties": { "cut": { "type": "string" }, "bytes": { "type": "integer" }, "sha256": { "type": "string" } },
                    "required": ["cut", "bytes", "sha256"],
                    "additionalProperties": false,
                },
            ],
        })
    }
}

impl<'de> Deserialize<'de> for Side {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Cut {
            cut: String,
            bytes: usize,
            sha256: String,
        }
        match Value::deserialize(deserializer)? {
            Value::Null => Ok(Self::Absent),
            Value::Object(object) if !object.is_empty() => {
                if object.contains_key("unknown") {
                    return Ok(Self::Unknown);
                }
                if object.contains_key("sensitive") {
                    return Ok(Self::Sensitive);
                }
                let cut = Cut::deserialize(Value::Object(object)).map_err(D::Error::custom)?;
                Ok(Self::Cut { text: cut.cut, bytes: cut.bytes, sha256: cut.sha256 })
            }
            Value::Array(items) if !items.is_empty() => Err(D::Error::custom("a leaf cannot be a list with items")),
            value => Ok(Self::Value(value)),
        }
    }
}
