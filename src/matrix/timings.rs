//! How long accounts took in earlier runs.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::organization::AccountKey;
use crate::run::SCHEMA_VERSION;
use crate::schema::version;

/// Seconds by account, from the report of an earlier run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timings {
    milliseconds: BTreeMap<String, u64>,
    /// For accounts of which nothing is known.
    median: u64,
}

/// As much of a run's report as is wanted here.
#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    schema_version: Option<u32>,
    accounts: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    account: String,
    /// A number, or numbers by step: `init`, `plan`, `apply`.
    seconds: Value,
}

impl Timings {
    /// Reads `{"accounts": [{"account": KEY, "seconds": {"init": 1.5, "plan": 20, "apply": 61}}]}`; `seconds` may be one
    /// number as well, and other fields are ignored, but for a `schema_version` that is not ours. Of an account that is there twice the last entry counts.
    ///
    /// # Errors
    /// The text is something else: why, in one sentence.
    pub fn read(text: &str) -> Result<Self, String> {
        let place = |error: serde_json::Error| {
            format!("it is not the report of a run (line {}, column {})", error.line(), error.column())
        };
        let of = |report: &Report| report.schema_version;
        let report = version::read(text, SCHEMA_VERSION, of, |other| other.to_string(), place)?;
        let mut milliseconds = BTreeMap::new();
        for entry in report.accounts {
            let seconds = match &entry.seconds {
                Value::Object(steps) => steps.values().filter_map(Value::as_f64).sum(),
                whole => whole.as_f64().unwrap_or(0.0),
            };
            milliseconds.insert(entry.account, to_milliseconds(seconds));
        }
        Ok(Self::of_all(milliseconds))
    }

    /// These, and those of another report, which counts where both know an account.
    pub fn and(mut self, other: Self) -> Self {
        self.milliseconds.extend(other.milliseconds);
        Self::of_all(self.milliseconds)
    }

    fn of_all(milliseconds: BTreeMap<String, u64>) -> Self {
        let mut sorted: Vec<u64> = milliseconds.values().copied().collect();
        sorted.sort_unstable();
        Self { median: sorted.get(sorted.len() / 2).copied().unwrap_or(1), milliseconds }
    }

    /// How long an account takes, as far as is known; never nothing.
    pub(super) fn of(&self, key: &AccountKey) -> u64 {
        self.milliseconds.get(&key.to_string()).copied().unwrap_or(self.median).max(1)
    }
}

/// A report is somebody's file: what is no time is none.
fn to_milliseconds(seconds: f64) -> u64 {
    const LONGEST: f64 = 86_400_000.0;
    let milliseconds = (seconds * 1_000.0).clamp(0.0, LONGEST);
    if milliseconds.is_finite() { milliseconds.round() as u64 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_a_number_or_numbers_by_step() {
        let timings = Timings::read(
            r#"{"at": "x", "accounts": [{"account": "a/dev", "seconds": 2, "outcome": "applied"}, {"account": "b/dev", "seconds": {"init": 1.5, "plan": 20, "apply": -3}}, {"account": "c/dev", "seconds": 1e300}]}"#,
        )
        .unwrap();
        assert_eq!(timings.of(&AccountKey::new("a", "dev")), 2_000);
        assert_eq!(timings.of(&AccountKey::new("b", "dev")), 18_500);
        assert_eq!(timings.of(&AccountKey::new("unknown", "dev")), 18_500, "the median");
        assert!(Timings::read("[]").is_err());
    }
}
