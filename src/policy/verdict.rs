//! What policies said, as a review shows it.

use std::collections::BTreeMap;

use super::{Level, Outcome};
use crate::review::model::{Severity, Verdict};

impl Outcome {
    /// One verdict for each message, with all the accounts that it is about.
    pub fn into_verdicts(self) -> Vec<Verdict> {
        let mut accounts: BTreeMap<Verdict, Vec<String>> = BTreeMap::new();
        for finding in self.findings {
            let severity = match finding.rule.level {
                Level::Deny => Severity::Deny,
                Level::Violation => Severity::Violation,
                Level::Warn => Severity::Warn,
            };
            let verdict = Verdict {
                severity,
                policy: format!("{}.{}", finding.rule.package, finding.rule.name),
                message: finding.message,
                address: finding.address,
                file: finding.rule.path,
                line: Some(finding.rule.line),
                accounts: Vec::new(),
            };
            accounts.entry(verdict).or_default().extend(finding.accounts);
        }
        for fault in self.faults {
            let verdict = Verdict {
                severity: Severity::Error,
                policy: fault.path.clone(),
                message: fault.message,
                address: None,
                file: fault.path,
                line: fault.line,
                accounts: Vec::new(),
            };
            accounts.entry(verdict).or_default().extend(fault.account);
        }
        accounts
            .into_iter()
            .map(|(verdict, mut accounts)| {
                accounts.sort();
                accounts.dedup();
                Verdict { accounts, ..verdict }
            })
            .collect()
    }
}
