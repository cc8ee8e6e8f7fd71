//! Words for people: counts, lists, and text that cannot act on a terminal.

use std::borrow::Cow;
use std::fmt;

/// A number with its noun: `1 account`, `12 accounts`.
pub struct Count<'a>(pub usize, pub &'a str);

impl fmt::Display for Count<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, noun) = self;
        let plural = if *number == 1 { "" } else { "s" };
        write!(f, "{number} {noun}{plural}")
    }
}

/// Whether a character can change how the text around it is shown: control characters, and the Unicode
/// marks that reorder or hide text (Trojan Source, CVE-2021-42574).
pub fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00ad}' | '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with hostile characters (see [`is_hostile`]) written as `\u{..}`; newlines stay.
pub fn inert(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|character| is_hostile(character) && character != '\n') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|character| {
                if is_hostile(character) && character != '\n' {
                    character.escape_unicode().to_string()
                } else {
                    character.to_string()
                }
            })
            .collect(),
    )
}
