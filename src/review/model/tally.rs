//! Counts.

use std::ops::AddAssign;

use schemars::JsonSchema;
use serde::Serialize;

use crate::digest::Digest;
use crate::plan::Action;

/// How much of what is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tally {
    /// Resources created.
    pub create: usize,
    /// Resources updated in place.
    pub update: usize,
    /// Resources replaced, whatever becomes of the old one.
    pub replace: usize,
    /// Resources destroyed.
    pub destroy: usize,
    /// Resources that leave the state and go on existing.
    pub forget: usize,
    /// Existing objects taken into the state, alone or with an update.
    pub import: usize,
    /// Resources that have a new address, alone or with an update.
    pub moved: usize,
    /// Outputs that change.
    pub output: usize,
    /// Everything else: unknown actions, provider actions, deferred changes.
    pub other: usize,
}

impl Tally {
    /// Counts one resource's action.
    pub fn add(&mut self, action: &Action) {
        match action {
            Action::NoOp | Action::Read => {}
            Action::Create => self.create += 1,
            Action::Update => self.update += 1,
            Action::Delete => self.destroy += 1,
            Action::DeleteThenCreate
            | Action::CreateThenDelete
            | Action::CreateThenForget
            | Action::ForgetThenCreate => self.replace += 1,
            Action::Forget => self.forget += 1,
            Action::Open | Action::Other(_) => self.other += 1,
        }
    }

    /// What applying a digest would do.
    pub fn of(digest: &Digest) -> Self {
        let mut tally = Self::default();
        for change in &digest.changes {
            tally.add(&change.action);
            tally.import += usize::from(change.importing.is_some());
            tally.moved += usize::from(change.previous_address.is_some());
        }
        tally.output += digest.outputs.len();
        tally.other += digest.deferred.len() + digest.invocations.len();
        tally
    }

    /// Whether nothing is done.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.create += other.create;
        self.update += other.update;
        self.replace += other.replace;
        self.destroy += other.destroy;
        self.forget += other.forget;
        self.import += other.import;
        self.moved += other.moved;
        self.output += other.output;
        self.other += other.other;
    }
}
