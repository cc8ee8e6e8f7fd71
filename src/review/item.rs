//! A digest taken apart into what happens, one item for each resource, output, deferred change or provider's action.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::model::{PatternAttribute, PatternChange, Shown};
use crate::digest::{Attribute, Change, Danger, Digest, More, Side, of_action};
use crate::plan::Action;

/// One thing that happens in one account.
#[derive(Debug)]
pub(super) struct Item {
    /// What it is.
    pub(super) change: PatternChange,
    /// Why it is worth a second look.
    pub(super) dangers: Vec<Danger>,
}

/// Everything that applying a digest would do.
pub(super) fn items(digest: &Digest) -> Vec<Item> {
    let resources = digest.changes.iter().map(resource);
    let deferred = digest.deferred.iter().map(|deferred| {
        let mut item = resource(&deferred.change);
        item.change.deferred = Some(deferred.reason.clone());
        // Nothing of it is applied yet; the plan that will do it is reviewed then.
        item.dangers.clear();
        item
    });
    let outputs = digest.outputs.iter().map(|output| {
        plain(
            format!("output.{}", output.name),
            "output",
            output.action.clone(),
            &output.attributes,
            output.more.as_ref(),
        )
    });
    let invocations = digest.invocations.iter().map(|invocation| {
        let action = Action::Other(vec!["invoke".to_owned()]);
        plain(invocation.address.clone(), &invocation.kind, action, &invocation.attributes, invocation.more.as_ref())
    });
    resources.chain(deferred).chain(outputs).chain(invocations).collect()
}

/// What had changed outside of Terraform.
pub(super) fn drift(digest: &Digest) -> Vec<Item> {
    let mut items: Vec<Item> = digest.drift.iter().map(resource).collect();
    // It has happened; nobody can refuse it any more.
    items.iter_mut().for_each(|item| item.dangers.clear());
    items
}

fn resource(change: &Change) -> Item {
    let mut item =
        plain(change.address.clone(), &change.kind, change.action.clone(), &change.attributes, change.more.as_ref());
    item.change.deposed.clone_from(&change.deposed);
    item.change.reason.clone_from(&change.reason);
    item.change.previous_address.clone_from(&change.previous_address);
    item.change.importing.clone_from(&change.importing);
    item.change.forced_by = change.replace_paths.iter().map(|path| without_positions(path)).collect();
    item.change.forced_by.sort();
    item.change.forced_by.dedup();
    item.dangers.clone_from(&change.dangers);
    // A loss is seen even if whoever wrote the digest did not call it one.
    for danger in of_action(&change.action) {
        if !item.dangers.iter().any(|other| other.kind == danger.kind) {
            item.dangers.push(danger);
        }
    }
    item.dangers.sort_by_key(|danger| danger.kind);
    item
}

fn plain(address: String, kind: &str, action: Action, attributes: &[Attribute], more: Option<&More>) -> Item {
    let repeated = repeated_tags(attributes);
    let attributes = attributes
        .iter()
        .filter(|attribute| !repeated.contains(attribute.path.as_str()))
        .map(|attribute| PatternAttribute {
            // An output that is a text or a number has no attributes.
            path: if attribute.path.is_empty() { "value".to_owned() } else { without_positions(&attribute.path) },
            before: shown(&attribute.before),
            after: shown(&attribute.after),
            sensitivity: attribute.sensitivity,
        })
        .collect();
    let more = more.map_or(0, |more| more.count);
    let change = PatternChange { address, kind: kind.to_owned(), action, attributes, more, ..PatternChange::default() };
    Item { change, dangers: Vec::new() }
}

/// The AWS provider repeats `tags` in `tags_all`, with the tags of the provider block added. Once is enough to read.
fn repeated_tags(attributes: &[Attribute]) -> HashSet<&str> {
    let tag = |attribute: &Attribute, of: &str| {
        attribute.path.strip_prefix(of).is_some_and(|rest| rest.starts_with(['.', '[']))
    };
    let tags: HashMap<&str, &Attribute> = attributes
        .iter()
        .filter(|attribute| tag(attribute, "tags"))
        .map(|attribute| (&attribute.path["tags".len()..], attribute))
        .collect();
    let same = |all: &&Attribute| {
        tags.get(&all.path["tags_all".len()..])
            .is_some_and(|one| (&one.before, &one.after) == (&all.before, &all.after))
    };
    attributes.iter().filter(|all| tag(all, "tags_all")).filter(same).map(|all| all.path.as_str()).collect()
}

fn shown(side: &Side) -> Shown {
    match side {
        Side::Absent => Shown::Absent,
        Side::Unknown => Shown::Unknown,
        Side::Sensitive => Shown::Sensitive,
        Side::Value(value) => Shown::Text(value.to_string()),
        Side::Cut { text, bytes, sha256 } => {
            let digits: String = sha256.chars().take(12).collect();
            Shown::Text(format!("{}… ({bytes} bytes, {digits})", serde_json::Value::from(text.as_str())))
        }
    }
}

impl Item {
    /// Puts attributes in the order that accounts have in common, once tokens are in place.
    pub(super) fn settle(&mut self) {
        self.change.attributes.sort();
        if self.change.deposed.is_some() {
            // Eight random digits.
            self.change.deposed = Some("{deposed}".to_owned());
        }
    }
}

/// `ingress[3].cidr_blocks[0]` as `ingress[].cidr_blocks[]`: where in a set something stands differs between accounts.
/// Keys stay: `tags["0"]`.
fn without_positions(path: &str) -> String {
    let mut result = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('[') {
        result.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        if rest.starts_with('"') {
            // A quoted key, in which brackets mean nothing.
            let end = quoted_end(rest);
            result.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if let Some(end) = rest.find(']') {
            let position = &rest[..end];
            if position.starts_with("line ") {
                result.push_str("line");
            } else if !position.bytes().all(|byte| byte.is_ascii_digit()) {
                result.push_str(position);
            }
            rest = &rest[end..];
        }
    }
    result.push_str(rest);
    result
}

/// Where the JSON string at the beginning of a text ends.
fn quoted_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A place within an account's changes, as a number.
pub(super) fn place_of(address: &str, what: &str, path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (address, what, path).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_go_and_keys_stay() {
        for (path, expected) in [
            ("ingress[3].cidr_blocks[0]", "ingress[].cidr_blocks[]"),
            ("tags[\"cost [1] center\"].x[2]", "tags[\"cost [1] center\"].x[]"),
            ("user_data[line 12]", "user_data[line]"),
            ("a[\"\\\"]\"][0]", "a[\"\\\"]\"][]"),
            ("plain", "plain"),
            ("broken[", "broken["),
            ("broken[\"", "broken[\""),
        ] {
            assert_eq!(without_positions(path), expected);
        }
    }
}
