//! What a policy said.

use schemars::JsonSchema;
use serde::Serialize;

/// What a policy's rule means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The change must not be applied.
    Deny,
    /// The same as deny, from a rule called `violation`.
    Violation,
    /// The rule could not be evaluated: not judged, and so not passed.
    Error,
    /// Worth a look.
    Warn,
}

impl Severity {
    /// Whether it stands in the way of applying.
    pub const fn refuses(self) -> bool {
        match self {
            Self::Deny | Self::Violation | Self::Error => true,
            Self::Warn => false,
        }
    }
}

/// One message of one rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Verdict {
    /// What it means.
    pub severity: Severity,
    /// Package and rule: `groundwork.network.deny_public`.
    pub policy: String,
    /// What it said.
    pub message: String,
    /// The resource it is about, if it said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The file the rule is in.
    pub file: String,
    /// The line of the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Keys of the accounts it is about, ascending; none when it is about the review as a whole.
    pub accounts: Vec<String>,
}
