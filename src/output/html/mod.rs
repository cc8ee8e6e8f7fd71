//! What every page of ours is: one file that a browser shows without asking anybody for anything.
//!
//! A page knows a model, which is embedded once, as JSON; its script makes elements of it, text by text, so that no text
//! from elsewhere is ever read as HTML. A Content-Security-Policy allows exactly that one script and that one style, by
//! their hashes, so that even a mistake in here runs nothing.

mod embed;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use embed::{html_text, json_in_html, visible};

const FRAME: &str = include_str!("frame.html");
const STYLE: &str = include_str!("shell.css");
// In the order in which the parts need each other.
const SCRIPTS: [&str; 3] = [include_str!("dom.js"), include_str!("sheet.js"), include_str!("parts.js")];

/// A kind of page: what it has beside what all have.
pub(super) struct Kind {
    /// What is between the head of the page and the sheet.
    pub(super) body: &'static str,
    /// Its own rules, after the shared ones.
    pub(super) style: &'static str,
    /// Its own script, after the shared one.
    pub(super) scripts: &'static [&'static str],
}

impl Kind {
    /// The whole page. The same model gives the same bytes.
    pub(super) fn page(&self, title: &str, summary: &str, model: &impl Serialize) -> String {
        let style = STYLE.to_owned() + self.style;
        let script = "\"use strict\";\n".to_owned() + &SCRIPTS.concat() + &self.scripts.concat();
        let model = json_in_html(model);
        let mut html = String::with_capacity(FRAME.len() + style.len() + script.len() + model.len());
        let mut rest = FRAME;
        // One pass over the frame: what has been filled in is never looked at again, so that a title that
        // reads `{script}` stays a title.
        while let Some((before, after)) = rest.split_once('{') {
            let (slot, following) = after.split_once('}').expect("every slot of the frame is closed");
            html.push_str(before);
            match slot {
                "title" => html.push_str(&html_text(&visible(title))),
                "summary" => html.push_str(&html_text(&visible(summary))),
                "body" => html.push_str(self.body),
                "style" => html.push_str(&style),
                "script" => html.push_str(&script),
                "style-hash" => html.push_str(&source_hash(&style)),
                "script-hash" => html.push_str(&source_hash(&script)),
                "model" => html.push_str(&model),
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
    use crate::output::{map, page};

    const KINDS: [&Kind; 2] = [&page::KIND, &map::KIND];

    #[test]
    fn every_slot_of_the_frame_is_filled() {
        for kind in KINDS {
            let html = kind.page("Review", "All of it.", &());
            for slot in ["title", "summary", "body", "style", "script", "model", "style-hash", "script-hash"] {
                assert!(!html.contains(&format!("{{{slot}}}")), "{slot} is left");
            }
        }
    }

    #[test]
    fn the_policy_names_the_hash_of_the_text_between_the_tags() {
        for kind in KINDS {
            let html = kind.page("Review", "All of it.", &());
            let between = |open: &str, close: &str| {
                let from = html.rfind(open).expect("the tag is there") + open.len();
                &html[from..from + html[from..].find(close).expect("the tag is closed")]
            };
            assert!(html.contains(&format!("script-src '{}'", source_hash(between("<script>", "</script>")))));
            assert!(html.contains(&format!("style-src '{}'", source_hash(between("<style>", "</style>")))));
        }
    }

    #[test]
    fn a_title_can_neither_open_a_tag_nor_a_slot() {
        let html = page::KIND.page("</title><script>{script}\u{202e}", "", &());
        assert!(html.contains("<title>&lt;/title&gt;&lt;script&gt;{script}⟨U+202E⟩</title>"));
    }

    #[test]
    fn no_script_parses_text_as_html() {
        for script in KINDS.iter().flat_map(|kind| kind.scripts).chain(&SCRIPTS) {
            for word in
                ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "fetch("]
            {
                assert!(!script.contains(word), "{word}");
            }
            assert!(!script.contains("</script") && !script.contains("<!--"), "the script would end early");
        }
    }

    #[test]
    fn nothing_is_loaded_from_anywhere() {
        let own = KINDS.iter().flat_map(|kind| kind.scripts.iter().chain([&kind.body, &kind.style]));
        for text in own.chain(&SCRIPTS).chain([&FRAME, &STYLE]) {
            // The name of a vocabulary is no address.
            let text = text.replace("http://www.w3.org/2000/svg", "");
            for word in ["http:", "https:", "url(", "@import", " src="] {
                assert!(!text.contains(word), "{word}");
            }
        }
    }
}
