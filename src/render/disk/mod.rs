//! Rendered root modules and the folder they go to.
//!
//! [`compare`] only reads; what it returns says exactly what [`Comparison::write`] will do. The output folder
//! is opened once as a capability: no path and no link inside it leads outside. A file is groundwork's to
//! replace or remove only if groundwork wrote it: it is in the root module's `.groundwork` listing, or carries the
//! header of a generated file. Everything else is a stranger's, and stays.

mod compare;
mod listing;
mod write;

pub use compare::{Comparison, FileChange, FileChangeKind, compare};

use std::io;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;

/// Something went wrong in the output folder.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The output folder itself cannot be used.
    #[error("cannot open the output folder `{path}`")]
    Output {
        /// As it was given.
        path: String,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A link, or something that is neither file nor folder, stands where a file or folder goes.
    #[error("`{path}` leads out of the output folder, or is not an ordinary file or folder; nothing was written")]
    Outside {
        /// Relative to the output folder.
        path: String,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Reading failed.
    #[error("cannot read `{path}`; nothing was written")]
    Read {
        /// Relative to the output folder.
        path: String,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Writing failed.
    #[error(
        "cannot write `{path}`; {done} of {total} root modules are done, each of their files whole: mend the cause and run the command again"
    )]
    Write {
        /// Relative to the output folder.
        path: String,
        /// Root modules written before the failure.
        done: usize,
        /// Root modules that were to be written.
        total: usize,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

/// Opens the output folder, making it if need be and `create` says so. `None`: it is not there.
pub fn open(path: &Path, create: bool) -> Result<Option<Dir>, DiskError> {
    let failed = |source| DiskError::Output { path: path.display().to_string(), source };
    if create {
        std::fs::create_dir_all(path).map_err(failed)?;
    }
    match Dir::open_ambient_dir(path, ambient_authority()) {
        Ok(dir) => Ok(Some(dir)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}
