//! groundwork gives every team its AWS accounts.

pub mod config;
pub mod diagnostic;
pub mod document;
pub mod feature;
pub mod ledger;
pub mod network;
pub mod organization;
pub mod schema;
pub mod system;
pub mod text;
