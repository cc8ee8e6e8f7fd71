//! A license key of New Relic, and the secret in Secrets Manager that holds it.

use jiff::Timestamp;

use super::{Doors, Problem, Secret, Seen};
use crate::aws::AccountKeys;
use crate::newrelic::{NerdGraph, NerdGraphError};
use crate::organization::AccountKey;
use crate::system::clock;

/// The name of the secret that holds an account's license key.
pub const LICENSE_SECRET: &str = "/groundwork/monitoring/newrelic/license-key";

/// Everything that an account's license keys go through. There is no sink but the vault: whoever needs the key reads it there.
#[derive(Debug)]
pub struct LicenseDoors<'a> {
    /// Whose key it is.
    pub account: &'a AccountKey,
    /// Its account at New Relic.
    pub number: u64,
    /// Who speaks to New Relic.
    pub nerdgraph: &'a NerdGraph,
    /// Its AWS account.
    pub aws: &'a AccountKeys,
}

impl From<NerdGraphError> for Problem {
    fn from(error: NerdGraphError) -> Self {
        Self { problem: error.to_string(), help: None, unsure: error.unsure }
    }
}

impl LicenseDoors<'_> {
    fn name(&self) -> String {
        format!("groundwork {}", self.account)
    }
}

impl Doors for LicenseDoors<'_> {
    fn look(&self) -> Result<Seen, Problem> {
        let keys = self.nerdgraph.keys(self.number, &self.name())?;
        let vault = self.aws.held(LICENSE_SECRET, &keys).map_err(|error| {
            if error.is("ResourceNotFound") || error.is("InvalidRequest") {
                return Problem::because(format!("there is no secret `{LICENSE_SECRET}`"))
                    .help(format!("apply the account first: groundwork apply {}", self.account));
            }
            error.into()
        })?;
        Ok(Seen { keys, vault, ..Seen::default() })
    }

    fn make(&self) -> Result<(String, Secret), Problem> {
        Ok(self.nerdgraph.create_key(self.number, &self.name())?)
    }

    /// New Relic has nothing to try a license key with but data.
    fn prove(&self, _: &Secret) -> Result<bool, Problem> {
        Ok(true)
    }

    fn keep(&self, id: &str, secret: &Secret) -> Result<(), Problem> {
        Ok(self.aws.keep(LICENSE_SECRET, id, secret)?)
    }

    fn kept(&self, id: &str) -> Result<Secret, Problem> {
        Ok(self.aws.kept(LICENSE_SECRET, id)?)
    }

    fn push(&self, _: usize, _: &str, _: &Secret) -> Result<(), Problem> {
        Ok(())
    }

    fn deactivate(&self, id: &str) -> Result<(), Problem> {
        Ok(self.nerdgraph.retire_key(id, &self.name())?)
    }

    fn delete(&self, id: &str) -> Result<(), Problem> {
        Ok(self.nerdgraph.delete_key(id)?)
    }

    fn now(&self) -> Timestamp {
        clock::now()
    }
}
