//! The shape of a digest. Every text in it has been through redaction.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Side;
use super::danger::Danger;
use crate::plan::Action;

/// What `schema_version` says. A change that old readers would misunderstand raises it.
pub const SCHEMA_VERSION: u32 = 1;

/// One account's change set: redacted, normalised, small.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Digest {
    /// [`SCHEMA_VERSION`]. It is what tells a digest from a plan.
    pub schema_version: u32,
    /// The account's key, if whoever made the digest said which account it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// `sha256:` and the hash of the content: same fingerprint, same change.
    pub fingerprint: String,
    /// HMAC over the sensitive values that change, when there was a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
    /// The version of the tool that planned. Not part of the fingerprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terraform_version: Option<String>,
    /// The account does not exist yet: this is what its root module declares, and no plan.
    #[serde(default, skip_serializing_if = "is_false")]
    pub new_account: bool,
    /// Why there is no plan. Everything else is empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// Terraform stopped with an error half-way: there is more to come than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errored: Option<bool>,
    /// Whether the plan can be applied at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applyable: Option<bool>,
    /// Whether nothing was left for a later run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
    /// By address, then deposed key. Nothing that stays as it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// What had changed outside of Terraform. Not part of the fingerprint: it is not applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drift: Vec<Change>,
    /// Outputs that change, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<OutputChange>,
    /// Checks that did not pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Changes left for a later run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deferred: Vec<Deferred>,
    /// Provider actions that applying would invoke.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invocations: Vec<Invocation>,
    /// The plan's variables as texts, nested ones by path (`network.cidr`): what makes this account's values
    /// recognisable. Sensitive ones are left out. Not part of the fingerprint.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// The number of the account that most resources of the plan are in. Not part of the fingerprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The blocks of the VPCs in the plan, whether they change or not. Not part of the fingerprint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<String>,
}

impl Digest {
    /// Whether applying it would do nothing at all.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.outputs.is_empty() && self.deferred.is_empty() && self.invocations.is_empty()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_false(value: &bool) -> bool {
    !value
}

/// What happens to one resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Where it is in the configuration.
    pub address: String,
    /// The key of a deposed object: what a failed replacement left. With the address it is unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposed: Option<String>,
    /// The resource's type, `aws_vpc`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// What is done to it, as the plan's list of words.
    #[serde(rename = "actions")]
    pub action: Action,
    /// Why, in Terraform's words: `replace_because_cannot_update`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The address it had before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_address: Option<String>,
    /// The id under which an existing object is imported; `(known after apply)` when nobody knows yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importing: Option<String>,
    /// The paths that force a replacement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replace_paths: Vec<String>,
    /// What becomes different, leaf by leaf, by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Attributes beyond [`MOST_ATTRIBUTES`](super::MOST_ATTRIBUTES): how many, and their hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<More>,
    /// What makes the change worth a second look. Judged here, where the whole plan is: a digest has only what becomes
    /// different.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dangers: Vec<Danger>,
}

/// What a digest leaves out for size.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct More {
    /// How many attributes.
    pub count: usize,
    /// The hash of their redacted content.
    pub sha256: String,
}

/// One leaf that becomes different.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Attribute {
    /// `ingress[0].cidr_blocks[1]`; keys that are no identifiers are quoted: `tags["cost center"]`. Inside a text that
    /// holds JSON the path goes on into it: `policy.Statement[0].Action`.
    pub path: String,
    /// What it is now.
    #[serde(default, skip_serializing_if = "Side::is_absent")]
    pub before: Side,
    /// What it becomes.
    #[serde(default, skip_serializing_if = "Side::is_absent")]
    pub after: Side,
    /// Whether it becomes or ceases to be sensitive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Sensitivity>,
}

/// How sensitivity changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sensitivity {
    /// It becomes sensitive.
    Gained,
    /// It is no longer sensitive.
    Lost,
}

/// An output that changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OutputChange {
    /// Its name.
    pub name: String,
    /// What is done to it.
    #[serde(rename = "actions")]
    pub action: Action,
    /// What becomes different.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Attributes beyond [`MOST_ATTRIBUTES`](super::MOST_ATTRIBUTES).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<More>,
}

/// A check that did not pass.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// What it is about.
    pub address: String,
    /// `fail`, `error` or `unknown`.
    pub status: String,
    /// What it says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<String>,
}

/// A change left for a later run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Deferred {
    /// Why, in Terraform's words: `instance_count_unknown`.
    pub reason: String,
    /// The change, as far as it is known.
    pub change: Change,
}

/// A provider action that applying would invoke.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Invocation {
    /// Where the action is in the configuration.
    pub address: String,
    /// Its type.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// What it is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Attributes beyond [`MOST_ATTRIBUTES`](super::MOST_ATTRIBUTES).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<More>,
}
