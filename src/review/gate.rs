//! What a workflow may refuse to go on with.

use clap::ValueEnum;

use super::model::{Review, State};
use crate::text::Count;

/// What a review can be made to fail on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Anything that applying would do.
    Change,
    /// A resource that is destroyed.
    Destroy,
    /// A resource that is destroyed and made anew, or made anew and left behind.
    Replace,
    /// A resource that Terraform forgets or leaves behind.
    Forget,
    /// Any of these three in a protected account.
    Protected,
    /// Any danger.
    Danger,
    /// A policy that denies, or that could not be judged.
    Policy,
    /// A policy that warns.
    Warn,
    /// An account without a plan, or whose plan stopped half-way.
    NotPlanned,
    /// A plan that leaves something for a later run.
    Incomplete,
    /// Something that changed outside of Terraform.
    Drift,
    /// A check that does not pass.
    Check,
}

impl FailOn {
    /// What of it there is, in a few words; nothing where there is nothing.
    pub fn found(self, review: &Review) -> Option<String> {
        let totals = review.totals;
        let accounts =
            |wanted: &dyn Fn(State) -> bool| review.accounts.iter().filter(|account| wanted(account.state)).count();
        let messages =
            |refuses: bool| review.policy.iter().filter(|verdict| verdict.severity.refuses() == refuses).count();
        let dangers = |protected_only: bool| {
            let counted =
                review.dangers.iter().filter(|danger| !protected_only || (danger.protected && danger.takes_away()));
            counted.map(|danger| danger.accounts.len()).sum()
        };
        let (number, noun) = match self {
            Self::Change => (
                accounts(&|state| matches!(state, State::Planned | State::New | State::Incomplete)),
                "account changing",
            ),
            Self::Destroy => (totals.destroy, "resource destroyed"),
            Self::Replace => (totals.replace, "resource replaced"),
            Self::Forget => (totals.forget + left_behind(review), "resource forgotten or left behind"),
            Self::Protected => (dangers(true), "loss in protected accounts"),
            Self::Danger => (dangers(false), "danger"),
            Self::Policy => (messages(true), "refusal by a policy"),
            Self::Warn => (messages(false), "warning by a policy"),
            Self::NotPlanned => {
                (accounts(&|state| matches!(state, State::NotPlanned | State::Errored)), "account not planned")
            }
            Self::Incomplete => (accounts(&|state| state == State::Incomplete), "plan leaving something for later"),
            Self::Drift => (review.drift.iter().map(|pattern| pattern.accounts.len()).sum(), "account drifted"),
            Self::Check => (review.accounts.iter().map(|account| account.checks.len()).sum(), "check failing"),
        };
        let plural = |noun: &str| match noun.split_once(' ') {
            Some((first, rest)) => format!("{} {rest}", Count(number, first)),
            None => Count(number, noun).to_string(),
        };
        (number > 0).then(|| plural(noun))
    }
}

/// Resources that are made anew while the old one goes on existing.
fn left_behind(review: &Review) -> usize {
    let behind = review.dangers.iter().filter(|danger| danger.kinds.contains(&crate::digest::DangerKind::LeftBehind));
    behind.map(|danger| danger.accounts.len()).sum()
}
