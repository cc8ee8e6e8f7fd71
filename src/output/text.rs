//! A review for a terminal: what one has to know, and where to read the rest.

use std::fmt::Write as _;

use super::accounts::list;
use super::words;
use crate::review::Review;
use crate::review::model::{Severity, State};
use crate::text::{Count, inert};

/// Accounts that are named; the rest are counted.
const MOST_NAMED: usize = 6;

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
                accounts(&danger.accounts, review)
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
    section(
        &mut text,
        "Patterns",
        review.patterns.iter().map(|pattern| {
            let same = pattern.same_shape.as_ref().and_then(|same| review.pattern(&same.pattern));
            let differ = match (same, pattern.varying.len()) {
                (Some(other), _) => format!(", as {} with other values", other.name),
                (None, 0) => String::new(),
                (None, number) => format!(", {} not the same in all", Count(number, "value")),
            };
            format!(
                "{}  {}: {}{differ}\n      {}",
                pattern.name,
                Count(pattern.accounts.len(), "account"),
                words::tally(&pattern.totals),
                accounts(&pattern.accounts, review)
            )
        }),
    );
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
