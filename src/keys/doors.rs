//! A faceless user's keys in IAM, its secret in Secrets Manager, and the GitHub environments that hold its key.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Doors, Holding, Place, Problem, Scope, Secret, Seen, User, secret_name};
use crate::aws::{AccountKeys, CallError};
use crate::forge::GitHub;
use crate::system::clock;
use crate::system::gh::{Gh, GhError};

/// Everything that one user's keys go through.
#[derive(Debug)]
pub struct UserDoors<'a> {
    /// Who it is.
    pub user: &'a User,
    /// Its account.
    pub account: &'a AccountKeys,
    /// Who speaks to GitHub.
    pub gh: &'a Gh,
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        Self { help: error.help(), unsure: error.unsure, problem: error.to_string() }
    }
}

impl From<GhError> for Problem {
    fn from(error: GhError) -> Self {
        let problem = Self::because(error.to_string());
        match error {
            GhError::Start { .. } => problem.help("install GitHub's `gh`, and set GH_TOKEN or log in with it"),
            GhError::Failed { .. } | GhError::Answer { .. } => problem,
        }
    }
}

impl UserDoors<'_> {
    fn secret_name(&self) -> String {
        secret_name(&self.user.name)
    }

    fn github(&self, place: &Place) -> GitHub<'_> {
        GitHub { gh: self.gh, repository: place.repository.clone() }
    }

    /// What a GitHub environment says it holds; nothing where its secret is gone.
    fn holding(&self, place: &Place) -> Result<Holding, Problem> {
        let Scope::Environment(environment) = &place.scope else { return Ok(Holding::default()) };
        let github = self.github(place);
        let Some(said) = github.variable(&place.scope, &self.user.variable())? else { return Ok(Holding::default()) };
        let is_there = github.has_secret(environment, &self.user.secret())?;
        Ok(if is_there {
            Holding { key: Some(said.value), since: said.since, unreached: false }
        } else {
            Holding::default()
        })
    }
}

impl Doors for UserDoors<'_> {
    fn look(&self) -> Result<Seen, Problem> {
        let (name, user) = (self.secret_name(), &self.user.name);
        let keys = self.account.keys(user).map_err(|error| match error.is("NoSuchEntity") {
            true => Problem::because(format!("there is no IAM user `{user}` in {}", self.user.id))
                .help(format!("apply the account first: groundwork apply {}", self.user.account)),
            false => error.into(),
        })?;
        let vault = self.account.held(&name, &keys).map_err(|error| match &error {
            error if error.is("ResourceNotFound") || error.is("InvalidRequest") => {
                Problem::because(format!("there is no secret `{name}` in {}, {}", self.user.id, self.user.region))
                    .help(format!("apply the account first: groundwork apply {}", self.user.account))
            }
            _ => error.into(),
        })?;
        let mut seen = Seen { keys, vault, ..Seen::default() };
        for place in &self.user.places {
            let held = self.holding(place).unwrap_or_else(|problem| {
                seen.problems.push(problem);
                Holding { unreached: true, ..Holding::default() }
            });
            seen.sinks.push(held);
        }
        Ok(seen)
    }

    fn make(&self) -> Result<(String, Secret), Problem> {
        let (id, secret) = self.account.make(&self.user.name).map_err(|error| {
            let unsure = error.unsure;
            let problem = Problem::from(error);
            if unsure {
                problem.help("if AWS has made a key all the same, nobody knows its secret: a later run deletes it")
            } else {
                problem
            }
        })?;
        let credential = credential(&id, &secret);
        Ok((id, credential))
    }

    fn prove(&self, secret: &Secret) -> Result<bool, Problem> {
        let (id, secret) = parts(secret).ok_or_else(|| Problem::because("a key of AWS's own making is not one"))?;
        Ok(self.account.prove(&id, &secret)?)
    }

    fn keep(&self, id: &str, secret: &Secret) -> Result<(), Problem> {
        Ok(self.account.keep(&self.secret_name(), id, secret)?)
    }

    fn kept(&self, id: &str) -> Result<Secret, Problem> {
        let name = self.secret_name();
        let secret = self.account.kept(&name, id)?;
        match parts(&secret) {
            Some((held, _)) if held == id => Ok(secret),
            _ => Err(Problem::because(format!("`{name}` says that it holds {id}, and holds something else"))
                .help("somebody has written to it: --older-than 0s makes a new key")),
        }
    }

    fn push(&self, sink: usize, id: &str, secret: &Secret) -> Result<(), Problem> {
        let place = &self.user.places[sink];
        let Scope::Environment(environment) = &place.scope else { return Ok(()) };
        let github = self.github(place);
        let pushed = github
            .set_secret(environment, &self.user.secret(), secret)
            .and_then(|()| github.set_variable(&place.scope, &self.user.variable(), id));
        pushed.map_err(|error| {
            if github.has_environment(environment).is_ok_and(|is_there| !is_there) {
                return Problem::because(format!(
                    "{} has no environment `{environment}`, or it may not be seen",
                    place.repository
                ))
                .help("make it, with its protection rules; or correct `environments` of the user in domains.toml");
            }
            let problem = Problem::from(error);
            Problem { problem: format!("{place} did not get {id}: {}", problem.problem), ..problem }
        })
    }

    fn deactivate(&self, id: &str) -> Result<(), Problem> {
        Ok(self.account.deactivate(&self.user.name, id)?)
    }

    fn delete(&self, id: &str) -> Result<(), Problem> {
        Ok(self.account.delete(&self.user.name, id)?)
    }

    fn now(&self) -> Timestamp {
        clock::now()
    }
}

/// A key as sinks take it: what AWS's programs take from a `credential_process`, on one line.
fn credential(id: &str, secret: &Secret) -> Secret {
    Secret::new(json!({ "Version": 1, "AccessKeyId": id, "SecretAccessKey": secret.reveal() }).to_string())
}

fn parts(credential: &Secret) -> Option<(String, Secret)> {
    let json: Value = serde_json::from_str(credential.reveal()).ok()?;
    let text = |field: &str| json[field].as_str().map(str::to_owned);
    Some((text("AccessKeyId")?, Secret::new(text("SecretAccessKey")?)))
}
