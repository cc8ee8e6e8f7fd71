//! One account's plan in, its digest out: redacted, normalised, small, with a fingerprint.
//!
//! ```text
//! Plan ─┬─ secrets ─ mask ──────────────────────┐
//!       ├─ tree (values with marks) ─ compare ──┴─ redact ─ Digest ─ fingerprint
//!       └─ danger (whole values) ───────────────────┘
//! ```
//! The only thing about a plan that leaves the job that made it. Sensitive values are taken out twice: where they are
//! marked, and wherever else the same value turns up, in whatever encoding. docs/review.md promises what is in one.

mod about;
mod compare;
mod danger;
mod encoding;
mod fingerprint;
mod make;
mod mask;
mod model;
mod path;
mod redact;
mod redaction;
mod secrets;
mod side;
mod tree;

pub(crate) use danger::of_action;
pub use danger::{Danger, DangerKind};
pub use fingerprint::Seal;
pub(crate) use fingerprint::short_hash;
pub use mask::{MASK, SHORTEST_SECRET};
pub use model::{
    Attribute, Change, Check, Deferred, Digest, Invocation, More, OutputChange, SCHEMA_VERSION, Sensitivity,
};
pub(crate) use path::{Step, steps};
pub use redact::MOST_ATTRIBUTES;
pub use redaction::Redaction;
pub use side::Side;
pub(crate) use side::mark;
