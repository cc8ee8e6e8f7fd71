//! Features that were ejected: the folder in the repository, what it was made from, and what is built in today.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use similar::TextDiff;

use super::{Files, VERSION};

/// The folder in a feature's own that remembers what it was made from: in it a folder called by the version, with the
/// feature as it was. Like everything that starts with a dot it is no part of what is rendered.
pub const MEMORY: &str = ".built-in";

/// Contents by path below a folder.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// What ejecting a feature writes below `templates/<feature>/`.
pub fn ejection(files: &Files) -> Tree {
    let own = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
    own.chain(memory(files)).collect()
}

/// What remembers a feature as it is built in today.
pub fn memory(files: &Files) -> Tree {
    files.iter().map(|(path, bytes)| (format!("{MEMORY}/{VERSION}/{path}"), bytes.to_vec())).collect()
}

/// A folder below `templates/` that takes the place of a built-in feature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replacement {
    /// The feature as the repository has it.
    pub own: Tree,
    /// The version it was ejected from, and the feature as it was; nothing for a folder that was made otherwise.
    pub made_from: Option<(String, Tree)>,
}

impl Replacement {
    /// A folder as it was read, with what is hidden in it.
    pub fn new(folder: Tree) -> Self {
        let mut replacement = Self::default();
        for (path, bytes) in folder {
            let remembered = path.strip_prefix(MEMORY).and_then(|rest| rest.strip_prefix('/'));
            match remembered.and_then(|rest| rest.split_once('/')) {
                Some((version, below)) => {
                    // Where a merge has left two, the later one counts.
                    let known = replacement.made_from.as_ref().map(|(known, _)| rank(version).cmp(&rank(known)));
                    match known {
                        Some(Ordering::Less) => continue,
                        Some(Ordering::Equal) => {}
                        Some(Ordering::Greater) | None => {
                            replacement.made_from = Some((version.to_owned(), Tree::new()));
                        }
                    }
                    if let Some((_, files)) = &mut replacement.made_from {
                        files.insert(below.to_owned(), bytes);
                    }
                }
                None if path.split('/').any(|part| part.starts_with('.') || part.ends_with('~')) => {}
                None => {
                    replacement.own.insert(path, bytes);
                }
            }
        }
        replacement
    }

    /// What was changed here since it was ejected, as a patch; for a folder that was made otherwise, how it differs from
    /// what is built in.
    pub fn changed_here(&self, feature: &str, built_in: &Files) -> String {
        match &self.made_from {
            Some((_, pristine)) => patch(feature, pristine, &self.own),
            None => patch(feature, &owned(built_in), &self.own),
        }
    }

    /// What was changed in groundwork since then, as a patch.
    pub fn changed_since(&self, feature: &str, built_in: &Files) -> String {
        let pristine = self.made_from.as_ref().map(|(_, pristine)| pristine);
        pristine.map(|pristine| patch(feature, pristine, &owned(built_in))).unwrap_or_default()
    }
}

/// Where a version stands among others: 0.10.0 is later than 0.9.0.
fn rank(version: &str) -> (Vec<u64>, &str) {
    (version.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect(), version)
}

fn owned(files: &Files) -> Tree {
    files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect()
}

/// The difference of two folders of a feature, as `patch -p1` takes it.
fn patch(feature: &str, before: &Tree, after: &Tree) -> String {
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort();
    paths.dedup();
    let mut text = String::new();
    for path in paths {
        let (old, new) = (before.get(path), after.get(path));
        if old == new {
            continue;
        }
        let shown = format!("templates/{feature}/{path}");
        let name = |side: Option<&Vec<u8>>, prefix: &str| match side {
            Some(_) => format!("{prefix}/{shown}"),
            None => "/dev/null".to_owned(),
        };
        let texts = [old, new].map(|side| side.map_or(Ok(""), |bytes| std::str::from_utf8(bytes)));
        let [Ok(old_text), Ok(new_text)] = texts else {
            writeln!(text, "Binary files of {shown} differ").ok();
            continue;
        };
        let diff = TextDiff::from_lines(old_text, new_text);
        write!(text, "{}", diff.unified_diff().header(&name(old, "a"), &name(new, "b"))).ok();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn a_patch_tells_both_sides_of_an_ejected_feature_apart() {
        let folder = tree(&[
            (".built-in/0.0.9/a.tf", "one\ntwo\n"),
            (".built-in/0.0.9/gone.tf", "x\n"),
            (".a.tf.swp", "editor"),
            ("a.tf", "one\nours\n"),
            ("gone.tf", "x\n"),
        ]);
        let replacement = Replacement::new(folder);
        let built_in: Files = [("a.tf", "one\ntheirs\n".as_bytes()), ("new.tf", b"y\n")].into_iter().collect();
        assert_eq!(
            replacement.changed_here("f", &built_in),
            "--- a/templates/f/a.tf\n+++ b/templates/f/a.tf\n@@ -1,2 +1,2 @@\n one\n-two\n+ours\n"
        );
        assert_eq!(
            replacement.changed_since("f", &built_in),
            "--- a/templates/f/a.tf\n+++ b/templates/f/a.tf\n@@ -1,2 +1,2 @@\n one\n-two\n+theirs\n\
             --- a/templates/f/gone.tf\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n\
             --- /dev/null\n+++ b/templates/f/new.tf\n@@ -0,0 +1 @@\n+y\n"
        );
    }

    #[test]
    fn of_two_memories_the_later_one_counts() {
        let replacement = Replacement::new(tree(&[(".built-in/0.10.0/a.tf", "ten"), (".built-in/0.9.0/a.tf", "nine")]));
        assert_eq!(replacement.made_from, Some(("0.10.0".to_owned(), tree(&[("a.tf", "ten")]))));
    }

    #[test]
    fn what_is_ejected_is_what_it_was_made_from() {
        for (name, files) in super::super::features() {
            let replacement = Replacement::new(ejection(&files));
            assert_eq!(replacement.made_from, Some((VERSION.to_owned(), replacement.own.clone())));
            assert_eq!(replacement.changed_here(name, &files) + &replacement.changed_since(name, &files), "");
        }
    }
}
