//! Folders as a whole: read with everything in them, and written where nothing is yet.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::files::{ReadError, WriteError, read_bytes};

/// Deeper than any folder that somebody looks after by hand.
const DEEPEST: usize = 16;

/// A folder could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{}`: {source}", path.display())]
pub struct TreeError {
    path: PathBuf,
    #[source]
    source: ReadError,
}

/// Every regular file below a folder by its path, hidden ones as well; nothing where there is no folder.
///
/// # Errors
/// A folder or a file cannot be read, or is larger than `limit` bytes.
pub fn read(folder: &Path, limit: u64) -> Result<BTreeMap<String, Vec<u8>>, TreeError> {
    let mut files = BTreeMap::new();
    collect(folder, "", limit, 0, &mut files)?;
    Ok(files)
}

fn collect(
    folder: &Path,
    prefix: &str,
    limit: u64,
    depth: usize,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<(), TreeError> {
    let failed = |source| TreeError { path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(ReadError::Io(error))),
    };
    for entry in entries {
        let entry = entry.map_err(|error| failed(ReadError::Io(error)))?;
        let kind = entry.file_type().map_err(|error| failed(ReadError::Io(error)))?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if kind.is_dir() && depth < DEEPEST {
            collect(&entry.path(), &format!("{path}/"), limit, depth + 1, files)?;
        } else if kind.is_file() {
            let bytes = read_bytes(&entry.path(), limit).map_err(|source| TreeError { path: entry.path(), source })?;
            files.insert(path, bytes);
        }
    }
    Ok(())
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Something is there already.
    #[error("{} in the way", .0.join(", "))]
    InTheWay(Vec<String>),
    /// The operating system said no; what had been written is gone again.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// What is where files of these names would go: the files themselves, and whatever is no folder where one has to be.
pub fn in_the_way<'a>(root: &Path, names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut found = BTreeSet::new();
    for name in names {
        let above = Path::new(name).ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        let is_blocked = |folder: &&Path| fs::metadata(root.join(folder)).is_ok_and(|found| !found.is_dir());
        match above.into_iter().find(is_blocked) {
            Some(blocked) => found.insert(blocked.display().to_string()),
            None => fs::symlink_metadata(root.join(name)).is_ok() && found.insert(name.clone()),
        };
    }
    found.into_iter().collect()
}

/// Writes files where nothing is yet: all of them, or none.
///
/// # Errors
/// See [`CreateError`].
pub fn create(root: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<(), CreateError> {
    let in_the_way = in_the_way(root, files.keys());
    if !in_the_way.is_empty() {
        return Err(CreateError::InTheWay(in_the_way));
    }
    let mut made = Made::default();
    for (path, bytes) in files {
        let path = root.join(path);
        if let Err(source) = made.file(&path, bytes) {
            made.undo();
            return Err(CreateError::Write(WriteError { path, source }));
        }
    }
    Ok(())
}

/// What has been made, in order.
#[derive(Default)]
struct Made {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

impl Made {
    fn file(&mut self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            self.folder(folder)?;
        }
        let mut file = fs::File::create_new(path)?;
        self.files.push(path.to_owned());
        file.write_all(bytes)
    }

    fn folder(&mut self, folder: &Path) -> io::Result<()> {
        if folder.as_os_str().is_empty() || folder.is_dir() {
            return Ok(());
        }
        if let Some(parent) = folder.parent() {
            self.folder(parent)?;
        }
        fs::create_dir(folder)?;
        self.folders.push(folder.to_owned());
        Ok(())
    }

    fn undo(&self) {
        self.files.iter().for_each(|file| drop(fs::remove_file(file)));
        self.folders.iter().rev().for_each(|folder| drop(fs::remove_dir(folder)));
    }
}
