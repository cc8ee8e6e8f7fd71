//! Plans as `terraform show -json` and `tofu show -json` write them: format 0.1 to 1.2, Terraform 0.12 to 1.16,
//! OpenTofu.
//!
//! ```text
//! bytes ─ text (encodings) ─ documents (wrapper lines, NDJSON) ─ Plan (borrowed; values unread)
//! ```
//! One pass: what a digest does not need (planned values, configuration) is skipped without being built, and values are
//! kept as unread JSON until somebody asks for them. Nothing here prints a value, and no error quotes one: serde's
//! messages do, so only their place is passed on.

mod action;
mod document;
mod error;
mod raw;
mod text;

pub use action::Action;
pub use document::{Document, Documents, documents};
pub use error::ReadError;
pub(crate) use raw::PriorModule;
pub use raw::{Change, CheckResult, Plan, ResourceChange};
pub use text::to_text;

/// The largest plan that is read, in bytes. Plans of a thousand resources are about 10 MiB.
pub const MOST_BYTES: u64 = 512 << 20;

/// How deep values may nest. It is the limit that serde_json has built in.
pub const DEEPEST: usize = 128;

/// Major versions of `format_version` that are understood.
pub const FORMATS: [&str; 2] = ["0", "1"];
