//! Many accounts' digests in, one judgement out.
//!
//! ```text
//! subjects ─ items ─ normal (tokens) ─┬─ group ── patterns, outliers ─┐
//!                                     └─ danger ──────────────────────┼─ Review ─ outputs
//! policy ── verdicts ─────────────────────────────────────────────────┘
//! ```
//! Pure: no reading, no printing, no format. What a digest does not hold cannot be in a review, so nothing secret is.

mod common;
mod danger;
mod drift;
mod gate;
mod group;
mod item;
pub mod model;
mod normal;
mod outlier;
mod roster;
mod since;
mod subject;
mod tokens;

pub use drift::drifted;
pub use gate::FailOn;
pub use model::Review;
pub use roster::{Planned, expected, protect, roster};
pub use since::{Earlier, since};
pub use subject::{About, Subject};

use std::collections::{HashMap, HashSet};

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use crate::digest::Digest;
use danger::Dangers;
use group::{Member, group, tally};
use item::Item;
use model::{Account, NotPlanned, PatternChange, SCHEMA_VERSION, State};
use normal::{Normal, normalise};

/// Reviews accounts. They may come in any order; the review does not depend on it.
pub fn review(mut subjects: Vec<Subject>) -> Review {
    subjects.sort_by(|a, b| a.key.cmp(&b.key));
    let tokens = tokens::tokens(&subjects);
    let items = |of: fn(&Digest) -> Vec<Item>| -> Vec<Vec<Item>> {
        subjects.par_iter().map(|subject| subject.digest.as_ref().map(of).unwrap_or_default()).collect()
    };
    let mut normals = normalise(items(item::items), &tokens);
    let mut review = Review { schema_version: SCHEMA_VERSION, ..Review::default() };
    let mut dangers = Dangers::default();
    for (subject, normal) in subjects.iter().zip(&normals) {
        for (change, why) in &normal.dangers {
            dangers.add(&subject.key, subject.about.protected, change, why);
        }
        if let Err(reason) = &subject.digest {
            review.not_planned.push(NotPlanned { account: subject.key.clone(), reason: reason.clone() });
        }
        let account = account(subject, normal);
        review.totals += account.totals;
        review.accounts.push(account);
    }
    review.dangers = dangers.into_list();
    (review.patterns, review.outliers) =
        group(members(&subjects, &mut normals), &|key| own(&subjects, key, item::items));
    review.common = common::common(&review.patterns);
    let mut drifted = normalise(items(item::drift), &tokens);
    // What drifted in one account alone is a pattern like any other: there is nothing to follow.
    (review.drift, _) = group(members(&subjects, &mut drifted), &|key| own(&subjects, key, item::drift));
    assign(&mut review);
    review
}

fn members<'a>(subjects: &'a [Subject], normals: &mut [Normal]) -> Vec<Member<'a>> {
    let pairs = subjects.iter().zip(normals).filter(|(_, normal)| !normal.changes.is_empty());
    let member = |(subject, normal): (&'a Subject, &mut Normal)| Member {
        key: &subject.key,
        new: subject.digest.as_ref().is_ok_and(|digest| digest.new_account),
        changes: std::mem::take(&mut normal.changes),
    };
    pairs.map(member).collect()
}

/// An account's changes with its own values.
fn own(subjects: &[Subject], key: &str, of: fn(&Digest) -> Vec<Item>) -> Vec<PatternChange> {
    let found = subjects.binary_search_by(|subject| subject.key.as_str().cmp(key)).ok().map(|index| &subjects[index]);
    let digest = found.and_then(|subject| subject.digest.as_ref().ok());
    let mut changes: Vec<PatternChange> =
        digest.map(of).unwrap_or_default().into_iter().map(|item| item.change).collect();
    changes.sort();
    changes
}

fn account(subject: &Subject, normal: &Normal) -> Account {
    let digest = subject.digest.as_ref().ok();
    let (domain, environment) = subject.about.place.clone().unzip();
    Account {
        key: subject.key.clone(),
        domain,
        environment,
        team: subject.about.team.clone(),
        protected: subject.about.protected,
        state: digest.map_or(State::NotPlanned, state),
        fingerprint: digest.map(|digest| digest.fingerprint.clone()),
        pattern: None,
        values: normal.values.clone(),
        outlier: false,
        totals: tally(&normal.changes),
        checks: digest.map(checks).unwrap_or_default(),
    }
}

fn state(digest: &Digest) -> State {
    if digest.new_account {
        State::New
    } else if digest.errored == Some(true) {
        State::Errored
    } else if digest.complete == Some(false) || !digest.deferred.is_empty() {
        State::Incomplete
    } else if digest.is_empty() {
        State::Unchanged
    } else {
        State::Planned
    }
}

fn checks(digest: &Digest) -> Vec<String> {
    let mut texts = Vec::new();
    for check in &digest.checks {
        if check.messages.is_empty() {
            texts.push(format!("{}: {}", check.address, check.status));
        }
        texts.extend(check.messages.iter().map(|message| format!("{}: {message}", check.address)));
    }
    texts
}

/// Tells every account which pattern it follows.
fn assign(review: &mut Review) {
    let mut patterns: HashMap<&str, &str> = HashMap::new();
    for pattern in &review.patterns {
        patterns.extend(pattern.accounts.iter().map(|key| (key.as_str(), pattern.id.as_str())));
    }
    let outliers: HashSet<&str> = review.outliers.iter().map(|outlier| outlier.account.as_str()).collect();
    for account in &mut review.accounts {
        account.pattern = patterns.get(account.key.as_str()).map(|id| (*id).to_owned());
        account.outlier = outliers.contains(account.key.as_str());
    }
}
