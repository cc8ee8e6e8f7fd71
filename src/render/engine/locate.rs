//! Where in a template something in its output, or missing from it, comes from.
//!
//! Tera does not tell. So, once something is wrong, the template is rendered again with a note before every
//! expression. A note remembers that it was the last one reached, and leaves its number in the output between
//! two characters that text has no use for.

use std::cell::Cell;
use std::sync::Arc;

use tera::{Context, Kwargs, State, Tera, Value};

use super::filters;
use crate::diagnostic::Place;
use crate::feature::TemplateText;

const NOTE: &str = "groundwork_note_expression";
const OPEN: &str = "{{";
const CLOSE: &str = "}}";
/// Noncharacters of Unicode, around a note's number in the output.
const BEFORE: char = '\u{fdd0}';
const AFTER: char = '\u{fdd1}';

thread_local! {
    static LAST: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Templates with notes.
#[derive(Debug)]
pub(super) struct Noted {
    templates: Vec<(TemplateText, Arc<str>)>,
    tera: Tera,
    /// The place of every expression, by its number.
    expressions: Vec<Place>,
}

impl Noted {
    /// Notes the expressions of `templates`; none if Tera does not take the result.
    pub(super) fn new(templates: &[(TemplateText, Arc<str>)]) -> Option<Self> {
        let mut expressions = Vec::new();
        let mut tera = filters::tera();
        tera.register_function(NOTE, |arguments: Kwargs, _: &State| -> tera::TeraResult<Value> {
            let number = arguments.must_get::<usize>("number")?;
            LAST.set(Some(number));
            Ok(Value::safe_string(&format!("{BEFORE}{number}{AFTER}")))
        });
        let noted: Vec<(String, String)> = templates
            .iter()
            .map(|(template, text)| (template.name.clone(), note(template, text, &mut expressions)))
            .collect();
        tera.add_raw_templates(noted).ok()?;
        Some(Self { templates: templates.to_vec(), tera, expressions })
    }

    /// The expression that makes rendering `name` fail.
    pub(super) fn refused(&self, name: &str, context: &Context) -> Option<Place> {
        LAST.set(None);
        match self.tera.render(name, context) {
            Ok(_) => None,
            Err(_) => self.expressions.get(LAST.get()?).copied(),
        }
    }

    /// Where the (one-based) `line` of the output of `name` comes from: an expression that stands in it, or
    /// else the line of the template that reads the same.
    pub(super) fn output_line(&self, name: &str, context: &Context, line: usize) -> Option<Place> {
        let output = self.tera.render(name, context).ok()?;
        let mut lines = output.split('\n');
        let before: Vec<&str> = lines.by_ref().take(line.checked_sub(1)?).collect();
        let wanted = lines.next()?;
        if let Some(place) = self.notes(wanted).last() {
            return Some(place);
        }
        let (template, text) = self.templates.iter().find(|(template, _)| template.name == name)?;
        // Lines like it may stand further up, too: look behind the expression that came last.
        let previous = before.iter().flat_map(|line| self.notes(line)).last();
        let from = previous.filter(|place| place.file == template.file).map_or(0, |place| place.end as usize);
        let mut at = from;
        for candidate in text.get(from..)?.split_inclusive('\n') {
            if candidate.trim() == wanted.trim() {
                let start = at + (candidate.len() - candidate.trim_start().len());
                return Some(Place::new(template.file, start..start + candidate.trim().len()));
            }
            at += candidate.len();
        }
        previous
    }

    /// The places of the notes in a line of output.
    fn notes(&self, line: &str) -> impl Iterator<Item = Place> {
        line.split(BEFORE)
            .skip(1)
            .filter_map(|note| self.expressions.get(note.split_once(AFTER)?.0.parse::<usize>().ok()?).copied())
    }
}

/// The text with a note before every expression, whose places are collected.
fn note(template: &TemplateText, text: &str, expressions: &mut Vec<Place>) -> String {
    let mut noted = String::with_capacity(text.len() * 2);
    let mut at = 0;
    while let Some(found) = text[at..].find(OPEN) {
        let open = at + found;
        let close = text[open..].find(CLOSE).map_or(text.len(), |length| open + length + CLOSE.len());
        noted.push_str(&text[at..open]);
        noted.push_str(&format!("{OPEN}{NOTE}(number={}){CLOSE}", expressions.len()));
        noted.push_str(&text[open..close]);
        expressions.push(Place::new(template.file, open..close));
        at = close;
    }
    noted.push_str(&text[at..]);
    noted
}
