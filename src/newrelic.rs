//! New Relic, by NerdGraph: the door, no decisions.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::keys::{Key, Secret};
use crate::system::curl;

/// Where a user key of groundwork's own comes from. It is in no file.
pub const API_KEY: &str = "NEW_RELIC_API_KEY";

/// Another NerdGraph than New Relic's own.
pub const ADDRESS: &str = "NEW_RELIC_NERDGRAPH_API_URL";

/// More pages than any listing has.
const MOST_PAGES: usize = 100;

/// What the names of keys end in that nobody is given any more. New Relic cannot deactivate a key.
const RETIRED: &str = " (retired)";

/// Why New Relic has not done it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("New Relic: {message}")]
pub struct NerdGraphError {
    /// What it said, or what kept us from asking.
    pub message: String,
    /// Whether it may have been done all the same.
    pub unsure: bool,
}

impl NerdGraphError {
    fn refused(message: impl Into<String>) -> Self {
        Self { message: message.into(), unsure: false }
    }
}

/// NerdGraph, as one user.
#[derive(Debug)]
pub struct NerdGraph {
    address: String,
    key: Secret,
}

/// An account at New Relic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorAccount {
    /// Its number.
    pub id: u64,
    /// Its name, which is nobody's alone.
    pub name: String,
}

impl NerdGraph {
    /// That of a data region (`us01`, `eu01`), unless the address is another one.
    pub fn new(region: &str, address: Option<String>, key: Secret) -> Self {
        let own = if region.starts_with("eu") {
            "https://api.eu.newrelic.com/graphql"
        } else {
            "https://api.newrelic.com/graphql"
        };
        Self { address: address.unwrap_or_else(|| own.to_owned()), key }
    }

    /// Asks once. GraphQL says what went wrong in an answer that is none.
    fn ask(&self, query: &str, variables: &Value) -> Result<Value, NerdGraphError> {
        let body = json!({ "query": query, "variables": variables });
        let answer = curl::ask(&self.address, &[("API-Key", self.key.reveal())], &body)
            .map_err(|error| NerdGraphError { message: error.said, unsure: error.unsure })?;
        if let Some(message) = answer["errors"][0]["message"].as_str() {
            // Part of it may have been done.
            return Err(NerdGraphError { message: message.to_owned(), unsure: !answer["data"].is_null() });
        }
        match &answer["data"] {
            Value::Null => Err(NerdGraphError { message: "it answers what is no answer".to_owned(), unsure: true }),
            data => Ok(data.clone()),
        }
    }

    /// All accounts of the organization that are not cancelled.
    ///
    /// # Errors
    /// It cannot be asked.
    pub fn accounts(&self) -> Result<Vec<VendorAccount>, NerdGraphError> {
        let query = "query Accounts { actor { organization { accountManagement { managedAccounts { id name isCanceled } } } } }";
        let data = self.ask(query, &json!({}))?;
        let listed = data["actor"]["organization"]["accountManagement"]["managedAccounts"].as_array().cloned();
        let listed = listed.ok_or_else(|| NerdGraphError::refused("it lists no accounts: is the key a user's?"))?;
        // A cancelled account keeps its name for a while.
        let listed = listed.iter().filter(|one| one["isCanceled"] != true);
        let account =
            |one: &Value| Some(VendorAccount { id: one["id"].as_u64()?, name: one["name"].as_str()?.to_owned() });
        Ok(listed.filter_map(account).collect())
    }

    /// Makes an account, and returns its number. Asking twice makes two.
    ///
    /// # Errors
    /// It is not made; or, with `unsure`, nobody knows.
    pub fn create_account(&self, name: &str, region: &str) -> Result<u64, NerdGraphError> {
        let query = "mutation CreateAccount($name: String!, $region: String) { \
            accountManagementCreateAccount(managedAccount: { name: $name, regionCode: $region }) { managedAccount { id } } }";
        let data = self.ask(query, &json!({ "name": name, "region": region }))?;
        let id = data["accountManagementCreateAccount"]["managedAccount"]["id"].as_u64();
        id.ok_or_else(|| NerdGraphError { message: "it did not say which account it made".to_owned(), unsure: true })
    }

