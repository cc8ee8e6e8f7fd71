//! Two sides of a resource in, the leaves that become different out.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::Sensitivity;
use super::path::{push_index, push_key, push_line};
use super::tree::{Hidden, Tree};

/// Texts with more lines than this are compared as wholes.
const MOST_LINES: usize = 20_000;

/// Lists with more objects than this on either side are not searched for which became which.
const MOST_PAIRED: usize = 64;

/// A place where the two sides differ.
#[derive(Debug, PartialEq)]
pub(super) struct Leaf {
    pub(super) path: String,
    pub(super) before: Tree,
    pub(super) after: Tree,
    pub(super) sensitivity: Option<Sensitivity>,
}

/// The leaves in which `before` and `after` differ, in the order of their paths' steps.
///
/// Elements of lists are told apart by what they are and not by where they stand: a plan writes sets as lists, and one
/// more element must not make all that follow it look changed.
pub(super) fn compare(before: Tree, after: Tree, hits: &dyn Fn(&str) -> bool) -> Vec<Leaf> {
    let mut comparison = Comparison { leaves: Vec::new(), hits };
    comparison.compare(before, after, "");
    comparison.leaves
}

struct Comparison<'a> {
    leaves: Vec<Leaf>,
    /// Whether a text holds a secret; such a text is not taken apart.
    hits: &'a dyn Fn(&str) -> bool,
}

impl Comparison<'_> {
    fn compare(&mut self, before: Tree, after: Tree, path: &str) {
        match (before, after) {
            (Tree::Sensitive(before), Tree::Sensitive(after)) => self.sensitive(before, after, path),
            (before, after) if before == after => {}
            (Tree::Map(before), Tree::Map(after)) => self.maps(before, after, path),
            (Tree::List(before), Tree::List(after)) => self.lists(before, after, path),
            (Tree::Json { text: before, inner: inner_before }, Tree::Json { text: after, inner: inner_after }) => {
                let found = self.leaves.len();
                self.compare(*inner_before, *inner_after, path);
                if self.leaves.len() == found {
                    // The same said in other words: spaces, or the order of keys.
                    self.push(path, Tree::Leaf(before.into()), Tree::Leaf(after.into()));
                }
            }
            (Tree::Leaf(Value::String(before)), Tree::Leaf(Value::String(after))) => self.texts(before, after, path),
            (before, after) if before.is_atom() && after.is_atom() => self.push(path, before, after),
            // All of it is known only after applying: none of it is known to go.
            (before, Tree::Unknown) => self.expand(before, path, &Other::After(Tree::Unknown)),
            (before, after) => {
                self.expand(before, path, &Other::After(Tree::Absent));
                self.expand(after, path, &Other::Before);
            }
        }
    }

    fn push(&mut self, path: &str, before: Tree, after: Tree) {
        self.leaves.push(Leaf { path: path.to_owned(), before, after, sensitivity: None });
    }

    fn sensitive(&mut self, before: Hidden, after: Hidden, path: &str) {
        let sensitivity = match (before.marked, after.marked) {
            (false, true) => Some(Sensitivity::Gained),
            (true, false) => Some(Sensitivity::Lost),
            (true, true) | (false, false) => None,
        };
        if before.raw() == after.raw() && sensitivity.is_none() {
            return;
        }
        let (before, after) = (Tree::Sensitive(before), Tree::Sensitive(after));
        self.leaves.push(Leaf { path: path.to_owned(), before, after, sensitivity });
    }

    fn maps(&mut self, mut before: BTreeMap<String, Tree>, mut after: BTreeMap<String, Tree>, path: &str) {
        let keys: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
        for key in keys {
            let (before, after) = (before.remove(&key), after.remove(&key));
            let mut path = path.to_owned();
            push_key(&mut path, &key);
            self.compare(before.unwrap_or(Tree::Absent), after.unwrap_or(Tree::Absent), &path);
        }
    }

    fn lists(&mut self, before: Vec<Tree>, after: Vec<Tree>, path: &str) {
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        {
            let (old, new) = numbered(&before, &after);
            for operation in capture_diff_slices(Algorithm::Myers, &old, &new) {
                if matches!(operation, DiffOp::Equal { .. }) {
                    continue;
                }
                gone.extend(operation.old_range());
                come.extend(operation.new_range());
            }
        }
        let mut before: Vec<Option<Tree>> = before.into_iter().map(Some).collect();
        let mut after: Vec<Option<Tree>> = after.into_iter().map(Some).collect();
        let take = |side: &mut Vec<Option<Tree>>, index: usize| side[index].take().unwrap_or(Tree::Absent);
        let at = |index: usize| {
            let mut path = path.to_owned();
            push_index(&mut path, index);
            path
        };
        for (old, new) in pairs(&before, &gone, &after, &come) {
            let (old_tree, new_tree) = (take(&mut before, old), take(&mut after, new));
            self.compare(old_tree, new_tree, &at(new));
        }
        for index in gone {
            let tree = take(&mut before, index);
            self.expand(tree, &at(index), &Other::After(Tree::Absent));
        }
        for index in come {
            let tree = take(&mut after, index);
            self.expand(tree, &at(index), &Other::Before);
        }
    }

    fn texts(&mut self, before: String, after: String, path: &str) {
        let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
        let (old_lines, new_lines) = (lines(&before), lines(&after));
        let by_line = old_lines > 0
            && new_lines > 0
            && old_lines.max(new_lines) <= MOST_LINES
            && !(self.hits)(&before)
            && !(self.hits)(&after);
        if !by_line {
            self.push(path, Tree::Leaf(before.into()), Tree::Leaf(after.into()));
            return;
        }
        let (old, new): (Vec<&str>, Vec<&str>) = (before.split('\n').collect(), after.split('\n').collect());
        let line = |text: &str| Tree::Leaf(text.into());
        for operation in capture_diff_slices(Algorithm::Myers, &old, &new) {
            if matches!(operation, DiffOp::Equal { .. }) {
                continue;
            }
            let (mut gone, mut come) = (operation.old_range(), operation.new_range());
            let at = |index: usize| {
                let mut path = path.to_owned();
                push_line(&mut path, index + 1);
                path
            };
            // As many lines as before: each became another. Otherwise they went, and others came.
            if gone.len() == come.len() {
                for (old_index, new_index) in gone.by_ref().zip(come.by_ref()) {
                    self.push(&at(new_index), line(old[old_index]), line(new[new_index]));
                }
            }
            gone.for_each(|index| self.push(&at(index), line(old[index]), Tree::Absent));
            come.for_each(|index| self.push(&at(index), Tree::Absent, line(new[index])));
        }
    }

    /// Everything below a tree, with the same on the other side of all of it.
    fn expand(&mut self, tree: Tree, path: &str, other: &Other) {
        match tree {
            Tree::Absent => {}
            Tree::Map(children) => {
                for (key, child) in children {
                    let mut path = path.to_owned();
                    push_key(&mut path, &key);
                    self.expand(child, &path, other);
                }
            }
            Tree::List(items) => {
                for (index, item) in items.into_iter().enumerate() {
                    let mut path = path.to_owned();
                    push_index(&mut path, index);
                    self.expand(item, &path, other);
                }
            }
            Tree::Json { inner, .. } => self.expand(*inner, path, other),
            atom @ (Tree::Unknown | Tree::Sensitive(_) | Tree::Leaf(_)) => match other {
                Other::Before => self.push(path, Tree::Absent, atom),
                Other::After(after) => self.push(path, atom, after.clone()),
            },
        }
    }
}

