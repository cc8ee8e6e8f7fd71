//! Features and overlays: the folders that say what an account gets.
//!
//! A feature is a folder below `templates/` with a `feature.toml`, or comes with groundwork; an overlay is a folder below
//! `overlays/` named for a domain, and below that for an environment. Here they are read and checked; what
//! their templates become is [`crate::render`]'s matter.

mod advice;
mod archive;
mod choice;
mod manifest;
mod overlay;
mod parity;

pub use advice::advice;
pub use choice::BuiltIn;
pub use manifest::{Feature, Provider, Scope};
pub use overlay::Overlay;
pub use parity::parity;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::built_in;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Sources};
use crate::organization::Account;
use crate::providers::Lock;
use crate::system::files::to_text;
use crate::system::inputs::{Inputs, PROVIDER_LOCK, TEMPLATES};

/// Templates end in this; what is before it is the name of the file they render.
const TEMPLATE_SUFFIX: &str = ".tera";
/// Files and folders that start with this are parts for other templates to include, and render nothing.
const PARTIAL_PREFIX: char = '_';

/// The folder of a feature that holds its own tests.
const TESTS: &str = "tests/";

/// A file that a feature or an overlay contributes to a root module.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Where it goes, relative to the root module.
    pub target: String,
    /// Where it comes from, relative to the repository: what a template is called by, built in or not.
    pub source: String,
    /// The same as people should read it.
    pub shown: String,
    /// What it becomes.
    pub content: Content,
}

/// What a source file becomes.
#[derive(Clone, Debug)]
pub enum Content {
    /// A template to render; its name is its path.
    Template,
    /// Bytes to copy.
    Copy(Arc<[u8]>),
}

/// A template's name and its text.
#[derive(Clone, Debug)]
pub struct TemplateText {
    /// Its path, relative to the repository.
    pub name: String,
    /// Its text among the sources.
    pub file: FileId,
}

/// Everything below `templates/` and `overlays/`.
#[derive(Debug, Default)]
pub struct Features {
    /// By name.
    pub features: BTreeMap<String, Feature>,
    /// The names of those whose manifest cannot be used. It is told once, and not again wherever they are meant.
    pub broken: BTreeSet<String>,
    /// In order of their folder.
    pub overlays: Vec<Overlay>,
    /// All templates, of features, overlays and parts.
    pub templates: Vec<TemplateText>,
    /// The lock of the providers that all root modules share.
    pub provider_lock: Option<Lock>,
}

