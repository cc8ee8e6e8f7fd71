//! What is different from an earlier review of the same pull request.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::model::{Danger, Review, SCHEMA_VERSION, Since, State};
use crate::schema::version;

/// As much of an earlier review's JSON as comparing needs.
#[derive(Debug, Deserialize)]
pub struct Earlier {
    schema_version: u32,
    accounts: Vec<EarlierAccount>,
    dangers: Vec<Danger>,
}

#[derive(Debug, Deserialize)]
struct EarlierAccount {
    key: String,
    state: State,
    #[serde(default)]
    fingerprint: Option<String>,
}

impl Earlier {
    /// Reads what `groundwork review --json` wrote.
    ///
    /// # Errors
    /// The text is something else, or of another version: why, in one sentence.
    pub fn read(text: &str) -> Result<Self, String> {
        // serde quotes what it found; only the place is passed on.
        let place = |error: serde_json::Error| {
            format!("it is not the JSON of a review (line {}, column {})", error.line(), error.column())
        };
        version::read(
            text,
            SCHEMA_VERSION,
            |earlier: &Self| Some(earlier.schema_version),
            |other| other.to_string(),
            place,
        )
    }
}

/// What is different now.
pub fn since(earlier: &Earlier, now: &Review) -> Since {
    let then: BTreeMap<&str, (State, Option<&str>)> = earlier
        .accounts
        .iter()
        .map(|account| (account.key.as_str(), (account.state, account.fingerprint.as_deref())))
        .collect();
    let keys: BTreeSet<&str> = now.accounts.iter().map(|account| account.key.as_str()).collect();
    let mut since = Since::default();
    for account in &now.accounts {
        match then.get(account.key.as_str()) {
            None => since.added.push(account.key.clone()),
            Some(was) if *was != (account.state, account.fingerprint.as_deref()) => {
                since.changed.push(account.key.clone());
            }
            Some(_) => {}
        }
    }
    since.gone = then.keys().filter(|key| !keys.contains(*key)).map(|key| (*key).to_owned()).collect();
    let (old, new) = (each(&earlier.dangers), each(&now.dangers));
    since.new_dangers = new.difference(&old).cloned().collect();
    since.gone_dangers = old.difference(&new).cloned().collect();
    since
}

/// One sentence for every danger in every account, so that one account more is one danger more.
fn each(dangers: &[Danger]) -> BTreeSet<String> {
    let sentence =
        |danger: &Danger, account: &String| format!("{account} {} {}", danger.worst().words(), danger.address);
    dangers.iter().flat_map(|danger| danger.accounts.iter().map(move |account| sentence(danger, account))).collect()
}
