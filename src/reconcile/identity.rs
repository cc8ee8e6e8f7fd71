//! Which AWS account is which account of domains.toml: by its tag, then by the ledger's id, then by its e-mail; never by a
//! name.

use std::collections::{BTreeMap, HashMap};

use super::Given;
use crate::organization::{Account, AccountKey};
use crate::snapshot::{KEY_TAG, Member};

/// The accounts of a snapshot, as they are found.
pub(super) struct Identities<'a> {
    given: Given<'a>,
    by_id: HashMap<&'a str, &'a Member>,
    by_tag: HashMap<&'a str, Vec<&'a Member>>,
    by_email: HashMap<String, &'a Member>,
    /// Who has an id, by the ledger's word.
    held: BTreeMap<&'a str, &'a AccountKey>,
    /// E-mails of accounts that are gone.
    gone: HashMap<String, &'a str>,
}

/// What is wrong, and what to do.
type Conflict = (String, String);

impl<'a> Identities<'a> {
    pub(super) fn new(given: Given<'a>) -> Self {
        let mut found = Self {
            given,
            by_id: HashMap::new(),
            by_tag: HashMap::new(),
            by_email: HashMap::new(),
            held: BTreeMap::new(),
            gone: HashMap::new(),
        };
        for member in given.snapshot.accounts.iter().filter(|member| member.id != given.snapshot.management_account) {
            found.by_id.insert(&member.id, member);
            found.by_email.insert(member.email.to_lowercase(), member);
            if let Some(key) = member.tags.get(KEY_TAG) {
                found.by_tag.entry(key).or_default().push(member);
            }
        }
        for (key, held) in &given.ledger.accounts {
            found.held.extend(held.id.as_deref().map(|id| (id, key)));
        }
        for gone in &given.ledger.tombstones {
            let id = gone.id.as_deref().unwrap_or("that was never made");
            found.gone.extend(gone.email.as_ref().map(|email| (email.to_lowercase(), id)));
        }
        found
    }

    /// The AWS account that is this one, if there is one.
    pub(super) fn find(&self, account: &Account) -> Result<Option<&'a Member>, Conflict> {
        let key = &account.key;
        let held = self.given.ledger.accounts.get(key).and_then(|held| held.id.as_deref());
        // One that the ledger gives to another key has been renamed; its tag follows.
        let is_free = |member: &&&Member| self.held.get(member.id.as_str()).is_none_or(|holder| *holder == key);
        let tagged: Vec<&Member> =
            self.by_tag.get(key.to_string().as_str()).into_iter().flatten().filter(is_free).copied().collect();
        match (tagged.as_slice(), held) {
            ([one], Some(id)) if one.id != id => Err((
                format!("`{key}` is {id} by the ledger, and {} by its tag `{KEY_TAG}`", one.id),
                "remove the tag from the one that it is not".to_owned(),
            )),
            ([one], _) => Ok(Some(one)),
            ([], Some(id)) => match self.by_id.get(id) {
                Some(member) => Ok(Some(member)),
                None => Err((
                    format!("`{key}` is {id} by the ledger, and the organization has no such account"),
                    "invite it back, or retire the account in domains.toml; it is not made a second time".to_owned(),
                )),
            },
            ([], None) => self.by_its_email(account),
            (several, _) => {
                let ids: Vec<&str> = several.iter().map(|member| member.id.as_str()).collect();
                Err((
                    format!("{} have the tag `{KEY_TAG}` of `{key}`", ids.join(" and ")),
                    "remove the tag from all but the one that it is".to_owned(),
                ))
            }
        }
    }

    fn by_its_email(&self, account: &Account) -> Result<Option<&'a Member>, Conflict> {
        let key = &account.key;
        let Some(member) = self.by_email.get(&account.email.to_lowercase()) else { return Ok(None) };
        let other = member.tags.get(KEY_TAG).filter(|tag| **tag != key.to_string());
        let holder = self.held.get(member.id.as_str()).map(ToString::to_string);
        if let Some(other) = holder.or_else(|| other.cloned()) {
            return Err((
                format!("the e-mail of `{key}`, `{}`, is that of {}, which is `{other}`", account.email, member.id),
                "give the domain another pattern for its e-mails".to_owned(),
            ));
        }
        if member.state.is_closing() {
            return Err((
                format!(
                    "the e-mail of `{key}`, `{}`, is that of {}, which is {}",
                    account.email,
                    member.id,
                    member.state.in_words()
                ),
                "AWS never accepts an e-mail twice, not even of a closed account: give the domain another pattern"
                    .to_owned(),
            ));
        }
        Ok(Some(member))
    }

    /// The account that is gone and had this e-mail.
    pub(super) fn by_email(&self, email: &str) -> Option<&'a str> {
        self.gone.get(&email.to_lowercase()).copied()
    }
}
