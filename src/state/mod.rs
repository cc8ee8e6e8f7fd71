//! Where Terraform keeps its state: how the bucket is to be set up, and whose the objects in it are.

mod orphan;
mod setup;

pub use orphan::{LOCK_SUFFIX, Orphan, orphans};
pub use setup::{ABANDONED_UPLOAD_DAYS, OLD_VERSION_DAYS, RULE, Settings, Step, partition, steps};
