//! Diagnostics as people read them: a title, the source with the place underlined, what to do next.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Diagnostics, Severity, Sources};
use crate::text::inert;

/// Sources with longer lines than this (in bytes) are shown in part.
const LONGEST_LINE: usize = 400;

/// All diagnostics as text, sorted by place, with a closing line that counts them.
pub fn to_text(diagnostics: &Diagnostics, sources: &Sources, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for diagnostic in diagnostics.sorted(sources) {
        text.push_str(&one(diagnostic, sources, &renderer));
        text.push_str("\n\n");
    }
    text
}

fn one(diagnostic: &Diagnostic, sources: &Sources, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let message = match &diagnostic.path {
        Some(path) if diagnostic.labels.is_empty() => format!("{}: {}", path.display(), diagnostic.message),
        _ => diagnostic.message.clone(),
    };
    let title = level.primary_title(inert(&message)).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    let mut files: Vec<_> = diagnostic.labels.iter().map(|label| label.place.file).collect();
    files.dedup();
    for file in files {
        let source = sources.get(file);
        let window = Window::around(
            diagnostic.labels.iter().filter(|label| label.place.file == file).map(|label| label.place.span()),
            &source.text,
        );
        let mut snippet = Snippet::source(inert_source(&source.text[window.start..window.end]))
            .line_start(window.line)
            .path(source.path.display().to_string());
        for (index, label) in diagnostic.labels.iter().enumerate() {
            if label.place.file != file {
                continue;
            }
            let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            let span = window.map(label.place.span());
            snippet = snippet
                .annotation(kind.span(span).label((!label.text.is_empty()).then(|| inert(&label.text).into_owned())));
        }
        group = group.element(snippet);
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(inert(help).into_owned()));
    }
    renderer.render(&[group])
}

/// The lines that matter of a text: rendering a snippet costs time in proportion to what it is given.
struct Window {
    start: usize,
    end: usize,
    /// One-based number of the first line.
    line: usize,
}

impl Window {
    fn around(spans: impl Iterator<Item = std::ops::Range<usize>>, text: &str) -> Self {
        let (mut low, mut high) = (usize::MAX, 0);
        for span in spans {
            low = low.min(span.start);
            high = high.max(span.end);
        }
        let boundary = |mut at: usize| {
            at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (low, high) = (boundary(low), boundary(high.max(low)));
        let start = text[..low].rfind('\n').map_or(0, |newline| newline + 1);
        let end = text[high..].find('\n').map_or(text.len(), |newline| high + newline);
        let start = if low - start > LONGEST_LINE { boundary(low - LONGEST_LINE) } else { start };
        let end = if end - high > LONGEST_LINE { boundary(high + LONGEST_LINE) } else { end };
        let line = text[..start].bytes().filter(|byte| *byte == b'\n').count() + 1;
        Self { start, end, line }
    }

    fn map(&self, span: std::ops::Range<usize>) -> std::ops::Range<usize> {
        let length = self.end - self.start;
        let start = span.start.saturating_sub(self.start).min(length);
        let end = span.end.saturating_sub(self.start).clamp(start, length);
        start..end
    }
}

/// Source text with what a terminal would act on replaced, byte for byte so that places stay right.
fn inert_source(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let harmless = !crate::text::is_hostile(character) || matches!(character, '\n' | '\t' | '\r');
            let (shown, times) = if harmless { (character, 1) } else { ('?', character.len_utf8()) };
            std::iter::repeat_n(shown, times)
        })
        .collect()
}
