//! groundwork gives every team its AWS accounts.

pub mod config;
pub mod diagnostic;
pub mod document;
pub mod feature;
pub mod hcl;
pub mod ledger;
pub mod matrix;
pub mod network;
pub mod organization;
pub mod render;
pub mod repository;
pub mod schema;
pub mod system;
pub mod text;
