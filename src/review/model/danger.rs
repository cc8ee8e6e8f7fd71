//! What must be seen before anything else.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::DangerKind;
use crate::plan::Action;

/// One dangerous change, in one account or in many that make the same one. Accounts whose protection differs are never
/// in one entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Danger {
    /// Whether its accounts are protected. Those come first, whatever they do.
    pub protected: bool,
    /// Why it is one, the worst first; never empty.
    pub kinds: Vec<DangerKind>,
    /// The resource, with tokens where accounts differ.
    pub address: String,
    /// The resource's type.
    #[serde(rename = "type")]
    pub resource: String,
    /// The key of a deposed object: what a failed replacement left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposed: Option<String>,
    /// What is done to it.
    #[serde(rename = "actions")]
    pub action: Action,
    /// Paths that force a replacement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forced_by: Vec<String>,
    /// Why, in Terraform's words: `replace_because_cannot_update`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What exactly is widened, opened or exposed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// Keys of the accounts where it happens, ascending.
    pub accounts: Vec<String>,
}

impl Danger {
    /// The worst of its kinds.
    pub fn worst(&self) -> DangerKind {
        self.kinds.first().copied().unwrap_or(DangerKind::UnknownAction)
    }

    /// Whether something that exists is destroyed, replaced or let go.
    pub fn takes_away(&self) -> bool {
        use DangerKind::{Destroy, Forget, LeftBehind, Network, Replace};
        self.kinds.iter().any(|kind| matches!(kind, Destroy | Network | Replace | LeftBehind | Forget))
    }
}

/// What a reason of Terraform's means, for people; the word itself where it is a new one.
pub fn reason_in_words(reason: &str) -> &str {
    match reason {
        "replace_because_tainted" => "an earlier run failed half-way and left it tainted",
        "replace_because_cannot_update" => "the provider cannot change it in place",
        "replace_by_request" => "asked for with -replace",
        "replace_by_triggers" => "its replace_triggered_by changes",
        "delete_because_no_resource_config" => "it is no longer in the configuration",
        "delete_because_no_module" => "its module is no longer in the configuration",
        "delete_because_wrong_repetition" => "its count or for_each came or went",
        "delete_because_count_index" => "count no longer reaches it",
        "delete_because_each_key" => "for_each no longer has its key",
        "delete_because_no_move_target" => "it was moved to an address that is not there",
        other => other,
    }
}
