//! What a policy sees of an account: its digest, in the shape of a plan.
//!
//! The names are those of `terraform show -json`, so that rules written for it work. Values are put together again from
//! the leaves that a digest holds: all of what is created or destroyed, of what is updated only what becomes different.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::digest::{Attribute, Change, Digest, Side, Step, steps};
use crate::review::Subject;

/// What stands for a sensitive value.
const SENSITIVE: &str = "(sensitive)";

/// The input document of one account; nothing where there is no digest.
pub fn input(subject: &Subject) -> Option<(String, String)> {
    let digest = subject.digest.as_ref().ok()?;
    let (domain, environment) = subject.about.place.clone().unzip();
    let document = json!({
        "account": subject.key,
        "domain": domain,
        "environment": environment,
        "team": subject.about.team,
        "protected": subject.about.protected,
        "state": state(digest),
        "resource_changes": digest.changes.iter().map(change).collect::<Vec<_>>(),
        "resource_drift": digest.drift.iter().map(change).collect::<Vec<_>>(),
        "output_changes": outputs(digest),
        "checks": digest.checks,
    });
    Some((subject.key.clone(), document.to_string()))
}

fn state(digest: &Digest) -> &'static str {
    match (digest.errored, digest.complete) {
        (Some(true), _) => "errored",
        (_, Some(false)) => "incomplete",
        _ => "planned",
    }
}

fn change(change: &Change) -> Value {
    let sides = Sides::of(&change.attributes);
    let creates = change.action.words().contains(&"create");
    let exists = !matches!(change.action.words().as_slice(), ["create"]);
    json!({
        "address": change.address,
        "type": change.kind,
        "deposed": change.deposed,
        "action_reason": change.reason,
        "previous_address": change.previous_address,
        "change": {
            "actions": change.action,
            "before": if exists { sides.before } else { Value::Null },
            "after": if creates || !change.action.is_destructive() { sides.after } else { Value::Null },
            "after_unknown": sides.unknown,
            "replace_paths": change.replace_paths,
            "importing": change.importing.as_ref().map(|id| json!({ "id": id })),
        },
        "dangers": change.dangers,
    })
}

fn outputs(digest: &Digest) -> Value {
    let output = |output: &crate::digest::OutputChange| {
        let sides = Sides::of(&output.attributes);
        let document = json!({ "actions": output.action, "before": sides.before, "after": sides.after, "after_unknown": sides.unknown });
        (output.name.clone(), document)
    };
    Value::Object(digest.outputs.iter().map(output).collect())
}

struct Sides {
    before: Value,
    after: Value,
    unknown: Value,
}

impl Sides {
    fn of(attributes: &[Attribute]) -> Self {
        let (mut before, mut after, mut unknown) = (Node::default(), Node::default(), Node::default());
        for attribute in attributes {
            let steps = steps(&attribute.path);
            if let Some(value) = value(&attribute.before) {
                before.insert(&steps, value);
            }
            match &attribute.after {
                Side::Unknown => unknown.insert(&steps, Value::Bool(true)),
                known => {
                    if let Some(value) = value(known) {
                        after.insert(&steps, value);
                    }
                }
            }
        }
        Self { before: before.into_value(), after: after.into_value(), unknown: unknown.into_value() }
    }
}

fn value(side: &Side) -> Option<Value> {
    match side {
        Side::Absent | Side::Unknown => None,
        Side::Sensitive => Some(SENSITIVE.into()),
        Side::Value(value) => Some(value.clone()),
        Side::Cut { text, .. } => Some(text.as_str().into()),
    }
}

/// A value that is being put together.
#[derive(Debug, Default)]
enum Node {
    #[default]
    Empty,
    Leaf(Value),
    Map(BTreeMap<String, Self>),
    /// By position; those that stay as they are are not there.
    List(BTreeMap<usize, Self>),
    Lines(BTreeMap<usize, Self>),
}

impl Node {
    fn insert(&mut self, steps: &[Step], value: Value) {
        let Some((step, rest)) = steps.split_first() else {
            if matches!(self, Self::Empty) {
                *self = Self::Leaf(value);
            }
            return;
        };
        let child = match (step, &mut *self) {
            (Step::Key(key), Self::Map(children)) => children.entry(key.clone()).or_default(),
            (Step::Index(index), Self::List(children)) | (Step::Line(index), Self::Lines(children)) => {
                children.entry(*index).or_default()
            }
            // Whatever stood there had another shape; the deeper one tells more.
            (step, node) => {
                *node = match step {
                    Step::Key(_) => Self::Map(BTreeMap::new()),
                    Step::Index(_) => Self::List(BTreeMap::new()),
                    Step::Line(_) => Self::Lines(BTreeMap::new()),
                };
                return node.insert(steps, value);
            }
        };
        child.insert(rest, value);
    }

    fn into_value(self) -> Value {
        match self {
            Self::Empty => Value::Object(Map::new()),
            Self::Leaf(value) => value,
            Self::Map(children) => children.into_iter().map(|(key, child)| (key, child.into_value())).collect(),
            Self::List(children) => children.into_values().map(Self::into_value).collect(),
            Self::Lines(children) => {
                let lines: Vec<String> = children
                    .into_values()
                    .filter_map(|line| match line.into_value() {
                        Value::String(line) => Some(line),
                        _ => None,
                    })
                    .collect();
                lines.join("\n").into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_together_again() {
        let attribute = |path: &str, after: Value| Attribute {
            path: path.to_owned(),
            before: Side::Absent,
            after: Side::Value(after),
            sensitivity: None,
        };
        let sides = Sides::of(&[
            attribute("tags[\"cost center\"]", json!("4210")),
            attribute("tags.owner", json!("catalog")),
            attribute("ingress[2].cidr_blocks[0]", json!("10.0.0.0/8")),
            attribute("ingress[2].cidr_blocks[1]", json!("0.0.0.0/0")),
            attribute("policy.Statement[0].Action", json!("s3:*")),
            attribute("user_data[line 2]", json!("b")),
        ]);
        assert_eq!(
            sides.after,
            json!({
                "tags": { "cost center": "4210", "owner": "catalog" },
                "ingress": [{ "cidr_blocks": ["10.0.0.0/8", "0.0.0.0/0"] }],
                "policy": { "Statement": [{ "Action": "s3:*" }] },
                "user_data": "b",
            })
        );
        assert_eq!(sides.before, json!({}));
    }
}
