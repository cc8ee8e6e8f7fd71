//! Tags: who owns it, on everything.
//!
//! One tag that AWS does not accept fails a whole CreateAccount, so the rules are checked here.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::document::Node;
use crate::organization::{AccountKey, Domain};

/// Longest key and value, in characters, and how many a resource may have (AWS, "Tag naming limits").
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;
const MOST: usize = 50;

/// The tags of an account: those that say who owns it, and the configuration's own below them. Tags that
/// AWS would refuse are pushed, with `place` for the account they belong to.
pub(super) fn tags(
    organization: &str,
    key: &AccountKey,
    domain: &Domain,
    own: Option<&Node>,
    place: Place,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, String> {
    let ownership = [
        ("organization", Some(organization)),
        ("domain", Some(key.domain())),
        ("environment", Some(key.environment())),
        ("team", Some(domain.team.name.as_str())),
        ("cost-center", domain.team.cost_center.as_deref()),
        ("repository", domain.repository.as_deref()),
        ("managed-by", Some("groundwork")),
    ];
    let mut tags = BTreeMap::new();
    for (name, entry) in own.and_then(Node::as_table).into_iter().flatten() {
        if ownership.iter().any(|(reserved, _)| name.eq_ignore_ascii_case(reserved)) {
            diagnostics.push(
                Diagnostic::error(Code::Duplicate, format!("groundwork itself sets the tag `{name}`"))
                    .at(entry.key)
                    .help("it says who owns the account; give yours another name"),
            );
        } else if let Some(value) = entry.node.as_str() {
            check(name, LONGEST_KEY, "tag key", entry.key, diagnostics);
            check(value, LONGEST_VALUE, "tag value", entry.node.place, diagnostics);
            if name.to_ascii_lowercase().starts_with("aws:") {
                let problem =
                    Diagnostic::error(Code::BadValue, format!("`{name}` starts with `aws:`, which is AWS's own"));
                diagnostics.push(problem.at(entry.key));
            }
            tags.insert(name.clone(), value.to_owned());
        }
    }
    for (name, value) in ownership {
        let Some(value) = value else { continue };
        tags.insert(name.to_owned(), value.to_owned());
    }
    if tags.len() > MOST {
        diagnostics.push(
            Diagnostic::error(Code::BadValue, format!("`{key}` has {} tags; AWS allows {MOST}", tags.len())).at(place),
        );
    }
    tags
}

/// Pushes a text of domains.toml that becomes a tag's value and that AWS would refuse. The names of
/// organization, domain, environment and team, and repositories, have stricter rules of their own.
pub(super) fn check_value(node: &Node, diagnostics: &mut Diagnostics) {
    if let Some(text) = node.as_str() {
        check(text, LONGEST_VALUE, "value, which becomes a tag,", node.place, diagnostics);
    }
}

/// The characters AWS accepts: letters, separators and digits of any script, and `_.:/=+-@`.
fn check(text: &str, longest: usize, what: &str, place: Place, diagnostics: &mut Diagnostics) {
    let length = text.chars().count();
    if length > longest || text.is_empty() && what.ends_with("key") {
        let problem = format!("the {what} is {length} characters long; AWS takes 1 to {longest}");
        diagnostics.push(Diagnostic::error(Code::BadValue, problem).at(place));
    }
    let accepted = |c: char| c.is_alphabetic() || c.is_numeric() || c == ' ' || "_.:/=+-@".contains(c);
    if let Some(bad) = text.chars().find(|c| !accepted(*c)) {
        diagnostics.push(
            Diagnostic::error(Code::BadValue, format!("the {what} `{text}` has a character that AWS refuses: `{bad}`"))
                .at(place)
                .help("a tag takes letters, digits, spaces and `_.:/=+-@`; one bad tag fails the whole account"),
        );
    }
}
