//! What the page knows: the review in the shape in which the page's script draws it.
//!
//! Changes that several patterns share stand here once and are named by their index; so are accounts. Values
//! are already redacted and already text: the script formats nothing but numbers.

use std::collections::BTreeMap;

use serde::Serialize;

/// The whole review.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Page {
    /// The heading and the name of the browser's tab.
    pub title: String,
    /// One sentence below it, also for browsers that run no script.
    pub summary: String,
    /// Kinds of environment, in the order of the grid's columns.
    pub environments: Vec<String>,
    /// Every account that was asked for, in order of its key.
    pub accounts: Vec<Account>,
    /// Change sets that accounts share.
    pub patterns: Vec<Pattern>,
    /// What patterns have in common, where they do.
    pub common: Option<Common>,
    /// Every different change there is.
    pub changes: Vec<Change>,
    /// Accounts that nearly follow a pattern.
    pub outliers: Vec<Outlier>,
    /// What must be seen before anything else.
    pub dangers: Vec<Danger>,
    /// What policies said.
    pub policy: Vec<Verdict>,
    /// Whether there were policies, so that none speaking is told apart from none asked.
    pub policies_ran: bool,
    /// What had changed outside of Terraform.
    pub drift: Vec<Drift>,
    /// What is different from an earlier review, a line each; absent when there was none to compare with.
    pub since: Option<Vec<String>>,
}

/// Whether there is a plan to judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum State {
    /// There is, and it is whole.
    #[default]
    #[serde(rename = "planned")]
    Planned,
    /// There is none, or it cannot be read.
    #[serde(rename = "not planned")]
    NotPlanned,
    /// Terraform stopped with an error half-way.
    #[serde(rename = "errored")]
    Errored,
    /// Terraform left something for a later run.
    #[serde(rename = "incomplete")]
    Incomplete,
}

/// One account.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Account {
    /// `domain/environment`.
    pub key: String,
    /// Its domain.
    pub domain: String,
    /// Its environment.
    pub environment: String,
    /// Who stewards it; empty when nobody said.
    pub team: String,
    /// Whether its environment is protected.
    pub protected: bool,
    /// Whether there is a plan to judge.
    pub state: State,
    /// Why there is none, or what else is wrong.
    pub reason: Option<String>,
    /// Index of its pattern; absent without a plan.
    pub pattern: Option<usize>,
    /// What the pattern's tokens stand for in this account.
    pub values: BTreeMap<String, String>,
}

/// A change set.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Pattern {
    /// A, B, C, … as people talk about it; an outlier's key for what it alone does.
    pub name: String,
    /// Whether it is an outlier's: drawn with its account, and not among the patterns.
    pub lone: bool,
    /// Indices of its accounts.
    pub accounts: Vec<usize>,
    /// Indices of its changes.
    pub changes: Vec<usize>,
    /// What else there is to say; may be empty.
    pub note: String,
    /// Paths whose values are not the same in all its accounts.
    pub varying: Vec<Varying>,
}

/// What several patterns have in common.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Common {
    /// Indices of the patterns.
    pub patterns: Vec<usize>,
    /// Indices of the changes that all of them have.
    pub changes: Vec<usize>,
}

/// A path whose values are not the same in all accounts of a pattern.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Varying {
    /// Address and path.
    pub path: String,
    /// Its values, each with the accounts that have it.
    pub values: Vec<VaryingValue>,
}

/// One of the values of a varying path.
#[derive(Clone, Debug, Default, Serialize)]
pub struct VaryingValue {
    /// The value as text.
    pub value: String,
    /// Indices of the accounts that have it.
    pub accounts: Vec<usize>,
}

/// What happens to one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Change {
    /// Where it is in the configuration.
    pub address: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// `create`, `update`, `replace`, `delete`, `forget`, `import`, `move`, `read` or `other`.
    pub action: String,
    /// Why, in sentences: the reason Terraform gives, where it moved from.
    pub notes: Vec<String>,
    /// What becomes different.
    pub attributes: Vec<Attribute>,
}

/// One attribute that becomes different: path, before, after, and a mark such as `forces replacement`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Attribute(pub String, pub Option<String>, pub Option<String>, pub String);

/// An account that nearly follows a pattern.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outlier {
    /// Index of the account.
    pub account: usize,
    /// Index of the pattern it is nearest to.
    pub nearest: Option<usize>,
    /// What it does otherwise, a line each.
    pub differences: Vec<String>,
}

/// Something that must be seen.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Danger {
    /// What it is, in a word or two: `destroys`, `opens to the world`.
    pub kind: String,
    /// The change's action, for its colour and mark.
    pub action: String,
    /// What it happens to.
    pub address: String,
    /// Why, or what follows from it; may be empty.
    pub text: String,
    /// Whether a protected account is among them.
    pub protected: bool,
    /// Indices of the accounts where it happens.
    pub accounts: Vec<usize>,
}

/// What had changed outside of Terraform, in accounts where the same did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Drift {
    /// A line for each resource.
    pub lines: Vec<String>,
    /// Indices of the accounts where it happened.
    pub accounts: Vec<usize>,
}

/// What a policy said.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verdict {
    /// `deny`, `violation`, `warn`, or `error` when it could not be judged.
    pub level: String,
    /// Package and rule.
    pub rule: String,
    /// What it said.
    pub message: String,
    /// File and line; may be empty.
    pub place: String,
    /// Indices of the accounts it is about; none when it is about the review as a whole.
    pub accounts: Vec<usize>,
}
