//! What the documents say, tried: every command is one, and every block of TOML is taken.

use clap::{CommandFactory as _, Parser as _};
use groundwork::cli::Cli;
use rayon::prelude::*;
use toml_edit::{DocumentMut, Item, TableLike};

use crate::documents::{Block, pages};
use crate::harness::{Repository, project};

/// A line of a shell as words, a list for each program that it runs; without comments and redirections.
pub(crate) fn programs(line: &str) -> Vec<Vec<String>> {
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
pub(crate) fn typed(block: &Block<'_>) -> Vec<String> {
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
    let files = std::fs::read_dir(project("src/cli")).unwrap().map(|entry| entry.unwrap().path());
    let source: String = files.map(|path| std::fs::read_to_string(path).unwrap().replace("\\\"", "\"")).collect();
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
