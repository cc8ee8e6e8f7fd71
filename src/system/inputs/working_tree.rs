//! A repository as it is on the disk.

use std::fs;
use std::io;
use std::path::Path;

use super::{Entry, EntryKind, LARGEST_FILE, Source};
use crate::system::files::{ReadError, read_bytes};

/// The files below a folder.
#[derive(Debug)]
pub(super) struct WorkingTree<'a> {
    root: &'a Path,
}

impl<'a> WorkingTree<'a> {
    pub(super) fn new(root: &'a Path) -> Self {
        Self { root }
    }
}

impl Source for WorkingTree<'_> {
    fn file(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        read_bytes(&self.root.join(path), LARGEST_FILE)
    }

    fn folder(&self, path: &str) -> Result<Vec<Entry>, ReadError> {
        let listed = fs::read_dir(self.root.join(path)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ReadError::Missing,
            _ => ReadError::Io(error),
        })?;
        let mut entries = Vec::new();
        for entry in listed {
            let entry = entry.map_err(ReadError::Io)?;
            let kind = entry.file_type().map_err(ReadError::Io)?;
            let kind = if kind.is_dir() {
                EntryKind::Folder
            } else if kind.is_symlink() {
                EntryKind::Link
            } else {
                EntryKind::File
            };
            entries.push(Entry { name: entry.file_name(), kind });
        }
        Ok(entries)
    }

    fn name(&self) -> String {
        fs::canonicalize(self.root).unwrap_or_else(|_| self.root.to_owned()).display().to_string()
    }
}