impl Features {
    /// Reads all features and overlays; of the built-in features those that are chosen and that no folder replaces.
    pub fn load(inputs: &Inputs, built_in: &BuiltIn, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Self {
        let mut files = FilesByFolder::default();
        for (path, bytes) in &inputs.files {
            files.take(path, path, bytes, sources, diagnostics);
        }
        for (name, folder) in built_in.beside(inputs) {
            for (path, bytes) in folder {
                let path = format!("{TEMPLATES}/{name}/{path}");
                files.take(&path, &format!("{}{path}", built_in::PREFIX), &(*bytes).into(), sources, diagnostics);
            }
        }
        let (mut features, mut broken) = (BTreeMap::new(), BTreeSet::new());
        for (name, mut folder) in files.features {
            folder.files = archive::pack(folder.files, diagnostics);
            match manifest::load(&name, folder, sources, diagnostics) {
                Some(feature) => drop(features.insert(name, feature)),
                None => drop(broken.insert(name)),
            }
        }
        manifest::check_requirements(&features, &broken, diagnostics);
        manifest::check_files(&features, diagnostics);
        Self {
            features,
            broken,
            overlays: overlay::group(archive::pack(files.overlays, diagnostics)),
            templates: files.templates,
            provider_lock: provider_lock(inputs, diagnostics),
        }
    }

    /// The features that contribute to the organization's root module, in order of name.
    pub fn of_organization(&self) -> impl Iterator<Item = &Feature> {
        self.features.values().filter(|feature| feature.scope == Scope::Organization)
    }

    /// The features that contribute to that root module.
    pub fn of(&self, account: &Account) -> impl Iterator<Item = &Feature> {
        let scope = if account.key.is_organization() { Scope::Organization } else { Scope::Account };
        self.features.values().filter(move |feature| feature.scope == scope)
    }

    /// The features that contribute to an account's root module, in order of name.
    pub fn of_accounts(&self) -> impl Iterator<Item = &Feature> {
        self.features.values().filter(|feature| feature.scope == Scope::Account)
    }
}

fn provider_lock(inputs: &Inputs, diagnostics: &mut Diagnostics) -> Option<Lock> {
    let bytes = inputs.files.get(PROVIDER_LOCK)?;
    let lock = to_text(bytes).map_err(|error| error.to_string());
    match lock.and_then(|text| Lock::parse(text).map_err(|error| error.to_string())) {
        Ok(lock) => Some(lock),
        Err(reason) => {
            let problem = Diagnostic::error(Code::Unreadable, format!("cannot be read: {reason}"));
            let help = "restore it from git, or remove it and run `groundwork providers lock`";
            diagnostics.push(problem.in_file(PROVIDER_LOCK).help(help));
            None
        }
    }
}

/// One feature's folder, as found.
#[derive(Debug, Default)]
struct Folder {
    manifest: Option<FileId>,
    files: Vec<SourceFile>,
}

#[derive(Debug, Default)]
struct FilesByFolder {
    features: BTreeMap<String, Folder>,
    overlays: Vec<SourceFile>,
    templates: Vec<TemplateText>,
}

impl FilesByFolder {
    /// Takes a file in: `path` is where it is, or would be, and `shown` what people read.
    fn take(
        &mut self,
        path: &str,
        shown: &str,
        bytes: &Arc<[u8]>,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) {
        let Some((top, below)) = path.split_once('/') else { return };
        if top == TEMPLATES {
            let Some((feature, target)) = below.split_once('/') else { return };
            let partial = feature.starts_with(PARTIAL_PREFIX) || is_partial(target);
            match target {
                "feature.toml" => {
                    let Some(file) = text(shown, bytes, sources, diagnostics) else { return };
                    self.features.entry(feature.to_owned()).or_default().manifest = Some(file);
                }
                // About the feature, not part of what it renders.
                "README.md" => {}
                _ if target.starts_with(TESTS) => {}
                _ => {
                    let found = self.source_file((path, shown), target, bytes, sources, diagnostics);
                    if !partial {
                        self.features.entry(feature.to_owned()).or_default().files.extend(found);
                    }
                }
            }
        } else if top == crate::system::inputs::OVERLAYS {
            let found = self.source_file((path, shown), below, bytes, sources, diagnostics);
            if !is_partial(below) {
                self.overlays.extend(found);
            }
        }
    }

    fn source_file(
        &mut self,
        (path, shown): (&str, &str),
        target: &str,
        bytes: &Arc<[u8]>,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> Option<SourceFile> {
        let file = |target: &str, content: Content| SourceFile {
            target: target.to_owned(),
            source: path.to_owned(),
            shown: shown.to_owned(),
            content,
        };
        let Some(target) = target.strip_suffix(TEMPLATE_SUFFIX) else {
            return Some(file(target, Content::Copy(Arc::clone(bytes))));
        };
        let name = path.to_owned();
        self.templates.push(TemplateText { name, file: text(shown, bytes, sources, diagnostics)? });
        Some(file(target, Content::Template))
    }
}

fn is_partial(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with(PARTIAL_PREFIX) && part.ends_with(TEMPLATE_SUFFIX))
}

/// Takes a file in as a source, if it is text.
fn text(path: &str, bytes: &[u8], sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<FileId> {
    match to_text(bytes) {
        Ok(text) => Some(sources.add(path, text)),
        Err(error) => {
            let problem = format!("cannot be read: {error}");
            diagnostics.push(Diagnostic::error(Code::Unreadable, problem).in_file(path));
            None
        }
    }
}
