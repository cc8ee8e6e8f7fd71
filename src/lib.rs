//! groundwork gives every team its AWS accounts.

pub mod diagnostic;
pub mod document;
pub mod organization;
pub mod schema;
pub mod text;
