//! The door to git: another revision's inputs, from its objects. No checkout, no worktree, no other program.

use std::io;
use std::path::{Path, PathBuf};

use gix::bstr::{BStr, ByteSlice as _};
use gix::object::tree::EntryKind as TreeEntryKind;

use super::files::ReadError;
use super::inputs::{DOMAINS, Entry, EntryKind, Inputs, LARGEST_FILE, Source, read_from};
use crate::diagnostic::Diagnostics;

/// What a branch began from.
#[derive(Debug)]
pub struct Base {
    /// The commit's full name.
    pub commit: String,
    /// Whether it has a domains.toml at all.
    pub configured: bool,
    /// What it holds.
    pub inputs: Inputs,
    /// What of it cannot be read.
    pub diagnostics: Diagnostics,
}

/// Why there is no base to compare with.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// Not in a git repository.
    #[error("`{}` is not in a git repository", path.display())]
    NoRepository {
        /// Where one was looked for.
        path: PathBuf,
        /// Why there is none.
        #[source]
        source: gix::Error,
    },
    /// A repository without files, or the folder is not among them.
    #[error("`{}` is not in the working tree of its git repository", path.display())]
    Outside {
        /// The folder.
        path: PathBuf,
    },
    /// No commit yet.
    #[error("there is no commit yet")]
    Unborn(#[source] gix::Error),
    /// A name that leads to no commit.
    #[error("there is no commit `{revision}` here")]
    UnknownRevision {
        /// As it was given.
        revision: String,
        /// Why not.
        #[source]
        source: gix::Error,
    },
    /// No commit that both sides come from.
    #[error("HEAD and `{revision}` have no common ancestor here{}", if *shallow { ": the history of this clone is cut off before it" } else { "" })]
    NoMergeBase {
        /// As it was given.
        revision: String,
        /// Whether there may be one further back.
        shallow: bool,
    },
    /// An object that cannot be read.
    #[error("cannot read commit {commit}")]
    Unreadable {
        /// Which.
        commit: String,
        /// Why not.
        #[source]
        source: gix::Error,
    },
}

impl GitError {
    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::UnknownRevision { revision, .. } => Some(match revision.strip_prefix("origin/") {
                Some(branch) => format!("fetch it: git fetch origin {branch}"),
                None => "fetch it, or name a branch, a tag or a commit that is here".to_owned(),
            }),
            Self::NoMergeBase { shallow: true, .. } => {
                Some("fetch more of it: `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout".to_owned())
            }
            Self::NoMergeBase { shallow: false, .. } => Some("name a commit that this branch comes from".to_owned()),
            Self::NoRepository { .. } | Self::Outside { .. } | Self::Unborn(_) | Self::Unreadable { .. } => None,
        }
    }
}

/// What `root` held at the merge base of HEAD and `revision`.
///
/// The merge base and not `revision` itself: what others have merged since this branch began is not this branch's
/// change, in either direction.
///
/// # Errors
/// See [`GitError`].
pub fn merge_base(root: &Path, revision: &str) -> Result<Base, GitError> {
    let repository = gix::discover(root).map_err(|source| GitError::NoRepository { path: root.to_owned(), source })?;
    let outside = || GitError::Outside { path: root.to_owned() };
    let tree_root = repository.workdir().ok_or_else(outside)?;
    let (absolute, tree_root) =
        (root.canonicalize().map_err(|_| outside())?, tree_root.canonicalize().map_err(|_| outside())?);
    let below = absolute.strip_prefix(&tree_root).map_err(|_| outside())?.to_owned();

    let head = repository.head_id().map_err(GitError::Unborn)?.detach();
    let unknown = |source| GitError::UnknownRevision { revision: revision.to_owned(), source };
    // `^{commit}`: a tag is as good as what it names.
    let spec = format!("{revision}^{{commit}}");
    let since = repository.rev_parse_single(BStr::new(&spec)).map_err(unknown)?.detach();
    let shallow = repository.is_shallow().unwrap_or(false);
    let none = || GitError::NoMergeBase { revision: revision.to_owned(), shallow };
    // In a shallow clone the walk can run into the cut; then there is none here, whatever git calls it.
    let base = match repository.merge_base(head, since) {
        Ok(Some(base)) => base.detach(),
        Ok(None) => return Err(none()),
        Err(_) if shallow => return Err(none()),
        Err(source) => return Err(GitError::Unreadable { commit: head.to_string(), source }),
    };

    let commit = base.to_string();
    let unreadable = |source| GitError::Unreadable { commit: commit.clone(), source };
    let tree = repository.find_object(base).map_err(unreadable)?.peel_to_tree().map_err(unreadable)?;
    let source = Commit { tree, below, name: format!("{commit}:{}", root.display()) };
    let mut diagnostics = Diagnostics::default();
    let configured = !matches!(source.entry(DOMAINS), Err(ReadError::Missing));
    let inputs = read_from(&source, &mut diagnostics);
    Ok(Base { commit, configured, inputs, diagnostics })
}

/// The files of a commit, below a folder.
struct Commit<'a> {
    tree: gix::Tree<'a>,
    below: PathBuf,
    name: String,
}

impl Commit<'_> {
    fn entry(&self, path: &str) -> Result<gix::object::tree::Entry<'_>, ReadError> {
        let found = self.tree.lookup_entry_by_path(self.below.join(path)).map_err(failed)?;
        found.ok_or(ReadError::Missing)
    }
}

impl Source for Commit<'_> {
    fn file(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let entry = self.entry(path)?;
        match entry.mode().kind() {
            TreeEntryKind::Blob | TreeEntryKind::BlobExecutable => {}
            TreeEntryKind::Tree => return Err(ReadError::Directory),
            TreeEntryKind::Link | TreeEntryKind::Commit => return Err(ReadError::Special),
        }
        let header = entry.id().header().map_err(failed)?;
        if header.size() > LARGEST_FILE {
            return Err(ReadError::TooLarge { size: header.size(), limit: LARGEST_FILE });
        }
        Ok(entry.object().map_err(failed)?.detach().data)
    }

    fn folder(&self, path: &str) -> Result<Vec<Entry>, ReadError> {
        let entry = self.entry(path)?;
        if entry.mode().kind() != TreeEntryKind::Tree {
            return Err(ReadError::Missing);
        }
        let tree = entry.object().map_err(failed)?.try_into_tree().map_err(|error| failed_with(&error))?;
        let mut entries = Vec::new();
        for entry in tree.iter() {
            let entry = entry.map_err(|error| failed_with(&error))?;
            let kind = match entry.mode().kind() {
                TreeEntryKind::Tree => EntryKind::Folder,
                TreeEntryKind::Link => EntryKind::Link,
                TreeEntryKind::Blob | TreeEntryKind::BlobExecutable => EntryKind::File,
                // A submodule is another repository; its files are not in this one's commits.
                TreeEntryKind::Commit => continue,
            };
            entries.push(Entry { name: entry.filename().to_os_str_lossy().into_owned(), kind });
        }
        Ok(entries)
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

fn failed(error: gix::Error) -> ReadError {
    failed_with(&error)
}

fn failed_with(error: &dyn std::fmt::Display) -> ReadError {
    ReadError::Io(io::Error::other(error.to_string()))
}
