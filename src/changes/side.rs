//! One revision, rendered.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::diagnostic::Diagnostics;
use crate::organization::{Account, AccountKey, Lifecycle, Organization};
use crate::render::engine::Engine;
use crate::render::{self, Digest};
use crate::repository::Repository;
use crate::system::inputs::Inputs;

/// The files of a root module by their digests.
pub type Files = BTreeMap<String, Digest>;

/// What a revision comes to: every account, and what it renders for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// By key.
    pub accounts: BTreeMap<AccountKey, SideAccount>,
}

/// One account of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideAccount {
    /// Where it is in its life.
    pub lifecycle: Lifecycle,
    /// The key it had before its domain was renamed.
    pub renamed_from: Option<AccountKey>,
    /// Its root module; empty while it is closed, or not in the ledger yet.
    pub files: Files,
}

impl Side {
    /// Renders every account of a repository that can be.
    ///
    /// # Errors
    /// What is wrong with the templates, or with what they are given.
    pub fn of(
        organization: &Organization,
        repository: &Repository,
        engine: &Engine,
        progress: &(dyn Fn() + Sync),
    ) -> Result<Self, Diagnostics> {
        let renders = |account: &&Account| account.is_renderable() && account.lifecycle != Lifecycle::Closed;
        let accounts: Vec<&Account> = organization.with_root().filter(renders).collect();
        let modules = render::render(organization, &accounts, &repository.features, engine, progress)?;
        let mut side = Self::default();
        for account in organization.with_root() {
            let old = account.domain.renamed_from.as_deref();
            let renamed_from = old.map(|old| AccountKey::new(old, account.key.environment()));
            let entry = SideAccount { lifecycle: account.lifecycle, renamed_from, files: Files::new() };
            side.accounts.insert(account.key.clone(), entry);
        }
        for module in modules {
            if let Some(account) = side.accounts.get_mut(&module.key) {
                account.files = module.files.into_iter().map(|(name, contents)| (name, contents.digest)).collect();
            }
        }
        Ok(side)
    }

    /// The side of some inputs, if they are whole and right.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn load(inputs: &Inputs, diagnostics: Diagnostics, today: Date) -> Result<Self, Box<Repository>> {
        let mut repository = Repository::load(inputs, diagnostics, today);
        if repository.is_sound()
            && let (Some(organization), Some(engine)) = (&repository.organization, &repository.engine)
        {
            match Self::of(organization, &repository, engine, &|| ()) {
                Ok(side) => return Ok(side),
                Err(problems) => repository.diagnostics.extend(problems),
            }
        }
        Err(Box::new(repository))
    }
}
