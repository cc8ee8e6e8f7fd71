//! The organization as it is meant: teams, domains, environments, accounts. Plain values; no reading, no
//! writing, no printing.

mod key;

pub use key::AccountKey;
