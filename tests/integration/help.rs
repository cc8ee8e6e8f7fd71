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