/// The side on which a tree that is expanded does not stand.
enum Other {
    /// Before there was nothing.
    Before,
    /// After there is this.
    After(Tree),
}

/// The elements of two lists as numbers, equal where they are.
fn numbered(before: &[Tree], after: &[Tree]) -> (Vec<usize>, Vec<usize>) {
    let mut seen: HashMap<&Tree, usize> = HashMap::new();
    let mut number = |tree| {
        let next = seen.len();
        *seen.entry(tree).or_insert(next)
    };
    (before.iter().map(&mut number).collect(), after.iter().map(&mut number).collect())
}

/// Which of the elements that went became which of those that came.
///
/// One and one are a pair. Of several, objects are paired with those that they share most values with; texts and
/// numbers are not: nothing says which became which, and the order of a set is not the same in every account.
fn pairs(before: &[Option<Tree>], gone: &[usize], after: &[Option<Tree>], come: &[usize]) -> Vec<(usize, usize)> {
    if let ([old], [new]) = (gone, come) {
        return vec![(*old, *new)];
    }
    if gone.len() > MOST_PAIRED || come.len() > MOST_PAIRED {
        return Vec::new();
    }
    let mut candidates = Vec::new();
    for old in gone {
        for new in come {
            let likeness = match (&before[*old], &after[*new]) {
                (Some(Tree::Map(old)), Some(Tree::Map(new))) => {
                    old.iter().filter(|(key, value)| new.get(*key) == Some(value)).count()
                }
                _ => 0,
            };
            if likeness > 0 {
                candidates.push((std::cmp::Reverse(likeness), *new, *old));
            }
        }
    }
    candidates.sort_unstable();
    let (mut old_taken, mut new_taken) = (BTreeSet::new(), BTreeSet::new());
    let mut pairs = Vec::new();
    for (_, new, old) in candidates {
        if !old_taken.contains(&old) && !new_taken.contains(&new) {
            old_taken.insert(old);
            new_taken.insert(new);
            pairs.push((old, new));
        }
    }
    pairs.sort_unstable_by_key(|(_, new)| *new);
    pairs
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::digest::mask::Mask;
    use crate::digest::tree::Marks;

    fn tree(value: Value) -> Tree {
        Tree::new(value, Marks::default(), &Mask::default())
    }

    #[track_caller]
    fn case(before: Value, after: Value, expected: &[&str]) {
        let found: Vec<String> = compare(tree(before), tree(after), &|_| false)
            .iter()
            .map(|leaf| {
                let show = |side: &Tree| match side {
                    Tree::Leaf(value) => value.to_string(),
                    other => format!("{other:?}"),
                };
                format!("{}: {} > {}", leaf.path, show(&leaf.before), show(&leaf.after))
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn one_more_element_of_a_set_is_one_more() {
        case(json!({"a": ["x", "z"]}), json!({"a": ["x", "y", "z"]}), &["a[1]: Absent > \"y\""]);
        case(json!({"a": ["x", "z"]}), json!({"a": ["z"]}), &["a[0]: \"x\" > Absent"]);
        case(json!({"a": ["x"]}), json!({"a": ["y"]}), &["a[0]: \"x\" > \"y\""]);
        case(
            json!({"a": ["b", "d"]}),
            json!({"a": ["c", "d", "e"]}),
            &["a[0]: \"b\" > Absent", "a[0]: Absent > \"c\"", "a[2]: Absent > \"e\""],
        );
    }

    #[test]
    fn objects_in_a_list_are_known_by_what_they_share() {
        case(
            json!([{"port": 22, "from": "10.0.0.0/8"}, {"port": 443, "from": "10.0.0.0/8"}]),
            json!([{"port": 80, "from": "192.0.2.0/24"}, {"port": 22, "from": "0.0.0.0/0"}, {"port": 443, "from": "10.0.0.0/8"}]),
            &[
                "[1].from: \"10.0.0.0/8\" > \"0.0.0.0/0\"",
                "[0].from: Absent > \"192.0.2.0/24\"",
                "[0].port: Absent > 80",
            ],
        );
    }

    #[test]
    fn a_policy_document_is_compared_inside() {
        case(
            json!({"policy": "{\"Statement\":[{\"Action\":\"s3:GetObject\",\"Effect\":\"Allow\"}]}"}),
            json!({"policy": "{\"Statement\": [{\"Effect\":\"Allow\",\"Action\":\"s3:*\"}]}"}),
            &["policy.Statement[0].Action: \"s3:GetObject\" > \"s3:*\""],
        );
        case(
            json!({"policy": "{\"a\":1,\"b\":2}"}),
            json!({"policy": "{\"b\":2,\"a\":1}"}),
            &["policy: \"{\\\"a\\\":1,\\\"b\\\":2}\" > \"{\\\"b\\\":2,\\\"a\\\":1}\""],
        );
    }

    #[test]
    fn a_long_text_is_compared_by_line() {
        case(
            json!({"user_data": "#!/bin/sh\nyum update\nreboot\n"}),
            json!({"user_data": "#!/bin/sh\ndnf update\nreboot\nexit\n"}),
            &["user_data[line 2]: \"yum update\" > \"dnf update\"", "user_data[line 4]: Absent > \"exit\""],
        );
    }

    #[test]
    fn what_changes_its_shape_goes_and_comes() {
        case(json!({"a": {"b": 1}}), json!({"a": "x"}), &["a.b: 1 > Absent", "a: Absent > \"x\""]);
        case(json!({"a": null}), json!({"a": []}), &["a: Absent > []"]);
        let leaves = compare(tree(json!({"a": {"b": 1}})), Tree::Unknown, &|_| false);
        assert_eq!((leaves[0].path.as_str(), &leaves[0].after), ("a.b", &Tree::Unknown));
        case(json!({"a": 1}), json!({"a": 1}), &[]);
    }
}