    /// The license keys of an account that have that name: those groundwork has made.
    ///
    /// # Errors
    /// It cannot be asked.
    pub fn keys(&self, account: u64, name: &str) -> Result<Vec<Key>, NerdGraphError> {
        let query = "query Keys($account: [Int!], $cursor: String) { actor { apiAccess { keySearch(\
            query: { types: [INGEST], scope: { ingestTypes: [LICENSE], accountIds: $account } }, cursor: $cursor) \
            { keys { id name createdAt } nextCursor } } } }";
        let mut keys = Vec::new();
        let mut cursor = Value::Null;
        for _ in 0..MOST_PAGES {
            let data = self.ask(query, &json!({ "account": [account], "cursor": cursor }))?;
            let page = &data["actor"]["apiAccess"]["keySearch"];
            for key in page["keys"].as_array().into_iter().flatten() {
                let (Some(id), Some(called)) = (key["id"].as_str(), key["name"].as_str()) else { continue };
                let active = called == name;
                if active || called.strip_suffix(RETIRED) == Some(name) {
                    let created = key["createdAt"].as_i64().and_then(|at| Timestamp::from_second(at).ok());
                    let created = created.unwrap_or(Timestamp::UNIX_EPOCH);
                    keys.push(Key { id: id.to_owned(), active, created, used: None });
                }
            }
            cursor = page["nextCursor"].clone();
            if cursor.is_null() {
                return Ok(keys);
            }
        }
        Err(NerdGraphError::refused("its list of keys does not end"))
    }

    /// Makes a license key: its id, and the key.
    ///
    /// # Errors
    /// It is not made; or, with `unsure`, nobody knows.
    pub fn create_key(&self, account: u64, name: &str) -> Result<(String, Secret), NerdGraphError> {
        let query = "mutation CreateKey($account: Int!, $name: String!) { apiAccessCreateKeys(keys: \
            { ingest: { accountId: $account, ingestType: LICENSE, name: $name } }) { createdKeys { id key } errors { message } } }";
        let data = self.ask(query, &json!({ "account": account, "name": name }))?;
        let made = &data["apiAccessCreateKeys"];
        said(made)?;
        let made = &made["createdKeys"][0];
        match (made["id"].as_str(), made["key"].as_str()) {
            (Some(id), Some(key)) => Ok((id.to_owned(), Secret::new(key.to_owned()))),
            _ => Err(NerdGraphError { message: "it did not say which key it made".to_owned(), unsure: true }),
        }
    }

    /// Says of a key that nobody is given it any more. It works as before.
    ///
    /// # Errors
    /// It cannot be asked, or refuses.
    pub fn retire_key(&self, id: &str, name: &str) -> Result<(), NerdGraphError> {
        let query = "mutation RetireKey($id: ID!, $name: String!) { apiAccessUpdateKeys(keys: \
            { ingest: { keyId: $id, name: $name } }) { updatedKeys { id } errors { message } } }";
        let data = self.ask(query, &json!({ "id": id, "name": format!("{name}{RETIRED}") }))?;
        said(&data["apiAccessUpdateKeys"])
    }

    /// Deletes a key.
    ///
    /// # Errors
    /// It cannot be asked, or refuses.
    pub fn delete_key(&self, id: &str) -> Result<(), NerdGraphError> {
        let query = "mutation DeleteKey($id: [ID!]) { apiAccessDeleteKeys(keys: { ingestKeyIds: $id }) \
            { deletedKeys { id } errors { message } } }";
        let data = self.ask(query, &json!({ "id": [id] }))?;
        said(&data["apiAccessDeleteKeys"])
    }
}

/// What a mutation that was carried out says went wrong in it.
fn said(result: &Value) -> Result<(), NerdGraphError> {
    result["errors"][0]["message"].as_str().map_or(Ok(()), |message| Err(NerdGraphError::refused(message)))
}
