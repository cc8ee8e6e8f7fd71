//! Many accounts in few words.

use std::collections::BTreeMap;

use crate::review::Review;

/// A group of accounts, as people would name it.
#[derive(Debug, PartialEq, Eq)]
enum Named<'a> {
    /// Every account under review.
    All(usize),
    /// Every account of that environment.
    Environment(&'a str, usize),
    /// One account.
    One(&'a str),
}

/// Names `keys` in as few words as say exactly which they are.
fn named<'a>(keys: &'a [String], review: &'a Review) -> Vec<Named<'a>> {
    if keys.len() == review.accounts.len() && keys.len() > 2 {
        return vec![Named::All(keys.len())];
    }
    let mut there: BTreeMap<&str, usize> = BTreeMap::new();
    for account in &review.accounts {
        if let Some(environment) = &account.environment {
            *there.entry(environment).or_default() += 1;
        }
    }
    let environment = |key: &str| review.account(key).and_then(|account| account.environment.as_deref());
    let mut here: BTreeMap<&str, usize> = BTreeMap::new();
    for environment in keys.iter().filter_map(|key| environment(key)) {
        *here.entry(environment).or_default() += 1;
    }
    let whole = |environment: Option<&str>| {
        environment
            .is_some_and(|name| here.get(name) == there.get(name) && here.get(name).is_some_and(|number| *number > 2))
    };
    let environments = here.iter().filter(|(name, _)| whole(Some(name)));
    let mut named: Vec<Named<'_>> = environments.map(|(name, number)| Named::Environment(name, *number)).collect();
    named.extend(keys.iter().filter(|key| !whole(environment(key))).map(|key| Named::One(key)));
    named
}

/// The same as a list of at most `most` names, the rest counted; `code` is around what comes from elsewhere.
pub(super) fn list(keys: &[String], review: &Review, most: usize, code: &dyn Fn(&str) -> String) -> String {
    let named = named(keys, review);
    let mut parts: Vec<String> = named
        .iter()
        .take(most)
        .map(|name| match name {
            Named::All(number) => format!("all {number} accounts"),
            Named::Environment(name, number) => format!("all {number} of {}", code(name)),
            Named::One(key) => code(key),
        })
        .collect();
    if named.len() > most {
        parts.push(format!("{} more", named.len() - most));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::model::Account;

    #[test]
    fn whole_environments_are_named_as_such() {
        let keys = ["a/dev", "a/prod", "b/dev", "b/prod", "c/dev", "c/prod"].map(str::to_owned);
        let accounts = keys.iter().map(|key| Account {
            key: key.clone(),
            environment: key.split_once('/').map(|(_, environment)| environment.to_owned()),
            ..Account::default()
        });
        let review = Review { accounts: accounts.collect(), ..Review::default() };
        assert_eq!(named(&keys, &review), [Named::All(6)]);
        let some = ["a/prod", "b/dev", "b/prod", "c/prod"].map(str::to_owned);
        assert_eq!(named(&some, &review), [Named::Environment("prod", 3), Named::One("b/dev")]);
    }
}
