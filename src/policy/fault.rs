//! What went wrong with a policy itself.

use std::fmt;

/// A policy that could not be compiled or evaluated, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, as it was named when it was given to the compiler.
    pub path: String,
    /// One-based line; absent when the file as a whole is meant.
    pub line: Option<u32>,
    /// What is wrong, in one line.
    pub message: String,
    /// The account whose input brought it up; absent for faults of the policy text and of rules over all accounts.
    pub account: Option<String>,
}

impl Fault {
    /// A fault at a known place.
    pub(super) fn at(path: &str, line: Option<u32>, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into(), account: None }
    }

    /// Reads the place out of an interpreter error, or takes the one given.
    ///
    /// The interpreter reports places only inside its message: `--> file:line:column`, the source line with a
    /// caret, then `error: what is wrong`. Errors about limits have no place at all.
    pub(super) fn from_error(error: &impl fmt::Display, path: &str, line: Option<u32>) -> Self {
        let text = error.to_string();
        let place = text.lines().find_map(|candidate| parse_arrow(candidate.trim()));
        let message = text
            .lines()
            .rev()
            .find_map(|candidate| candidate.trim().strip_prefix("error: "))
            .map_or_else(|| text.trim().replace('\n', " "), str::to_owned);
        match place {
            Some((place_path, place_line)) => Self::at(place_path, Some(place_line), message),
            None => Self::at(path, line, message),
        }
    }

    /// The same fault, brought up by one account.
    pub(super) fn for_account(self, account: Option<&str>) -> Self {
        Self { account: account.map(str::to_owned), ..self }
    }
}

/// The file and line of `--> file:line:column`.
fn parse_arrow(line: &str) -> Option<(&str, u32)> {
    let (rest, _column) = line.strip_prefix("--> ")?.rsplit_once(':')?;
    let (path, line) = rest.rsplit_once(':')?;
    Some((path, line.parse().ok()?))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.account {
            Some(account) => write!(f, " (for `{account}`)"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_read_from_an_arrow() {
        assert_eq!(parse_arrow("--> policies/a.rego:12:3"), Some(("policies/a.rego", 12)));
        assert_eq!(parse_arrow("--> C:/policies/a.rego:12:3"), Some(("C:/policies/a.rego", 12)));
        assert_eq!(parse_arrow("nothing"), None);
    }
}
