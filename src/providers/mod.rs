//! Providers: one lock for all root modules, each package fetched once.
//!
//! `.terraform.lock.hcl` at the root of the repository is what `groundwork providers lock` keeps; rendering copies to
//! every root module what it needs of it. Before many root modules are initialised, [`fetch`] lets Terraform
//! initialise one that needs every locked provider; what that leaves in `.terraform/providers` is laid out as Terraform
//! wants a folder of providers to be, and all others link from there. Terraform's own plugin cache is not safe for many
//! at a time.

mod fetch;
mod lock;
mod required;

pub use fetch::{FetchError, fetch, lock};
pub use lock::{Lock, Locked, NotALock};
pub use required::{Required, needs_init, required};
