//! Redaction by value: what is sensitive somewhere is masked everywhere.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, MatchKind};

use super::encoding::{common_forms, forms};
use crate::plan::ReadError;

/// Sensitive values shorter than this are hidden where they are marked, and not searched for elsewhere: `true`, `8080`
/// or `admin` stand in too many places to mean anything there.
pub const SHORTEST_SECRET: usize = 8;

/// What stands in the place of a secret.
pub const MASK: &str = "(sensitive)";

/// Longer secrets are searched for in pieces: parts of one are secret too.
const PIECE: usize = 32;

/// Secrets longer than this are whole files; fewer forms of them are searched for.
const LONG: usize = 2_048;

/// All forms of all secrets, in bytes; beyond it a plan cannot be redacted within reasonable memory. The search takes
/// about sixty times as much.
const MOST_NEEDLES: usize = 4 << 20;

/// A form as long as this that stands in base64 may begin and end within a character; so much more is masked.
const BASE64_MARGIN: usize = 3;

/// Collects what is secret.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    /// Texts, and whether each is of a whole file.
    texts: BTreeMap<String, bool>,
}

impl Secrets {
    /// Takes in a sensitive text, and what it holds if it is JSON or has several lines.
    pub(super) fn add(&mut self, text: &str) {
        self.add_of(text, text.len() > LONG);
    }

    fn add_of(&mut self, text: &str, file: bool) {
        let trimmed = text.trim();
        if trimmed.chars().count() < SHORTEST_SECRET || self.texts.contains_key(trimmed) {
            return;
        }
        if trimmed.contains('\n') {
            // A key that is indented elsewhere is still the key.
            for line in trimmed.lines() {
                self.add_of(line, file);
            }
        }
        // A file's lines are all there is to search for in it.
        if !file || !trimmed.contains('\n') {
            self.texts.insert(trimmed.to_owned(), file);
        }
        if trimmed.starts_with(['{', '['])
            && let Ok(value) = serde_json::from_str::<serde_json::Value>(trimmed)
        {
            self.add_all(&value);
        }
    }

    /// Takes in all texts and numbers of a sensitive value. Keys are names, not secrets.
    pub(super) fn add_all(&mut self, value: &serde_json::Value) {
        use serde_json::Value;
        match value {
            Value::String(text) => self.add(text),
            Value::Number(number) => self.add(&number.to_string()),
            Value::Array(items) => items.iter().for_each(|item| self.add_all(item)),
            Value::Object(object) => object.values().for_each(|value| self.add_all(value)),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Ready to search.
    pub(super) fn into_mask(self) -> Result<Mask, ReadError> {
        let mut needles = BTreeSet::new();
        let mut size = 0;
        let pieces = self.texts.iter().flat_map(|(text, file)| pieces(text).into_iter().map(|piece| (*file, piece)));
        for (file, piece) in pieces {
            for form in if file { common_forms(piece) } else { forms(piece) } {
                if form.chars().count() >= SHORTEST_SECRET && !needles.contains(&form) {
                    size += form.len();
                    needles.insert(form);
                }
            }
            if size > MOST_NEEDLES {
                return Err(ReadError::TooManySecrets);
            }
        }
        if needles.is_empty() {
            return Ok(Mask::default());
        }
        let searcher = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&needles);
        Ok(Mask { searcher: Some(searcher.map_err(|_| ReadError::TooManySecrets)?) })
    }
}

/// A long text in pieces none of which is too short to be searched for.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > 2 * PIECE {
        let mut at = PIECE;
        while !rest.is_char_boundary(at) {
            at += 1;
        }
        let (piece, after) = rest.split_at(at);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// Takes secrets out of texts.
#[derive(Debug, Default)]
pub(super) struct Mask {
    searcher: Option<AhoCorasick>,
}

impl Mask {
    /// The text with [`MASK`] in the place of every secret, in whatever form.
    pub(super) fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let Some(searcher) = &self.searcher else {
            return Cow::Borrowed(text);
        };
        // Secrets may overlap; leaving out only one of two would leave a part of the other.
        let mut hidden: Vec<(usize, usize)> = Vec::new();
        for found in searcher.find_overlapping_iter(text) {
            let (start, end) = widen(text, found.start(), found.end());
            hidden.push((start, end));
        }
        if hidden.is_empty() {
            return Cow::Borrowed(text);
        }
        hidden.sort_unstable();
        let mut masked = String::with_capacity(text.len());
        let mut shown_to = 0;
        let mut mask_open = false;
        for (start, end) in hidden {
            if start > shown_to || !mask_open {
                masked.push_str(&text[shown_to.min(start)..start]);
                masked.push_str(MASK);
                mask_open = true;
            }
            shown_to = shown_to.max(end);
        }
        masked.push_str(&text[shown_to..]);
        Cow::Owned(masked)
    }

    /// Whether there is a secret in it.
    pub(super) fn hits(&self, text: &str) -> bool {
        self.searcher.as_ref().is_some_and(|searcher| searcher.is_match(text))
    }
}

/// What stands in base64 shares its first and last characters with its neighbours; they go as well.
fn widen(text: &str, start: usize, end: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let in_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
    if !bytes[start..end].iter().all(in_base64) {
        return (start, end);
    }
    let before = bytes[..start].iter().rev().take(BASE64_MARGIN).take_while(|byte| in_base64(byte)).count();
    let after = bytes[end..].iter().take(BASE64_MARGIN).take_while(|byte| in_base64(byte)).count();
    (start - before, end + after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(secrets: &[&str]) -> Mask {
        let mut collected = Secrets::default();
        secrets.iter().for_each(|secret| collected.add(secret));
        collected.into_mask().unwrap()
    }

    #[test]
    fn overlapping_secrets_leave_nothing_of_either() {
        assert_eq!(mask(&["abcdefgh 12", "gh 12 xyzw"]).text("<abcdefgh 12 xyzw>"), "<(sensitive)>");
    }

    #[test]
    fn two_secrets_side_by_side_and_apart() {
        let mask = mask(&["first secret", "second secret"]);
        assert_eq!(mask.text("first secretsecond secret, first secret."), "(sensitive), (sensitive).");
    }

    #[test]
    fn what_a_secret_document_holds_is_secret_too() {
        let mask =
            mask(&[r#"{"user":"admin","password":"hunter2-hunter2"}"#, "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\n"]);
        assert_eq!(mask.text("mysql://admin:hunter2-hunter2@db"), "mysql://admin:(sensitive)@db");
        assert!(!mask.text("  key: |\n    MIIEpAIBAAKCAQEA").contains("MIIE"));
    }

    #[test]
    fn a_short_secret_is_not_searched_for() {
        assert_eq!(mask(&["admin"]).text("administrator"), "administrator");
    }

    #[test]
    fn a_part_of_a_long_secret_is_masked() {
        // Longer and shorter than what is taken for a file.
        for words in [200, 2_000] {
            let secret: String = (0..words).map(|n| format!("{n:04}-")).collect();
            let text = format!("begin {} end", &secret[192..600]);
            let masked = mask(&[&secret]).text(&text).into_owned();
            // What is left over is shorter than a piece, at either end.
            assert!(masked.len() < "begin (sensitive) end".len() + 2 * PIECE, "{masked}");
        }
    }
}
