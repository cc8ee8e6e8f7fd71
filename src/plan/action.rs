//! What Terraform or OpenTofu would do to a resource.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What is done to one resource: the `actions` list of a plan, understood.
///
/// The lists are those that Terraform up to 1.16 and OpenTofu up to 1.12 write. One that neither wrote yet is kept as
/// it is, and judged with suspicion.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// `["no-op"]`: nothing, or only a new address or an import.
    #[default]
    NoOp,
    /// `["create"]`
    Create,
    /// `["read"]`: a data source that can only be read while applying.
    Read,
    /// `["update"]`: in place.
    Update,
    /// `["delete"]`
    Delete,
    /// `["delete", "create"]`: replaced, with a gap.
    DeleteThenCreate,
    /// `["create", "delete"]`: replaced, without a gap.
    CreateThenDelete,
    /// `["forget"]`: leaves the state, and goes on existing.
    Forget,
    /// `["create", "forget"]` (Terraform 1.16): replaced, and the old one is left behind.
    CreateThenForget,
    /// `["forget", "create"]` (OpenTofu 1.12): replaced, and the old one is left behind.
    ForgetThenCreate,
    /// `["open"]` (OpenTofu 1.11): an ephemeral resource.
    Open,
    /// Anything else.
    Other(Vec<String>),
}

impl Action {
    /// Understands a plan's list.
    pub fn from_words<S: AsRef<str>>(words: &[S]) -> Self {
        let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        match words.as_slice() {
            ["no-op"] => Self::NoOp,
            ["create"] => Self::Create,
            ["read"] => Self::Read,
            ["update"] => Self::Update,
            ["delete"] => Self::Delete,
            ["delete", "create"] => Self::DeleteThenCreate,
            ["create", "delete"] => Self::CreateThenDelete,
            ["forget"] => Self::Forget,
            ["create", "forget"] => Self::CreateThenForget,
            ["forget", "create"] => Self::ForgetThenCreate,
            ["open"] => Self::Open,
            other => Self::Other(other.iter().map(|word| (*word).to_owned()).collect()),
        }
    }

    /// The list as a plan writes it.
    pub fn words(&self) -> Vec<&str> {
        match self {
            Self::NoOp => vec!["no-op"],
            Self::Create => vec!["create"],
            Self::Read => vec!["read"],
            Self::Update => vec!["update"],
            Self::Delete => vec!["delete"],
            Self::DeleteThenCreate => vec!["delete", "create"],
            Self::CreateThenDelete => vec!["create", "delete"],
            Self::Forget => vec!["forget"],
            Self::CreateThenForget => vec!["create", "forget"],
            Self::ForgetThenCreate => vec!["forget", "create"],
            Self::Open => vec!["open"],
            Self::Other(words) => words.iter().map(String::as_str).collect(),
        }
    }

    /// Whether what exists now is destroyed. Any list with `delete` in it is.
    pub fn is_destructive(&self) -> bool {
        match self {
            Self::Delete | Self::DeleteThenCreate | Self::CreateThenDelete => true,
            Self::Other(words) => words.iter().any(|word| word == "delete"),
            Self::NoOp
            | Self::Create
            | Self::Read
            | Self::Update
            | Self::Forget
            | Self::CreateThenForget
            | Self::ForgetThenCreate
            | Self::Open => false,
        }
    }

    /// Whether a new object takes the place of the one that exists.
    pub fn is_replacement(&self) -> bool {
        matches!(
            self,
            Self::DeleteThenCreate | Self::CreateThenDelete | Self::CreateThenForget | Self::ForgetThenCreate
        )
    }

    /// Whether what exists now goes on existing, unknown to Terraform.
    pub fn leaves_behind(&self) -> bool {
        match self {
            Self::Forget | Self::CreateThenForget | Self::ForgetThenCreate => true,
            Self::Other(words) => words.iter().any(|word| word == "forget"),
            Self::NoOp
            | Self::Create
            | Self::Read
            | Self::Update
            | Self::Delete
            | Self::DeleteThenCreate
            | Self::CreateThenDelete
            | Self::Open => false,
        }
    }

    /// One word for people: `create`, `update`, `replace`, `destroy`, `forget`, `read`, `open`, `nothing`, `other`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoOp => "nothing",
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "destroy",
            Self::DeleteThenCreate | Self::CreateThenDelete | Self::CreateThenForget | Self::ForgetThenCreate => {
                "replace"
            }
            Self::Forget => "forget",
            Self::Open => "open",
            Self::Other(_) => "other",
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(words) => write!(f, "{}", words.join(" then ")),
            known => f.write_str(known.word()),
        }
    }
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.words())
    }
}

impl JsonSchema for Action {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Actions".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What is done to a resource, as a plan's list of words: `[\"delete\", \"create\"]`.",
            "type": "array",
            "items": { "type": "string" },
        })
    }
}

impl<'de> Deserialize<'de> for Action {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = Vec::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Ok(Self::from_words(&words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_that_the_tools_write_is_written_back() {
        for words in [
            vec!["no-op"],
            vec!["create"],
            vec!["read"],
            vec!["update"],
            vec!["delete"],
            vec!["delete", "create"],
            vec!["create", "delete"],
            vec!["forget"],
            vec!["create", "forget"],
            vec!["forget", "create"],
            vec!["open"],
            vec!["evaporate"],
        ] {
            let action = Action::from_words(&words);
            assert_eq!(action.words(), words);
            assert_eq!(matches!(action, Action::Other(_)), words == ["evaporate"], "{words:?}");
        }
    }

    #[test]
    fn any_list_with_delete_in_it_is_destructive_and_forget_is_not() {
        assert!(Action::from_words(&["create", "delete"]).is_destructive());
        assert!(Action::from_words(&["delete", "forget", "create"]).is_destructive());
        assert!(!Action::Forget.is_destructive());
        assert!(Action::Forget.leaves_behind());
        assert!(!Action::CreateThenForget.is_destructive());
    }
}
