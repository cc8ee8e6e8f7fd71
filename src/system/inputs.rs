//! Reads everything a run starts from: domains.toml, ledger.toml, `templates/`, `overlays/`.
//!
//! It is read once, into memory; from there on all is a function of [`Inputs`]. Another revision of the
//! repository is another `Inputs`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::{ReadError, read_bytes};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// The configuration's file name; the folder it is in is the repository's root.
pub const DOMAINS: &str = "domains.toml";
/// The ledger's file name.
pub const LEDGER: &str = "ledger.toml";
/// Where the features are.
pub const TEMPLATES: &str = "templates";
/// Where additions for one domain or account are.
pub const OVERLAYS: &str = "overlays";

/// A configuration of 10,000 accounts is about 2 MiB; ten times that is a mistake.
const LARGEST_FILE: u64 = 32 << 20;
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

/// Reads the working tree below `root`. What cannot be read is pushed, and left out.
pub fn read(root: &Path, diagnostics: &mut Diagnostics) -> Inputs {
    let mut reader = Reader { root, inputs: Inputs::default(), total: 0, diagnostics };
    if reader.required(DOMAINS) {
        reader.optional(LEDGER);
        reader.folder(TEMPLATES, 0);
        reader.folder(OVERLAYS, 0);
    }
    reader.inputs
}

/// Reads `templates/` alone, whether or not there is a domains.toml.
pub fn read_features(root: &Path, diagnostics: &mut Diagnostics) -> Inputs {
    let mut reader = Reader { root, inputs: Inputs::default(), total: 0, diagnostics };
    reader.folder(TEMPLATES, 0);
    reader.inputs
}

struct Reader<'a> {
    root: &'a Path,
    inputs: Inputs,
    total: u64,
    diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn required(&mut self, path: &str) -> bool {
        match read_bytes(&self.root.join(path), LARGEST_FILE) {
            Ok(bytes) => {
                self.keep(path, bytes);
                true
            }
            Err(ReadError::Missing) => {
                let folder = fs::canonicalize(self.root).unwrap_or_else(|_| self.root.to_owned());
                let problem = format!("there is no {path} in `{}` or in a folder above it", folder.display());
                self.diagnostics.push(Diagnostic::error(Code::Unreadable, problem).help(
                    "run groundwork inside the repository that holds it, or name that folder with `--directory`",
                ));
                false
            }
            Err(error) => {
                self.unreadable(path, &error);
                false
            }
        }
    }

    fn optional(&mut self, path: &str) {
        match read_bytes(&self.root.join(path), LARGEST_FILE) {
            Ok(bytes) => self.keep(path, bytes),
            Err(ReadError::Missing) => {}
            Err(error) => self.unreadable(path, &error),
        }
    }

    fn folder(&mut self, path: &str, depth: usize) {
        let entries = match fs::read_dir(self.root.join(path)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => return self.unreadable(path, &ReadError::Io(error)),
        };
        let mut names: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            let Some(name) = name.to_str() else {
                let shown = format!("{path}/{}", name.to_string_lossy());
                self.diagnostics.push(Diagnostic::error(Code::Unreadable, "its name is not UTF-8").in_file(shown));
                continue;
            };
            // Editors leave backups and swap files; nobody means to render them.
            if name.starts_with('.') || name.ends_with('~') {
                continue;
            }
            let below = format!("{path}/{name}");
            match fs::symlink_metadata(self.root.join(&below)) {
                Ok(metadata) if metadata.is_dir() && depth >= DEEPEST => {
                    let problem = format!("more than {DEEPEST} folders deep");
                    self.diagnostics.push(Diagnostic::error(Code::Unreadable, problem).in_file(below));
                }
                Ok(metadata) if metadata.is_dir() => self.folder(&below, depth + 1),
                Ok(metadata) if metadata.is_symlink() => {
                    let problem = "it is a symbolic link; templates and overlays are files of this repository";
                    self.diagnostics.push(Diagnostic::error(Code::Unreadable, problem).in_file(below));
                }
                Ok(_) => self.optional(&below),
                Err(error) => self.unreadable(&below, &ReadError::Io(error)),
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
