//! From what AWS Organizations holds to a domains.toml that adopts it. Pure: a snapshot in, a proposal out.
//!
//! ```text
//! snapshot ── sort out ── read names, tags, units ── tell apart ── what it is called, where it is ── Proposal
//! ```
//! What is adopted stays as it is: its name, its e-mail, its unit. What cannot be made out is left out and said, because
//! an account that is not in domains.toml is not touched, and a wrong guess would be.

mod place;
mod reading;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use crate::organization::AccountKey;
use crate::snapshot::{KEY_TAG, Member, Snapshot};
use reading::Reading;
use words::{most_common, slug};

/// The team that gets domains whose accounts do not say who owns them.
const NOBODYS: &str = "platform";

/// How many of many are named in one line.
const MOST_NAMED: usize = 10;

/// Tags that say who owns an account, the first that is there.
const TEAM_TAGS: [&str; 5] = ["team", "owner", "squad", "owned-by", "owning-team"];

/// What domains.toml is to say of accounts that exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The organization's management account.
    pub management_account: String,
    /// The pattern of e-mails of accounts that are made from now on.
    pub email: String,
    /// In the order in which changes go through them.
    pub environments: Vec<Environment>,
    /// E-mails by name.
    pub teams: BTreeMap<String, String>,
    /// By name.
    pub domains: BTreeMap<String, Domain>,
    /// Accounts that are in no domain, and why.
    pub left_out: Vec<LeftOut>,
    /// What somebody should look at.
    pub notes: Vec<String>,
}

/// An environment, and what most of its accounts have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// The pattern of the names of its accounts, where it is not the built-in one.
    pub account_name: Option<String>,
    /// The unit that most of its accounts are in.
    pub unit: Option<String>,
}

/// A domain whose accounts exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domain {
    /// Who stewards it.
    pub team: String,
    /// By environment.
    pub accounts: BTreeMap<String, Adopted>,
}

/// An account that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adopted {
    /// Twelve digits.
    pub id: String,
    /// Its e-mail, which AWS does not let follow.
    pub email: String,
    /// Its name by AWS's word.
    pub name: String,
    /// Its name, where no pattern gives it.
    pub account_name: Option<String>,
    /// Its unit, where it is not its environment's.
    pub unit: Option<String>,
}

/// An account that is not adopted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Twelve digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The path of its unit; empty for the root.
    pub unit: String,
    /// Why: a clause that goes on from "it".
    pub reason: String,
    /// Whether somebody has something to decide.
    pub undecided: bool,
}

impl std::fmt::Display for LeftOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = if self.unit.is_empty() { "the root" } else { &self.unit };
        write!(f, "{} `{}` in {unit}: it {}", self.id, self.name, self.reason)
    }
}

/// Proposes how to adopt what a snapshot holds, for an organization of that name.
pub fn propose(snapshot: &Snapshot, organization: &str) -> Proposal {
    let mut proposal = Proposal { management_account: snapshot.management_account.clone(), ..Proposal::default() };
    let (readings, left_out) = reading::read(snapshot, organization);
    proposal.left_out = left_out;
    let mut told = tell_apart(readings, &mut proposal.left_out);
    contested(snapshot, &mut told, &mut proposal.left_out);
    let host = mail_host(told.values().map(|reading| reading.member));
    proposal.email = email_pattern(&told, &host);
    place::fill_in(&told, &mut proposal);
    teams(&told, &host, &mut proposal);
    proposal.left_out.sort();
    proposal
}

/// Gives every account a key of its own. Where two would have the same, both try what else they could be called; those
/// that have nothing else are left out.
fn tell_apart<'a>(mut readings: Vec<Reading<'a>>, left_out: &mut Vec<LeftOut>) -> BTreeMap<AccountKey, Reading<'a>> {
    loop {
        let mut keys: BTreeMap<AccountKey, Vec<usize>> = BTreeMap::new();
        for (index, reading) in readings.iter().enumerate() {
            keys.entry(reading.key()).or_default().push(index);
        }
        let shared: Vec<&Vec<usize>> = keys.values().filter(|indexes| indexes.len() > 1).collect();
        if shared.is_empty() {
            return readings.into_iter().map(|reading| (reading.key(), reading)).collect();
        }
        let mut tried_more = false;
        for index in shared.iter().flat_map(|indexes| indexes.iter()) {
            tried_more |= readings[*index].try_next();
        }
        if tried_more {
            continue;
        }
        let hopeless: BTreeMap<usize, String> = keys
            .iter()
            .filter(|(_, indexes)| indexes.len() > 1)
            .flat_map(|(key, indexes)| {
                let readings = &readings;
                indexes.iter().map(move |index| {
                    let others = indexes.iter().filter(|other| *other != index);
                    let ids = others.map(|other| readings[*other].member.id.clone());
                    (*index, format!("would be `{key}`, and so would {}", some(indexes.len() - 1, ids)))
                })
            })
            .collect();
        let mut kept = Vec::new();
        for (index, reading) in readings.into_iter().enumerate() {
            match hopeless.get(&index) {
                Some(reason) => left_out.push(reading.left_out(reason)),
                None => kept.push(reading),
            }
        }
        readings = kept;
    }
}

