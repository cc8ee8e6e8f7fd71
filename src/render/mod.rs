//! The organization as root modules: what is to be written, in memory.
//!
//! ```text
//! organization ─┐
//! features ─────┼─ render ── RootModule per account ── disk::write / disk::compare
//! overlays ─────┘   (pure)      path → content
//! ```
//! All of it is rendered and every HCL file parsed before the first byte is written, so that a mistake in
//! one account leaves the disk as it was. Content that many accounts share is held, and parsed, once.

mod context;
pub mod disk;
pub mod engine;
mod intern;

pub use context::NO_ACCOUNT;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::feature::{Content, Features, SourceFile};
use crate::organization::{Account, AccountKey, ORGANIZATION, Organization};
use crate::providers::{self, Required};
use crate::system::inputs::PROVIDER_LOCK;
use engine::Engine;
use intern::Store;
pub use intern::{Contents, Digest};

/// The folder that holds the accounts' root modules.
pub const ACCOUNTS: &str = "accounts";

/// The Terraform folder rendered for one account.
#[derive(Clone, Debug)]
pub struct RootModule {
    /// Whose it is.
    pub key: AccountKey,
    /// Contents by path below the folder.
    pub files: BTreeMap<String, Arc<Contents>>,
}

impl RootModule {
    /// Where it goes, relative to the output folder.
    pub fn folder(&self) -> String {
        if self.key.is_organization() {
            return ORGANIZATION.to_owned();
        }
        format!("{ACCOUNTS}/{}", self.key)
    }
}

/// Renders the root modules of `accounts`. With any error there are none: a rendering is whole or nothing.
pub fn render(
    organization: &Organization,
    accounts: &[&Account],
    features: &Features,
    engine: &Engine,
    progress: &(dyn Fn() + Sync),
) -> Result<Vec<RootModule>, Diagnostics> {
    let renderer = Renderer { organization, features, engine, hcl: Store::default(), other: Store::default() };
    let rendered: Vec<Result<RootModule, Vec<Diagnostic>>> = accounts
        .par_iter()
        .map(|account| {
            let module = renderer.root_module(account);
            progress();
            module
        })
        .collect();
    let mut modules = Vec::with_capacity(rendered.len());
    let mut diagnostics = Diagnostics::default();
    for result in rendered {
        match result {
            Ok(module) => modules.push(module),
            Err(problems) => diagnostics.extend(once_per_place(problems, &diagnostics)),
        }
    }
    if diagnostics.is_empty() { Ok(modules) } else { Err(diagnostics) }
}

/// A mistake in a template shows in every account; the first is enough to mend it.
fn once_per_place(problems: Vec<Diagnostic>, said: &Diagnostics) -> Vec<Diagnostic> {
    let same = |a: &Diagnostic, b: &Diagnostic| {
        a.code == b.code && a.path == b.path && a.labels == b.labels && (a.path.is_some() || !a.labels.is_empty())
    };
    problems.into_iter().filter(|problem| !said.iter().any(|other| same(problem, other))).collect()
}

struct Renderer<'a> {
    organization: &'a Organization,
    features: &'a Features,
    engine: &'a Engine,
    /// Contents that are HCL: what is in here has been parsed.
    hcl: Store,
    /// All other contents.
    other: Store,
}

