//! Which of the built-in features there are.

use std::collections::BTreeMap;

use crate::built_in::{self, Files};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::document::Node;
use crate::system::inputs::{Inputs, TEMPLATES};

use super::PARTIAL_PREFIX;

/// The built-in features that a repository uses unless it has them itself, by name.
#[derive(Clone, Debug)]
pub struct BuiltIn {
    features: BTreeMap<&'static str, Files>,
}

impl BuiltIn {
    /// All there are.
    pub fn all() -> Self {
        Self { features: built_in::features() }
    }

    /// Those that domains.toml names in `templates.built_in`, or all. A name that none has is pushed.
    pub fn chosen(domains: Option<&Node>, diagnostics: &mut Diagnostics) -> Self {
        let mut built_in = Self::all();
        let named = domains.and_then(|root| root.get("templates")?.get("built_in")?.as_array());
        let Some(named) = named else { return built_in };
        for node in named {
            let Some(name) = node.as_str().filter(|name| !built_in.features.contains_key(name)) else { continue };
            diagnostics.push(
                Diagnostic::error(Code::Unknown, format!("no feature `{name}` comes with groundwork"))
                    .at(node.place)
                    .maybe_help(did_you_mean(name, built_in.features.keys().copied()))
                    .help("what is below `templates/` is there without being named"),
            );
        }
        let is_named = |name: &str| named.iter().any(|node| node.as_str() == Some(name));
        built_in.features.retain(|name, _| name.starts_with(PARTIAL_PREFIX) || is_named(name));
        built_in
    }

    /// Those that no folder of the repository replaces.
    pub fn beside<'a>(&'a self, inputs: &'a Inputs) -> impl Iterator<Item = (&'static str, &'a Files)> {
        let is_replaced = |name: &str| {
            let folder = format!("{TEMPLATES}/{name}/");
            inputs.files.range(folder.clone()..).next().is_some_and(|(path, _)| path.starts_with(&folder))
        };
        self.features.iter().filter(move |(name, _)| !is_replaced(name)).map(|(name, files)| (*name, files))
    }
}
