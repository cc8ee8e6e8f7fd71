//! How accounts come into the AWS organization, where they are in it, and how they go.

use std::collections::{BTreeMap, BTreeSet};

use super::Config;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::Node;
use crate::organization::{Contact, ContactKind, Membership};

/// How deep organizational units may be nested below the root, and how long a name may be (AWS Organizations, "Quotas").
const DEEPEST: usize = 5;
const LONGEST: usize = 128;

pub(super) fn membership(config: &Config, diagnostics: &mut Diagnostics) -> Membership {
    let own = config.root.get("organization");
    let node = |path: &[&str]| path.iter().try_fold(own?, |node, key| node.get(key));
    let default = |path: &[&str]| config.composer.default_of(&[&["organization"], path].concat());
    let number = |path: &[&str]| {
        let written = node(path).or_else(|| default(path));
        written.and_then(Node::as_integer).and_then(|number| usize::try_from(number).ok())
    };
    let retired = node(&["retired_unit"]).and_then(Node::as_str).map(str::to_owned);
    let mut policies = BTreeMap::new();
    for (unit, entry) in node(&["policies"]).and_then(Node::as_table).into_iter().flatten() {
        if let Some(problem) = refuse_path(unit) {
            let problem = format!("the organizational unit `{unit}` {problem}");
            diagnostics.push(Diagnostic::error(Code::BadValue, problem).at(entry.key));
            continue;
        }
        let names = entry.node.as_array().unwrap_or_default().iter().filter_map(Node::as_str);
        policies.insert(unit.clone(), names.map(str::to_owned).collect::<BTreeSet<_>>());
    }
    Membership {
        retired_unit: retired.or_else(|| default(&["retired_unit"])?.as_str().map(str::to_owned)).unwrap_or_default(),
        creations: number(&["creations"]).unwrap_or(1),
        account_quota: number(&["account_quota"]),
        closures_per_month: number(&["closures", "per_month"]).unwrap_or(0),
        closures_at_once: number(&["closures", "at_once"]).unwrap_or(1),
        policies,
    }
}

/// The alternate contacts that a team, or the organization, names.
pub(super) fn contacts(node: &Node) -> BTreeMap<ContactKind, Contact> {
    let one = |kind: ContactKind| {
        let node = node.get("contacts")?.get(kind.as_str())?;
        let text = |key: &str| node.get(key).and_then(Node::as_str).map(str::to_owned);
        Some((
            kind,
            Contact { name: text("name")?, title: text("title")?, email: text("email")?, phone: text("phone")? },
        ))
    };
    ContactKind::ALL.into_iter().filter_map(one).collect()
}

/// What is wrong with the path of an organizational unit.
pub(super) fn refuse_path(path: &str) -> Option<String> {
    let names: Vec<&str> = path.split('/').collect();
    if names.len() > DEEPEST {
        Some(format!("is {} deep, and AWS nests {DEEPEST}", names.len()))
    } else if names.iter().any(|name| name.trim().is_empty()) {
        Some("has a name that is empty".to_owned())
    } else {
        let long = names.iter().find(|name| name.chars().count() > LONGEST)?;
        Some(format!("has a name of {} characters, and AWS takes {LONGEST}", long.chars().count()))
    }
}
