//! Who holds the lock of a state.

use serde::Deserialize;

/// Who holds a lock, since when, for what: what Terraform writes into the lock, in its own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Holder {
    /// What the lock is released by.
    #[serde(rename = "ID")]
    pub id: String,
    /// Where the state is: `bucket/key`.
    pub path: String,
    /// `OperationTypeApply`, `OperationTypePlan`.
    pub operation: String,
    /// `user@host`.
    pub who: String,
    /// When it was taken: `2026-11-21 06:50:22.546331203 +0000 UTC` as text, RFC 3339 in the lock itself.
    pub created: String,
}

impl Holder {
    /// The lock that Terraform describes in an error, if it does.
    pub(super) fn in_error(text: &str) -> Option<Self> {
        let lines = text.lines().map(|line| line.trim_start_matches(['│', ' ']).trim());
        let mut holder = Self::default();
        for line in lines.skip_while(|line| *line != "Lock Info:").skip(1) {
            let Some((name, value)) = line.split_once(':') else { break };
            let field = match name {
                "ID" => &mut holder.id,
                "Path" => &mut holder.path,
                "Operation" => &mut holder.operation,
                "Who" => &mut holder.who,
                "Created" => &mut holder.created,
                "Version" | "Info" => continue,
                _ => break,
            };
            value.trim().clone_into(field);
        }
        (!holder.id.is_empty()).then_some(holder)
    }

    /// The machine it was taken on.
    pub fn host(&self) -> &str {
        self.who.rsplit_once('@').map_or("", |(_, host)| host)
    }

    /// When it was taken.
    pub fn taken(&self) -> Option<jiff::Timestamp> {
        let go = self.created.trim_end_matches(" UTC").trim();
        self.created
            .parse()
            .ok()
            .or_else(|| jiff::fmt::strtime::parse("%Y-%m-%d %H:%M:%S%.f %z", go).ok()?.to_timestamp().ok())
    }

    /// Who, since when, for what; a clause for people.
    pub fn in_words(&self) -> String {
        let what = self.operation.strip_prefix("OperationType").unwrap_or(&self.operation).to_lowercase();
        let since = self.taken().map_or_else(|| self.created.clone(), |at| format!("{at:.0}"));
        let what = if what.is_empty() { String::new() } else { format!(" for {what}") };
        format!("{} since {since}{what} (lock {})", self.who, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_read_from_what_terraform_says_and_from_the_lock() {
        let error = "Error: Error acquiring the state lock\n\nError message: 412\nLock Info:\n  ID:        facb98e5\n  Path:      acme-state/r\n  Operation: OperationTypeApply\n  Who:       ci@builder\n  Version:   1.11.4\n  Created:   2026-11-21 06:50:22.546331203 +0000 UTC\n  Info:      \n\n\nTerraform acquires: a state lock\n";
        let holder = Holder::in_error(error).unwrap();
        assert_eq!(holder.in_words(), "ci@builder since 2026-11-21T06:50:22Z for apply (lock facb98e5)");
        assert_eq!(holder.host(), "builder");
        let boxed = error.replace('\n', "\n│ ");
        assert_eq!(Holder::in_error(&boxed).unwrap(), holder);
        let lock = r#"{"ID":"facb98e5","Operation":"OperationTypeApply","Info":"","Who":"ci@builder","Version":"1.11.4","Created":"2026-11-21T06:50:22.546331203Z","Path":"acme-state/r"}"#;
        let read: Holder = serde_json::from_str(lock).unwrap();
        assert_eq!(read.taken(), holder.taken());
        assert!(holder.taken().is_some());
        assert_eq!(Holder::in_error("Error: something else"), None);
    }
}
