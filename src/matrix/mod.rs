//! The organization as CI jobs: waves in order, each a list of shards.
//!
//! Pure; the formats that CI systems take are beside it, one file each.

mod github;
mod gitlab;
mod shard;
mod timings;

pub use github::{to_github, to_github_output};
pub use gitlab::to_gitlab;
pub use timings::Timings;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::organization::{Account, AccountKey, Lifecycle, ORGANIZATION, Organization};

/// GitHub Actions runs at most this many jobs of one matrix.
pub const MOST_JOBS: u16 = 256;

/// All that CI is to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Matrix {
    /// In order: one starts when the one before has succeeded.
    pub waves: Vec<WaveJobs>,
}

/// The jobs of one wave, which run in parallel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaveJobs {
    /// The wave's name.
    pub name: String,
    /// Its shards; none is valid, and skips the wave.
    pub jobs: Vec<Job>,
}

/// One CI job: a shard of a wave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Job {
    /// The account's key, or the wave's name and the shard's number where it has several.
    pub name: String,
    /// What is done to its accounts.
    pub action: Action,
    /// Ascending.
    pub accounts: Vec<AccountKey>,
}

/// What a job does to its accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Make the account what its root module says.
    Apply,
    /// Destroy what its root module made: the account is retiring.
    Destroy,
}

/// The jobs for `accounts`, at most `max_jobs` a wave. Accounts that are closed have none.
///
/// With at least as many jobs as accounts every account has its own. Otherwise the shards are of nearly
/// equal size or, with timings, take about equally long; and one more account moves few others.
pub fn matrix(
    organization: &Organization,
    accounts: &[&Account],
    max_jobs: usize,
    timings: Option<&Timings>,
) -> Matrix {
    let waves = organization.waves.iter().enumerate().map(|(index, wave)| {
        let of = |action: Action| -> Vec<&AccountKey> {
            let belongs = |account: &&&Account| account.wave == index && action_of(account) == Some(action);
            accounts.iter().filter(belongs).map(|account| &account.key).collect()
        };
        wave_jobs(&wave.name, &of(Action::Apply), &of(Action::Destroy), max_jobs, timings)
    });
    let root: Vec<&AccountKey> =
        accounts.iter().map(|account| &account.key).filter(|key| key.is_organization()).collect();
    // Before everything else, where the organization has a root module of its own.
    let first = organization.root.as_ref().map(|_| wave_jobs(ORGANIZATION, &root, &[], 1, timings));
    Matrix { waves: first.into_iter().chain(waves).collect() }
}

/// The jobs for `accounts` in one wave, `all`: for what keeps no order.
pub fn flat(accounts: &[&Account], max_jobs: usize, timings: Option<&Timings>) -> Matrix {
    let of = |action: Action| -> Vec<&AccountKey> {
        accounts.iter().filter(|account| action_of(account) == Some(action)).map(|account| &account.key).collect()
    };
    Matrix { waves: vec![wave_jobs("all", &of(Action::Apply), &of(Action::Destroy), max_jobs, timings)] }
}

fn wave_jobs(
    name: &str,
    applied: &[&AccountKey],
    destroyed: &[&AccountKey],
    max_jobs: usize,
    timings: Option<&Timings>,
) -> WaveJobs {
    let (for_apply, for_destroy) = share(applied.len(), destroyed.len(), max_jobs.max(1));
    let mut all = jobs(name, Action::Apply, applied, for_apply, timings);
    all.extend(jobs(name, Action::Destroy, destroyed, for_destroy, timings));
    WaveJobs { name: name.to_owned(), jobs: all }
}

fn action_of(account: &Account) -> Option<Action> {
    match account.lifecycle {
        Lifecycle::Active => Some(Action::Apply),
        Lifecycle::Retiring => Some(Action::Destroy),
        Lifecycle::Closed => None,
    }
}

/// Divides the jobs of a wave between what is applied and what is destroyed, in proportion: a job does one
/// of the two, so a wave that has both has at least two jobs.
fn share(applied: usize, destroyed: usize, jobs: usize) -> (usize, usize) {
    let accounts = applied + destroyed;
    if accounts <= jobs {
        return (applied, destroyed);
    }
    let some = |wanted: usize, of: usize| wanted.clamp(usize::from(of > 0), of);
    let for_destroy = if applied == 0 { jobs } else { some(jobs * destroyed / accounts, destroyed) };
    (some(jobs.saturating_sub(for_destroy), applied), for_destroy)
}

fn jobs(wave: &str, action: Action, accounts: &[&AccountKey], count: usize, timings: Option<&Timings>) -> Vec<Job> {
    if count == 0 {
        return Vec::new();
    }
    if accounts.len() <= count {
        let job = |key: &&AccountKey| Job { name: key.to_string(), action, accounts: vec![(*key).clone()] };
        return accounts.iter().map(job).collect();
    }
    let verb = match action {
        Action::Apply => "",
        Action::Destroy => " destroy",
    };
    let digits = count.to_string().len();
    let shards = match timings {
        Some(timings) => shard::pack_by_time(accounts, count, timings),
        None => shard::pack(accounts, count),
    };
    shards
        .into_iter()
        .enumerate()
        .filter(|(_, accounts)| !accounts.is_empty())
        .map(|(index, accounts)| Job {
            name: format!("{wave}{verb} {:0digits$}/{count}", index + 1),
            action,
            accounts: accounts.into_iter().cloned().collect::<BTreeSet<_>>().into_iter().collect(),
        })
        .collect()
}
