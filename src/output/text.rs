//! A review for a terminal: what one has to know, and where to read the rest.

use std::fmt::Write as _;

use super::accounts::list;
use super::words;
use crate::review::Review;
use crate::review::model::{Pattern, PatternChange, Severity, State};
use crate::text::{Count, inert};

/// Accounts that are named; the rest are counted.
const MOST_NAMED: usize = 6;

/// Changes that are listed for a pattern; the rest are counted.
const MOST_CHANGES: usize = 5;

/// The review in a few lines for every danger, message, outlier and pattern.
pub fn to_text(review: &Review) -> String {
    let mut text = format!("{}\n", words::headline(review));
    let code = |text: &str| format!("`{}`", line(text));
    section(
        &mut text,
        "Dangers",
        review.dangers.iter().map(|danger| {
            let protected = if danger.protected { "protected: " } else { "" };
            let mut one = format!(
                "{protected}{} {} in {}",
                words::does_what(danger),
                line(&danger.address),
                list(&danger.accounts, review, usize::MAX, &line)
            );
            let because = words::because(&danger.forced_by, danger.reason.as_deref(), &code);
            for why in Some(because)
                .filter(|text| !text.is_empty())
                .into_iter()
                .chain(danger.details.iter().map(|detail| line(detail)))
            {
                write!(one, "\n      {why}").ok();
            }
            one
        }),
    );
    section(
        &mut text,
        "Policy",
        review.policy.iter().map(|verdict| {
            let level = match verdict.severity {
                Severity::Deny => "deny",
                Severity::Violation => "violation",
                Severity::Error => "not judged",
                Severity::Warn => "warn",
            };
            let place = if verdict.accounts.is_empty() {
                String::new()
            } else {
                format!(" in {}", accounts(&verdict.accounts, review))
            };
            format!("{level}: {}{place} ({})", line(&verdict.message), line(&verdict.policy))
        }),
    );
    let halves = review.accounts.iter().filter(|account| matches!(account.state, State::Errored | State::Incomplete));
    let new: Vec<String> = review
        .accounts
        .iter()
        .filter(|account| account.state == State::New)
        .map(|account| account.key.clone())
        .collect();
    section(
        &mut text,
        "New",
        (!new.is_empty())
            .then(|| format!("{}: will be created, then what their root modules declare", accounts(&new, review)))
            .into_iter(),
    );
    let missing =
        review.not_planned.iter().map(|missing| format!("{}: {}", line(&missing.account), line(&missing.reason)));
    section(
        &mut text,
        "Not planned, or not wholly",
        missing.chain(halves.map(|account| format!("{}: {}", line(&account.key), words::state(account.state)))),
    );
    section(
        &mut text,
        "Outliers",
        review.outliers.iter().map(|outlier| {
            let name = review.pattern(&outlier.nearest).map_or("?", |pattern| pattern.name.as_str());
            let differences: Vec<String> = outlier
                .differences
                .iter()
                .map(|difference| format!("\n      {}", words::difference(difference, &code)))
                .collect();
            format!("{} as pattern {name}, and{}", line(&outlier.account), differences.concat())
        }),
    );
    let common = review.common.iter().map(|common| {
        let names = match common.patterns.len() {
            number if number == review.patterns.len() => "all patterns".to_owned(),
            number => Count(number, "pattern").to_string(),
        };
        let count = Count(common.accounts, "account");
        format!("in {names}, {count}: {}{}", words::tally(&common.totals), changes(common.changes.iter()))
    });
    section(&mut text, "The same", common);
    section(&mut text, "Patterns", review.patterns.iter().map(|one| pattern(one, review)));
    section(
        &mut text,
        "Drift",
        review.drift.iter().map(|pattern| {
            let resources: Vec<String> = pattern.changes.iter().map(|change| words::drifted(change, &line)).collect();
            format!("{}\n      in {}", resources.join("\n  "), accounts(&pattern.accounts, review))
        }),
    );
    text
}

/// One pattern: whom it is about, and what is not the same in others as well.
fn pattern(pattern: &Pattern, review: &Review) -> String {
    let same = pattern.same_shape.as_ref().and_then(|same| review.pattern(&same.pattern));
    let differ = match (same, pattern.varying.len()) {
        (Some(other), _) => format!(", as {} with other values", other.name),
        (None, 0) => String::new(),
        (None, number) => format!(", {} not the same in all", Count(number, "value")),
    };
    let common = review.common.as_ref().filter(|common| common.patterns.contains(&pattern.id));
    let shared = |change: &&PatternChange| common.is_some_and(|common| common.changes.contains(change));
    // What another pattern of the same shape does has been said there.
    let own = pattern.changes.iter().filter(|change| same.is_none() && !shared(change));
    format!(
        "{}  {}: {}{differ}\n      in {}{}",
        pattern.name,
        Count(pattern.accounts.len(), "account"),
        words::tally(&pattern.totals),
        accounts(&pattern.accounts, review),
        changes(own)
    )
}

/// The first few changes, a line each, and how many more there are.
fn changes<'a>(changes: impl Iterator<Item = &'a PatternChange>) -> String {
    let changes: Vec<&PatternChange> = changes.collect();
    let mut text = String::new();
    for change in changes.iter().take(MOST_CHANGES) {
        write!(text, "\n      {} {}", words::does(&change.action, &line), line(&change.address)).ok();
    }
    if changes.len() > MOST_CHANGES {
        write!(text, "\n      and {}", Count(changes.len() - MOST_CHANGES, "more change")).ok();
    }
    text
}

fn section(text: &mut String, heading: &str, lines: impl Iterator<Item = String>) {
    for (index, line) in lines.enumerate() {
        if index == 0 {
            writeln!(text, "\n{heading}").ok();
        }
        writeln!(text, "  {line}").ok();
    }
}

fn line(text: &str) -> String {
    inert(text).replace('\n', "\\n")
}

fn accounts(keys: &[String], review: &Review) -> String {
    list(keys, review, MOST_NAMED, &line)
}
