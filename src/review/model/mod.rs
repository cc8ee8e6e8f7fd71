//! What a review says, as data. Everything in it has come through digests, so it is redacted already; nothing in it is
//! escaped: that is for each output to do.
//!
//! The review's JSON is these types, written by serde; docs/review.md promises what they mean.

mod account;
mod danger;
mod pattern;
mod since;
mod tally;
mod verdict;

pub use account::{Account, NotPlanned, State};
pub use danger::{Danger, reason_in_words};
pub use pattern::{
    Common, Difference, DifferenceKind, Outlier, Pattern, PatternAttribute, PatternChange, SameShape, Shown, Values,
    Varying,
};
pub use since::Since;
pub use tally::Tally;
pub use verdict::{Severity, Verdict};

use schemars::JsonSchema;
use serde::Serialize;

/// What the `schema_version` of a review's JSON says.
pub const SCHEMA_VERSION: u32 = 1;

/// The aggregation of many accounts' digests: the one thing that all outputs draw.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Review {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// Every account that was planned or expected, by key.
    pub accounts: Vec<Account>,
    /// Changes that accounts share, the most shared first.
    pub patterns: Vec<Pattern>,
    /// What the patterns have in common, where they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common: Option<Common>,
    /// Accounts that nearly follow a pattern, by key.
    pub outliers: Vec<Outlier>,
    /// What must be seen before anything else, the worst first.
    pub dangers: Vec<Danger>,
    /// What policies said. Filled in after the review is made.
    pub policy: Vec<Verdict>,
    /// Whether there were policies, so that none speaking is told apart from none asked.
    pub policies_ran: bool,
    /// Accounts without a plan that could be read, by key.
    pub not_planned: Vec<NotPlanned>,
    /// What had changed outside of Terraform, grouped as patterns are. Nobody is about to do it.
    pub drift: Vec<Pattern>,
    /// Counts of everything.
    pub totals: Tally,
    /// What is different from an earlier review, when there was one to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
}

impl Review {
    /// The pattern of that id.
    pub fn pattern(&self, id: &str) -> Option<&Pattern> {
        self.patterns.iter().find(|pattern| pattern.id == id)
    }

    /// The account of that key.
    pub fn account(&self, key: &str) -> Option<&Account> {
        self.accounts.binary_search_by(|account| account.key.as_str().cmp(key)).ok().map(|index| &self.accounts[index])
    }

    /// Takes in what policies said, in an order that does not depend on theirs.
    pub fn judge(&mut self, mut verdicts: Vec<Verdict>) {
        verdicts.sort();
        self.policy = verdicts;
        self.policies_ran = true;
    }
}
