//! What the documents tell to do, done.

use rayon::prelude::*;

use crate::changes::git_in;
use crate::documents::{Block, Page, page, pages};
use crate::examples::{programs, typed};
use crate::harness::{Repository, project, run_in};
use crate::init::FLAGS;

/// What a page shows of an output: every line, but `...`, has to come, in that order. Numbers and the width of columns
/// may be others.
fn shows(shown: &[&str], output: &str, place: &str) {
    let plain = |line: &str| -> String {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.join(" ").chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>()
    };
    let squeezed = |line: &str| {
        let mut text = plain(line);
        while text.contains("00") {
            text = text.replace("00", "0");
        }
        text
    };
    let mut lines = output.lines().map(squeezed);
    for line in shown.iter().filter(|line| **line != "...") {
        // A long line may be cut off.
        let wanted = squeezed(line.trim_end_matches("..."));
        assert!(lines.any(|line| line.starts_with(&wanted)), "{place}: `{line}` is not in what comes:\n{output}");
    }
}

/// The commands of a console with what is shown of each one's output.
fn session<'a>(block: &'a Block<'_>) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut steps: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in block.text.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push((command, Vec::new())),
            (None, Some((_, shown))) => shown.push(line),
            (None, None) => panic!("{}: output of nothing: {line}", block.place),
        }
    }
    steps
}

/// The first hour, as it is written; but for what asks AWS.
#[test]
fn the_first_hour_is_as_it_is_written() {
    let first = page("docs/quick-start.md");
    let here = Repository::empty();
    let mut folder = here.path(".");
    let mut walked = Vec::new();
    for block in first.blocks().iter().filter(|block| block.info == "console") {
        if block.heading == "The accounts that there are" {
            continue;
        }
        for (line, mut shown) in session(block) {
            for program in programs(line) {
                let words: Vec<&str> = program.iter().map(String::as_str).collect();
                walked.push(words[..words.len().min(2)].join(" "));
                if words[0] == "git" {
                    git_in(&folder, &words[1..]);
                    continue;
                }
                let mut arguments = words[1..].to_vec();
                if words[1] == "init" {
                    // Its questions are tried on a terminal elsewhere.
                    arguments.extend(FLAGS);
                    shown.retain(|line| !line.contains('?'));
                }
                let run = run_in(&folder, &arguments).succeeds();
                shows(&shown, &format!("{}{}", run.stdout, run.stderr), &block.place);
                if words[1] == "init" {
                    folder = folder.join("accounts");
                }
            }
        }
    }
    for command in ["demo", "init", "check", "render", "explain", "add", "allocate", "changes", "plan", "review"] {
        assert!(walked.contains(&format!("groundwork {command}")), "the first hour has no {command}: {walked:?}");
    }
}

/// What is shown of this repository's own example organization.
#[test]
fn the_example_is_as_it_is_shown() {
    let mut tried = 0;
    for path in ["README.md", "docs/map.md"] {
        let page = page(path);
        for block in page.blocks().iter().filter(|block| block.info == "console") {
            for (line, shown) in session(block) {
                let program = programs(line).remove(0);
                if !["explain", "list"].contains(&program[1].as_str()) {
                    continue;
                }
                tried += 1;
                let words: Vec<&str> = program[1..].iter().map(String::as_str).collect();
                let run = run_in(&project("."), &words).succeeds();
                shows(&shown, &format!("{}{}", run.stdout, run.stderr), &block.place);
            }
        }
    }
    assert!(tried >= 3, "only {tried} found");
}

/// Commands that ask nobody, need nothing but a repository, and are told apart by their first word.
const OFFLINE: [&str; 13] = [
    "add",
    "allocate",
    "changes",
    "check",
    "completions",
    "explain",
    "list",
    "manual",
    "map",
    "matrix",
    "policy",
    "render",
    "schema",
];

/// Each page's commands, in its order, in a repository of its own: this project's example.
#[test]
fn what_needs_no_aws_works_as_it_is_written() {
    let tried: usize = pages().par_iter().map(walk).sum();
    assert!(tried > 30, "only {tried} commands found");
}

/// How many commands of a page were run.
fn walk(page: &Page) -> usize {
    let blocks = page.blocks();
    let lines = blocks.iter().filter(|block| block.info == "sh").flat_map(|block| {
        typed(block).into_iter().flat_map(|line| programs(&line)).map(|program| (block.place.as_str(), program))
    });
    let is_offline = |program: &[String]| {
        program[0] == "groundwork"
            && OFFLINE.contains(&program[1].as_str())
            && !program.iter().any(|word| word == "--reassign" || word == "…")
    };
    let commands: Vec<(&str, Vec<String>)> = lines.filter(|(_, program)| is_offline(program)).collect();
    if commands.is_empty() {
        return 0;
    }
    let repository = Repository::empty();
    for file in ["domains.toml", "ledger.toml"] {
        repository.write(file, std::fs::read(project(file)).unwrap());
    }
    groundwork_testing::folder::copy(&project("policies"), &repository.path("policies")).unwrap();
    let git = |arguments: &[&str]| git_in(&repository.path("."), arguments);
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "The organization"]);
    git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    if commands.iter().any(|(_, program)| program.iter().any(|word| word == "--check")) {
        repository.run(&["render"]).succeeds();
    }
    for (place, program) in &commands {
        // Whatever is written stays in the repository.
        let words: Vec<String> = program[1..].iter().map(|word| word.replace("/tmp/", "tmp/")).collect();
        let run = repository.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(run.code, Some(0), "{place}: {}\n{run}", words.join(" "));
    }
    commands.len()
}
