//! The shape of a plan, borrowed from its text. Values are unread JSON ([`RawValue`]).
//!
//! The names are Terraform's and OpenTofu's (`internal/command/jsonplan`). Unknown keys are skipped; everything but the
//! actions of a change may be missing, because older versions do not write it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A text, borrowed where it holds no escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A plan, its values unread.
#[derive(Debug, Deserialize)]
pub struct Plan<'a> {
    /// All of it.
    #[serde(skip)]
    pub(crate) text: &'a str,
    #[serde(borrow, default)]
    pub(crate) format_version: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) terraform_version: Option<Text<'a>>,
    #[serde(default)]
    pub(crate) errored: Option<bool>,
    #[serde(default)]
    pub(crate) applyable: Option<bool>,
    #[serde(default)]
    pub(crate) complete: Option<bool>,
    #[serde(borrow, default)]
    pub(crate) variables: Option<Entries<'a, Variable<'a>>>,
    #[serde(borrow, default)]
    pub(crate) resource_changes: Option<Vec<ResourceChange<'a>>>,
    #[serde(borrow, default)]
    pub(crate) resource_drift: Option<Vec<ResourceChange<'a>>>,
    #[serde(borrow, default)]
    pub(crate) output_changes: Option<Entries<'a, Change<'a>>>,
    #[serde(borrow, default)]
    pub(crate) prior_state: Option<PriorState<'a>>,
    #[serde(borrow, default)]
    pub(crate) configuration: Option<Configuration<'a>>,
    #[serde(borrow, default)]
    pub(crate) checks: Option<Vec<CheckResult<'a>>>,
    #[serde(borrow, default)]
    pub(crate) deferred_changes: Option<Vec<DeferredChange<'a>>>,
    #[serde(borrow, default)]
    pub(crate) action_invocations: Option<Vec<ActionInvocation<'a>>>,
    /// Only a state has them.
    #[serde(default)]
    pub(crate) values: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) planned_values: Option<IgnoredAny>,
    /// Only a digest has these two.
    #[serde(default)]
    pub(crate) schema_version: Option<IgnoredAny>,
    #[serde(default)]
    pub(crate) fingerprint: Option<IgnoredAny>,
}

/// What happens to one resource.
#[derive(Debug, Deserialize)]
pub struct ResourceChange<'a> {
    #[serde(borrow, default)]
    pub(crate) address: Text<'a>,
    #[serde(borrow, default)]
    pub(crate) previous_address: Option<Text<'a>>,
    #[serde(borrow, rename = "type", default)]
    pub(crate) kind: Text<'a>,
    #[serde(borrow, default)]
    pub(crate) deposed: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) action_reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) change: Change<'a>,
}

/// Before and after.
#[derive(Debug, Deserialize)]
pub struct Change<'a> {
    #[serde(borrow)]
    pub(crate) actions: Vec<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) before: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) after: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) after_unknown: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) before_sensitive: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) after_sensitive: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) replace_paths: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) importing: Option<Importing<'a>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Importing<'a> {
    #[serde(borrow, default)]
    pub(crate) id: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) identity: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Variable<'a> {
    #[serde(borrow, default)]
    pub(crate) value: Option<&'a RawValue>,
}

/// The state that was planned against: read for the sensitive values that it marks.
#[derive(Debug, Deserialize)]
pub(crate) struct PriorState<'a> {
    #[serde(borrow, default)]
    pub(crate) values: Option<PriorValues<'a>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PriorValues<'a> {
    #[serde(borrow, default)]
    pub(crate) outputs: Option<Entries<'a, PriorOutput<'a>>>,
    #[serde(borrow, default)]
    pub(crate) root_module: Option<PriorModule<'a>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PriorOutput<'a> {
    #[serde(default)]
    pub(crate) sensitive: Option<bool>,
    #[serde(borrow, default)]
    pub(crate) value: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PriorModule<'a> {
    #[serde(borrow, default)]
    pub(crate) resources: Option<Vec<PriorResource<'a>>>,
    #[serde(borrow, default)]
    pub(crate) child_modules: Option<Vec<Self>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct PriorResource<'a> {
    #[serde(borrow, default)]
    pub(crate) values: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) sensitive_values: Option<&'a RawValue>,
}

/// The configuration: read for which variables and outputs are sensitive, and for nothing else.
#[derive(Debug, Deserialize)]
pub(crate) struct Configuration<'a> {
    #[serde(borrow, default)]
    pub(crate) root_module: Option<RootModule<'a>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct RootModule<'a> {
    #[serde(borrow, default)]
    pub(crate) variables: Option<Entries<'a, VariableDeclaration>>,
    #[serde(borrow, default)]
    pub(crate) outputs: Option<Entries<'a, OutputDeclaration>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OutputDeclaration {
    #[serde(default)]
    pub(crate) sensitive: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct VariableDeclaration {
    #[serde(default)]
    pub(crate) sensitive: Option<bool>,
    #[serde(default)]
    pub(crate) ephemeral: Option<bool>,
}

/// What a check, a condition or a validation came to.
#[derive(Debug, Deserialize)]
pub struct CheckResult<'a> {
    #[serde(borrow, default)]
    pub(crate) address: Option<CheckAddress<'a>>,
    #[serde(borrow, default)]
    pub(crate) status: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) instances: Option<Vec<CheckInstance<'a>>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CheckAddress<'a> {
    #[serde(borrow, default)]
    pub(crate) to_display: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CheckInstance<'a> {
    #[serde(borrow, default)]
    pub(crate) status: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) problems: Option<Vec<CheckProblem<'a>>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CheckProblem<'a> {
    #[serde(borrow, default)]
    pub(crate) message: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct DeferredChange<'a> {
    #[serde(borrow, default)]
    pub(crate) reason: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) resource_change: Option<ResourceChange<'a>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ActionInvocation<'a> {
    #[serde(borrow, default)]
    pub(crate) address: Text<'a>,
    #[serde(borrow, rename = "type", default)]
    pub(crate) kind: Text<'a>,
    #[serde(borrow, default)]
    pub(crate) config_values: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) config_sensitive: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) config_unknown: Option<&'a RawValue>,
}

/// A JSON object as a list, in the order of the text: keys borrowed, nothing hashed.
#[derive(Debug)]
pub(crate) struct Entries<'a, T>(pub(crate) Vec<(Text<'a>, T)>);

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Entries<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<'a, T>(std::marker::PhantomData<(&'a (), T)>);

        impl<'de: 'a, 'a, T: Deserialize<'de>> Visitor<'de> for Reader<'a, T> {
            type Value = Entries<'a, T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry::<Text<'de>, T>()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Reader(std::marker::PhantomData))
    }
}
