//! What the documents say, tried.

use crate::harness::project;

/// Every command that the README and the help show exists and takes those arguments.
#[test]
fn every_command_in_the_documents_parses() {
    use clap::Parser as _;
    let mut texts: Vec<String> = [
        "README.md",
        "docs/ARCHITECTURE.md",
        "docs/features.md",
        "docs/map.md",
        "docs/policies.md",
        "docs/quick-start.md",
        "docs/review.md",
        "docs/running.md",
        "docs/versioning.md",
    ]
    .iter()
    .map(|path| std::fs::read_to_string(project(path)).unwrap().replace("\\\n", " "))
    .collect();
    let help = std::fs::read_dir(project("src/cli")).unwrap().map(|entry| entry.unwrap().path());
    texts.extend(help.map(|path| std::fs::read_to_string(path).unwrap().replace("\\\"", "\"")));
    let mut tried = 0;
    // Prose has a stop at its end or is wrapped; commands stand by themselves.
    let lines = texts
        .iter()
        .flat_map(|text| text.lines())
        .map(str::trim)
        .filter(|line| !line.ends_with('.') || line.contains("   "));
    for line in lines {
        let line = line.trim_start_matches("$ ").trim_end_matches("\")]");
        let Some(rest) = line.strip_prefix("groundwork ") else { continue };
        let command = ["   ", " | ", " > ", " >> "]
            .iter()
            .fold(rest, |command, end| command.split(end).next().unwrap_or(command));
        if command.contains('…') {
            continue;
        }
        let words = command.split_whitespace().map(|word| word.trim_matches(['\'', '"']));
        let words: Vec<&str> = std::iter::once("groundwork").chain(words).collect();
        if let Err(error) = groundwork::cli::Cli::try_parse_from(&words) {
            assert!(!error.use_stderr(), "{line}: {error}");
        }
        tried += 1;
    }
    assert!(tried > 20, "only {tried} commands found");
}
