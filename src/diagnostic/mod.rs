//! Problems with a place.
//!
//! Everything groundwork has to say about a file that somebody wrote is a [`Diagnostic`]: a message, the
//! places it is about, and what to do next. Rooms push diagnostics and go on, so that one run shows all
//! there is to mend. Nothing is printed here: [`mod@print`] turns them into text, [`json`] into data.

mod code;
pub mod json;
pub mod print;
mod suggest;

pub use code::Code;
pub use suggest::did_you_mean;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Names one text held by [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A stretch of bytes in a source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which text.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Place {
    /// The place of `span` in `file`. Texts are limited to far less than 4 GiB when they are read.
    pub fn new(file: FileId, span: Range<usize>) -> Self {
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { file, start: clamp(span.start), end: clamp(span.end) }
    }

    fn span(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// One text that diagnostics can point into.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as people should read it: relative to the repository's root.
    pub path: PathBuf,
    /// The whole text.
    pub text: Arc<str>,
}

/// All texts of one run.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Takes a text in; diagnostics about it use the returned id.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source { path: path.into(), text: text.into() });
        id
    }

    /// The text behind an id. Ids come from [`Sources::add`] of the same collection.
    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.0 as usize]
    }

    /// The path behind an id.
    pub fn path(&self, file: FileId) -> &Path {
        &self.get(file).path
    }

    /// One-based line and column (in characters) of a place's first byte.
    pub fn line_column(&self, place: Place) -> (usize, usize) {
        let text = &self.get(place.file).text;
        let mut at = (place.start as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &text[..at];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        (line, before[line_start..].chars().count() + 1)
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The command cannot do what was asked.
    Error,
    /// Worth knowing; the command goes on.
    Warning,
}

/// A place and what to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What stands beside the underline; may be empty.
    pub text: String,
}

/// One problem, where it is and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a diagnostic does nothing until it is pushed and printed"]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Its stable name.
    pub code: Code,
    /// What is wrong: lower case, no full stop, names in backticks.
    pub message: String,
    /// Where it is; the first one is underlined as the cause, the others as context.
    pub labels: Vec<Label>,
    /// A file it is about, when there is no text to point into.
    pub path: Option<PathBuf>,
    /// What to do next.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error without a place yet.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            labels: Vec::new(),
            path: None,
            help: Vec::new(),
        }
    }

    /// A warning without a place yet.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Points at a place. The first call names the cause.
    pub fn at(self, place: Place) -> Self {
        self.label(place, "")
    }

    /// Points at a place and says something beside it.
    pub fn label(mut self, place: Place, text: impl Into<String>) -> Self {
        self.labels.push(Label { place, text: text.into() });
        self
    }

    /// Names the file it is about, for problems that have no text to show.
    pub fn in_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Adds what to do next.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds what to do next, where there is something to say.
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help.extend(help);
        self
    }
}

/// The problems found so far.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.items.push(diagnostic);
    }

    /// Whether anything in here stops the command.
    pub fn has_errors(&self) -> bool {
        self.items.iter().any(|item| item.severity == Severity::Error)
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// How many errors and how many warnings there are, each counted once however often it was found.
    pub fn counts(&self, sources: &Sources) -> (usize, usize) {
        let items = self.sorted(sources);
        let errors = items.iter().filter(|item| item.severity == Severity::Error).count();
        (errors, items.len() - errors)
    }

    /// In order of file and place, as people should read them, each once.
    pub fn sorted(&self, sources: &Sources) -> Vec<&Diagnostic> {
        let mut items: Vec<_> = self.items.iter().collect();
        items.sort_by_key(|item| {
            let place = item.labels.first().map(|label| label.place);
            let path = place.map(|place| sources.path(place.file).to_owned()).or_else(|| item.path.clone());
            (path, place, item.code, item.message.clone())
        });
        items.dedup();
        items
    }

    /// All of them, in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.items.iter()
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, iter: T) {
        self.items.extend(iter);
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}
