//! One account in a review.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Tally;

/// Whether there is a plan to judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// There is, and it changes something.
    #[default]
    Planned,
    /// The account does not exist yet; what is shown is what its root module declares.
    New,
    /// There is, and it changes nothing.
    Unchanged,
    /// Terraform stopped with an error half-way: there is more to come than the review shows.
    Errored,
    /// Terraform left something for a later run.
    Incomplete,
    /// There is none, or it cannot be read.
    NotPlanned,
}

/// One account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Account {
    /// `domain/environment`; or, without a groundwork repository, where its plan was found.
    pub key: String,
    /// The domain, where the key says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The environment, where the key says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Who stewards it, if anybody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Whether destroying or replacing anything in it needs an explicit word.
    pub protected: bool,
    /// Whether there is a plan to judge.
    pub state: State,
    /// Its digest's fingerprint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The id of its pattern. An outlier has none, and neither has one without changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// What the tokens of its pattern stand for here: `{domain}` is `catalog`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// Whether no other account does what it does.
    pub outlier: bool,
    /// What is to be done in it.
    pub totals: Tally,
    /// Checks that did not pass, as `address: message`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<String>,
}

/// An account without a plan that could be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct NotPlanned {
    /// Its key.
    pub account: String,
    /// Why there is none, and what to do about it.
    pub reason: String,
}
