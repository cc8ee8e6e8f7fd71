//! What one account says about itself: by its tags, its name, and the units it is in.

use std::collections::BTreeSet;

use super::LeftOut;
use super::words::{environment, name, slug, split, tag, words};
use crate::organization::AccountKey;
use crate::snapshot::{KEY_TAG, Member, Snapshot, State};

/// Tags that say which environment an account is.
const ENVIRONMENT_TAGS: [&str; 3] = ["environment", "env", "stage"];

/// Tags that say which domain an account belongs to, the most telling first.
const DOMAIN_TAGS: [&str; 6] = ["domain", "product", "application", "service", "workload", "project"];

/// Words that stand in every name and tell nothing.
const EMPTY_WORDS: [&str; 3] = ["aws", "account", "acct"];

/// Units that are called by what they hold, and not by whose it is.
const PLAIN_UNITS: [&str; 14] = [
    "workloads",
    "workload",
    "accounts",
    "products",
    "domains",
    "teams",
    "business",
    "units",
    "ou",
    "applications",
    "apps",
    "services",
    "environments",
    "customers",
];

/// What the accounts are called that every organization has for itself, in whatever environment.
const FOUNDATION: [&str; 6] =
    ["log-archive", "logarchive", "log-archives", "security-tooling", "security-audit", "audit-log"];

/// The same, if no environment stands beside it.
const FOUNDATION_ALONE: [&str; 8] =
    ["audit", "logging", "logs", "security", "management", "master", "payer", "delegated-admin"];

/// Units for what is on its way out.
const LAST_UNITS: [&str; 5] = ["suspended", "retired", "closed", "graveyard", "decommissioned"];

/// The longest name of an environment that a tag may bring.
const LONGEST_ENVIRONMENT: usize = 16;

/// An account, and what it could be called.
pub(super) struct Reading<'a> {
    pub(super) member: &'a Member,
    pub(super) unit: String,
    environment: String,
    /// What its domain could be called, the most telling first; at least one.
    domains: Vec<String>,
    tried: usize,
}

impl Reading<'_> {
    pub(super) fn key(&self) -> AccountKey {
        let domain = self.domains.get(self.tried).or_else(|| self.domains.last()).map_or("", String::as_str);
        AccountKey::new(domain, self.environment.as_str())
    }

    /// Goes on to what else it could be called, if there is anything.
    pub(super) fn try_next(&mut self) -> bool {
        let more = self.tried + 1 < self.domains.len();
        self.tried += usize::from(more);
        more
    }

    pub(super) fn left_out(&self, reason: &str) -> LeftOut {
        left_out(self.member, &self.unit, reason, true)
    }
}

fn left_out(member: &Member, unit: &str, reason: impl Into<String>, undecided: bool) -> LeftOut {
    LeftOut {
        id: member.id.clone(),
        name: member.name.clone(),
        unit: unit.to_owned(),
        reason: reason.into(),
        undecided,
    }
}

/// What every account says, and those that are left out.
pub(super) fn read<'a>(snapshot: &'a Snapshot, organization: &str) -> (Vec<Reading<'a>>, Vec<LeftOut>) {
    let (mut readings, mut out) = (Vec::new(), Vec::new());
    let (mut ids, mut emails) = (BTreeSet::new(), BTreeSet::new());
    let empty: Vec<String> = words(organization).into_iter().chain(EMPTY_WORDS.map(str::to_owned)).collect();
    for member in &snapshot.accounts {
        if !ids.insert(member.id.as_str()) {
            continue;
        }
        let unit = snapshot.path(&member.parent);
        let read = match unfit(member, &unit, snapshot) {
            Some((reason, undecided)) => Err((reason, undecided)),
            None if !emails.insert(member.email.to_lowercase()) => {
                Err(("has an e-mail that another account has as well".to_owned(), true))
            }
            None => one(member, &unit, &empty),
        };
        match read {
            Ok((environment, domains)) => readings.push(Reading { member, unit, environment, domains, tried: 0 }),
            Err((reason, undecided)) => out.push(left_out(member, &unit, reason, undecided)),
        }
    }
    (readings, out)
}

