//! HCL: values as literals, and whether a text is HCL at all.
//!
//! Writing is text on purpose: templates are written the way `terraform fmt` leaves them, and no library
//! writes HCL back without changing it.

mod check;
mod literal;

pub use check::{NotHcl, check};
pub use literal::{Unwritable, literal, quote};
