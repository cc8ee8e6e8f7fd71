//! The review page: one file that a browser shows without asking anybody for anything.
//!
//! [`Page`] is what the page knows, as data. It is embedded once, as JSON, and the page's own script makes
//! elements of it, text by text; no text from a plan is ever read as HTML. A Content-Security-Policy allows
//! exactly that one script and that one style, by their hashes, so that even a mistake in here runs nothing.

mod document;
mod embed;

pub use document::{
    Account, Attribute, Change, Common, Danger, Drift, Outlier, Page, Pattern, State, Varying, VaryingValue, Verdict,
};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use embed::{html_text, json_in_html, visible};

const FRAME: &str = include_str!("frame.html");
const STYLE: &str = include_str!("page.css");
// One script, in the order in which the parts need each other.
const SCRIPT: &str = concat!(
    "\"use strict\";\n",
    include_str!("dom.js"),
    include_str!("data.js"),
    include_str!("filter.js"),
    include_str!("overview.js"),
    include_str!("findings.js"),
    include_str!("detail.js"),
    include_str!("main.js"),
);

impl Page {
    /// The whole page. The same review gives the same bytes.
    pub fn to_html(&self) -> String {
        let review = json_in_html(self);
        let mut html = String::with_capacity(FRAME.len() + STYLE.len() + SCRIPT.len() + review.len());
        let mut rest = FRAME;
        // One pass over the frame: what has been filled in is never looked at again, so that a title that
        // reads `{script}` stays a title.
        while let Some((before, after)) = rest.split_once('{') {
            let (slot, following) = after.split_once('}').expect("every slot of the frame is closed");
            html.push_str(before);
            match slot {
                "title" => html.push_str(&html_text(&visible(&self.title))),
                "summary" => html.push_str(&html_text(&visible(&self.summary))),
                "style" => html.push_str(STYLE),
                "script" => html.push_str(SCRIPT),
                "style-hash" => html.push_str(&source_hash(STYLE)),
                "script-hash" => html.push_str(&source_hash(SCRIPT)),
                "review" => html.push_str(&review),
                other => unreachable!("the frame has no slot `{other}`"),
            }
            rest = following;
        }
        html.push_str(rest);
        html
    }
}

/// A text's hash as a Content-Security-Policy names it.
fn source_hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(title: &str) -> String {
        Page { title: title.to_owned(), ..Page::default() }.to_html()
    }

    #[test]
    fn every_slot_of_the_frame_is_filled() {
        let html = page("Review");
        for slot in ["{title}", "{summary}", "{style}", "{script}", "{review}", "{style-hash}", "{script-hash}"] {
            assert!(!html.contains(slot), "{slot} is left");
        }
    }

    #[test]
    fn the_policy_names_the_hash_of_the_text_between_the_tags() {
        let html = page("Review");
        let between = |open: &str, close: &str| {
            let from = html.rfind(open).expect("the tag is there") + open.len();
            &html[from..from + html[from..].find(close).expect("the tag is closed")]
        };
        assert!(html.contains(&format!("script-src '{}'", source_hash(between("<script>", "</script>")))));
        assert!(html.contains(&format!("style-src '{}'", source_hash(between("<style>", "</style>")))));
    }

    #[test]
    fn a_title_can_neither_open_a_tag_nor_a_slot() {
        let html = page("</title><script>{script}\u{202e}");
        assert!(html.contains("<title>&lt;/title&gt;&lt;script&gt;{script}⟨U+202E⟩</title>"));
    }

    #[test]
    fn the_script_never_parses_text_as_html() {
        for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "fetch("] {
            assert!(!SCRIPT.contains(word), "{word}");
        }
        assert!(!SCRIPT.contains("</script") && !SCRIPT.contains("<!--"), "the script would end early");
    }

    #[test]
    fn nothing_is_loaded_from_anywhere() {
        for text in [FRAME, STYLE, SCRIPT] {
            for word in ["http:", "https:", "url(", "@import", " src="] {
                assert!(!text.contains(word), "{word}");
            }
        }
    }
}
