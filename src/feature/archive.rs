//! Folders that become one file: `function.zip/` in a feature or an overlay is written as `function.zip`.
//!
//! The same files make the same bytes, wherever and whenever: Terraform compares archives by their hash, and one that
//! differs from machine to machine would be a change in every plan. So nothing of the disk goes in but names and
//! contents: order by name, one date, one mode, and no compression, whose output is a library's to change.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::sync::Arc;

use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::{Content, SourceFile};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

/// What the name of such a folder ends in.
const SUFFIX: &str = ".zip";

/// For everybody to read and to execute: a function runs as a user of AWS's choice, and may be a script.
const MODE: u32 = 0o755;

/// `files`, with one file for each folder that is an archive.
pub(super) fn pack(files: Vec<SourceFile>, diagnostics: &mut Diagnostics) -> Vec<SourceFile> {
    let mut archives: BTreeMap<String, Archive> = BTreeMap::new();
    let mut packed = Vec::with_capacity(files.len());
    for file in files {
        let Some(folder) = folder_of(&file.target) else {
            packed.push(file);
            continue;
        };
        let below = file.target.len() - folder.len();
        match file.content {
            Content::Copy(bytes) => {
                let above = |path: &str| path.split_at(path.len() - below).0.to_owned();
                let archive = archives.entry(folder.to_owned()).or_insert_with(|| Archive {
                    source: above(&file.source),
                    shown: above(&file.shown),
                    entries: BTreeMap::new(),
                });
                archive.entries.insert(file.target.split_at(folder.len() + 1).1.to_owned(), bytes);
            }
            // What is configured goes beside the archive, which is then the same in every account.
            Content::Template => diagnostics.push(
                Diagnostic::error(Code::FeatureManifest, "a template cannot be part of an archive")
                    .in_file(file.shown)
                    .help(
                        "what differs between accounts goes into the environment of what runs it, or a file beside it",
                    ),
            ),
        }
    }
    for (target, Archive { source, shown, entries }) in archives {
        match zipped(&entries) {
            Ok(bytes) => packed.push(SourceFile { target, source, shown, content: Content::Copy(bytes) }),
            Err(error) => diagnostics.push(
                Diagnostic::error(Code::FeatureManifest, format!("it cannot be made an archive: {error}"))
                    .in_file(shown),
            ),
        }
    }
    packed
}

struct Archive {
    /// The folder, relative to the repository.
    source: String,
    /// What people read instead.
    shown: String,
    /// Contents by path below the folder.
    entries: BTreeMap<String, Arc<[u8]>>,
}

/// The outermost folder of a path that is an archive.
fn folder_of(path: &str) -> Option<&str> {
    path.match_indices('/').map(|(end, _)| path.split_at(end).0).find(|folder| folder.ends_with(SUFFIX))
}

fn zipped(entries: &BTreeMap<String, Arc<[u8]>>) -> ZipResult<Arc<[u8]>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(MODE)
        .system(System::Unix);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(name.as_str(), options)?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner().into())
}

#[cfg(test)]
mod tests {
    use super::{Arc, Content, Diagnostics, SourceFile, pack};
    use crate::render::Digest;

    fn file(target: &str, content: &str) -> SourceFile {
        let content = Content::Copy(Arc::from(content.as_bytes()));
        let source = format!("templates/probe/{target}");
        SourceFile { target: target.to_owned(), shown: source.clone(), source, content }
    }

    #[track_caller]
    fn packed(files: Vec<SourceFile>) -> Vec<(String, String, Arc<[u8]>)> {
        let mut diagnostics = Diagnostics::default();
        let packed = pack(files, &mut diagnostics);
        assert!(diagnostics.is_empty());
        let bytes = |content| match content {
            Content::Copy(bytes) => bytes,
            Content::Template => panic!("no template was given"),
        };
        packed.into_iter().map(|file| (file.target, file.source, bytes(file.content))).collect()
    }

    #[test]
    fn a_folder_that_is_an_archive_is_one_file() {
        let files = vec![file("a.zip/index.py", "x"), file("main.tf", ""), file("a.zip/b.zip/c.py", "y")];
        let packed = packed(files);
        let names: Vec<_> = packed.iter().map(|(target, source, _)| (target.as_str(), source.as_str())).collect();
        assert_eq!(names, [("main.tf", "templates/probe/main.tf"), ("a.zip", "templates/probe/a.zip")]);
    }

    /// Of an archive that is in somebody's state, and must not change with the library that writes it.
    #[test]
    fn the_same_files_are_the_same_bytes_for_ever() {
        let one = || vec![file("a.zip/index.py", "print(1)\n"), file("a.zip/lib/é.py", "")];
        let two = || one().into_iter().rev().collect();
        let digest = |files| Digest::of(&packed(files)[0].2).to_string();
        assert_eq!(digest(one()), "5d0304d42538c5cb21e6b201e7ebe28e");
        assert_eq!(digest(two()), digest(one()));
        assert_ne!(
            digest(vec![file("a.zip/index.py", "print(2)\n")]),
            digest(vec![file("a.zip/index.py", "print(1)\n")])
        );
    }

    #[test]
    fn a_template_in_an_archive_is_refused() {
        let mut diagnostics = Diagnostics::default();
        let template = SourceFile { content: Content::Template, ..file("a.zip/index.py", "") };
        assert!(pack(vec![template], &mut diagnostics).is_empty());
        assert!(diagnostics.has_errors());
    }

    #[test]
    fn a_file_that_is_an_archive_already_is_copied() {
        assert_eq!(&*packed(vec![file("lib/a.zip", "PK")])[0].2, b"PK");
    }
}
