//! Who an account is.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// How the organization's own root module is called, and its folder.
pub const ORGANIZATION: &str = "organization";

/// An account's identity: one domain in one environment, written `domain/environment`.
///
/// It is made from the two names and never taken from an account's display name, which need not be
/// unambiguous (`a-b` in `c` and `a` in `b-c` are both called `a-b-c`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey {
    domain: Arc<str>,
    environment: Arc<str>,
}

impl AccountKey {
    /// The key of `domain` in `environment`.
    pub fn new(domain: impl Into<Arc<str>>, environment: impl Into<Arc<str>>) -> Self {
        Self { domain: domain.into(), environment: environment.into() }
    }

    /// The key of the organization's own root module, which belongs to no domain: `organization`.
    pub fn organization() -> Self {
        Self::new(ORGANIZATION, "")
    }

    /// Whether it is that of the organization's own root module.
    pub fn is_organization(&self) -> bool {
        self.environment.is_empty()
    }

    /// The domain's name.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The environment's name.
    pub fn environment(&self) -> &str {
        &self.environment
    }
}

impl fmt::Display for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_organization() {
            return f.write_str(ORGANIZATION);
        }
        write!(f, "{}/{}", self.domain, self.environment)
    }
}

impl Serialize for AccountKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text that is not `domain/environment`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account is named `domain/environment`")]
pub struct NotAKey;

impl FromStr for AccountKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        if text == ORGANIZATION {
            return Ok(Self::organization());
        }
        match text.split_once('/') {
            Some((domain, environment))
                if !domain.is_empty() && !environment.is_empty() && !environment.contains('/') =>
            {
                Ok(Self::new(domain, environment))
            }
            _ => Err(NotAKey),
        }
    }
}
