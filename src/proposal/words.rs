//! What words in names, tags and units mean.

use std::collections::BTreeMap;

use crate::snapshot::Member;

/// The longest name that is made up: with an environment's behind it, it still fits an account's name.
const LONGEST: usize = 32;

/// Environments in the order in which changes go through them, with the words they are known by.
const ENVIRONMENTS: [(&str, &[&str]); 10] = [
    ("sandbox", &["sandbox", "sbx", "playground"]),
    ("dev", &["dev", "development", "develop"]),
    ("test", &["test", "testing", "tst"]),
    ("qa", &["qa"]),
    ("int", &["int", "integration"]),
    ("nonprod", &["nonprod", "nonproduction", "non prod", "non production"]),
    ("stage", &["stage", "staging", "stg"]),
    ("uat", &["uat"]),
    ("preprod", &["preprod", "preproduction", "pre prod", "pre production"]),
    ("prod", &["prod", "production", "prd", "live"]),
];

/// Where an environment comes in the order of all; one that nobody knows comes before production.
pub(super) fn rank(environment: &str) -> usize {
    let known = ENVIRONMENTS.iter().position(|(name, _)| *name == environment);
    known.map_or(2 * ENVIRONMENTS.len() - 3, |index| 2 * index)
}

/// Lower-case words of letters and digits: `AcmeSearch_Prod (EU)` is acme, search, prod, eu.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let characters: Vec<char> = text.chars().collect();
    for (index, character) in characters.iter().enumerate() {
        let neighbour = |at: Option<usize>| at.and_then(|at| characters.get(at)).copied().unwrap_or(' ');
        let (before, after) = (neighbour(index.checked_sub(1)), neighbour(Some(index + 1)));
        let starts = character.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || before.is_ascii_uppercase() && after.is_ascii_lowercase());
        if starts || !character.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character.is_ascii_alphanumeric()) {
            word.push(character.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The words as a name that domains.toml takes, if they make one.
pub(super) fn name(words: &[String]) -> Option<String> {
    let mut name = words.join("-");
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        name.insert_str(0, "d-");
    }
    name.truncate(LONGEST);
    let name = name.trim_end_matches('-');
    name.starts_with(|first: char| first.is_ascii_lowercase()).then(|| name.to_owned())
}

/// A text as a name that domains.toml takes, if it makes one.
pub(super) fn slug(text: &str) -> Option<String> {
    name(&words(text))
}

/// The environment that all of these words together are.
pub(super) fn environment(words: &[String]) -> Option<&'static str> {
    let joined = words.join(" ");
    ENVIRONMENTS.iter().find(|(_, known)| known.contains(&joined.as_str())).map(|(name, _)| *name)
}

/// The environment that a name speaks of, and the words without it. What stands last counts, then what stands first, then
/// what is the only one.
pub(super) fn split(words: &[String]) -> Option<(&'static str, Vec<String>)> {
    // The longer one first: `non prod` is not `prod`.
    let at = |start: usize| {
        [2, 1].into_iter().find_map(|length| {
            let end = start.checked_add(length).filter(|end| *end <= words.len())?;
            Some((environment(&words[start..end])?, start, end))
        })
    };
    let found: Vec<(&str, usize, usize)> = (0..words.len()).filter_map(at).collect();
    // `prod` in `non prod` is none of its own.
    let inside = |one: &(&str, usize, usize)| found.iter().any(|other| other.1 < one.1 && one.2 <= other.2);
    let found: Vec<_> = found.iter().filter(|one| !inside(one)).collect();
    let last = found.iter().find(|one| one.2 == words.len());
    let first = found.iter().find(|one| one.1 == 0);
    let only = found.first().filter(|_| found.len() == 1);
    let (environment, start, end) = **last.or(first).or(only)?;
    Some((environment, [&words[..start], &words[end..]].concat()))
}

/// A tag's value, whatever the case of its key and whatever joins the words of that.
pub(super) fn tag<'a>(member: &'a Member, key: &str) -> Option<&'a str> {
    let plain = |text: &str| text.replace(['_', '-', ' '], "").to_lowercase();
    let found = member.tags.iter().find(|(name, _)| plain(name) == plain(key));
    found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

/// What there is most of; of two that there is as much of, the smaller.
pub(super) fn most_common(items: impl Iterator<Item = String>) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(item, _)| item)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words() {
        for (text, expected) in [
            ("Acme Search (Production)", "acme search production"),
            ("search_production", "search production"),
            ("AcmeSearchProd", "acme search prod"),
            ("AWSProd-2", "aws prod 2"),
            ("  --  ", ""),
            ("büro", "b ro"),
        ] {
            assert_eq!(words(text).join(" "), expected);
        }
    }

    #[test]
    fn an_environment_is_found_wherever_it_stands() {
        let of =
            |text: &str| split(&words(text)).map(|(environment, rest)| format!("{environment}: {}", rest.join("-")));
        for (text, expected) in [
            ("prod-search", Some("prod: search")),
            ("search-prod", Some("prod: search")),
            ("search-prod-2", Some("prod: search-2")),
            ("Search Non-Prod", Some("nonprod: search")),
            ("pre-production search", Some("preprod: search")),
            ("live-streaming-prod", Some("prod: live-streaming")),
            ("dev-tools-prod", Some("prod: dev-tools")),
            ("a dev b prod c", None),
            ("Production", Some("prod: ")),
            ("data lake", None),
        ] {
            assert_eq!(of(text).as_deref(), expected, "{text}");
        }
    }
}
