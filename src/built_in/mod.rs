//! What comes with groundwork: the features and the policies of its own repository, compiled in.
//!
//! A repository uses a built-in feature unless it has `templates/<feature>/` itself; the folder then takes the feature's
//! place as a whole. Whatever a built-in feature is called by, it has the name that its folder would have, so that a
//! repository that ejects it renders the same bytes.

mod ejected;

pub use ejected::{MEMORY, Replacement, Tree, ejection, memory};

use std::collections::BTreeMap;

include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

/// What stands before the path of something built in, wherever a place is shown.
pub const PREFIX: &str = "(built in)/";

/// The version of this program, and so of what is built in.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Contents by path below a folder.
pub type Files = BTreeMap<&'static str, &'static [u8]>;

/// The built-in features, and folders with parts for them, by name.
pub fn features() -> BTreeMap<&'static str, Files> {
    let mut features: BTreeMap<&str, Files> = BTreeMap::new();
    for (path, bytes) in TEMPLATES {
        if let Some((name, below)) = path.split_once('/') {
            features.entry(name).or_default().insert(below, bytes);
        }
    }
    features
}

/// The policies that a new repository starts with, their tests and their data, by path below `policies/`.
pub fn policies() -> Files {
    POLICIES.iter().copied().collect()
}
