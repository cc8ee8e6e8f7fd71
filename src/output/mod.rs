//! What is known, written down: one room a format, and each format escapes for itself.

mod accounts;
mod html;
pub mod keys;
pub mod list;
pub mod map;
pub mod markdown;
pub mod organization;
pub mod page;
mod page_of;
pub mod report;
pub mod text;
mod words;

pub use page_of::page_of;
pub(crate) use words::tally;
