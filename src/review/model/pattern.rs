//! Changes that accounts share, and those that one alone makes otherwise.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::Tally;
use crate::digest::{Sensitivity, mark};
use crate::plan::Action;

/// One change set that many accounts share once account-specific values are abstracted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Pattern {
    /// Twelve hexadecimal digits of the hash of its changes: the same change has the same id in every review.
    pub id: String,
    /// A, B, …, Z, AA, … as people talk about it; only for this review.
    pub name: String,
    /// Keys of its accounts, ascending.
    pub accounts: Vec<String>,
    /// What happens in each of them. Values that are this account's alone are tokens: `{domain}`, `{account_id}`, …
    pub changes: Vec<PatternChange>,
    /// For accounts each of which has values of its own: the paths and what stands there. Empty where all is the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub varying: Vec<Varying>,
    /// The more shared pattern that does the same to the same resources, with other values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_shape: Option<SameShape>,
    /// What is done in each of its accounts.
    pub totals: Tally,
}

/// Which pattern has the same shape, and what is different.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct SameShape {
    /// Its id.
    pub pattern: String,
    /// The values that differ.
    pub differences: Vec<Difference>,
}

/// What several patterns have in common.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Common {
    /// The ids of the patterns that have all of it.
    pub patterns: Vec<String>,
    /// How many accounts follow these.
    pub accounts: usize,
    /// The changes, which are also among each pattern's own.
    pub changes: Vec<PatternChange>,
    /// What is done in each of their accounts by these alone.
    pub totals: Tally,
}

/// What a resource, an output, a deferred resource or a provider's action undergoes in all accounts of a pattern.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
pub struct PatternChange {
    /// Where it is in the configuration; `output.NAME` for outputs.
    pub address: String,
    /// The resource's type; `output`; or the type of a provider's action.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is done to it.
    #[serde(rename = "actions")]
    pub action: Action,
    /// The key of a deposed object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposed: Option<String>,
    /// Why, in Terraform's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The address it had before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_address: Option<String>,
    /// The id under which it is imported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub importing: Option<String>,
    /// Why it is left for a later run; then it is not part of what is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deferred: Option<String>,
    /// The paths that force a replacement.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forced_by: Vec<String>,
    /// What becomes different.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<PatternAttribute>,
    /// How many more attributes there are than are kept.
    #[serde(skip_serializing_if = "is_zero")]
    pub more: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// One leaf that becomes different.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
pub struct PatternAttribute {
    /// Where it is in the resource. Positions in lists are left out, `ingress[].cidr_blocks[]`: a set's order is not the
    /// same in every account.
    pub path: String,
    /// What it is now.
    #[serde(skip_serializing_if = "Shown::is_absent")]
    pub before: Shown,
    /// What it becomes.
    #[serde(skip_serializing_if = "Shown::is_absent")]
    pub after: Shown,
    /// Whether it becomes or ceases to be sensitive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Sensitivity>,
}

/// What can be shown of one side in all accounts at once.
///
/// As JSON: a text (the value as JSON text, with tokens), or `{"unknown": true}`, `{"sensitive": true}`,
/// `{"varies": true}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shown {
    /// Nothing, or null.
    #[default]
    Absent,
    /// Known only after applying.
    Unknown,
    /// Something that must not be shown.
    Sensitive,
    /// A value as JSON text, with tokens in the place of what is the account's own: `"{domain}-logs"`.
    Text(String),
    /// Not the same in all accounts; see [`Varying`].
    Varies,
}

impl Shown {
    /// Whether there is nothing.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => serializer.serialize_none(),
            Self::Unknown => mark(serializer, "unknown"),
            Self::Sensitive => mark(serializer, "sensitive"),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Varies => mark(serializer, "varies"),
        }
    }
}

impl JsonSchema for Shown {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Shown".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What can be shown of one side in all accounts at once: a value as JSON text, with tokens; nothing (null); or an object with one telling key.",
            "oneOf": [
                { "type": ["null", "string"] },
                { "type": "object", "properties": { "unknown": { "const": true } }, "required": ["unknown"], "additionalProperties": false },
                { "type": "object", "properties": { "sensitive": { "const": true } }, "required": ["sensitive"], "additionalProperties": false },
                { "type": "object", "properties": { "varies": { "const": true } }, "required": ["varies"], "additionalProperties": false },
            ],
        })
    }
}

/// A path whose values are not the same in all accounts of a pattern.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Varying {
    /// The resource.
    pub address: String,
    /// The attribute.
    pub path: String,
    /// Its values, the most frequent first.
    pub values: Vec<Values>,
}

/// What stands in a varying path, and where.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Values {
    /// What it is now.
    #[serde(skip_serializing_if = "Shown::is_absent")]
    pub before: Shown,
    /// What it becomes.
    #[serde(skip_serializing_if = "Shown::is_absent")]
    pub after: Shown,
    /// Keys of the accounts that have it, ascending.
    pub accounts: Vec<String>,
}

/// An account that nearly follows a pattern, and that no other account is like.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Outlier {
    /// Its key.
    pub account: String,
    /// The id of the pattern it is nearest to.
    pub nearest: String,
    /// What it does otherwise, the dangerous first.
    pub differences: Vec<Difference>,
    /// All that happens in it. Its own values, not tokens.
    pub changes: Vec<PatternChange>,
    /// What is done in it.
    pub totals: Tally,
}

/// What an outlier does otherwise than its nearest pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Difference {
    /// Whether something is destroyed, replaced or let go here that the pattern keeps.
    #[serde(skip)]
    pub harmless: bool,
    /// In what way.
    pub kind: DifferenceKind,
    /// The resource.
    pub address: String,
    /// What is done to it here; where it is missing here, there.
    pub actions: Action,
    /// The attribute, for another value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What stands in the pattern, for another value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<Shown>,
    /// What stands here, for another value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub here: Option<Shown>,
}

/// In what way an outlier differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DifferenceKind {
    /// It also does this.
    Also,
    /// It does something else to the same resource.
    OtherAction,
    /// It does not do this.
    Lacks,
    /// It does the same, with another value.
    OtherValue,
}
