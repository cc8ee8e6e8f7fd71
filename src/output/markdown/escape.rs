//! Foreign text in Markdown: only ever as code, where GitHub and GitLab link, mention and format nothing.

use crate::text::inert;

/// Longer texts are shortened where they stand in a line.
const LONGEST: usize = 240;

/// A text as inline code: on one line, and in a fence that it cannot close.
pub(super) fn code(text: &str) -> String {
    let text = shortened(&one_line(text), LONGEST);
    let fence = "`".repeat(longest_run(&text) + 1);
    // A space keeps backticks at the ends apart from the fence; Markdown takes one off at each side.
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The same for a cell of a table, which a pipe would end even within code.
pub(super) fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// A block of lines that cannot end early, in that language.
pub(super) fn block(language: &str, lines: &str) -> String {
    let fence = "`".repeat(longest_run(lines).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", lines.trim_end_matches('\n'))
}

/// Without line breaks and without characters that hide or reorder others.
pub(super) fn one_line(text: &str) -> String {
    inert(text).replace('\n', "\\n")
}

/// At most so many bytes, and a mark where there were more.
pub(super) fn shortened(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let mut end = longest;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_cannot_be_left() {
        for (text, expected) in [
            ("plain", "`plain`"),
            ("a`b", "``a`b``"),
            ("``", "``` `` ```"),
            ("", "`  `"),
            ("a\nb", "`a\\nb`"),
            ("\u{202e}x\u{1b}[31m", "`\\u{202e}x\\u{1b}[31m`"),
        ] {
            assert_eq!(code(text), expected);
        }
        assert_eq!(cell("a|b"), "`a\\|b`");
    }

    #[test]
    fn a_block_ends_where_it_ends() {
        assert_eq!(block("diff", "+ a\n```\n</details>"), "````diff\n+ a\n```\n</details>\n````\n");
    }

    #[test]
    fn shortening_keeps_characters_whole() {
        assert_eq!(shortened("ééé", 3), "é…");
    }
}
