//! Everything of a comment but the patterns.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::MARKER;
use super::budget::{Block, Level};
use super::escape::code;
use crate::output::{accounts, words};
use crate::review::Review;
use crate::review::model::{Danger, Outlier, Severity, State, Verdict};
use crate::text::Count;

/// Accounts that are named where nothing dangerous happens; the rest are counted.
const MOST_NAMED: usize = 4;

/// Differences of one outlier that are listed, dangerous ones aside.
const MOST_DIFFERENCES: usize = 12;

/// The headline and the totals.
pub(super) fn header(review: &Review) -> String {
    let mut text = format!("{MARKER}\n## {}\n\n", words::headline(review));
    let resources = words::tally(&review.totals);
    writeln!(text, "In all accounts together: {resources}.").ok();
    if review.policies_ran && review.policy.is_empty() {
        text.push_str("Every policy holds.\n");
    }
    if review.dangers.is_empty() {
        text.push_str("Nothing is destroyed, replaced, forgotten, opened or widened.\n");
    }
    text
}

/// Accounts by name. With `all` every one of them, otherwise the first few.
pub(super) fn named(keys: &[String], review: &Review, all: bool) -> String {
    accounts::list(keys, review, if all { usize::MAX } else { MOST_NAMED }, &code)
}

/// Dangers, those of protected accounts in a block of their own that gives way last.
pub(super) fn dangers(review: &Review) -> Vec<Block> {
    let (protected, others): (Vec<&Danger>, Vec<&Danger>) = review.dangers.iter().partition(|danger| danger.protected);
    let block = |dangers: &[&Danger], heading: &str, rank, name: &str| {
        if dangers.is_empty() {
            return None;
        }
        let whole = |line: &dyn Fn(&Danger) -> String| {
            let lines: String = dangers.iter().map(|danger| line(danger)).collect();
            format!("\n### {heading}\n{lines}")
        };
        let levels = vec![
            Level { text: whole(&|danger| danger_line(danger, review, true, true)), without: "" },
            Level { text: whole(&|danger| danger_line(danger, review, false, true)), without: "reasons" },
            Level {
                text: whole(&|danger| danger_line(danger, review, false, danger.protected)),
                without: "account names",
            },
            Level { text: format!("\n### {heading}\n{}", danger_counts(dangers)), without: "all but counts" },
        ];
        Some(Block { rank, name: name.to_owned(), levels })
    };
    [
        block(&protected, "Dangers in protected accounts", 5, "dangers in protected accounts"),
        block(&others, if protected.is_empty() { "Dangers" } else { "Dangers elsewhere" }, 4, "dangers"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn danger_line(danger: &Danger, review: &Review, reasons: bool, all: bool) -> String {
    let mut line = format!("- **{}** {}", words::does_what(danger), code(&danger.address));
    if let Some(deposed) = &danger.deposed {
        write!(line, " (deposed object {})", code(deposed)).ok();
    }
    write!(line, " in {}", named(&danger.accounts, review, all)).ok();
    if reasons {
        let because = words::because(&danger.forced_by, danger.reason.as_deref(), &code);
        let details = danger.details.iter().map(|detail| code(detail));
        let parts: Vec<String> = Some(because).filter(|text| !text.is_empty()).into_iter().chain(details).collect();
        if !parts.is_empty() {
            write!(line, ": {}", parts.join("; ")).ok();
        }
    }
    line.push('\n');
    line
}

fn danger_counts(dangers: &[&Danger]) -> String {
    let mut counts: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    for danger in dangers {
        let count = counts.entry(danger.worst()).or_default();
        count.0 += 1;
        count.1 += danger.accounts.len();
    }
    let line = |(kind, (resources, times)): (&crate::digest::DangerKind, &(usize, usize))| {
        format!("- **{}** {}, {} altogether\n", kind.words(), Count(*resources, "resource"), Count(*times, "time"))
    };
    counts.iter().map(line).collect()
}

/// What policies said.
pub(super) fn policy(review: &Review) -> Option<Block> {
    if review.policy.is_empty() {
        return None;
    }
    let line = |verdict: &Verdict| {
        let place = verdict.line.map_or_else(|| verdict.file.clone(), |line| format!("{}:{line}", verdict.file));
        let mut text = format!("- **{}** {}", severity(verdict.severity), code(&verdict.message));
        if !verdict.accounts.is_empty() {
            write!(text, " in {}", named(&verdict.accounts, review, verdict.severity.refuses())).ok();
        }
        if let Some(address) = &verdict.address {
            write!(text, ", {}", code(address)).ok();
        }
        writeln!(text, " ({}, {})", code(&verdict.policy), code(&place)).ok();
        text
    };
    let mut counts: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
    for verdict in &review.policy {
        *counts.entry((verdict.severity, &verdict.policy)).or_default() += 1;
    }
    let counted: String = counts
        .iter()
        .map(|((level, rule), number)| {
            format!("- **{}** {}: {}\n", severity(*level), code(rule), Count(*number, "message"))
        })
        .collect();
    let full: String = review.policy.iter().map(line).collect();
    let levels = vec![
        Level { text: format!("\n### Policy\n{full}"), without: "" },
        Level { text: format!("\n### Policy\n{counted}"), without: "messages" },
        Level { text: format!("\n### Policy\n- {}\n", Count(review.policy.len(), "message")), without: "rules" },
    ];
    Some(Block { rank: 3, name: "policy".to_owned(), levels })
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Deny => "deny",
        Severity::Violation => "violation",
        Severity::Error => "could not be judged",
        Severity::Warn => "warn",
    }
}

/// Accounts that do not exist yet.
pub(super) fn new(review: &Review) -> Option<Block> {
    let new = review.accounts.iter().filter(|account| account.state == State::New);
    let keys: Vec<String> = new.map(|account| account.key.clone()).collect();
    if keys.is_empty() {
        return None;
    }
    let heading = "\n### New accounts\n";
    let text = |names: &str| format!("{heading}{names}: will be created, then what their root modules declare.\n");
    let levels = vec![
        Level { text: text(&named(&keys, review, false)), without: "" },
        Level { text: text(&Count(keys.len(), "account").to_string()), without: "names" },
    ];
    Some(Block { rank: 2, name: "new accounts".to_owned(), levels })
}

/// Accounts without a plan, and those whose plan is not whole.
pub(super) fn not_planned(review: &Review) -> Option<Block> {
    let halves: Vec<_> =
        review.accounts.iter().filter(|account| matches!(account.state, State::Errored | State::Incomplete)).collect();
    if review.not_planned.is_empty() && halves.is_empty() {
        return None;
    }
    let heading = "\n### Not planned, or not wholly\n";
    let mut full = heading.to_owned();
    for missing in &review.not_planned {
        writeln!(full, "- {}: {}", code(&missing.account), code(&missing.reason)).ok();
    }
    for account in &halves {
        writeln!(full, "- {}: {}", code(&account.key), words::state(account.state)).ok();
    }
    let keys: Vec<String> = review
        .not_planned
        .iter()
        .map(|missing| missing.account.clone())
        .chain(halves.iter().map(|account| account.key.clone()))
        .collect();
    let names = format!("{heading}- {}\n", named(&keys, review, true));
    let levels = vec![
        Level { text: full, without: "" },
        Level { text: names, without: "reasons" },
        Level { text: format!("{heading}- {}\n", Count(keys.len(), "account")), without: "names" },
    ];
    Some(Block { rank: 3, name: "accounts that are not planned".to_owned(), levels })
}

/// Checks that did not pass.
pub(super) fn checks(review: &Review) -> Option<Block> {
    let mut by_text: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for account in &review.accounts {
        for check in &account.checks {
            by_text.entry(check).or_default().push(account.key.clone());
        }
    }
    if by_text.is_empty() {
        return None;
    }
    let line = |(text, keys): (&&str, &Vec<String>)| format!("- {} in {}\n", code(text), named(keys, review, false));
    let full: String = by_text.iter().map(line).collect();
    let levels = vec![
        Level { text: format!("\n### Failing checks\n{full}"), without: "" },
        Level { text: format!("\n### Failing checks\n- {}\n", Count(by_text.len(), "check")), without: "messages" },
    ];
    Some(Block { rank: 2, name: "failing checks".to_owned(), levels })
}

/// What is different from the last review.
pub(super) fn since(review: &Review) -> Option<Block> {
    let since = review.since.as_ref()?;
    let heading = "\n### Since the last review\n";
    if since.is_empty() {
        return Some(Block::fixed(format!("{heading}Nothing is different.\n")));
    }
    let mut full = heading.to_owned();
    for (what, keys) in
        [("changes otherwise", &since.changed), ("is new", &since.added), ("is no longer there", &since.gone)]
    {
        if !keys.is_empty() {
            writeln!(full, "- {what}: {}", named(keys, review, false)).ok();
        }
    }
    for (what, dangers) in [("new danger", &since.new_dangers), ("gone", &since.gone_dangers)] {
        for danger in dangers.iter().take(MOST_DIFFERENCES) {
            writeln!(full, "- {what}: {}", code(danger)).ok();
        }
        if dangers.len() > MOST_DIFFERENCES {
            writeln!(full, "- {what}: {} more", dangers.len() - MOST_DIFFERENCES).ok();
        }
    }
    let counts = format!(
        "{heading}{} otherwise, {} new, {} gone; {}, {} gone\n",
        since.changed.len(),
        since.added.len(),
        since.gone.len(),
        Count(since.new_dangers.len(), "new danger"),
        since.gone_dangers.len()
    );
    let levels = vec![Level { text: full, without: "" }, Level { text: counts, without: "names" }];
    Some(Block { rank: 2, name: "what changed since the last review".to_owned(), levels })
}

/// Accounts that nearly follow a pattern.
pub(super) fn outliers(review: &Review) -> Option<Block> {
    if review.outliers.is_empty() {
        return None;
    }
    let heading = "\n### Outliers\n";
    let whole =
        |most: usize| review.outliers.iter().fold(heading.to_owned(), |text, one| text + &outlier(one, review, most));
    let names: Vec<String> = review.outliers.iter().map(|outlier| outlier.account.clone()).collect();
    let levels = vec![
        Level { text: whole(MOST_DIFFERENCES), without: "" },
        Level { text: whole(0), without: "harmless differences" },
        Level { text: format!("{heading}{}\n", named(&names, review, true)), without: "differences" },
        Level { text: format!("{heading}{}\n", Count(names.len(), "account")), without: "names" },
    ];
    Some(Block { rank: 1, name: "outliers".to_owned(), levels })
}

fn outlier(outlier: &Outlier, review: &Review, most: usize) -> String {
    let nearest = review.pattern(&outlier.nearest);
    let (name, others) = nearest.map_or(("?", 0), |pattern| (pattern.name.as_str(), pattern.accounts.len()));
    let dangerous = outlier.differences.iter().filter(|difference| !difference.harmless).count();
    let listed = dangerous.max(most).min(outlier.differences.len());
    let mut parts: Vec<String> =
        outlier.differences[..listed].iter().map(|difference| words::difference(difference, &code)).collect();
    let more = outlier.differences.len() - listed;
    if more > 0 {
        parts.push(Count(more, if parts.is_empty() { "difference" } else { "more difference" }).to_string());
    }
    format!("- {} as the {others} others of pattern **{name}**, and {}\n", code(&outlier.account), parts.join("; "))
}

/// What is said when nothing else fits.
pub(super) fn least(review: &Review) -> String {
    let all: Vec<&Danger> = review.dangers.iter().collect();
    let protected: Vec<&Danger> = review.dangers.iter().filter(|danger| danger.protected).collect();
    let mut text = String::new();
    if !all.is_empty() {
        write!(text, "\n### Dangers\n{}", danger_counts(&all)).ok();
        writeln!(text, "- of these in protected accounts: {}", protected.len()).ok();
    }
    let refused = review.policy.iter().filter(|verdict| verdict.severity.refuses()).count();
    if refused > 0 {
        writeln!(text, "\nPolicies refuse: {}.", Count(refused, "message")).ok();
    }
    text
}
