//! Patterns: one folded section each, with a diff in it.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use super::budget::{Block, Level};
use super::escape::{block, cell, code, one_line, shortened};
use super::section::named;
use crate::output::words;
use crate::plan::Action;
use crate::review::Review;
use crate::review::model::{Common, Pattern, PatternChange, SameShape, Shown, Varying};
use crate::text::Count;

/// Longer values are shortened, in bytes.
const LONGEST_VALUE: usize = 160;

/// Different values that are listed for one path.
const MOST_VALUES: usize = 8;

/// How much of a pattern is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Values,
    Paths,
    Addresses,
}

/// A block for every pattern.
pub(super) fn patterns(review: &Review) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    if !review.patterns.is_empty() {
        blocks.push(Block::fixed("\n### Patterns\n".to_owned()));
    }
    if let Some(common) = &review.common {
        let count = Count(common.accounts, "account");
        let names = names(common, review);
        let part = Part {
            summary: format!("<b>The same in {names}</b>: {count}, {}", words::tally(&common.totals)),
            above: String::new(),
            changes: common.changes.iter().collect(),
            below: String::new(),
        };
        blocks.push(Block { rank: 0, name: "what is the same".to_owned(), levels: part.levels() });
    }
    blocks.extend(review.patterns.iter().map(|pattern| {
        let part = of_pattern(pattern, review, &format!("<b>{}</b> ", pattern.name));
        Block { rank: 0, name: format!("pattern {}", pattern.name), levels: part.levels() }
    }));
    blocks
}

/// `A, B and C`, or, where it is all of them, `all 12 patterns`.
fn names(common: &Common, review: &Review) -> String {
    if common.patterns.len() == review.patterns.len() {
        return format!("all {} patterns", review.patterns.len());
    }
    let names: Vec<&str> =
        common.patterns.iter().filter_map(|id| review.pattern(id)).map(|pattern| pattern.name.as_str()).collect();
    format!("patterns {}", names.join(", "))
}

fn of_pattern<'a>(pattern: &'a Pattern, review: &Review, name: &str) -> Part<'a> {
    let number = pattern.accounts.len();
    let mut above = format!("{}\n\n", named(&pattern.accounts, review, false));
    if let Some((other, same)) = same_shape(pattern, review) {
        writeln!(above, "What pattern **{}** does, with other values.", other.name).ok();
        let summary =
            format!("{name}{}: {}, as {}", Count(number, "account"), words::tally(&pattern.totals), other.name);
        let below = format!("\n{}{}", values_table(same, other), tables(pattern, review));
        return Part { summary, above, changes: Vec::new(), below };
    }
    let common = review.common.as_ref().filter(|common| common.patterns.contains(&pattern.id));
    let shared = |change: &PatternChange| common.is_some_and(|common| common.changes.contains(change));
    let changes: Vec<&PatternChange> = pattern.changes.iter().filter(|change| !shared(change)).collect();
    if common.is_some() {
        above.push_str(if changes.is_empty() {
            "What is the same, and nothing else.\n"
        } else {
            "What is the same, and:\n\n"
        });
    }
    Part {
        summary: format!("{name}{}: {}", Count(number, "account"), words::tally(&pattern.totals)),
        above,
        changes,
        below: tables(pattern, review),
    }
}

/// The more shared pattern of the same shape, if it says no less than this one would.
fn same_shape<'a>(pattern: &'a Pattern, review: &'a Review) -> Option<(&'a Pattern, &'a SameShape)> {
    let same = pattern.same_shape.as_ref()?;
    Some((review.pattern(&same.pattern)?, same))
}

/// One row for each value that is another one than in the pattern of the same shape.
fn values_table(same: &SameShape, other: &Pattern) -> String {
    let mut text = format!("| differs | here | in {} |\n|---|---|---|\n", other.name);
    for difference in &same.differences {
        let place = format!("{}: {}", difference.address, difference.path.as_deref().unwrap_or_default());
        let side = |side: &Option<Shown>| cell(side.as_ref().map_or("nothing", words::shown));
        writeln!(text, "| {} | {} | {} |", cell(&place), side(&difference.here), side(&difference.pattern)).ok();
    }
    text
}

fn tables(pattern: &Pattern, review: &Review) -> String {
    if pattern.varying.is_empty() { String::new() } else { format!("\n{}", table(&pattern.varying, review)) }
}

/// A block for what had changed outside of Terraform.
pub(super) fn drift(review: &Review) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    if !review.drift.is_empty() {
        blocks.push(Block::fixed("\n### Drift: changed outside of Terraform\n".to_owned()));
    }
    blocks.extend(review.drift.iter().map(|pattern| {
        let part = of_pattern(pattern, review, "");
        Block { rank: 0, name: format!("drift {}", pattern.name), levels: part.levels() }
    }));
    blocks
}

/// A folded part of a comment, in the making.
struct Part<'a> {
    /// What is seen before it is opened.
    summary: String,
    above: String,
    changes: Vec<&'a PatternChange>,
    below: String,
}

