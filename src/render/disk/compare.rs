//! What differs between the rendering and the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use cap_std::fs::Dir;
use rayon::prelude::*;

use super::DiskError;
use super::listing::{self, LISTING};
use super::write::UNFINISHED;
use crate::organization::ORGANIZATION;
use crate::render::intern::{Contents, Digest};
use crate::render::{ACCOUNTS, HEADER, RootModule};
use crate::system::inputs::PROVIDER_LOCK;

/// What will happen to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileChangeKind {
    /// It is not there yet.
    Added,
    /// It has other content.
    Changed,
    /// It is no longer rendered.
    Removed,
}

/// A file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Relative to the output folder.
    pub path: String,
    /// How it differs.
    pub kind: FileChangeKind,
}

/// What differs, and what is in the way.
#[derive(Debug, Default)]
pub struct Comparison {
    /// One for each root module that differs.
    pub(super) folders: Vec<Folder>,
    /// Root modules that are as they should be.
    pub unchanged: usize,
    /// Files of others, where groundwork has to write. Nothing is written while there are any.
    pub strangers: Vec<String>,
    /// Files that groundwork wrote and no longer renders, and somebody has edited since: they stay.
    pub kept: Vec<String>,
}

impl Comparison {
    /// All files that differ, by path.
    pub fn changes(&self) -> Vec<FileChange> {
        let mut changes: Vec<FileChange> = self
            .folders
            .iter()
            .flat_map(|folder| {
                let path = |name: &str| format!("{}/{name}", folder.path);
                let written = folder.write.iter().map(move |(name, content)| FileChange {
                    path: path(name),
                    kind: if content.replaces { FileChangeKind::Changed } else { FileChangeKind::Added },
                });
                let removed = folder.remove.iter();
                written.chain(removed.map(move |name| FileChange { path: path(name), kind: FileChangeKind::Removed }))
            })
            .collect();
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        changes
    }

    /// How many root modules differ.
    pub fn changed(&self) -> usize {
        self.folders.len()
    }

    /// Whether the disk is what the rendering is.
    pub fn is_clean(&self) -> bool {
        self.folders.is_empty()
    }
}

/// What is to be done in one root module's folder.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// Relative to the output folder.
    pub(super) path: String,
    /// By name below the folder.
    pub(super) write: BTreeMap<String, Write>,
    /// Names below the folder.
    pub(super) remove: BTreeSet<String>,
    /// The new listing, if it changes; empty for a root module that goes away.
    pub(super) listing: Option<String>,
    /// Whether the folder is there.
    pub(super) exists: bool,
}

/// A file to write.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) content: Arc<Contents>,
    pub(super) replaces: bool,
}

/// Compares `modules` with what is below `output` (`None`: nothing is). With `whole`, they are all there
/// is, and root modules of other accounts that groundwork wrote go away.
pub fn compare(output: Option<&Dir>, modules: &[RootModule], whole: bool) -> Result<Comparison, DiskError> {
    let mut comparison = Comparison::default();
    let compared: Vec<Compared> = modules.par_iter().map(|module| one(output, module)).collect::<Result<_, _>>()?;
    let mut compared = compared;
    if let (true, Some(output)) = (whole, output) {
        let rendered: BTreeSet<String> = modules.iter().map(RootModule::folder).collect();
        for path in listed_folders(output)?.into_iter().filter(|path| !rendered.contains(path)) {
            compared.push(gone(output, path)?);
        }
    }
    for Compared { folder, strangers, kept } in compared {
        comparison.strangers.extend(strangers);
        comparison.kept.extend(kept);
        if folder.write.is_empty() && folder.remove.is_empty() && folder.listing.is_none() {
            comparison.unchanged += 1;
        } else {
            comparison.folders.push(folder);
        }
    }
    Ok(comparison)
}

struct Compared {
    folder: Folder,
    strangers: Vec<String>,
    kept: Vec<String>,
}

fn one(output: Option<&Dir>, module: &RootModule) -> Result<Compared, DiskError> {
    let path = module.folder();
    let listing = listing::of(module);
    let mut compared = Compared { folder: Folder::default(), strangers: Vec::new(), kept: Vec::new() };
    let directory = match output {
        Some(output) => open(output, &path)?,
        None => None,
    };
    let Some(directory) = directory else {
        let write = |(name, content): (&String, &Arc<Contents>)| {
            (name.clone(), Write { content: Arc::clone(content), replaces: false })
        };
        let write = module.files.iter().map(write).collect();
        compared.folder = Folder { path, write, listing: Some(listing), ..Folder::default() };
        return Ok(compared);
    };
    let old = read(&directory, &path, LISTING)?;
    let owned = old.as_deref().map(|bytes| listing::parse(&String::from_utf8_lossy(bytes))).unwrap_or_default();
    let mut folder = Folder { exists: true, ..Folder::default() };
    for (name, content) in &module.files {
        let replaces = match read(&directory, &path, name)? {
            Some(bytes) if *bytes == *content.bytes => continue,
            Some(bytes) if owned.contains_key(name) || bytes.starts_with(HEADER.as_bytes()) => true,
            // `terraform init` leaves one wherever it is run; it is nobody's work.
            Some(_) if name == PROVIDER_LOCK => true,
            Some(_) => {
                compared.strangers.push(format!("{path}/{name}"));
                continue;
            }
            None => false,
        };
        folder.write.insert(name.clone(), Write { content: Arc::clone(content), replaces });
    }
    for (name, digest) in owned.iter().filter(|(name, _)| !module.files.contains_key(*name)) {
        remove(&directory, &path, name, *digest, &mut folder, &mut compared.kept)?;
    }
    if old.as_deref() != Some(listing.as_bytes()) {
        folder.listing = Some(listing);
    }
    compared.folder = Folder { path, ..folder };
    Ok(compared)
}

