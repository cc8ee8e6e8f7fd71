//! Reads everything a run starts from: domains.toml, ledger.toml, `templates/`, `overlays/`, and the lock of the
//! providers.
//!
//! It is read once, into memory; from there on all is a function of [`Inputs`]. Another revision of the
//! repository is another `Inputs`, read by the same rules from another [`Source`].

mod working_tree;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::ReadError;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use working_tree::WorkingTree;

/// The configuration's file name; the folder it is in is the repository's root.
pub const DOMAINS: &str = "domains.toml";
/// The ledger's file name.
pub const LEDGER: &str = "ledger.toml";
/// Where the features are.
pub const TEMPLATES: &str = "templates";
/// Where additions for one domain or account are.
pub const OVERLAYS: &str = "overlays";

/// The lock of the providers that all root modules share.
pub const PROVIDER_LOCK: &str = ".terraform.lock.hcl";

/// A configuration of 10,000 accounts is about 2 MiB; ten times that is a mistake.
pub(super) const LARGEST_FILE: u64 = 32 << 20;
/// All files together, so that a build output below `templates/` is named instead of read.
const LARGEST_TOTAL: u64 = 256 << 20;
/// Deeper than any template folder.
const DEEPEST: usize = 16;

/// What a run starts from: contents by path, relative to the root and with `/` between the parts.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Every file that was read.
    pub files: BTreeMap<String, Arc<[u8]>>,
}

/// The nearest folder, from `start` upwards, that holds a domains.toml; `start` itself if none does.
pub fn find_root(start: &Path) -> PathBuf {
    let absolute = fs::canonicalize(start).unwrap_or_else(|_| start.to_owned());
    match absolute.ancestors().find(|folder| folder.join(DOMAINS).exists()) {
        Some(root) if root != absolute => root.to_owned(),
        _ => start.to_owned(),
    }
}

/// Where a repository's files are: a folder of the disk, or a commit.
pub trait Source {
    /// The bytes of a file, by its path below the root.
    ///
    /// # Errors
    /// [`ReadError::Missing`] where there is none; otherwise why it cannot be read.
    fn file(&self, path: &str) -> Result<Vec<u8>, ReadError>;

    /// What is in a folder, in any order.
    ///
    /// # Errors
    /// [`ReadError::Missing`] where there is none; otherwise why it cannot be listed.
    fn folder(&self, path: &str) -> Result<Vec<Entry>, ReadError>;

    /// Where the root is, for people.
    fn name(&self) -> String;
}

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: OsString,
    /// What it is.
    pub kind: EntryKind,
}

/// What something in a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A file, or whatever turns out to be none when it is read.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
}

/// Reads the working tree below `root`. What cannot be read is pushed, and left out.
pub fn read(root: &Path, diagnostics: &mut Diagnostics) -> Inputs {
    read_from(&WorkingTree::new(root), diagnostics)
}

/// Reads a repository from wherever it is. What cannot be read is pushed, and left out.
pub fn read_from(source: &dyn Source, diagnostics: &mut Diagnostics) -> Inputs {
    let mut reader = Reader { source, inputs: Inputs::default(), total: 0, diagnostics };
    if reader.required(DOMAINS) {
        reader.optional(LEDGER);
        reader.optional(PROVIDER_LOCK);
        reader.folder(TEMPLATES, 0);
        reader.folder(OVERLAYS, 0);
    }
    reader.inputs
}

/// Reads `templates/`, and domains.toml if it can be read.
pub fn read_features(root: &Path, diagnostics: &mut Diagnostics) -> Inputs {
    let source = WorkingTree::new(root);
    let mut reader = Reader { source: &source, inputs: Inputs::default(), total: 0, diagnostics };
    if let Ok(bytes) = source.file(DOMAINS) {
        reader.keep(DOMAINS, bytes);
    }
    reader.folder(TEMPLATES, 0);
    reader.inputs
}

struct Reader<'a> {
    source: &'a dyn Source,
    inputs: Inputs,
    total: u64,
    diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn required(&mut self, path: &str) -> bool {
        match self.source.file(path) {
            Ok(bytes) => {
                self.keep(path, bytes);
                true
            }
            Err(ReadError::Missing) => {
                let problem = format!("there is no {path} in `{}` or in a folder above it", self.source.name());
                self.diagnostics.push(
                    Diagnostic::error(Code::Unreadable, problem)
                        .help("run groundwork inside the repository that holds it, or name that folder with `--directory`")
                        .help("there is none yet? `groundwork init` makes one, `groundwork demo` shows what for"),
                );
                false
            }
            Err(error) => {
                self.unreadable(path, &error);
                false
            }
        }
    }

    fn optional(&mut self, path: &str) {
        match self.source.file(path) {
            Ok(bytes) => self.keep(path, bytes),
            Err(ReadError::Missing) => {}
            Err(error) => self.unreadable(path, &error),
        }
    }

    fn folder(&mut self, path: &str, depth: usize) {
        let mut entries = match self.source.folder(path) {
            Ok(entries) => entries,
            Err(ReadError::Missing) => return,
            Err(error) => return self.unreadable(path, &error),
        };
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        for Entry { name, kind } in entries {
            let Some(name) = name.to_str() else {
                let shown = format!("{path}/{}", name.to_string_lossy());
                self.diagnostics.push(Diagnostic::error(Code::Unreadable, "its name is not UTF-8").in_file(shown));
                continue;
            };
            // Editors leave backups and swap files, Python what it compiled; nobody means to render them.
            if name.starts_with('.') || name.ends_with('~') || name == "__pycache__" {
                continue;
            }
            let below = format!("{path}/{name}");
            match kind {
                EntryKind::Folder if depth >= DEEPEST => {
                    let problem = format!("more than {DEEPEST} folders deep");
                    self.diagnostics.push(Diagnostic::error(Code::Unreadable, problem).in_file(below));
                }
                EntryKind::Folder => self.folder(&below, depth + 1),
                EntryKind::Link => {
                    let problem = "it is a symbolic link; templates and overlays are files of this repository";
                    self.diagnostics.push(Diagnostic::error(Code::Unreadable, problem).in_file(below));
                }
                EntryKind::File => self.optional(&below),
            }
        }
    }

    fn keep(&mut self, path: &str, bytes: Vec<u8>) {
        self.total += bytes.len() as u64;
        if self.total > LARGEST_TOTAL {
            let error = ReadError::TooLarge { size: self.total, limit: LARGEST_TOTAL };
            return self.unreadable(path, &error);
        }
        self.inputs.files.insert(path.to_owned(), bytes.into());
    }

    fn unreadable(&mut self, path: &str, error: &ReadError) {
        self.diagnostics
            .push(Diagnostic::error(Code::Unreadable, format!("cannot be read: {error}")).in_file(path.to_owned()));
    }
}