impl Renderer<'_> {
    fn root_module(&self, account: &Account) -> Result<RootModule, Vec<Diagnostic>> {
        let mut context = if account.key.is_organization() {
            context::of_organization(self.organization, account, self.features)
        } else {
            context::of_account(self.organization, account, self.features)
        };
        let mut module = Module { files: BTreeMap::new(), problems: Vec::new() };
        for feature in self.features.of(account) {
            let Some(inputs) = account.inputs.get(&feature.key) else { continue };
            context::with_inputs(&mut context, Some(inputs));
            for file in &feature.files {
                self.file(account, &file.target, file, (&context, Some(inputs.place)), &mut module);
            }
        }
        context::with_inputs(&mut context, None);
        let is_environment = |name: &str| self.organization.environments.iter().any(|environment| environment == name);
        for overlay in self.features.overlays.iter().filter(|overlay| overlay.domain == account.key.domain()) {
            for (target, file) in overlay.files_for(account.key.environment(), is_environment) {
                self.file(account, target, file, (&context, None), &mut module);
            }
        }
        self.provider_lock(&mut module);
        if module.problems.is_empty() {
            let files = module.files.into_iter().map(|(target, (content, _))| (target, content)).collect();
            Ok(RootModule { key: account.key.clone(), files })
        } else {
            Err(module.problems)
        }
    }

    /// Adds what the root module needs of the lock of the providers.
    fn provider_lock(&self, module: &mut Module<'_>) {
        let Some(lock) = &self.features.provider_lock else { return };
        let mut required = Required::new();
        for (content, _) in module.files.iter().filter(|(name, _)| name.ends_with(".tf")).map(|(_, file)| file) {
            providers::required(&String::from_utf8_lossy(&content.bytes), &mut required);
        }
        if let Some(text) = lock.of(required.keys().map(String::as_str))
            && let Ok(content) = self.verbatim(text.as_bytes())
        {
            module.files.entry(PROVIDER_LOCK.to_owned()).or_insert((content, PROVIDER_LOCK));
        }
    }

    fn file<'s>(
        &self,
        account: &Account,
        target: &str,
        file: &'s SourceFile,
        (context, inputs): (&tera::Context, Option<Place>),
        module: &mut Module<'s>,
    ) {
        let content = match &file.content {
            Content::Copy(bytes) if is_hcl(target) => self.copied_hcl(account, file, bytes).map(Some),
            Content::Copy(bytes) => self.verbatim(bytes).map(Some),
            Content::Template => match self.engine.render(&file.source, context) {
                // A template that has nothing to say for an account makes no file there.
                Ok(text) if text.trim().is_empty() => Ok(None),
                Ok(text) if is_hcl(target) => self.hcl(account, file, &text, context).map(Some),
                Ok(text) => self.verbatim(text.as_bytes()).map(Some),
                Err(error) => Err(error.to_diagnostic(&account.key, inputs)),
            },
        };
        match content {
            Ok(None) => {}
            Err(problem) => module.problems.push(problem),
            Ok(Some(content)) => {
                if let Some((_, first)) = module.files.insert(target.to_owned(), (content, &file.shown)) {
                    let problem = format!("it would write `{target}` of `{}`, as `{first}` does", account.key);
                    module.problems.push(
                        Diagnostic::error(Code::FileConflict, problem)
                            .in_file(&file.shown)
                            .help("rename one of the two: a file of a root module has one source"),
                    );
                }
            }
        }
    }

    fn verbatim(&self, bytes: &[u8]) -> Result<Arc<Contents>, Diagnostic> {
        self.other.keep(bytes, |_| Ok(()))
    }

    /// HCL from a template, with the header that says where it comes from.
    fn hcl(
        &self,
        account: &Account,
        file: &SourceFile,
        text: &str,
        context: &tera::Context,
    ) -> Result<Arc<Contents>, Diagnostic> {
        let header = header(&file.source);
        let body = text.trim_start_matches('\n');
        let content = format!("{header}\n{}\n", body.trim_end_matches('\n'));
        self.hcl.keep(content.as_bytes(), |_| crate::hcl::check(&content)).map_err(|error| {
            let line_of_body = error.line.saturating_sub(header.lines().count() + 1);
            let dropped = text.len() - body.len();
            let diagnostic = not_hcl(account, &content, &error);
            match self.engine.place_of_line(&file.source, context, line_of_body + dropped) {
                Some(place) => diagnostic.at(place),
                None => diagnostic.in_file(&file.shown),
            }
        })
    }

    /// HCL that is copied as it stands.
    fn copied_hcl(&self, account: &Account, file: &SourceFile, bytes: &[u8]) -> Result<Arc<Contents>, Diagnostic> {
        let text = String::from_utf8_lossy(bytes);
        self.hcl.keep(bytes, |_| crate::hcl::check(&text)).map_err(|error| {
            let diagnostic = not_hcl(account, &text, &error).in_file(&file.shown);
            diagnostic.help(format!("line {}, column {}", error.line, error.column))
        })
    }
}

/// Of a line that is not HCL, this many characters are shown.
const LONGEST_SHOWN: usize = 120;

/// A file that would not be HCL.
fn not_hcl(account: &Account, text: &str, error: &crate::hcl::NotHcl) -> Diagnostic {
    let line = text.lines().nth(error.line.saturating_sub(1)).map(str::trim);
    let reads = line.map(|line| {
        let shown: String = line.chars().take(LONGEST_SHOWN).collect();
        format!("for `{}` it reads: {shown}{}", account.key, if shown.len() < line.len() { "…" } else { "" })
    });
    Diagnostic::error(Code::RenderedSyntax, format!("what it renders is not HCL: {}", error.message)).maybe_help(reads)
}

/// The files of one root module so far, each with its source, and what is wrong.
struct Module<'s> {
    files: BTreeMap<String, (Arc<Contents>, &'s str)>,
    problems: Vec<Diagnostic>,
}

/// What a generated HCL file starts with; `disk` knows the files groundwork wrote by it too.
const HEADER: &str = "# Generated by groundwork from ";

fn header(source: &str) -> String {
    format!(
        "{HEADER}{source}.\n# Edits here are lost: change the source, or domains.toml, and run `groundwork render`.\n"
    )
}

fn is_hcl(target: &str) -> bool {
    [".tf", ".tfvars", ".hcl"].iter().any(|suffix| target.ends_with(suffix))
}
