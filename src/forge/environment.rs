//! Secrets and variables of GitHub Actions.

use jiff::Timestamp;
use serde_json::json;

use super::GitHub;
use crate::keys::{Scope, Secret};
use crate::system::gh::GhError;

/// What a variable says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its value.
    pub value: String,
    /// Since when.
    pub since: Option<Timestamp>,
}

impl GitHub<'_> {
    /// What a variable says, if it is there.
    ///
    /// # Errors
    /// GitHub refuses, or cannot be reached.
    pub fn variable(&self, scope: &Scope, name: &str) -> Result<Option<Said>, GhError> {
        let path = format!("{}/{name}", variables(scope));
        match self.get(&path) {
            Ok(found) => {
                let value = found["value"].as_str().ok_or_else(|| GhError::answer(&path, "it has no value"))?;
                let since = found["updated_at"].as_str().and_then(|at| at.parse().ok());
                Ok(Some(Said { value: value.to_owned(), since }))
            }
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a variable say that.
    ///
    /// # Errors
    /// GitHub refuses, or cannot be reached.
    pub fn set_variable(&self, scope: &Scope, name: &str, value: &str) -> Result<(), GhError> {
        let body = json!({ "name": name, "value": value });
        match self.send("PATCH", &format!("{}/{name}", variables(scope)), &body) {
            Err(error) if error.is_missing() => self.send("POST", &variables(scope), &body).map(drop),
            changed => changed.map(drop),
        }
    }

    /// Whether there is a secret of that name. What it holds, GitHub tells nobody.
    ///
    /// # Errors
    /// GitHub refuses, or cannot be reached.
    pub fn has_secret(&self, environment: &str, name: &str) -> Result<bool, GhError> {
        match self.get(&format!("environments/{environment}/secrets/{name}")) {
            Ok(_) => Ok(true),
            Err(error) if error.is_missing() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether there is an environment of that name.
    ///
    /// # Errors
    /// GitHub refuses, or cannot be reached.
    pub fn has_environment(&self, name: &str) -> Result<bool, GhError> {
        match self.get(&format!("environments/{name}")) {
            Ok(_) => Ok(true),
            Err(error) if error.is_missing() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Puts a secret into an environment. `gh` seals it with the repository's key, and reads it from its standard input:
    /// no argument, and so no list of processes, has it.
    ///
    /// # Errors
    /// GitHub refuses, or cannot be reached.
    pub fn set_secret(&self, environment: &str, name: &str, value: &Secret) -> Result<(), GhError> {
        let arguments = ["secret", "set", name, "--repo", &self.repository, "--env", environment];
        self.gh.run(&arguments, Some(value.reveal())).map(drop)
    }
}

/// Where a scope's variables are.
fn variables(scope: &Scope) -> String {
    match scope {
        Scope::Repository => "actions/variables".to_owned(),
        Scope::Environment(name) => format!("environments/{name}/variables"),
    }
}
