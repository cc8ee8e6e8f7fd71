//! `.groundwork`: which files of a root module groundwork wrote, and what it wrote into them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::render::RootModule;
use crate::render::intern::Digest;

/// The listing's file name, in every root module.
pub(super) const LISTING: &str = ".groundwork";

const HEADER: &str = "\
# The files that groundwork wrote here, each with the start of its SHA-256.
# One that is no longer rendered is removed if it still has that content; what is not listed is left alone.
";

/// The listing of a rendered root module.
pub(super) fn of(module: &RootModule) -> String {
    let mut text = HEADER.to_owned();
    for (path, content) in &module.files {
        writeln!(text, "{} {path}", content.digest).ok();
    }
    text
}

/// Digests by path, as a listing on disk says. Lines that are not of its form are passed over: a listing
/// that somebody damaged makes groundwork remove less, never more.
pub(super) fn parse(text: &str) -> BTreeMap<String, Digest> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (digest, path) = line.split_once(' ')?;
            let ordinary = path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
            Some((path.to_owned(), Digest::from_hex(digest)?)).filter(|_| ordinary)
        })
        .collect()
}
