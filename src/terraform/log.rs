//! What the steps of one account say, in one file.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// How much of a step's output is read back to understand why it failed.
const MOST_READ: u64 = 256 << 10;

/// An account's log: appended to by every step, and read back where one failed.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// A new log. Nobody but its owner may read it: what Terraform prints is not meant to be public.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(path)?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// For children to write to.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// Says which step comes next. A log that cannot be written does not stop the step.
    pub(super) fn heading(&self, arguments: &[OsString]) {
        let words: Vec<_> = arguments.iter().map(|argument| argument.to_string_lossy()).collect();
        writeln!(&self.file, "\n==> {}", words.join(" ")).ok();
    }

    /// Where the log ends now.
    pub fn end(&self) -> u64 {
        self.file.metadata().map_or(0, |metadata| metadata.size())
    }

    /// What was written since, or the end of it where that is a lot.
    pub fn since(&self, start: u64) -> String {
        let read = || -> io::Result<Vec<u8>> {
            let mut file = File::open(&self.path)?;
            let start = start.max(self.end().saturating_sub(MOST_READ));
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            file.take(MOST_READ).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        read().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}