impl Part<'_> {
    fn levels(&self) -> Vec<Level> {
        let Self { summary, above, changes, below } = self;
        let whole = |detail: Detail| {
            let diff = if changes.is_empty() { String::new() } else { block("diff", &diff(changes, detail)) };
            let below = if detail == Detail::Values { below.as_str() } else { "" };
            format!("<details><summary>{summary}</summary>\n\n{above}{diff}{below}\n</details>\n")
        };
        vec![
            Level { text: whole(Detail::Values), without: "" },
            Level { text: whole(Detail::Paths), without: "values" },
            Level { text: whole(Detail::Addresses), without: "values and paths" },
            Level { text: format!("\n{summary}{}\n", by_type(changes)), without: "all but counts" },
            Level { text: String::new(), without: "everything" },
        ]
    }
}

/// The changes as a diff. Resources that undergo the same stand together above it.
fn diff(changes: &[&PatternChange], detail: Detail) -> String {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let mut known: HashMap<(char, String), usize> = HashMap::new();
    for change in changes {
        let line = format!("{} {}\n", colour(&change.action), heading(change));
        let body = if detail == Detail::Addresses { String::new() } else { body(change, detail) };
        // Only what has a body is worth bringing together; addresses alone keep their order.
        let key = (colour(&change.action), body.clone());
        match known.get(&key).filter(|_| !body.is_empty()) {
            Some(index) => groups[*index].1.push(line),
            None => {
                known.insert(key, groups.len());
                groups.push((body, vec![line]));
            }
        }
    }
    groups.into_iter().map(|(body, lines)| lines.concat() + &body).collect()
}

fn body(change: &PatternChange, detail: Detail) -> String {
    let mut text = String::new();
    let width = change.attributes.iter().map(|attribute| attribute.path.len()).max().unwrap_or(0).min(40);
    for attribute in &change.attributes {
        let path = one_line(&attribute.path);
        if detail == Detail::Paths {
            writeln!(text, "      {path}").ok();
            continue;
        }
        let value = |side: &Shown| shortened(&one_line(words::shown(side)), LONGEST_VALUE);
        let values = match (&attribute.before, &attribute.after) {
            (Shown::Absent, after) => value(after),
            (before, after) => format!("{} -> {}", value(before), value(after)),
        };
        let forces = if change.forced_by.contains(&attribute.path) { "  # forces replacement" } else { "" };
        writeln!(text, "      {path:width$} = {values}{forces}").ok();
    }
    if change.more > 0 {
        writeln!(text, "      and {}", Count(change.more, "more attribute")).ok();
    }
    text
}

/// The character by which a diff is coloured: green, red, orange, or not at all.
fn colour(action: &Action) -> char {
    match action {
        Action::Create => '+',
        Action::Delete | Action::DeleteThenCreate | Action::CreateThenDelete | Action::Forget => '-',
        Action::Update | Action::CreateThenForget | Action::ForgetThenCreate | Action::Other(_) => '!',
        Action::NoOp | Action::Read | Action::Open => ' ',
    }
}

fn heading(change: &PatternChange) -> String {
    let with = |words: &str, text: &Option<String>| text.as_ref().map(|text| format!("{words} {}", one_line(text)));
    let notes = [
        words::how(&change.action, &one_line),
        Some(words::because(&change.forced_by, change.reason.as_deref(), &one_line)).filter(|text| !text.is_empty()),
        with("deposed object", &change.deposed),
        with("moved from", &change.previous_address),
        with("imported as", &change.importing),
        with("left for a later run:", &change.deferred),
    ];
    let notes: Vec<String> = notes.into_iter().flatten().collect();
    let comment = if notes.is_empty() { String::new() } else { format!("  # {}", notes.join("; ")) };
    one_line(&change.address) + &comment
}

/// The paths whose values differ: one row for each value.
fn table(varying: &[Varying], review: &Review) -> String {
    let mut text = String::from("| differs | becomes | in |\n|---|---|---|\n");
    for path in varying {
        let name = cell(&format!("{}: {}", path.address, path.path));
        for (index, values) in path.values.iter().take(MOST_VALUES).enumerate() {
            let name = if index == 0 { name.as_str() } else { "" };
            let value = match (&values.before, &values.after) {
                (Shown::Absent, after) => cell(words::shown(after)),
                (before, after) => format!("{} → {}", cell(words::shown(before)), cell(words::shown(after))),
            };
            writeln!(text, "| {name} | {value} | {} |", named(&values.accounts, review, false).replace('|', "\\|"))
                .ok();
        }
        if path.values.len() > MOST_VALUES {
            writeln!(text, "| | {} | |", Count(path.values.len() - MOST_VALUES, "more value")).ok();
        }
    }
    text
}

/// What is done, counted by type: `create 3 aws_subnet`.
fn by_type(changes: &[&PatternChange]) -> String {
    const MOST_TYPES: usize = 6;
    let mut counts: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for change in changes {
        *counts.entry((words::does(&change.action, &code), change.kind.as_str())).or_default() += 1;
    }
    let parts: Vec<String> = counts
        .iter()
        .take(MOST_TYPES)
        .map(|((does, kind), number)| format!("{does} {number} {}", code(kind)))
        .collect();
    let more = if counts.len() > MOST_TYPES { ", …" } else { "" };
    format!(" ({}{more})", parts.join(", "))
}