/// The first of so many names, and how many more there are: with thousands of accounts a line of all would not be read, and a
/// line of all for each of them not be written.
fn some(number: usize, names: impl Iterator<Item = String>) -> String {
    let mut shown: Vec<String> = names.take(MOST_NAMED).collect();
    let more = number - shown.len();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown.join(", ")
}

/// Leaves out accounts whose key is the tag of another: who is who would have to be guessed.
fn contested(snapshot: &Snapshot, told: &mut BTreeMap<AccountKey, Reading<'_>>, left_out: &mut Vec<LeftOut>) {
    let mut tagged: BTreeMap<&str, Vec<&Member>> = BTreeMap::new();
    for member in &snapshot.accounts {
        if let Some(key) = member.tags.get(KEY_TAG) {
            tagged.entry(key).or_default().push(member);
        }
    }
    told.retain(|key, reading| {
        let all = tagged.get(key.to_string().as_str()).map(Vec::as_slice).unwrap_or_default();
        let others: Vec<&str> =
            all.iter().filter(|member| member.id != reading.member.id).map(|member| member.id.as_str()).collect();
        if !others.is_empty() {
            let who = others.join(", ");
            left_out.push(reading.left_out(&format!("would be `{key}`, and that is the tag `{KEY_TAG}` of {who}")));
        }
        others.is_empty()
    });
}

/// Where most of the e-mails go to.
fn mail_host<'a>(members: impl Iterator<Item = &'a Member>) -> String {
    let hosts = members.filter_map(|member| Some(member.email.rsplit_once('@')?.1.to_lowercase()));
    most_common(hosts.filter(|host| is_host(host))).unwrap_or_default()
}

fn is_host(text: &str) -> bool {
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    text.contains('.') && text.split('.').all(is_label)
}

/// The pattern that more than half of the e-mails follow, or else the usual one.
fn email_pattern(told: &BTreeMap<AccountKey, Reading<'_>>, host: &str) -> String {
    let pattern = |(key, reading): (&AccountKey, &Reading<'_>)| {
        let (local, own_host) = reading.member.email.split_once('@')?;
        let filled = place::pattern(local, key).filter(|_| is_host(own_host))?;
        filled.contains("{domain}").then(|| format!("{filled}@{own_host}")).filter(|it| it.contains("{environment}"))
    };
    let patterns: Vec<String> = told.iter().filter_map(pattern).collect();
    let common = most_common(patterns.iter().cloned());
    let half = |common: &String| patterns.iter().filter(|pattern| *pattern == common).count() * 2 > told.len();
    common.filter(half).unwrap_or_else(|| {
        let host = if host.is_empty() { "example.com" } else { host };
        format!("aws+{{domain}}-{{environment}}@{host}")
    })
}

/// Who stewards each domain: what the tags of most of its accounts say.
fn teams(told: &BTreeMap<AccountKey, Reading<'_>>, host: &str, proposal: &mut Proposal) {
    let host = if host.is_empty() { "example.com" } else { host };
    let mut owners: BTreeMap<&str, Vec<(String, Option<String>)>> = BTreeMap::new();
    for (key, reading) in told {
        let owner = TEAM_TAGS.iter().find_map(|tag| words::tag(reading.member, tag)).and_then(owner);
        owners.entry(key.domain()).or_default().extend(owner);
    }
    let (mut nobodys, mut guessed) = (Vec::new(), BTreeSet::new());
    for (name, owners) in owners {
        let team = most_common(owners.iter().map(|(team, _)| team.clone()));
        let known: BTreeSet<&str> = owners.iter().map(|(team, _)| team.as_str()).collect();
        if known.len() > 1 {
            let known: Vec<&str> = known.into_iter().collect();
            proposal.notes.push(format!("domain `{name}`: its accounts name several owners: {}", known.join(", ")));
        }
        let email = owners.iter().find_map(|(own, email)| email.clone().filter(|_| Some(own) == team.as_ref()));
        if team.is_none() {
            nobodys.push(name);
        } else if email.is_none() {
            guessed.extend(team.clone());
        }
        let team = team.unwrap_or_else(|| NOBODYS.to_owned());
        let entry = proposal.teams.entry(team.clone());
        let known = entry.or_insert_with(|| email.clone().unwrap_or_else(|| format!("{team}@{host}")));
        if let Some(email) = email {
            *known = email;
        }
        if let Some(domain) = proposal.domains.get_mut(name) {
            domain.team = team;
        }
    }
    if proposal.teams.is_empty() {
        proposal.teams.insert(NOBODYS.to_owned(), format!("{NOBODYS}@{host}"));
    }
    if !nobodys.is_empty() {
        proposal.notes.push(format!(
            "no tag says who owns {}: they are given to team `{NOBODYS}`",
            some(nobodys.len(), nobodys.iter().map(|name| format!("`{name}`")))
        ));
    }
    if !guessed.is_empty() {
        let teams = guessed.iter().map(|team| format!("`{team}`")).collect::<Vec<_>>().join(", ");
        proposal.notes.push(format!("the e-mails of these teams are made up: {teams}"));
    }
}

/// A team's name, and its e-mail where the owner is one.
fn owner(text: &str) -> Option<(String, Option<String>)> {
    match text.split_once('@') {
        Some((local, host)) if is_host(host) && !local.contains(char::is_whitespace) => {
            Some((slug(local)?, Some(text.to_owned())))
        }
        _ => Some((slug(text)?, None)),
    }
}

#[cfg(test)]
mod tests;
