//! Carrying out a comparison.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};

use cap_std::fs::{Dir, OpenOptions};
use rayon::prelude::*;

use super::DiskError;
use super::compare::{Comparison, Folder};
use super::listing::LISTING;

/// What a file or a new root module is called until it is whole.
pub(super) const UNFINISHED: &str = ".groundwork-tmp";

impl Comparison {
    /// Makes the disk what the rendering is. Each file appears whole or not at all; a run that is cut off
    /// anywhere is completed by the next.
    pub fn write(&self, output: &Dir, progress: &(dyn Fn() + Sync)) -> Result<(), DiskError> {
        let done = AtomicUsize::new(0);
        let written: Result<Vec<()>, (String, io::Error)> = self
            .folders
            .par_iter()
            .map(|folder| {
                carry_out(output, folder)?;
                done.fetch_add(1, Ordering::Relaxed);
                progress();
                Ok(())
            })
            .collect();
        let failed = |(path, source)| {
            let done = done.load(Ordering::Relaxed);
            DiskError::Write { path, done, total: self.folders.len(), source }
        };
        written.map(|_| ()).map_err(failed)
    }
}

fn carry_out(output: &Dir, folder: &Folder) -> Result<(), (String, io::Error)> {
    if folder.exists { update(output, folder) } else { create(output, folder) }
}

/// A new root module is made beside its place, and put there in one step.
fn create(output: &Dir, folder: &Folder) -> Result<(), (String, io::Error)> {
    let unfinished = format!("{}{UNFINISHED}", folder.path);
    // A run that was cut off may have left one.
    output.remove_dir_all(&unfinished).ok();
    let made = (|| {
        let here = |error| (folder.path.clone(), error);
        output.create_dir_all(&unfinished).map_err(here)?;
        let directory = output.open_dir(&unfinished).map_err(here)?;
        let listing = folder.listing.iter().map(|listing| (LISTING, listing.as_bytes()));
        let files = folder.write.iter().map(|(name, write)| (name.as_str(), &*write.content.bytes));
        for (name, bytes) in listing.chain(files) {
            let written = make_parents(&directory, name).and_then(|()| write(&directory, name, bytes));
            written.map_err(|error| (format!("{}/{name}", folder.path), error))?;
        }
        output.rename(&unfinished, output, &folder.path).map_err(here)
    })();
    if made.is_err() {
        output.remove_dir_all(&unfinished).ok();
    }
    made
}

fn update(output: &Dir, folder: &Folder) -> Result<(), (String, io::Error)> {
    let at = |name: &str| format!("{}/{name}", folder.path);
    let directory = output.open_dir(&folder.path).map_err(|error| (folder.path.clone(), error))?;
    // First what goes, then the listing, then the files: cut off anywhere, every file of ours that is left
    // is still in the listing.
    for name in &folder.remove {
        directory.remove_file(name).map_err(|error| (at(name), error))?;
        remove_empty_parents(&directory, name);
    }
    match folder.listing.as_deref() {
        Some("") => {
            directory.remove_file(LISTING).map_err(|error| (at(LISTING), error))?;
            remove_empty_parents(output, &at(LISTING));
        }
        Some(listing) => replace(&directory, LISTING, listing.as_bytes()).map_err(|error| (at(LISTING), error))?,
        None => {}
    }
    for (name, write) in &folder.write {
        let written = make_parents(&directory, name).and_then(|()| replace(&directory, name, &write.content.bytes));
        written.map_err(|error| (at(name), error))?;
    }
    Ok(())
}

fn make_parents(directory: &Dir, name: &str) -> io::Result<()> {
    name.rsplit_once('/').map_or(Ok(()), |(parent, _)| directory.create_dir_all(parent))
}

/// Removes the folders above `name` that hold nothing any more.
fn remove_empty_parents(directory: &Dir, name: &str) {
    let mut path = name;
    while let Some((parent, _)) = path.rsplit_once('/') {
        // Fails, as it should, where something else is left.
        if directory.remove_dir(parent).is_err() {
            break;
        }
        path = parent;
    }
}

/// Replaces a file in one step.
fn replace(directory: &Dir, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = format!("{name}{UNFINISHED}");
    let written = write(directory, &unfinished, bytes).and_then(|()| directory.rename(&unfinished, directory, name));
    if written.is_err() {
        directory.remove_file(&unfinished).ok();
    }
    written
}

fn write(directory: &Dir, name: &str, bytes: &[u8]) -> io::Result<()> {
    directory.open_with(name, OpenOptions::new().write(true).create(true).truncate(true))?.write_all(bytes)
}
