//! What is different from an earlier review.

use schemars::JsonSchema;
use serde::Serialize;

/// What is different from an earlier review of the same pull request. Account keys, ascending.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Since {
    /// Accounts whose change is another one now.
    pub changed: Vec<String>,
    /// Accounts that are reviewed for the first time.
    pub added: Vec<String>,
    /// Accounts that were reviewed then and are not now.
    pub gone: Vec<String>,
    /// Dangers that were not there then, in the words in which they are shown.
    pub new_dangers: Vec<String>,
    /// Dangers that are no longer there.
    pub gone_dangers: Vec<String>,
}

impl Since {
    /// Whether nothing is different.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
