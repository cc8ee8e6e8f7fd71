//! Choosing accounts by key or glob.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::{Account, AccountKey, ORGANIZATION};
use crate::diagnostic::did_you_mean;

/// Accounts named on the command line or by a wave: keys and globs such as `catalog/*` or `*/prod`.
#[derive(Clone, Debug)]
pub struct Selection {
    patterns: Vec<String>,
    globs: GlobSet,
}

/// A pattern that is malformed, or that no account matches.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NoMatch {
    /// What is wrong, with the pattern in it.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Selection {
    /// The selection that `patterns` describe; without any, all accounts.
    pub fn new(patterns: &[String]) -> Result<Self, NoMatch> {
        let mut builder = GlobSetBuilder::new();
        let bad = |pattern: &str, reason: String| NoMatch {
            message: format!("`{pattern}` does not name accounts: {reason}"),
            help: Some(
                "name accounts as `domain/environment`, with `*` for any of either: `catalog/*`, `*/prod`".to_owned(),
            ),
        };
        for pattern in patterns {
            if pattern != ORGANIZATION && pattern.split('/').count() != 2 {
                return Err(bad(pattern, "it is not `domain/environment`".to_owned()));
            }
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            builder.add(glob.map_err(|error| bad(pattern, error.kind().to_string()))?);
        }
        let globs = builder.build().map_err(|error| bad(&patterns.join(" "), error.to_string()))?;
        Ok(Self { patterns: patterns.to_vec(), globs })
    }

    /// Whether all accounts are selected because nothing was named.
    pub fn is_everything(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether an account is selected.
    pub fn contains(&self, key: &AccountKey) -> bool {
        self.is_everything() || self.globs.is_match(key.to_string())
    }

    /// The selected ones of `accounts`. A pattern that selects none is an error: a typo must not look like
    /// there was nothing to do.
    pub fn of<'a>(&self, accounts: impl IntoIterator<Item = &'a Account>) -> Result<Vec<&'a Account>, NoMatch> {
        let accounts: Vec<&Account> = accounts.into_iter().collect();
        let mut used = vec![false; self.patterns.len()];
        let selected = accounts
            .iter()
            .copied()
            .filter(|account| {
                let matched = self.globs.matches(account.key.to_string());
                matched.iter().for_each(|index| used[*index] = true);
                self.is_everything() || !matched.is_empty()
            })
            .collect();
        match used.iter().position(|used| !used) {
            None => Ok(selected),
            Some(index) => {
                let keys: Vec<String> = accounts.iter().map(|account| account.key.to_string()).collect();
                Err(NoMatch {
                    message: format!("no account matches `{}`", self.patterns[index]),
                    help: did_you_mean(&self.patterns[index], keys.iter().map(String::as_str)),
                })
            }
        }
    }
}
