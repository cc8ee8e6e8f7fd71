//! What accounts are called and where they are, said as briefly as it goes: once per environment where most agree, and
//! per account where it differs.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::Reading;
use super::words::{most_common, rank};
use super::{Adopted, Environment, Proposal, some};
use crate::organization::AccountKey;

/// The built-in pattern of names.
const USUAL_NAME: &str = "{domain}-{environment}";

/// How long AWS lets a name be, and how deep and how long domains.toml lets a unit be.
const LONGEST_NAME: usize = 50;
const DEEPEST_UNIT: usize = 5;
const LONGEST_UNIT: usize = 128;

/// How domains.toml writes the root.
const ROOT: &str = "/";

/// Environments, domains and their accounts.
pub(super) fn fill_in(told: &BTreeMap<AccountKey, Reading<'_>>, proposal: &mut Proposal) {
    let mut names: Vec<&str> = told.keys().map(AccountKey::environment).collect();
    names.sort_by_key(|name| (rank(name), *name));
    names.dedup();
    proposal.environments = names.into_iter().map(|name| environment(name, told)).collect();
    let environments: BTreeMap<String, Environment> =
        proposal.environments.iter().map(|environment| (environment.name.clone(), environment.clone())).collect();
    for environment in proposal.environments.iter().filter(|environment| environment.unit.is_none()) {
        let name = &environment.name;
        proposal.notes.push(format!(
            "environment `{name}`: its accounts are not in one unit; new ones would go to a unit `{name}`, unless you say `unit`"
        ));
    }
    let roots: Vec<&AccountKey> = told.iter().filter(|(_, it)| it.unit.is_empty()).map(|(key, _)| key).collect();
    if !roots.is_empty() {
        proposal.notes.push(format!(
            "in the root, where no guardrail of a unit reaches them, and left there: {}",
            some(roots.len(), roots.iter().map(|key| format!("`{key}`")))
        ));
    }
    let mut units = BTreeMap::new();
    for (key, reading) in told {
        let common =
            environments.get(key.environment()).and_then(|own| own.unit.as_deref()).map(|unit| filled(unit, key));
        let own = unit(&reading.unit);
        if own.is_none() {
            proposal.notes.push(format!(
                "`{key}`: the unit `{}` cannot be written in domains.toml; `organization plan` shows where it would be moved",
                reading.unit
            ));
        }
        let own = own.filter(|own| common.as_deref() != Some(own.as_str()));
        units.insert(key.clone(), own);
    }
    let mut account_names = account_names(told, &environments, &mut proposal.notes);
    for (key, reading) in told {
        let adopted = Adopted {
            id: reading.member.id.clone(),
            email: reading.member.email.clone(),
            name: reading.member.name.clone(),
            account_name: account_names.remove(key).flatten(),
            unit: units.remove(key).flatten(),
        };
        let domain = proposal.domains.entry(key.domain().to_owned()).or_default();
        domain.accounts.insert(key.environment().to_owned(), adopted);
    }
}

