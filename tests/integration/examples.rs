//! What the documents say, tried.

use clap::{CommandFactory as _, Parser as _};
use groundwork::cli::Cli;
use rayon::prelude::*;
use toml_edit::{DocumentMut, Item, TableLike};

use crate::changes::git_in;
use crate::documents::{Block, Page, page, pages};
use crate::harness::{Repository, project, run_in};
use crate::init::FLAGS;

/// A line of a shell as words, a list for each program that it runs; without comments and redirections.
fn programs(line: &str) -> Vec<Vec<String>> {
    let (mut programs, mut word) = (vec![Vec::new()], None::<String>);
    let (mut quote, mut skipped) = (None, false);
    let end = |word: &mut Option<String>, programs: &mut Vec<Vec<String>>, skipped: &mut bool| {
        if let Some(word) = word.take()
            && !std::mem::take(skipped)
        {
            programs.last_mut().expect("there is always one").push(word);
        }
    };
    for c in line.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (c, Some(_)) => word.get_or_insert_default().push(c),
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            ('#', None) if word.is_none() => break,
            (' ' | '\n', None) => end(&mut word, &mut programs, &mut skipped),
            ('|' | '&' | ';', None) => {
                end(&mut word, &mut programs, &mut skipped);
                programs.push(Vec::new());
            }
            ('>' | '<', None) => {
                end(&mut word, &mut programs, &mut skipped);
                skipped = true;
            }
            (c, None) => word.get_or_insert_default().push(c),
        }
    }
    end(&mut word, &mut programs, &mut skipped);
    for program in &mut programs {
        let is_assignment = |word: &String| {
            word.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        };
        let assignments = program.iter().take_while(|word| is_assignment(word)).count();
        program.drain(..assignments);
    }
    programs.retain(|program| !program.is_empty());
    programs
}

/// The lines of a block that somebody would type.
fn typed(block: &Block<'_>) -> Vec<String> {
    let text = block.text.replace("\\\n", " ");
    let lines = text.lines().filter_map(|line| match block.info {
        "console" => line.strip_prefix("$ "),
        "sh" => Some(line),
        _ => None,
    });
    lines.map(str::to_owned).collect()
}

/// Why clap does not take it; nothing if it does. `…` stands for what everybody has to fill in.
fn misread(program: &[String]) -> Option<String> {
    if program.iter().any(|word| word == "…") {
        return None;
    }
    let error = Cli::try_parse_from(program).err().filter(clap::Error::use_stderr)?;
    Some(format!("{}: {}", program.join(" "), error.to_string().lines().next().unwrap_or_default()))
}

