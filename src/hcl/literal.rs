//! Values as HCL literals.
//!
//! Whatever a string holds, the literal ends where it should, opens no interpolation, and evaluates to that
//! string again. (Terraform then normalises strings to Unicode's form C, as it does with all of them.) Syntax:
//! the HCL native syntax specification, "Template Expressions"; layout: what `terraform fmt` leaves as it is.

use std::fmt::Write as _;

use tera::Value;
use tera::value::ValueKind;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::text::is_hostile;

/// A list of more characters than this stands on several lines.
const LONGEST_LIST: usize = 80;

/// A value that HCL has no literal for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} cannot be written as HCL")]
pub struct Unwritable(&'static str);

/// `value` as a literal. Where it takes several lines, those after the first are indented by `indent` spaces:
/// the indentation of the line that it starts on.
pub fn literal(value: &Value, indent: usize) -> Result<String, Unwritable> {
    match value.kind() {
        ValueKind::None => Ok("null".to_owned()),
        ValueKind::Bool => Ok(value.to_string()),
        ValueKind::String => Ok(quote(value.as_str().unwrap_or_default())),
        ValueKind::Array => list(value.as_array().unwrap_or_default(), indent),
        ValueKind::Map => match value.as_map() {
            Some(map) => object(map, indent),
            None => Err(Unwritable("this map")),
        },
        ValueKind::F64 => match value.as_f64() {
            // Rust writes finite numbers in full, with as many digits as it takes to read the same one back.
            Some(number) if number.is_finite() => Ok(format!("{number}")),
            _ => Err(Unwritable("infinity or not-a-number")),
        },
        ValueKind::I64 | ValueKind::U64 | ValueKind::I128 | ValueKind::U128 => Ok(value.to_string()),
        ValueKind::Undefined => Err(Unwritable("a value that is not defined")),
        ValueKind::Bytes => Err(Unwritable("a list of bytes")),
        _ => Err(Unwritable("a value of this kind")),
    }
}

/// A string as a quoted template without interpolation.
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // `${` and `%{` open an interpolation, and are escaped by doubling the sign.
            '$' | '%' if characters.peek() == Some(&'{') => {
                quoted.push(character);
                quoted.push(character);
            }
            // Nor can it end a comment that it stands in.
            '/' if quoted.ends_with('*') => quoted.push_str("\\u002f"),
            // Invisible and reordering characters are shown: nobody can review what cannot be seen.
            _ if is_hostile(character) || is_noncharacter(character) => {
                let number = u32::from(character);
                let written = if number <= 0xffff {
                    write!(quoted, "\\u{number:04x}")
                } else {
                    write!(quoted, "\\U{number:08x}")
                };
                written.ok();
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Code points that Unicode keeps for internal use (section 23.7).
fn is_noncharacter(character: char) -> bool {
    let number = u32::from(character);
    (0xfdd0..=0xfdef).contains(&number) || number & 0xfffe == 0xfffe
}

fn list(items: &[Value], indent: usize) -> Result<String, Unwritable> {
    let written = |indent| items.iter().map(|item| literal(item, indent)).collect::<Result<Vec<_>, _>>();
    let flat = written(indent)?;
    let length: usize = flat.iter().map(|item| item.chars().count() + 2).sum();
    if length <= LONGEST_LIST && !flat.iter().any(|item| item.contains('\n')) {
        return Ok(format!("[{}]", flat.join(", ")));
    }
    let inner = indent + 2;
    let lines: Vec<String> = written(inner)?.into_iter().map(|item| format!("{:inner$}{item},\n", "")).collect();
    Ok(format!("[\n{}{:indent$}]", lines.concat(), ""))
}

/// An object on several lines. `terraform fmt` aligns the signs of neighbouring items that take one line each,
/// counting grapheme clusters.
fn object(map: &tera::Map, indent: usize) -> Result<String, Unwritable> {
    if map.is_empty() {
        return Ok("{}".to_owned());
    }
    let inner = indent + 2;
    let mut items = Vec::with_capacity(map.len());
    for (key, value) in map {
        items.push((object_key(&key.to_string()), literal(value, inner)?));
    }
    items.sort();
    let mut text = "{\n".to_owned();
    for group in items.chunk_by(|a, b| !a.1.contains('\n') && !b.1.contains('\n')) {
        let width = group.iter().map(|(key, _)| columns(key)).max().unwrap_or(0);
        for (key, value) in group {
            let pad = width - columns(key);
            writeln!(text, "{:inner$}{key}{:pad$} = {value}", "", "").ok();
        }
    }
    write!(text, "{:indent$}}}", "").ok();
    Ok(text)
}

fn columns(text: &str) -> usize {
    text.graphemes(true).count()
}

/// Identifiers stand bare; anything else, and what reads as a literal of its own, is quoted.
fn object_key(key: &str) -> String {
    let mut characters = key.chars();
    let bare = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|other| other.is_ascii_alphanumeric() || other == '_' || other == '-')
        && !matches!(key, "null" | "true" | "false" | "for" | "if" | "in");
    if bare { key.to_owned() } else { quote(key) }
}

#[cfg(test)]
mod tests {
    use tera::Value;

    use super::{literal, quote};

    #[track_caller]
    fn case(text: &str, expected: &str) {
        assert_eq!(quote(text), expected);
    }

    #[test]
    fn no_string_ends_its_literal_or_opens_an_interpolation() {
        case("plain", r#""plain""#);
        case("a\"b\\c", r#""a\"b\\c""#);
        case("${x} %{if}", r#""$${x} %%{if}""#);
        case("$${x}", r#""$$${x}""#);
        case("$$${x}", r#""$$$${x}""#);
        case("$%{x}", r#""$%%{x}""#);
        case("*/ x = y /*", r#""*\u002f x = y /*""#);
        case("5$ and 5%", r#""5$ and 5%""#);
    }

    #[test]
    fn what_cannot_be_seen_is_written_by_its_number() {
        case("a\nb\tc\r", r#""a\nb\tc\r""#);
        case("\0\u{1b}[31m", r#""\u0000\u001b[31m""#);
        case("\u{202e}abc\u{200b}", r#""\u202eabc\u200b""#);
        case("\u{e0041}", r#""\U000e0041""#);
        case("émoji 🦀", r#""émoji 🦀""#);
    }

    #[test]
    fn objects_are_aligned_and_lists_break_when_long() {
        let value = |json: serde_json::Value| Value::from_serializable(&json);
        let object = value(serde_json::json!({ "a": true, "long-key": "x", "nested": { "k": "v" }, "1st": "y" }));
        insta::assert_snapshot!(literal(&object, 2).unwrap(), @r#"
        {
            "1st"    = "y"
            a        = true
            long-key = "x"
            nested = {
              k = "v"
            }
          }
        "#);
        let zones = value(serde_json::json!(["euw1-az1", "euw1-az2"]));
        assert_eq!(literal(&zones, 0).unwrap(), r#"["euw1-az1", "euw1-az2"]"#);
        let many: Vec<String> = (0..12).map(|number| format!("item-number-{number}")).collect();
        assert!(literal(&Value::from_serializable(&many), 0).unwrap().starts_with("[\n  \"item-number-0\",\n"));
        assert_eq!(literal(&Value::none(), 0).unwrap(), "null");
        assert_eq!(literal(&Value::from(1.5), 0).unwrap(), "1.5");
    }
}