fn environment(name: &str, told: &BTreeMap<AccountKey, Reading<'_>>) -> Environment {
    let own: Vec<(&AccountKey, &Reading<'_>)> = told.iter().filter(|(key, _)| key.environment() == name).collect();
    let usual = own.iter().filter(|(key, reading)| filled(USUAL_NAME, key) == reading.member.name).count();
    let with_domain = |(key, reading): &(&AccountKey, &Reading<'_>)| {
        let written = Some(&reading.member.name).filter(|name| is_writable(name))?;
        let pattern = replace(written, key.domain(), "{domain}")?;
        (filled(&pattern, key) == *written).then_some(pattern)
    };
    let common = most_common(own.iter().filter_map(with_domain));
    let followers =
        |pattern: &String| own.iter().filter(|(key, reading)| filled(pattern, key) == reading.member.name).count();
    let unit_pattern = |(key, reading): &(&AccountKey, &Reading<'_>)| {
        // New accounts do not belong into the root, wherever the others are.
        let unit = unit(&reading.unit).filter(|unit| unit != ROOT)?;
        let part = |part: &str| if part == key.domain() { "{domain}".to_owned() } else { part.to_owned() };
        Some(unit.split('/').map(part).collect::<Vec<_>>().join("/"))
    };
    let placed = own.iter().filter_map(unit_pattern).count();
    let is_usual = |unit: &String| {
        let there = own.iter().filter(|it| unit_pattern(it).as_ref() == Some(unit)).count();
        there * 2 >= placed && (there > 1 || placed == 1)
    };
    Environment {
        name: name.to_owned(),
        account_name: common.filter(|pattern| followers(pattern) > usual.max(1)),
        unit: most_common(own.iter().filter_map(unit_pattern)).filter(is_usual),
    }
}

/// Names that no pattern gives. AWS lets two accounts have the same name, and domains.toml does not.
fn account_names(
    told: &BTreeMap<AccountKey, Reading<'_>>,
    environments: &BTreeMap<String, Environment>,
    notes: &mut Vec<String>,
) -> BTreeMap<AccountKey, Option<String>> {
    let mut taken = BTreeSet::new();
    let mut names = BTreeMap::new();
    let mut others = Vec::new();
    let by_pattern = |key: &AccountKey| {
        let own = environments.get(key.environment()).and_then(|environment| environment.account_name.as_deref());
        Some(filled(own.unwrap_or(USUAL_NAME), key)).filter(|name| is_writable(name))
    };
    for (key, reading) in told {
        let name = &reading.member.name;
        if is_writable(name) && taken.insert(name.to_lowercase()) {
            names.insert(key.clone(), Some(name.clone()).filter(|name| by_pattern(key).as_ref() != Some(name)));
        } else {
            others.push((key, reading));
        }
    }
    for (key, reading) in others {
        let usual = by_pattern(key).filter(|name| taken.insert(name.to_lowercase()));
        let own = if usual.is_some() { None } else { Some(format!("account {}", reading.member.id)) };
        let becomes = usual.as_ref().or(own.as_ref()).cloned().unwrap_or_default();
        notes.push(format!(
            "`{key}`: its name `{}` is not unique, or AWS would not take it today; it would be renamed to `{becomes}`",
            reading.member.name
        ));
        taken.extend(own.as_ref().map(|own| own.to_lowercase()));
        names.insert(key.clone(), own);
    }
    names
}

/// A text with the account's domain and environment replaced by what stands for them, each once.
pub(super) fn pattern(text: &str, key: &AccountKey) -> Option<String> {
    if text.contains(['{', '}']) {
        return None;
    }
    replace(text, key.domain(), "{domain}").and_then(|text| replace(&text, key.environment(), "{environment}"))
}

/// The text with one whole word replaced.
fn replace(text: &str, word: &str, by: &str) -> Option<String> {
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || "{}".contains(c));
    let at = text
        .match_indices(word)
        .map(|(at, _)| at)
        .find(|at| !is_part(text[..*at].chars().next_back()) && !is_part(text[at + word.len()..].chars().next()))?;
    Some(format!("{}{by}{}", &text[..at], &text[at + word.len()..]))
}

/// A pattern with an account's words filled in.
fn filled(pattern: &str, key: &AccountKey) -> String {
    pattern.replace("{domain}", key.domain()).replace("{environment}", key.environment())
}

/// Whether domains.toml takes it for a name as it is.
fn is_writable(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.chars().count())
        && !name.trim().is_empty()
        && name.chars().all(|c| (' '..='~').contains(&c) && !"<>{}".contains(c))
}

/// A unit as domains.toml takes it, if it does.
fn unit(path: &str) -> Option<String> {
    if path.is_empty() {
        return Some(ROOT.to_owned());
    }
    let parts: Vec<&str> = path.split('/').collect();
    let is_writable = parts.len() <= DEEPEST_UNIT
        && !path.contains(['{', '}'])
        && parts.iter().all(|part| !part.trim().is_empty() && part.chars().count() <= LONGEST_UNIT);
    is_writable.then(|| path.to_owned())
}
