//! The book: it has every page, and no link leads nowhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use crate::documents::{Page, page, pages};
use crate::harness::{collect, project};

/// A path without `..` in it.
fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::ParentDir => assert!(plain.pop(), "{} leads out of the project", path.display()),
            part => plain.push(part),
        }
        plain
    })
}

/// What a chapter of the book includes, if it is nothing but that.
fn included(page: &Page) -> Option<String> {
    let file = page.text.trim().strip_prefix("{{#include ")?.strip_suffix("}}")?;
    Some(plain(&Path::new(&page.path).parent()?.join(file)).to_str()?.to_owned())
}

#[test]
fn every_page_is_a_chapter() {
    let pages = pages();
    let mut chapters: Vec<String> =
        page("docs/SUMMARY.md").links().into_iter().map(|link| format!("docs/{link}")).collect();
    let listed = chapters.len();
    chapters.sort();
    chapters.dedup();
    assert_eq!(chapters.len(), listed, "a chapter is there twice: {chapters:?}");
    let there: BTreeSet<&str> =
        pages.iter().map(|page| page.path.as_str()).filter(|path| path.starts_with("docs/")).collect();
    let missing: Vec<&&str> =
        there.iter().filter(|path| **path != "docs/SUMMARY.md" && !chapters.contains(&(**path).to_owned())).collect();
    assert!(missing.is_empty(), "not in docs/SUMMARY.md: {missing:?}");
    for chapter in &chapters {
        assert!(there.contains(chapter.as_str()), "docs/SUMMARY.md has {chapter}, which is not there");
    }
    let shown: BTreeSet<String> = pages.iter().filter_map(included).collect();
    for feature in pages.iter().map(|page| &page.path).filter(|path| path.starts_with("templates/")) {
        assert!(shown.contains(feature), "{feature} is no chapter: docs/features has no page that includes it");
    }
}

#[test]
fn links_lead_somewhere() {
    let pages = pages();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for page in &pages {
        for link in page.links() {
            tried += 1;
            let (file, anchor) =
                link.split_once('#').map_or((link.as_str(), None), |(file, anchor)| (file, Some(anchor)));
            let target = match file {
                "" => PathBuf::from(&page.path),
                file => plain(&Path::new(&page.path).parent().unwrap().join(file)),
            };
            let found = pages.iter().find(|page| Path::new(&page.path) == target);
            let leads = match (found, anchor) {
                (_, None) => project(target.to_str().unwrap()).exists(),
                (Some(page), Some(anchor)) => page.anchors().iter().any(|one| one == anchor),
                (None, Some(_)) => false,
            };
            if !leads {
                wrong.push(format!("{}: {link}", page.path));
            }
        }
    }
    assert!(wrong.is_empty(), "links that lead nowhere:\n{}", wrong.join("\n"));
    assert!(tried > 100, "only {tried} links found");
}

/// Where pages, and the program, name one another without a link.
#[test]
fn pages_that_are_named_exist() {
    let mut texts: Vec<String> = pages().into_iter().map(|page| page.text).collect();
    for folder in ["src", "templates"] {
        let mut files = BTreeMap::new();
        collect(&project(folder), "", &mut files);
        texts.extend(files.into_values().filter_map(|bytes| String::from_utf8(bytes).ok()));
    }
    for text in texts {
        for rest in text.split("docs/").skip(1) {
            let name: String =
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '.')).collect();
            let name = name.trim_end_matches('.');
            if name.ends_with(".md") {
                assert!(project(&format!("docs/{name}")).exists(), "docs/{name} is named and not there");
            }
        }
    }
}
