//! Why a plan could not be read.

use super::{DEEPEST, MOST_BYTES};
use crate::schema::version::OtherVersion;

/// Why something is not a plan that can be read. The texts name places, never content: content may be secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing in it.
    #[error("it is empty; `terraform show -json PLANFILE` printed nothing")]
    Empty,
    /// Larger than is read.
    #[error("it is larger than {} MiB", MOST_BYTES >> 20)]
    TooLarge,
    /// Neither UTF-8 nor UTF-16.
    #[error("it is neither UTF-8 nor UTF-16 text (byte {at} is the first that does not fit)")]
    NotText {
        /// Zero-based offset of the first bad byte.
        at: usize,
    },
    /// What `terraform plan -out` writes.
    #[error("it is a plan in Terraform's own format; convert it with `terraform show -json PLANFILE`")]
    Binary,
    /// No line begins with `{`.
    #[error("there is no JSON object in it")]
    NoJson,
    /// It ends in the middle.
    #[error("it ends in the middle, at line {line}: it was cut off while it was written or copied")]
    Truncated {
        /// One-based.
        line: usize,
    },
    /// Not JSON.
    #[error("it is not JSON at line {line}, column {column}")]
    Syntax {
        /// One-based.
        line: usize,
        /// One-based.
        column: usize,
    },
    /// JSON, of another shape than plans have.
    #[error("it has another shape than a plan at line {line}, column {column}")]
    Shape {
        /// One-based.
        line: usize,
        /// One-based.
        column: usize,
    },
    /// Nested too deeply.
    #[error("its values are nested deeper than {DEEPEST} levels")]
    TooDeep,
    /// A format that is newer than this program.
    #[error("its format_version is `{version}`, and groundwork knows 0.x and 1.x; a newer groundwork may know it")]
    UnknownFormat {
        /// As the plan says it, shortened.
        version: String,
    },
    /// A digest of another version.
    #[error("it is a digest, and {0}")]
    UnknownDigest(OtherVersion),
    /// A digest whose content is not what its fingerprint was taken from.
    #[error("its fingerprint is not the one of its content: it was changed after it was made")]
    Forged,
    /// The log of `terraform plan -json`.
    #[error("it is the log of `terraform plan -json`, not a plan; use `terraform show -json PLANFILE`")]
    Log,
    /// `terraform show -json` without a plan file.
    #[error("it is a state, not a plan; name the plan file: `terraform show -json PLANFILE`")]
    State,
    /// Some other JSON.
    #[error("it is JSON, but not a plan: it has no format_version")]
    NotAPlan,
    /// More secrets than can be searched for.
    #[error("it holds more sensitive values than can be searched for, so it cannot be redacted")]
    TooManySecrets,
}

impl ReadError {
    /// What serde says, without what it quotes. `line` is the line before the document's first.
    pub(crate) fn from_json(error: &serde_json::Error, lines_before: usize) -> Self {
        let (line, column) = (lines_before + error.line(), error.column());
        match error.classify() {
            serde_json::error::Category::Eof => Self::Truncated { line },
            serde_json::error::Category::Data => Self::Shape { line, column },
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
                if error.to_string().starts_with("recursion limit exceeded") {
                    Self::TooDeep
                } else {
                    Self::Syntax { line, column }
                }
            }
        }
    }

    /// The same for a value inside of a document, whose place is not known any more.
    pub(crate) fn from_value(error: &serde_json::Error) -> Self {
        Self::from_json(error, 0)
    }
}
