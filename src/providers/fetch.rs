//! Terraform, asked to lock and to fetch.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Lock, Required};
use crate::system::inputs::PROVIDER_LOCK;
use crate::system::process::{Children, Finished};
use crate::terraform::{Log, Root, Terraform, Trouble};

/// Why providers could not be locked or fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// A file or the program.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Terraform said why.
    #[error("{message}")]
    Terraform {
        /// What it said.
        message: String,
        /// What to do, where that is known.
        help: Option<&'static str>,
    },
}

/// A folder that holds every provider of a lock, for root modules to link from. Fetched once for each content of the
/// lock, and kept below `work`.
///
/// # Errors
/// They cannot be fetched: nothing is left half-done.
pub fn fetch(
    work: &Path,
    lock: &Lock,
    text: &str,
    terraform: &Terraform,
    children: &Children,
) -> Result<PathBuf, FetchError> {
    let parent = work.join("providers");
    fs::create_dir_all(&parent)?;
    let folder = parent.join(crate::digest::short_hash(format!("{}\n{text}", terraform.version).as_bytes()));
    // Two runs that begin at the same time fetch once.
    let guard = fs::File::create(folder.with_extension("lock"))?;
    guard.lock()?;
    if folder.is_dir() {
        return Ok(folder);
    }
    let scratch = folder.with_extension("tmp");
    if scratch.exists() {
        fs::remove_dir_all(&scratch)?;
    }
    fs::create_dir_all(&scratch)?;
    let required: Required = lock
        .providers
        .iter()
        .map(|provider| (provider.address.clone(), [format!("= {}", provider.version)].into()))
        .collect();
    fs::write(scratch.join("main.tf"), module(&required))?;
    fs::write(scratch.join(PROVIDER_LOCK), text)?;
    let log = Log::create(&scratch.join("log"))?;
    let root = Root { terraform, folder: &scratch, children, log: &log, held: None, deadline: None };
    succeeded(&root.init(None)?, &log)?;
    fs::rename(scratch.join(".terraform/providers"), &folder)?;
    fs::remove_dir_all(&scratch)?;
    Ok(folder)
}

/// The lock of everything that root modules require, for these platforms (`linux_amd64`), from the registries or from a
/// folder of packages. Versions stay what they were in `current`.
///
/// # Errors
/// Terraform cannot lock them.
pub fn lock(
    work: &Path,
    required: &Required,
    current: Option<&str>,
    arguments: &[String],
    terraform: &Terraform,
    children: &Children,
) -> Result<String, FetchError> {
    fs::create_dir_all(work)?;
    let scratch = tempfile_in(work)?;
    fs::write(scratch.join("main.tf"), module(required))?;
    if let Some(current) = current {
        fs::write(scratch.join(PROVIDER_LOCK), current)?;
    }
    let log = Log::create(&scratch.join("log"))?;
    let root = Root { terraform, folder: &scratch, children, log: &log, held: None, deadline: None };
    let result = root.lock_providers(arguments).map_err(FetchError::from).and_then(|finished| {
        succeeded(&finished, &log)?;
        Ok(fs::read_to_string(scratch.join(PROVIDER_LOCK))?)
    });
    fs::remove_dir_all(&scratch)?;
    result
}

fn tempfile_in(work: &Path) -> io::Result<PathBuf> {
    let path = work.join(format!("lock-{}", std::process::id()));
    if path.exists() {
        fs::remove_dir_all(&path)?;
    }
    fs::create_dir(&path)?;
    Ok(path)
}

fn succeeded(finished: &Finished, log: &Log) -> Result<(), FetchError> {
    if finished.succeeded() {
        return Ok(());
    }
    let trouble = Trouble::read(&log.since(0));
    Err(FetchError::Terraform {
        message: trouble.message(&format!("it ended with {}", finished.how())),
        help: trouble.help,
    })
}

/// A module that requires providers and does nothing.
fn module(required: &Required) -> String {
    let quote = crate::hcl::quote;
    let providers: String = required
        .iter()
        .enumerate()
        .map(|(index, (source, versions))| {
            let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
            let version = if versions.is_empty() { ">= 0".to_owned() } else { versions.join(", ") };
            format!("    p{index} = {{ source = {}, version = {} }}\n", quote(source), quote(&version))
        })
        .collect();
    format!("terraform {{\n  required_providers {{\n{providers}  }}\n}}\n")
}
