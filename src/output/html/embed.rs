//! Putting foreign text into a page so that it stays text.

use serde::Serialize;

/// JSON that cannot end the script element it stands in, nor a JavaScript line.
///
/// `<` and `>` cover `</script>`, `<!--` and `-->`; the two separators are line ends to old JavaScript
/// engines. All of them can only occur inside JSON strings, where the escape means the same.
pub(super) fn json_in_html(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("strings, numbers and lists of them always serialize");
    let mut safe = String::with_capacity(json.len() + json.len() / 16);
    for character in json.chars() {
        match character {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            // Seen by whoever reads the page's source; the script shows them by name.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{7f}' => {
                safe.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => safe.push(other),
        }
    }
    safe
}

/// Text for an HTML element's content.
pub(super) fn html_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Names the characters that cannot be seen or that turn text around, as the page's script does.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let hidden = character.is_control()
            || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}');
        if hidden {
            shown.push_str(&format!("⟨U+{:04X}⟩", u32::from(character)));
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_json_cannot_leave_its_element() {
        let json = json_in_html(&"</script><!-- --> \u{2028} \u{202e}");
        assert!(!json.contains(['<', '>', '\u{2028}', '\u{202e}']));
        let back: String = serde_json::from_str(&json).expect("it is still JSON");
        assert_eq!(back, "</script><!-- --> \u{2028} \u{202e}");
    }
}
