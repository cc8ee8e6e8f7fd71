//! The words of the command line.

use crate::harness::Repository;

#[test]
fn the_help_of_every_command_reads_well() {
    let repository = Repository::empty();
    let mut reference = String::new();
    for command in [
        &[][..],
        &["check"],
        &["render"],
        &["allocate"],
        &["explain"],
        &["list"],
        &["map"],
        &["matrix"],
        &["review"],
        &["digest"],
        &["policy", "test"],
        &["schema"],
        &["add"],
        &["add", "domain"],
        &["add", "team"],
        &["completions"],
        &["manual"],
    ] {
        let run = repository.run(&[command, &["--help"]].concat()).succeeds();
        assert_eq!(run.stderr, "");
        reference.push_str(&format!("$ groundwork {} --help\n{}\n", command.join(" "), run.stdout));
    }
    insta::assert_snapshot!(reference);
}

#[test]
fn a_misunderstanding_exits_with_2() {
    for arguments in
        [&["chekc"][..], &["render", "--chekc"], &[], &["matrix", "--max-jobs", "0"], &["matrix", "--format", "xml"]]
    {
        let run = Repository::empty().run(arguments);
        assert_eq!(run.code, Some(2), "{run}");
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn completions_are_made_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(Repository::empty().run(&["completions", shell]).succeeds().stdout.contains("groundwork"));
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let repository = Repository::empty();
    let run = repository.run(&["manual", "man/man1"]).succeeds();
    let pages = repository.tree("man/man1");
    assert_eq!(run.stderr, format!("done {} pages in `man/man1`\n", pages.len()));
    for page in ["groundwork.1", "groundwork-render.1", "groundwork-add-domain.1"] {
        let text = String::from_utf8_lossy(&pages[page]);
        assert!(text.contains(".SH NAME") && text.contains(".SH OPTIONS"), "{page}: {text}");
    }
    // What is started by groundwork itself is nobody's to read about.
    assert!(!pages.contains_key("groundwork-watchdog.1") && !pages.contains_key("groundwork-help.1"));
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let repository = Repository::with_domains("x = 1\n");
    assert!(!repository.run(&["check"]).fails().stderr.contains('\u{1b}'));
    assert!(repository.run(&["check", "--color", "always"]).fails().stderr.contains('\u{1b}'));
}

#[test]
fn verbose_tells_what_is_done_on_stderr() {
    let run = Repository::allocated().run(&["check", "-v"]).succeeds();
    assert!(run.stderr.contains("load"), "{run}");
    assert_eq!(run.stdout, "");
}
