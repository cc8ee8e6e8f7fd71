//! Diagnostics as data, for editors and CI.

use serde::Serialize;

use super::{Diagnostics, Severity, Sources};

/// One diagnostic as JSON; absent fields are unknown.
#[derive(Debug, Serialize)]
pub struct Item {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// The stable name of the problem.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// Path, relative to the repository's root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// One-based line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// One-based column, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What to do next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub help: Vec<String>,
}

/// All diagnostics, sorted by place.
pub fn to_items(diagnostics: &Diagnostics, sources: &Sources) -> Vec<Item> {
    diagnostics
        .sorted(sources)
        .into_iter()
        .map(|diagnostic| {
            let place = diagnostic.labels.first().map(|label| label.place);
            let at = place.map(|place| sources.line_column(place));
            let path = place.map(|place| sources.path(place.file)).or(diagnostic.path.as_deref());
            Item {
                severity: match diagnostic.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                },
                code: diagnostic.code.as_str(),
                message: diagnostic.message.clone(),
                file: path.map(|path| path.display().to_string()),
                line: at.map(|(line, _)| line),
                column: at.map(|(_, column)| column),
                help: diagnostic.help.clone(),
            }
        })
        .collect()
}