/// A root module that groundwork wrote and no longer renders.
fn gone(output: &Dir, path: String) -> Result<Compared, DiskError> {
    let mut compared = Compared { folder: Folder::default(), strangers: Vec::new(), kept: Vec::new() };
    let mut folder = Folder { exists: true, listing: Some(String::new()), ..Folder::default() };
    if let Some(directory) = open(output, &path)? {
        let listing = read(&directory, &path, LISTING)?.unwrap_or_default();
        for (name, digest) in listing::parse(&String::from_utf8_lossy(&listing)) {
            remove(&directory, &path, &name, digest, &mut folder, &mut compared.kept)?;
        }
    }
    compared.folder = Folder { path, ..folder };
    Ok(compared)
}

/// Plans the removal of a listed file, unless somebody has edited it.
fn remove(
    directory: &Dir,
    path: &str,
    name: &str,
    digest: Digest,
    folder: &mut Folder,
    kept: &mut Vec<String>,
) -> Result<(), DiskError> {
    match read(directory, path, name)? {
        Some(bytes) if Digest::of(&bytes) == digest => {
            folder.remove.insert(name.to_owned());
        }
        Some(_) => kept.push(format!("{path}/{name}")),
        None => {}
    }
    Ok(())
}

/// The folders below `accounts/` that have a listing, and the organization's own if it has one.
fn listed_folders(output: &Dir) -> Result<Vec<String>, DiskError> {
    let mut folders = Vec::new();
    for domain in folder_names(output, ACCOUNTS)? {
        let domain = format!("{ACCOUNTS}/{domain}");
        for environment in folder_names(output, &domain)? {
            let path = format!("{domain}/{environment}");
            if output.symlink_metadata(format!("{path}/{LISTING}")).is_ok() {
                folders.push(path);
            }
        }
    }
    if output.symlink_metadata(format!("{ORGANIZATION}/{LISTING}")).is_ok() {
        folders.push(ORGANIZATION.to_owned());
    }
    folders.sort();
    Ok(folders)
}

/// The real, finished folders below `path`; links are nobody's to follow.
fn folder_names(output: &Dir, path: &str) -> Result<Vec<String>, DiskError> {
    let Some(directory) = open(output, path)? else { return Ok(Vec::new()) };
    let failed = |source| DiskError::Read { path: path.to_owned(), source };
    let mut names = Vec::new();
    for entry in directory.entries().map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir() {
            names.extend(entry.file_name().into_string().ok().filter(|name| !name.ends_with(UNFINISHED)));
        }
    }
    Ok(names)
}

/// A folder below another, if it is there.
fn open(output: &Dir, path: &str) -> Result<Option<Dir>, DiskError> {
    match output.open_dir(path) {
        Ok(directory) => Ok(Some(directory)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(unusable(path.to_owned(), source)),
    }
}

/// A file's bytes, if it is there.
fn read(directory: &Dir, path: &str, name: &str) -> Result<Option<Vec<u8>>, DiskError> {
    match directory.read(name) {
        Ok(bytes) => Ok(Some(bytes)),
        // Also the answer for a link that leads nowhere: it is in the way like any other stranger's file.
        Err(error) if error.kind() == io::ErrorKind::NotFound => match directory.symlink_metadata(name) {
            Ok(_) => Err(unusable(format!("{path}/{name}"), error)),
            Err(_) => Ok(None),
        },
        Err(source) => Err(unusable(format!("{path}/{name}"), source)),
    }
}

/// Leaving the output folder is refused with "permission denied" by the capability layer itself.
fn unusable(path: String, source: io::Error) -> DiskError {
    match source.kind() {
        io::ErrorKind::PermissionDenied if source.raw_os_error().is_some() => DiskError::Read { path, source },
        io::ErrorKind::Interrupted | io::ErrorKind::OutOfMemory => DiskError::Read { path, source },
        _ => DiskError::Outside { path, source },
    }
}
