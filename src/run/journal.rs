//! What a run has done, a line each, written before and after every step that changes something: a run that was cut
//! off anywhere can be taken up again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::report::Outcome;
use crate::system::clock;

/// The journal's file in a run's folder.
pub const JOURNAL: &str = "journal.jsonl";

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Record {
    /// The run began.
    Run {
        /// `plan`, `apply`, `drift`.
        command: String,
        /// The machine.
        host: String,
        /// Everything that is to be done.
        accounts: Vec<String>,
        /// The digests that were reviewed, where there are any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reviewed: Option<std::path::PathBuf>,
    },
    /// Terraform is started for an account: from here on it may hold a lock.
    Begin {
        /// Its key.
        account: String,
        /// `plan` or `apply`.
        step: String,
    },
    /// That step is over, and whoever held a lock for it has released it or said why not.
    Over {
        /// Its key.
        account: String,
    },
    /// An account is done, one way or the other.
    End {
        /// Its key.
        account: String,
        /// How.
        outcome: Outcome,
        /// What its root module was, so that one that was changed since is not taken for done.
        root: String,
    },
}

/// A line with its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Line {
    at: Timestamp,
    #[serde(flatten)]
    record: Record,
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    file: Mutex<File>,
}

impl Journal {
    /// A new one in a run's folder.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn create(folder: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(folder.join(JOURNAL))?;
        Ok(Self { file: Mutex::new(file) })
    }

    /// Writes a line, and returns once it is on the disk.
    ///
    /// # Errors
    /// It cannot be written: what would follow must not be done.
    pub fn write(&self, record: Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(&Line { at: clock::now(), record })?;
        line.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&line)?;
        file.sync_data()
    }
}

/// What an earlier run's journal tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Earlier {
    /// What was run.
    pub command: String,
    /// On which machine.
    pub host: String,
    /// Everything that was to be done.
    pub accounts: BTreeSet<String>,
    /// The digests that were reviewed.
    pub reviewed: Option<std::path::PathBuf>,
    /// Accounts that are done, with what their root modules were.
    pub done: BTreeMap<String, (Outcome, String)>,
    /// Accounts for which Terraform was started, and when; and when that was over, if it was.
    pub attempts: BTreeMap<String, Vec<(Timestamp, Option<Timestamp>)>>,
}

impl Earlier {
    /// Reads a journal. The last line may be cut off: it is as if it had not been written.
    pub fn read(text: &str) -> Self {
        let mut earlier = Self::default();
        for line in text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()) {
            match line.record {
                Record::Run { command, host, accounts, reviewed } => {
                    earlier.accounts = accounts.into_iter().collect();
                    (earlier.command, earlier.host, earlier.reviewed) = (command, host, reviewed);
                }
                Record::Begin { account, .. } => earlier.attempts.entry(account).or_default().push((line.at, None)),
                Record::Over { account } => {
                    if let Some((_, over)) = earlier.attempts.get_mut(&account).and_then(|attempts| attempts.last_mut())
                    {
                        *over = Some(line.at);
                    }
                }
                Record::End { account, outcome, root } if outcome.is_done() => {
                    earlier.done.insert(account, (outcome, root));
                }
                Record::End { account, .. } => {
                    earlier.done.remove(&account);
                }
            }
        }
        earlier
    }

    /// Whether this run was cut off while it may have held a lock for the account.
    pub fn was_cut_off(&self, account: &str) -> bool {
        self.attempts.get(account).is_some_and(|attempts| attempts.iter().any(|(_, over)| over.is_none()))
    }

    /// Whether a lock that was taken then may be one that this run left: it was cut off while it may have taken it.
    pub fn may_have_left(&self, account: &str, taken: Timestamp) -> bool {
        let attempts = self.attempts.get(account);
        attempts.is_some_and(|attempts| attempts.iter().any(|(began, over)| over.is_none() && *began <= taken))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_that_was_cut_off_anywhere_tells_what_was_done_until_then() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::create(folder.path()).unwrap();
        let accounts = vec!["a/dev".to_owned(), "b/dev".to_owned()];
        let run = Record::Run { command: "apply".to_owned(), host: "h".to_owned(), accounts, reviewed: None };
        journal.write(run).unwrap();
        for account in ["a/dev", "b/dev"] {
            journal.write(Record::Begin { account: account.to_owned(), step: "apply".to_owned() }).unwrap();
        }
        journal.write(Record::Over { account: "a/dev".to_owned() }).unwrap();
        let root = "r".to_owned();
        journal.write(Record::End { account: "a/dev".to_owned(), outcome: Outcome::Applied, root }).unwrap();
        let text = std::fs::read_to_string(folder.path().join(JOURNAL)).unwrap();
        for end in 0..=text.len() {
            let earlier = Earlier::read(&text[..end]);
            assert_eq!(earlier.done.contains_key("a/dev"), end >= text.len() - 1, "{end}");
            assert!(!earlier.done.contains_key("b/dev"));
        }
        let earlier = Earlier::read(&text);
        let now = Timestamp::now();
        assert!(earlier.was_cut_off("b/dev") && !earlier.was_cut_off("a/dev"));
        assert!(!earlier.may_have_left("a/dev", now), "it was over");
        assert!(earlier.may_have_left("b/dev", now));
        assert!(!earlier.may_have_left("b/dev", Timestamp::UNIX_EPOCH), "taken before");
        assert!(!earlier.may_have_left("c/dev", now));
    }
}
