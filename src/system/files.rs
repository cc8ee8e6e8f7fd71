//! Reading one file that somebody wrote, and replacing one atomically.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Why a file could not be read, in words that say what to do.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is nothing.
    #[error("there is no such file")]
    Missing,
    /// A folder where a file is expected.
    #[error("it is a directory, not a file")]
    Directory,
    /// Neither a file nor a folder: a device, a pipe, a socket.
    #[error("it is not a regular file")]
    Special,
    /// More than anyone writes by hand.
    #[error("it is {} MiB; groundwork reads at most {} MiB", .size >> 20, .limit >> 20)]
    TooLarge {
        /// What it holds, in bytes.
        size: u64,
        /// What would have been read, in bytes.
        limit: u64,
    },
    /// Not text.
    #[error("it is not UTF-8 text (byte {at} is the first that does not fit)")]
    NotUtf8 {
        /// Zero-based offset of the first bad byte.
        at: usize,
    },
    /// The operating system said no.
    #[error("{0}")]
    Io(#[source] io::Error),
}

/// The bytes of a regular file of at most `limit` bytes.
pub fn read_bytes(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ReadError::Missing),
        Err(error) => return Err(ReadError::Io(error)),
    };
    if metadata.is_dir() {
        return Err(ReadError::Directory);
    }
    if !metadata.is_file() {
        return Err(ReadError::Special);
    }
    if metadata.len() > limit {
        return Err(ReadError::TooLarge { size: metadata.len(), limit });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
    // The file may have grown since: the limit holds for what is read, too.
    File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes)).map_err(ReadError::Io)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { size: bytes.len() as u64, limit });
    }
    Ok(bytes)
}

/// The bytes as text, without a byte order mark.
pub fn to_text(bytes: &[u8]) -> Result<&str, ReadError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| ReadError::NotUtf8 { at: error.valid_up_to() })
}

/// A file could not be written; the one that was there before is as it was.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`", .path.display())]
pub struct WriteError {
    /// Which file.
    pub path: PathBuf,
    /// What the operating system said.
    #[source]
    pub source: io::Error,
}

/// Replaces a file in one step: readers see the old content or the new, never a part.
pub fn replace(path: &Path, content: &str) -> Result<(), WriteError> {
    let failed = |source| WriteError { path: path.to_owned(), source };
    // A link is followed by hand so that the file it names is replaced and the link stays.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".groundwork-tmp");
    let temporary = target.with_file_name(name);
    let written = (|| {
        let mut file = File::create(&temporary)?;
        file.write_all(content.as_bytes())?;
        if let Ok(metadata) = fs::metadata(&target) {
            file.set_permissions(metadata.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&temporary, &target)
    })();
    written.map_err(|error| {
        // The rename did not happen; what is left is ours alone.
        fs::remove_file(&temporary).ok();
        failed(error)
    })
}

/// Replaces a file in one step, and makes the folder it is in.
pub fn replace_with_folder(path: &Path, content: &str) -> Result<(), WriteError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|source| WriteError { path: folder.to_owned(), source })?;
    }
    replace(path, content)
}

/// Writes a file that nobody but its owner may read, and makes the folder it is in.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    fs::remove_file(path).or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
    File::options().create_new(true).write(true).mode(0o600).open(path)?.write_all(content)
}
