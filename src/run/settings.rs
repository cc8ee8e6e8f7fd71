//! How a run goes about it.

use std::path::PathBuf;
use std::time::Duration;

use crate::digest::Seal;

/// What one Terraform with the AWS provider takes while it plans, in bytes: nearer to a gigabyte than to half of one.
const MEMORY_EACH: u64 = 768 << 20;

/// More at a time than this gain nothing on one machine: AWS throttles first.
const MOST_JOBS: usize = 64;

/// How a run goes about it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Accounts that are worked on at a time.
    pub jobs: usize,
    /// Of these, how many are in a step that takes a processor: init, and reading plans.
    pub busy: usize,
    /// An account that takes longer than this for one try is interrupted.
    pub timeout: Option<Duration>,
    /// Whether planning takes the lock of the state. Applying always does.
    pub lock_plans: bool,
    /// How long a lock that somebody else holds is waited for.
    pub lock_timeout: Duration,
    /// How often a step that fails in a way that passes is tried again.
    pub retries: u32,
    /// How long the first pause before that is; each is twice as long as the one before.
    pub retry_delay: Duration,
    /// Whether locks of runs on this machine that are gone are released.
    pub release_locks: bool,
    /// Where full plans are kept, if they are.
    pub keep_plans: Option<PathBuf>,
    /// The key of digests.
    pub seal: Option<Seal>,
}

/// How many accounts to work on at a time: four a processor, for planning waits for AWS most of the time, as far as
/// the memory goes.
pub fn default_jobs(processors: usize, memory: u64) -> usize {
    let by_memory = usize::try_from(memory / MEMORY_EACH).unwrap_or(MOST_JOBS);
    (processors * 4).min(by_memory).clamp(1, MOST_JOBS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_fit_the_machine() {
        for (processors, gibibytes, expected) in [(2, 7, 8), (2, 2, 2), (1, 0, 1), (64, 512, 64), (4, 16, 16)] {
            assert_eq!(default_jobs(processors, gibibytes << 30), expected, "{processors} and {gibibytes}");
        }
    }
}
