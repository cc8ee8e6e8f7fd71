//! Rules that a platform team writes in Rego, applied to what is about to change.
//!
//! ```text
//! policies/*.rego ─ compile ─ Policies ─┬─ one input document per account ─ every ordinary package
//!                                       └─ all of them at once ─────────── packages under `groundwork.all`
//! ```
//!
//! The conventions are conftest's: `deny`, `violation` and `warn`, also with a suffix (`deny_public`), hold
//! messages; a message is a string or an object with `msg`. What an input document looks like is promised in
//! docs/policies.md. Nothing is read or printed here, except by [`read_folder`].
//!
//! A policy that cannot be compiled or evaluated is a [`Fault`] with file and line, never silence: whoever
//! asked for a judgement must not mistake "could not tell" for "fine".

mod compile;
mod fault;
mod finding;
mod folder;
mod input;
mod rule;
mod testing;
mod verdict;

pub use compile::{Limits, Policies};
pub use fault::Fault;
pub use finding::{Finding, Outcome};
pub use folder::{PolicyFile, read_folder};
pub use input::input;
pub use rule::{Level, Rule};
pub use testing::{TestResult, run_tests};