/// Why nothing can be done with an account, whatever it is called.
fn unfit(member: &Member, unit: &str, snapshot: &Snapshot) -> Option<(String, bool)> {
    if member.id == snapshot.management_account {
        return Some(("is the management account: nothing but the organization belongs in it".to_owned(), false));
    }
    if member.state != State::Active {
        return Some((format!("is {}", member.state.in_words()), false));
    }
    let last = unit.split('/').find(|part| LAST_UNITS.contains(&part.to_lowercase().as_str()));
    if let Some(last) = last {
        return Some((format!("is in `{last}`, so it is on its way out"), false));
    }
    if member.id.len() != 12 || !member.id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(("has an id that is not twelve digits".to_owned(), true));
    }
    member.email.is_empty().then(|| ("has no e-mail in the snapshot".to_owned(), true))
}

type Read = Result<(String, Vec<String>), (String, bool)>;

/// The environment, and what the domain could be called.
fn one(member: &Member, unit: &str, empty: &[String]) -> Read {
    if let Some(key) = member.tags.get(KEY_TAG) {
        return key_of(key).ok_or_else(|| (format!("has the tag `{KEY_TAG}` with `{key}`, which is no key"), true));
    }
    let telling: Vec<String> = words(&member.name).into_iter().filter(|word| !empty.contains(word)).collect();
    let named = split(&telling);
    let rest = named.as_ref().map_or(&telling, |(_, rest)| rest).join("-");
    let is_alone = named.is_none() && FOUNDATION_ALONE.contains(&telling.join("-").as_str());
    if is_alone || FOUNDATION.contains(&rest.as_str()) || unit.split('/').next() == Some("Security") {
        return Err(("is one of the organization's own, and no domain's".to_owned(), false));
    }
    let units: Vec<&str> = unit.split('/').rev().filter(|part| !part.is_empty()).collect();
    let tagged = ENVIRONMENT_TAGS.iter().find_map(|key| tag(member, key)).and_then(|value| {
        let words = words(value);
        let custom = || name(&words).filter(|name| name.len() <= LONGEST_ENVIRONMENT);
        environment(&words).map(str::to_owned).or_else(custom)
    });
    let by_name = named.as_ref().map(|(environment, _)| *environment);
    let by_unit = units.iter().find_map(|part| environment(&words(part)));
    let environment = match (tagged, by_name, by_unit) {
        (Some(tagged), ..) => tagged,
        (None, Some(name), Some(unit)) if name != unit => {
            return Err((format!("is called `{name}` by its name and `{unit}` by its unit"), true));
        }
        (None, Some(found), _) | (None, None, Some(found)) => found.to_owned(),
        (None, None, None) => return Err(("says nowhere which environment it is".to_owned(), true)),
    };
    let domains = domains(member, &units, named.map_or(telling, |(_, rest)| rest));
    if domains.is_empty() {
        return Err(("says nowhere which domain it belongs to".to_owned(), true));
    }
    Ok((environment, domains))
}

/// What the domain could be called: as a tag says, as the name says, as the unit says, as unit and name say together.
fn domains(member: &Member, units: &[&str], rest: Vec<String>) -> Vec<String> {
    let tagged = DOMAIN_TAGS.iter().find_map(|key| tag(member, key)).and_then(slug);
    let own = |part: &&&str| {
        let words = words(part);
        environment(&words).is_none()
            && split(&words).is_none_or(|(_, rest)| !rest.is_empty())
            && !PLAIN_UNITS.contains(&words.join("-").as_str())
    };
    let unit: Vec<String> = units.iter().find(own).map(|part| words(part)).unwrap_or_default();
    let together: Vec<String> = unit.iter().chain(&rest).cloned().collect();
    let mut domains = Vec::new();
    for candidate in [tagged, name(&rest), name(&unit), name(&together)].into_iter().flatten() {
        if !domains.contains(&candidate) {
            domains.push(candidate);
        }
    }
    // A unit names what is in it only where the account does not say more.
    if !rest.is_empty() && !unit.is_empty() {
        domains.retain(|candidate| Some(candidate) != name(&unit).as_ref() || Some(candidate) == name(&rest).as_ref());
    }
    domains
}

/// A key that groundwork has set.
fn key_of(text: &str) -> Option<(String, Vec<String>)> {
    let key: AccountKey = text.parse().ok()?;
    let is_name = |text: &str| {
        text.len() <= 40
            && !text.ends_with('-')
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let is_key = is_name(key.domain()) && is_name(key.environment());
    is_key.then(|| (key.environment().to_owned(), vec![key.domain().to_owned()]))
}
