//! Plans and digests in files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::files::read_bytes;
use crate::digest::{Digest, Redaction, Seal};
use crate::plan::{Document, MOST_BYTES, ReadError, documents, to_text};
use crate::review::Planned;

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Listing {
    /// Files that may be plans, in name order.
    pub files: Vec<PathBuf>,
    /// How many there are that no plan is called like.
    pub ignored: usize,
}

/// A folder that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the folder `{}`", path.display())]
pub struct FolderError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// Reads every plan and digest of a listing, in parallel; `done` is told after each.
///
/// What cannot be read is there all the same: one bad file neither stops the others nor vanishes.
pub fn read_all(folder: &Path, listing: &Listing, seal: Option<&Seal>, done: &(dyn Fn() + Sync)) -> Vec<Planned> {
    let planned: Vec<Vec<Planned>> = listing
        .files
        .par_iter()
        .map(|file| {
            let path = file.strip_prefix(folder).unwrap_or(file).to_string_lossy().replace('\\', "/");
            let planned = read(file, &path, seal);
            done();
            planned
        })
        .collect();
    planned.into_iter().flatten().collect()
}

/// The digest of the one plan, or the one digest, in a text's bytes.
///
/// # Errors
/// What is wrong with it, or that there are several.
pub fn read_one(bytes: &[u8], account: Option<&str>, seal: Option<&Seal>) -> Result<Digest, String> {
    let mut digests = digests(bytes, account, seal);
    match digests.len() {
        1 => digests.remove(0),
        number => Err(format!("there are {number} plans in it; give each a file of its own")),
    }
}

/// The digest of what `terraform show -json` printed, and what takes its secrets out of other texts.
///
/// # Errors
/// What is wrong with it.
pub fn read_fresh(bytes: &[u8], account: &str, seal: Option<&Seal>) -> Result<(Digest, Redaction), String> {
    let text = to_text(bytes).map_err(|error| error.to_string())?;
    match documents(&text).next() {
        Some(Ok(Document::Plan(plan))) => {
            Digest::with_redaction(&plan, Some(account), seal).map_err(|error| error.to_string())
        }
        Some(Err(error)) => Err(error.to_string()),
        Some(Ok(Document::Digest(_))) | None => Err("there is no plan in it".to_owned()),
    }
}

fn read(file: &Path, path: &str, seal: Option<&Seal>) -> Vec<Planned> {
    let key = key_of(path);
    let found = |key: String, digest: Result<Digest, String>| Planned {
        key,
        path: path.to_owned(),
        digest: digest.map_err(|reason| format!("`{path}`: {reason}")),
    };
    let bytes = match read_bytes(file, MOST_BYTES) {
        Ok(bytes) => bytes,
        Err(error) => return vec![found(key, Err(error.to_string()))],
    };
    let digests = digests(&bytes, None, seal);
    let several = digests.len() > 1;
    digests
        .into_iter()
        .enumerate()
        .map(|(index, digest)| {
            if let Ok(Digest { account: Some(account), failure: Some(reason), .. }) = digest {
                return Planned { key: account, path: path.to_owned(), digest: Err(reason) };
            }
            let named = digest.as_ref().ok().and_then(|digest| digest.account.clone());
            let key = named.unwrap_or_else(|| if several { format!("{key}#{}", index + 1) } else { key.clone() });
            found(key, digest)
        })
        .collect()
}

fn digests(bytes: &[u8], account: Option<&str>, seal: Option<&Seal>) -> Vec<Result<Digest, String>> {
    let text = match to_text(bytes) {
        Ok(text) => text,
        Err(error) => return vec![Err(error.to_string())],
    };
    let digest = |document: Result<Document<'_>, ReadError>| match document? {
        Document::Plan(plan) => Digest::of(&plan, account, seal),
        Document::Digest(text) => Digest::read(text),
    };
    documents(&text).map(|document| digest(document).map_err(|error| error.to_string())).collect()
}

/// What there is below a folder.
///
/// # Errors
/// A folder that is not there or may not be listed.
pub fn list(folder: &Path) -> Result<Listing, FolderError> {
    let (mut files, mut ignored) = (Vec::new(), 0);
    let mut waiting = vec![folder.to_owned()];
    while let Some(directory) = waiting.pop() {
        let unreadable = |source| FolderError { path: directory.clone(), source };
        for entry in fs::read_dir(&directory).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let path = entry.path();
            // A link to a folder is not followed, so that one to a parent cannot make this go round for ever.
            if entry.file_type().map_err(unreadable)?.is_dir() {
                waiting.push(path);
            } else if path.is_file() && may_be_plan(&path) {
                files.push(path);
            } else {
                ignored += 1;
            }
        }
    }
    files.sort();
    Ok(Listing { files, ignored })
}

fn may_be_plan(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some(extension) => matches!(extension, "json" | "jsonl" | "ndjson" | "tfplan" | "plan" | "digest"),
        None => path.file_name().is_some_and(|name| name == "tfplan" || name == "plan"),
    }
}

/// The account that a path stands for: `catalog/prod.json`, `catalog/prod/plan.json` and `catalog/prod.tfplan.json` are
/// all `catalog/prod`.
fn key_of(path: &str) -> String {
    const COMMON: [&str; 5] = ["plan", "tfplan", "digest", "terraform", "tofu"];
    let (folder, name) = path.rsplit_once('/').map_or((None, path), |(folder, name)| (Some(folder), name));
    let mut name = name;
    while let Some((stem, extension)) = name.rsplit_once('.') {
        if !matches!(extension, "json" | "jsonl" | "ndjson" | "tfplan" | "plan" | "digest") || stem.is_empty() {
            break;
        }
        name = stem;
    }
    match folder {
        Some(folder) if COMMON.contains(&name) => folder.to_owned(),
        Some(folder) => format!("{folder}/{name}"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stands_for_an_account() {
        for (path, expected) in [
            ("catalog/prod.json", "catalog/prod"),
            ("catalog/prod/plan.json", "catalog/prod"),
            ("catalog/prod.tfplan.json", "catalog/prod"),
            ("catalog/prod/tfplan", "catalog/prod"),
            ("payments-prod.json", "payments-prod"),
            ("plan.json", "plan"),
            ("v1.2/a.json", "v1.2/a"),
        ] {
            assert_eq!(key_of(path), expected);
        }
    }
}
