//! The report of a run as a table.

use std::fmt::Write as _;

use super::words;
use crate::run::Report;

/// The rows of a report for people.
pub fn to_table(report: &Report) -> String {
    let header = ["account", "outcome", "changes", "init", "plan", "apply"].map(str::to_owned);
    let seconds = |number: f64| if number > 0.0 { format!("{number:.1} s") } else { String::new() };
    let rows: Vec<[String; 6]> = report
        .accounts
        .iter()
        .map(|entry| {
            [
                entry.account.clone(),
                entry.outcome.as_str().to_owned(),
                if entry.changes.is_empty() { String::new() } else { words::tally(&entry.changes) },
                seconds(entry.seconds.init),
                seconds(entry.seconds.plan),
                seconds(entry.seconds.apply),
            ]
        })
        .collect();
    let mut widths = [0; 6];
    for row in rows.iter().chain([&header]) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in [&header].into_iter().chain(&rows) {
        let mut line = String::new();
        for (index, (cell, width)) in row.iter().zip(widths).enumerate() {
            // Numbers are read from the right.
            if index < 3 { write!(line, "{cell:width$}  ") } else { write!(line, "{cell:>width$}  ") }.ok();
        }
        writeln!(text, "{}", line.trim_end()).ok();
    }
    text
}
