//! The project's Markdown, taken apart: pages, code blocks, links.

use std::path::Path;

use crate::harness::project;

/// A Markdown file of the project.
pub(crate) struct Page {
    /// Its path from the root of the project.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// A fenced code block.
pub(crate) struct Block<'a> {
    /// What stands behind the fence: `toml`.
    pub(crate) info: &'a str,
    pub(crate) text: String,
    /// The heading it is below.
    pub(crate) heading: &'a str,
    /// For people: file and line.
    pub(crate) place: String,
}

/// Everything somebody reads: the book, the README, what the features say of themselves, the changelog.
pub(crate) fn pages() -> Vec<Page> {
    let mut pages: Vec<Page> = ["README.md", "CHANGELOG.md"].map(page).into();
    for folder in ["docs", "docs/features", "templates"] {
        let mut names: Vec<String> = std::fs::read_dir(project(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .map(|name| if folder == "templates" { format!("{name}/README.md") } else { name })
            .filter(|name| Path::new(name).extension().is_some_and(|end| end == "md"))
            .collect();
        names.sort();
        pages.extend(names.iter().map(|name| page(&format!("{folder}/{name}"))));
    }
    pages
}

/// One page.
pub(crate) fn page(path: &str) -> Page {
    let text = std::fs::read_to_string(project(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    Page { path: path.to_owned(), text }
}

impl Page {
    /// Its code blocks, in order.
    pub(crate) fn blocks(&self) -> Vec<Block<'_>> {
        let (mut blocks, mut open) = (Vec::<Block<'_>>::new(), false);
        let mut heading = "";
        for (number, line) in self.text.lines().enumerate() {
            match (line.strip_prefix("```"), open) {
                (Some(_), true) => open = false,
                (Some(info), false) => {
                    open = true;
                    let place = format!("{}:{}", self.path, number + 1);
                    blocks.push(Block { info, text: String::new(), heading, place });
                }
                (None, true) => {
                    let text = &mut blocks.last_mut().expect("an open block is there").text;
                    text.push_str(line);
                    text.push('\n');
                }
                (None, false) => {
                    heading = line.strip_prefix('#').map_or(heading, |line| line.trim_start_matches('#').trim());
                }
            }
        }
        assert!(!open, "{}: a code block has no end", self.path);
        blocks
    }

    /// What is outside of code blocks.
    fn prose(&self) -> String {
        let mut open = false;
        let outside = self.text.lines().filter(|line| {
            let fence = line.starts_with("```");
            open ^= fence;
            !open && !fence
        });
        outside.collect::<Vec<_>>().join("\n")
    }

    /// Code within prose: what stands between two backticks.
    pub(crate) fn code(&self) -> Vec<String> {
        self.prose().split('`').skip(1).step_by(2).map(|code| code.replace('\n', " ")).collect()
    }

    /// Where its links lead, without those to other sites.
    pub(crate) fn links(&self) -> Vec<String> {
        let prose = self.prose();
        // Even parts are outside of code.
        let text: String = prose.split('`').step_by(2).collect::<Vec<_>>().join("code");
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        targets.filter(|target| !target.contains("://")).map(str::to_owned).collect()
    }

    /// The anchors of its headings, as forges and mdBook make them.
    pub(crate) fn anchors(&self) -> Vec<String> {
        let headings = self.prose();
        let titles =
            headings.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        titles
            .map(|title| title.to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect())
            .collect()
    }
}
