//! Whose keys, and where to: what domains.toml says of faceless users.
//!
//! The feature is known by its name, `faceless-users`, and of its inputs `name`, `kind`, `repositories`, `environments` and
//! `branches`.

use std::collections::BTreeMap;
use std::fmt;

use crate::document::Node;
use crate::organization::{Account, AccountKey, Lifecycle};
use crate::state::partition;

/// The inputs' key in domains.toml.
const FEATURE: &str = "faceless_users";

/// The kind of faceless users that have keys.
pub const KEYS: &str = "access-key";

/// The kind of faceless users that are roles.
pub const ROLES: &str = "oidc";

/// Where something is on GitHub.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// `owner/name`.
    pub repository: String,
    /// An environment of it, or the repository itself.
    pub scope: Scope,
}

/// Which jobs of a repository see something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// All.
    Repository,
    /// Those of an environment.
    Environment(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Scope::Repository => write!(f, "{}", self.repository),
            Scope::Environment(name) => write!(f, "{} ({name})", self.repository),
        }
    }
}

/// A faceless user with keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The account it is in.
    pub account: AccountKey,
    /// That account's twelve digits.
    pub id: String,
    /// The region of its secret.
    pub region: String,
    /// Its name.
    pub name: String,
    /// The GitHub environments that hold its key.
    pub places: Vec<Place>,
}

impl User {
    /// The name of the GitHub secret that holds its key: id and secret in one, because two could not be replaced at once.
    pub fn secret(&self) -> String {
        format!("AWS_KEY_{}", upper(&self.name))
    }

    /// The name of the GitHub variable that holds the key's id.
    pub fn variable(&self) -> String {
        format!("AWS_KEY_ID_{}", upper(&self.name))
    }
}

/// A variable of GitHub Actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The account that it is about.
    pub account: AccountKey,
    /// Where it is.
    pub place: Place,
    /// Its name.
    pub name: String,
    /// What it says; no secret.
    pub value: String,
}

/// The users with keys of these accounts, as far as the accounts exist.
pub fn users<'a>(accounts: impl IntoIterator<Item = &'a Account>) -> Vec<User> {
    let mut users = Vec::new();
    for (account, id) in accounts.into_iter().filter_map(existing) {
        for user in of_kind(account, KEYS) {
            users.push(User {
                account: account.key.clone(),
                id: id.to_owned(),
                region: account.region.clone(),
                name: text(user, "name"),
                places: in_environments(account, user),
            });
        }
    }
    users
}

/// The variables that tell workflows which role is theirs.
pub fn variables<'a>(accounts: impl IntoIterator<Item = &'a Account>) -> Vec<Variable> {
    let mut variables = Vec::new();
    for (account, id) in accounts.into_iter().filter_map(existing) {
        for user in of_kind(account, ROLES) {
            let name = text(user, "name");
            let arn = format!("arn:{}:iam::{id}:role/faceless/{name}", partition(&account.region));
            let mut add = |place: Place, suffix: &str| {
                for (what, value) in [("ARN", &arn), ("NAME", &name)] {
                    variables.push(Variable {
                        account: account.key.clone(),
                        place: place.clone(),
                        name: format!("AWS_ROLE_{what}_{}{suffix}", upper(&name)),
                        value: value.clone(),
                    });
                }
            };
            let (environments, branches) = (list(user, "environments"), list(user, "branches"));
            if branches.is_empty() || !environments.is_empty() {
                in_environments(account, user).into_iter().for_each(|place| add(place, ""));
            }
            if !branches.is_empty() {
                // A repository has one such variable for all accounts: the name says whose it is.
                for repository in list(user, "repositories") {
                    let place = Place { repository, scope: Scope::Repository };
                    add(place, &format!("_{}", upper(account.key.environment())));
                }
            }
        }
    }
    variables
}

/// What two accounts would write over each other: what it is, and both accounts.
pub fn clashes(users: &[User], variables: &[Variable]) -> Vec<String> {
    let mut writers: BTreeMap<(&Place, String), &AccountKey> = BTreeMap::new();
    let keys = users.iter().flat_map(|user| user.places.iter().map(|place| (place, user.secret(), &user.account)));
    let others = variables.iter().map(|one| (&one.place, one.name.clone(), &one.account));
    let mut clashes = Vec::new();
    for (place, name, account) in keys.chain(others) {
        if let Some(other) = writers.insert((place, name.clone()), account) {
            clashes.push(format!("`{other}` and `{account}` would both write {name} in {place}"));
        }
    }
    clashes
}

/// Whether an account has faceless users of a kind.
pub fn has_users(account: &Account, kind: &str) -> bool {
    of_kind(account, kind).next().is_some()
}

/// Whether New Relic watches an account.
pub fn is_watched(account: &Account) -> bool {
    let vendor = account.inputs.get("monitoring").and_then(|inputs| inputs.get("vendor"));
    vendor.and_then(Node::as_str) == Some("newrelic")
}

/// An account that is there to work in, and its id.
fn existing(account: &Account) -> Option<(&Account, &str)> {
    let id = account.allotment.as_ref()?.id.as_deref()?;
    (account.lifecycle == Lifecycle::Active).then_some((account, id))
}

fn of_kind<'a>(account: &'a Account, kind: &'a str) -> impl Iterator<Item = &'a Node> {
    let all = account.inputs.get(FEATURE).and_then(|inputs| inputs.as_array()).unwrap_or_default();
    all.iter().filter(move |user| user.get("kind").and_then(Node::as_str) == Some(kind))
}

/// Each repository's environment of the account's own name; where the user lists others only, those.
fn in_environments(account: &Account, user: &Node) -> Vec<Place> {
    let own = account.key.environment().to_owned();
    let mut environments = list(user, "environments");
    if environments.is_empty() || environments.contains(&own) {
        environments = vec![own];
    }
    let repositories = list(user, "repositories");
    let place = |repository: &String, name: &String| Place {
        repository: repository.clone(),
        scope: Scope::Environment(name.clone()),
    };
    repositories.iter().flat_map(|repository| environments.iter().map(move |name| place(repository, name))).collect()
}

fn text(node: &Node, key: &str) -> String {
    node.get(key).and_then(Node::as_str).unwrap_or_default().to_owned()
}

fn list(node: &Node, key: &str) -> Vec<String> {
    let items = node.get(key).and_then(Node::as_array).unwrap_or_default();
    items.iter().filter_map(Node::as_str).map(str::to_owned).collect()
}

/// A name as names of variables are written.
fn upper(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}
