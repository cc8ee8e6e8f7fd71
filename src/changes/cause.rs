//! What of a branch touches an account: what alone would do it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::AccountChange;
use super::side::Side;
use crate::diagnostic::Diagnostics;
use crate::organization::AccountKey;
use crate::repository::Repository;
use crate::system::inputs::{DOMAINS, Inputs, LEDGER, OVERLAYS, PROVIDER_LOCK};

/// What of a branch touches an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// domains.toml.
    Config,
    /// A template, or another file of a feature.
    Template,
    /// An overlay.
    Overlay,
    /// ledger.toml.
    Ledger,
    /// The lock of the providers.
    ProviderLock,
    /// The base cannot be rendered, so nothing is known to be the same.
    Base,
}

impl Cause {
    /// As JSON spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Template => "template",
            Self::Overlay => "overlay",
            Self::Ledger => "ledger",
            Self::ProviderLock => "provider-lock",
            Self::Base => "base",
        }
    }

    /// What a file of the inputs belongs to.
    fn of(path: &str) -> Self {
        match path {
            DOMAINS => Self::Config,
            LEDGER => Self::Ledger,
            PROVIDER_LOCK => Self::ProviderLock,
            _ if path.starts_with(OVERLAYS) => Self::Overlay,
            _ => Self::Template,
        }
    }
}

/// Tells causes apart by trying each alone.
pub(super) struct Causes<'a> {
    base: &'a Side,
    /// What differs between the two, ascending.
    differing: Vec<Cause>,
    /// The base with one of them from the head; not there where that cannot be rendered.
    alone: BTreeMap<Cause, Side>,
}

impl<'a> Causes<'a> {
    pub(super) fn new(base: &Inputs, side: &'a Side, head: &Inputs, today: Date) -> Self {
        let paths = base.files.keys().chain(head.files.keys());
        let mut differing: Vec<Cause> =
            paths.filter(|path| base.files.get(*path) != head.files.get(*path)).map(|path| Cause::of(path)).collect();
        differing.sort_unstable();
        differing.dedup();
        // One cause needs no trial.
        let alone = if differing.len() > 1 {
            differing.iter().filter_map(|cause| Some((*cause, render(&with(base, head, *cause), today)?))).collect()
        } else {
            BTreeMap::new()
        };
        Self { base: side, differing, alone }
    }

    /// Says of every account what touches it.
    pub(super) fn attribute(&self, changes: &mut [AccountChange]) {
        changes.iter_mut().for_each(|change| change.causes = self.of(&change.key));
    }

    fn of(&self, key: &AccountKey) -> Vec<Cause> {
        let alone: Vec<Cause> = self.differing.iter().copied().filter(|cause| self.touches(*cause, key)).collect();
        // What only several of them together do is done by all of them; a single one has not been tried.
        if alone.is_empty() { self.differing.clone() } else { alone }
    }

    fn touches(&self, cause: Cause, key: &AccountKey) -> bool {
        self.alone.get(&cause).is_some_and(|side| side.accounts.get(key) != self.base.accounts.get(key))
    }
}

/// The base, but for what belongs to one cause.
fn with(base: &Inputs, head: &Inputs, cause: Cause) -> Inputs {
    let mut inputs = base.clone();
    inputs.files.retain(|path, _| Cause::of(path) != cause);
    let own = head.files.iter().filter(|(path, _)| Cause::of(path) == cause);
    inputs.files.extend(own.map(|(path, bytes)| (path.clone(), bytes.clone())));
    inputs
}

/// What inputs come to that nobody wrote like this: what is wrong with them is nobody's mistake.
fn render(inputs: &Inputs, today: Date) -> Option<Side> {
    let repository = Repository::load(inputs, Diagnostics::default(), today);
    let (organization, engine) = (repository.organization.as_ref()?, repository.engine.as_ref()?);
    Side::of(organization, &repository, engine, &|| ()).ok()
}
