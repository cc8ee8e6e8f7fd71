//! A review as Markdown, for one comment of a pull request or a step summary: as much as fits, dangers first.
//!
//! Every text that comes from a plan stands in code, inline or fenced (`escape`). What does not fit gives way by rank
//! (`budget`): values, then paths, then the counts of each pattern, then everything but the totals; dangers last, and
//! what was left out is said.

mod budget;
mod escape;
mod pattern;
mod section;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::review::Review;
use budget::{Block, fit};

/// What a GitHub comment may hold everywhere, in UTF-8 bytes.
pub const MOST_BYTES: usize = 65_536;

/// The least that makes sense: a headline, totals, and where to read the rest.
pub const LEAST_BYTES: usize = 2_048;

/// The first line, by which a workflow finds the comment that it has to update.
pub const MARKER: &str = "<!-- groundwork review -->";

/// How a review is written.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// UTF-8 bytes that must not be exceeded; at least [`LEAST_BYTES`].
    pub most_bytes: usize,
    /// Where all of the review can be read.
    pub link: Option<&'a str>,
}

/// The review as Markdown, at most `options.most_bytes` long.
pub fn to_markdown(review: &Review, options: Options<'_>) -> String {
    let left_out = |notes: &[(&str, &str)]| left_out(notes, options.link);
    let mut blocks = vec![Block::fixed(section::header(review))];
    blocks.extend(section::dangers(review));
    blocks.extend(section::policy(review));
    blocks.extend(section::new(review));
    blocks.extend(section::not_planned(review));
    blocks.extend(section::checks(review));
    blocks.extend(section::since(review));
    blocks.extend(section::outliers(review));
    blocks.extend(pattern::patterns(review));
    blocks.extend(pattern::drift(review));
    let text = fit(&blocks, options.most_bytes, &left_out).unwrap_or_else(|| {
        let least = vec![Block::fixed(section::header(review)), Block::fixed(section::least(review))];
        fit(&least, options.most_bytes, &left_out).unwrap_or_default()
            + &left_out(&[("everything but the totals", "everything")])
    });
    debug_assert!(text.len() <= options.most_bytes, "{} bytes", text.len());
    text
}

/// What was left out, and where it is.
fn left_out(notes: &[(&str, &str)], link: Option<&str>) -> String {
    const MOST_NAMES: usize = 12;
    let mut by_what: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, without) in notes {
        by_what.entry(without).or_default().push(name);
    }
    let parts: Vec<String> = by_what
        .iter()
        .map(|(without, names)| {
            let more = names.len().saturating_sub(MOST_NAMES);
            let mut text = format!("{without} of {}", names[..names.len() - more].join(", "));
            if more > 0 {
                write!(text, " and {more} more").ok();
            }
            text
        })
        .collect();
    let place = link.map_or_else(
        || "The HTML page and the JSON of the same review hold all of it.".to_owned(),
        |link| format!("[All of it]({}).", address(link)),
    );
    format!("\n**Left out, to fit:** {}. {place}\n", parts.join("; "))
}

/// An address that cannot end the link it stands in.
fn address(link: &str) -> String {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&*+,;=%".contains(&byte);
    let mut address = String::new();
    for byte in link.bytes() {
        if safe(byte) {
            address.push(char::from(byte));
        } else {
            write!(address, "%{byte:02X}").ok();
        }
    }
    address
}