#[test]
fn every_command_in_a_block_parses() {
    let pages = pages();
    let blocks: Vec<Block<'_>> = pages.iter().flat_map(|page| page.blocks()).collect();
    let mut tried = 0;
    let mut wrong = Vec::new();
    for block in &blocks {
        for program in typed(block).iter().flat_map(|line| programs(line)).filter(|words| words[0] == "groundwork") {
            tried += 1;
            wrong.extend(misread(&program).map(|why| format!("{}: {why}", block.place)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 80, "only {tried} commands found");
}

/// In prose a command is often named without what it needs: what is there has to exist.
#[test]
fn every_command_in_prose_exists() {
    let mut root = Cli::command();
    root.build();
    let (mut tried, mut wrong) = (0, Vec::new());
    for page in pages() {
        for code in page.code() {
            let Some(rest) = code.strip_prefix("groundwork ") else { continue };
            tried += 1;
            let mut command = &root;
            for word in programs(rest).into_iter().next().unwrap_or_default() {
                let flag = word.strip_prefix("--").map(|flag| flag.split('=').next().unwrap_or(flag).to_owned());
                match flag {
                    Some(flag) if !command.get_arguments().any(|argument| argument.get_long() == Some(&flag)) => {
                        wrong.push(format!("{}: `{code}` has no --{flag}", page.path));
                    }
                    Some(_) => {}
                    None if command.has_subcommands() => match command.find_subcommand(&word) {
                        Some(found) => command = found,
                        None => wrong.push(format!("{}: `{code}`: there is no {word}", page.path)),
                    },
                    None => {}
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 80, "only {tried} commands found");
}

/// The examples in the help, too.
#[test]
fn every_command_in_the_help_parses() {
    let source = std::fs::read_to_string(project("src/cli.rs")).unwrap().replace("\\\"", "\"");
    let (mut tried, mut wrong) = (0, Vec::new());
    for line in source.lines().map(|line| line.trim().trim_end_matches("\")]")) {
        // Text beside an example stands in a column of its own.
        let Some(line) = line.strip_prefix("groundwork ").and_then(|line| line.split("   ").next()) else { continue };
        for program in programs(&format!("groundwork {line}")).iter().filter(|words| words[0] == "groundwork") {
            tried += 1;
            wrong.extend(misread(program));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 60, "only {tried} examples found");
}

/// Later wins, tables merge: as layers do.
fn merge(into: &mut dyn TableLike, from: &dyn TableLike) {
    for (key, item) in from.iter() {
        if let Some(from) = item.as_table_like()
            && let Some(into) = into.get_mut(key).and_then(Item::as_table_like_mut)
        {
            merge(into, from);
        } else {
            into.insert(key, item.clone());
        }
    }
}

/// This project's own domains.toml with what a block says in its place.
fn merged(block: &DocumentMut) -> String {
    let mut domains: DocumentMut = std::fs::read_to_string(project("domains.toml")).unwrap().parse().unwrap();
    let renamed = block.get("domains").and_then(Item::as_table_like).into_iter().flat_map(|domains| {
        domains.iter().filter_map(|(_, domain)| Some(domain.get("renamed_from")?.as_str()?.to_owned()))
    });
    for name in renamed {
        assert!(domains["domains"].as_table_mut().unwrap().remove(&name).is_some(), "there is no domain {name}");
    }
    // What an organization's feature is shown with is all it is given.
    for (feature, _) in block.get("organization").and_then(Item::as_table_like).into_iter().flat_map(TableLike::iter) {
        domains["organization"].as_table_mut().unwrap().remove(feature);
    }
    merge(domains.as_table_mut(), block.as_table());
    domains.to_string()
}

/// What is wrong with a block of TOML; nothing if groundwork takes it.
fn refused(block: &Block<'_>) -> Option<String> {
    let document: DocumentMut = match block.text.parse() {
        Ok(document) => document,
        Err(error) => return Some(format!("{}: {error}", block.place)),
    };
    let is_manifest = document.contains_key("inputs") || document.contains_key("scope");
    let repository = Repository::empty();
    if is_manifest {
        repository.write("domains.toml", std::fs::read(project("domains.toml")).unwrap());
        repository.write("templates/example/feature.toml", &block.text);
    } else {
        repository.write("domains.toml", merged(&document));
    }
    let run = repository.run(&["check"]);
    (run.code != Some(0)).then(|| format!("{}:\n{}", block.place, run.stderr))
}

/// A block is part of a domains.toml, or a feature.toml.
#[test]
fn every_block_of_toml_is_accepted() {
    let pages = pages();
    let blocks: Vec<Block<'_>> = pages.iter().flat_map(|page| page.blocks()).collect();
    let tried: Vec<&Block<'_>> = blocks.iter().filter(|block| block.info == "toml").collect();
    assert!(tried.len() > 15, "only {} blocks found", tried.len());
    let wrong: Vec<String> = tried.par_iter().filter_map(|block| refused(block)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let other: Vec<&str> =
        blocks.iter().filter(|block| block.info.starts_with("toml,")).map(|block| block.place.as_str()).collect();
    assert!(other.is_empty(), "no block of TOML goes untried: {other:?}");
}

/// Every block says what it is of.
#[test]
fn every_block_is_of_a_known_kind() {
    const KINDS: [&str; 8] = ["console", "hcl", "json", "rego", "sh", "text", "toml", "yaml"];
    for page in pages() {
        for block in page.blocks() {
            assert!(KINDS.contains(&block.info), "{}: `{}`", block.place, block.info);
            if block.info == "json" {
                let json: Result<serde_json::Value, _> = serde_json::from_str(&block.text);
                assert!(json.is_ok() || block.text.contains('…'), "{}: {json:?}", block.place);
            }
        }
    }
}

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
