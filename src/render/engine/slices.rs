//! Slices, which templates cannot use.
//!
//! Tera's slice of a text that a filter has declared safe is declared safe as well: `(x | hcl)[1:-1]` would put out
//! the inside of a literal, as code. No filter takes part, so this cannot be refused while rendering; it is found in
//! the template's text instead, by the rules of Tera's own lexer (`parsing/lexer.rs`): a colon directly within square
//! brackets is nothing else.

use std::ops::Range;

/// Where a template slices something: the brackets. The template is one that Tera accepts.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut slices = Vec::new();
    let mut at = 0;
    while let Some(open) = next_marker(text, at) {
        at = match text.as_bytes().get(open + 1) {
            Some(b'#') => after(text, open + 2, "#}"),
            Some(b'%') if tag_is(text, open, "raw") => after_raw(text, open),
            Some(b'%') => scan(text, open + 2, "%}", &mut slices),
            _ => scan(text, open + 2, "}}", &mut slices),
        };
    }
    slices
}

fn next_marker(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes().get(from..)?;
    bytes.windows(2).position(|pair| matches!(pair, b"{{" | b"{%" | b"{#")).map(|found| from + found)
}

fn after(text: &str, from: usize, end: &str) -> usize {
    text.get(from..).and_then(|rest| rest.find(end)).map_or(text.len(), |found| from + found + end.len())
}

/// Whether the tag that starts at `open` consists of `word` alone.
fn tag_is(text: &str, open: usize, word: &str) -> bool {
    let inside = text.get(open + 2..after(text, open + 2, "%}").saturating_sub(2)).unwrap_or_default();
    inside.trim_matches(|c: char| c == '-' || c.is_ascii_whitespace()) == word
}

fn after_raw(text: &str, open: usize) -> usize {
    let mut at = after(text, open + 2, "%}");
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("{%")) {
        if tag_is(text, at + found, "endraw") {
            return after(text, at + found, "%}");
        }
        at += found + 2;
    }
    text.len()
}

/// Reads a tag or an expression up to its `end`, and returns where the text goes on.
fn scan(text: &str, from: usize, end: &str, slices: &mut Vec<Range<usize>>) -> usize {
    let bytes = text.as_bytes();
    // The brackets that are open: where, of which kind, and whether a colon stands directly within.
    let mut open: Vec<(usize, u8, bool)> = Vec::new();
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        if bytes[at..].starts_with(end.as_bytes()) {
            return at + end.len();
        }
        match byte {
            b'"' | b'\'' | b'`' => at = closing_quote(bytes, at),
            b'[' | b'(' | b'{' => open.push((at, byte, false)),
            b']' | b')' | b'}' => {
                if let Some((start, _, true)) = open.pop() {
                    slices.push(start..at + 1);
                }
            }
            b':' => {
                if let Some((_, b'[', colon)) = open.last_mut() {
                    *colon = true;
                }
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

fn closing_quote(bytes: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            _ if byte == bytes[open] => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::find;

    #[track_caller]
    fn case(text: &str, expected: &[&str]) {
        let found: Vec<&str> = find(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_colon_directly_within_square_brackets_is_a_slice() {
        case("{{ (x | hcl)[1:-1] }}", &["[1:-1]"]);
        case("{%- set y = x?[ : : -1 ] -%}{{ y[a[0]:] }}", &["[ : : -1 ]", "[a[0]:]"]);
        case("{% if x[\"]\"][1:] %}{% endif %}", &["[1:]"]);
        case("{{ \"\\\"\" ~ x[:2] }}", &["[:2]"]);
        case("é {# \" #}{{ x[:2] }}", &["[:2]"]);
        case("{% raw %}{{{% endraw %}{{ x[:2] }}", &["[:2]"]);
    }

    #[test]
    fn other_colons_and_brackets_are_not() {
        for text in [
            "tags = { a = [\"x:y\"] } # [1:2]",
            "{{ x[0] }} {{ x[\"a:b\"] }} {{ ['a:b', `c:d`] | hcl }}",
            "{{ [{ \"a\": 1 }] | hcl }}",
            "{% component f(n: integer) %}{% endcomponent f %}",
            "{# x[1:2] #}{% raw %}{{ x[1:2] }}{%- endraw -%}",
            "{{ x",
            "{%",
            "{{ \"\\",
        ] {
            case(text, &[]);
        }
    }
}
