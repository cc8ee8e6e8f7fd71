//! Everything that can be in the way: a clear error, exit 1, nothing half-written, nothing outside touched.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::harness::{Repository, run_in};

#[test]
fn no_file_says_where_it_was_looked_for() {
    let run = Repository::empty().run(&["check"]).fails();
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn a_command_works_from_any_folder_below() {
    let repository = Repository::allocated();
    run_in(&repository.path("templates/network"), &["check"]).succeeds();
}

#[test]
fn files_that_cannot_be_configuration_are_named_with_the_reason() {
    let mut said = String::new();
    let mut case = |what: &str, repository: Repository| {
        let run = repository.run(&["check"]).fails();
        said.push_str(&format!("{what}\n{}\n", run.stderr));
        assert_eq!(run.stdout, "");
    };
    case("an empty file", Repository::with_domains(""));
    case("not UTF-8", Repository::empty().file("domains.toml", b"name = \"\xff\"\n"));
    let folder = Repository::empty();
    fs::create_dir(folder.path("domains.toml")).unwrap();
    case("a directory", folder);
    let large = Repository::empty();
    fs::File::create(large.path("domains.toml")).unwrap().set_len(100 << 20).unwrap();
    case("100 MB", large);
    let dangling = Repository::empty();
    symlink("nowhere", dangling.path("domains.toml")).unwrap();
    case("a link to nothing", dangling);
    let device = Repository::empty();
    symlink("/dev/zero", device.path("domains.toml")).unwrap();
    case("a device", device);
    let looping = Repository::allocated();
    symlink("..", looping.path("templates/again")).unwrap();
    case("a folder that contains itself", looping);
    insta::assert_snapshot!(said);
}

#[test]
fn deeply_nested_toml_is_an_error_and_not_a_crash() {
    let run = Repository::with_domains(&format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000))).run(&["check"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr.chars().take(400).collect::<String>());
}

#[test]
fn a_link_in_the_output_folder_that_leads_outside_is_not_followed() {
    for link in ["out/accounts", "out/accounts/catalog", "out/accounts/catalog/dev"] {
        let repository = Repository::allocated().file("outside/keep", "kept");
        fs::create_dir_all(repository.path(link).parent().unwrap()).unwrap();
        symlink(repository.path("outside"), repository.path(link)).unwrap();
        let run = repository.run(&["render", "--out", "out"]).fails();
        assert!(run.stderr.contains("leads out of the output folder"), "{run}");
        assert_eq!(repository.tree("outside").into_keys().collect::<Vec<_>>(), ["keep"]);
    }
    let repository = Repository::allocated().file("outside.tf", "kept").file("out/accounts/catalog/dev/x", "");
    symlink(repository.path("outside.tf"), repository.path("out/accounts/catalog/dev/network.tf")).unwrap();
    repository.run(&["render", "--out", "out"]).fails();
    assert_eq!(repository.read("outside.tf"), "kept");
}

#[test]
fn an_output_folder_that_cannot_be_written_is_an_error() {
    let repository = Repository::allocated().file("a-file", "");
    let run = repository.run(&["render", "--out", "a-file"]).fails();
    assert!(run.stderr.contains("cannot open the output folder"), "{run}");
    let run = repository.run(&["render", "--out", "/proc/groundwork"]).fails();
    assert!(run.stderr.contains("cannot open the output folder"), "{run}");
    // Root writes wherever it likes, so a folder without write permission only tells for other users.
    fs::create_dir(repository.path("read-only")).unwrap();
    fs::set_permissions(repository.path("read-only"), fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(repository.path("read-only/probe"), "").is_err() {
        let run = repository.run(&["render", "--out", "read-only"]).fails();
        assert!(run.stderr.contains("cannot write"), "{run}");
    }
    fs::set_permissions(repository.path("read-only"), fs::Permissions::from_mode(0o755)).unwrap();
}

/// `/sys` is a file system nobody can create files on, root included.
#[test]
fn a_read_only_file_system_is_an_error_and_nothing_is_left_behind() {
    let repository = Repository::allocated();
    let run = repository.run(&["render", "--out", "/sys"]).fails();
    assert!(
        run.stderr.contains("cannot write `accounts/") && run.stderr.contains("0 of 4 root modules are done"),
        "{run}"
    );
}

#[test]
fn an_unwritable_ledger_is_an_error_and_the_old_one_stays() {
    let repository = Repository::allocated();
    let ledger = repository.read("ledger.toml");
    // The name of the unfinished file is taken by a folder: it cannot be created.
    fs::create_dir(repository.path("ledger.toml.groundwork-tmp")).unwrap();
    repository.edit(
        "domains.toml",
        "[domains.catalog]",
        "[domains.search]\nteam = \"catalog\"\nenvironments = [\"dev\"]\n[domains.catalog]",
    );
    let run = repository.run(&["allocate"]).fails();
    assert!(run.stderr.contains("cannot write"), "{run}");
    assert_eq!(repository.read("ledger.toml"), ledger);
}

#[test]
fn when_the_reader_leaves_nothing_is_said() {
    let repository = Repository::allocated();
    let binary = env!("CARGO_BIN_EXE_groundwork");
    #[expect(clippy::disallowed_methods, reason = "tests start the binary themselves")]
    let output = std::process::Command::new("sh")
        .args(["-c", &format!("{binary} schema | true; {binary} completions bash | head -c 1 > /dev/null")])
        .current_dir(repository.path(""))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// A limit on the size of files stands for a full disk: writing stops in the middle of a file.
#[test]
fn a_disk_that_runs_full_leaves_nothing_half_written() {
    let repository = Repository::allocated();
    let run = |limit: &str| {
        let command =
            format!("trap '' XFSZ; ulimit -f {limit}; exec {} render --out out", env!("CARGO_BIN_EXE_groundwork"));
        #[expect(clippy::disallowed_methods, reason = "tests start the binary themselves")]
        let output =
            std::process::Command::new("sh").args(["-c", &command]).current_dir(repository.path("")).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    // Into an empty folder: root modules appear as a whole or not at all.
    let (code, stderr) = run("2");
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("cannot write `accounts/"), "{stderr}");
    assert_eq!(repository.tree("out/accounts").into_keys().collect::<Vec<_>>(), [""; 0]);
    // Over what is there: each file is the old one or the new one.
    repository.run(&["render", "--out", "out"]).succeeds();
    let before = repository.tree("out");
    repository.edit("templates/network/network.tf.tera", "Without rules", "With no rules");
    assert_eq!(run("2").0, Some(1));
    let mut after = repository.tree("out");
    after.retain(|path, _| !path.ends_with("/.groundwork"));
    for (path, content) in &after {
        assert!(before.get(path) == Some(content), "{path} is half-written");
    }
    // And the next run completes it.
    repository.run(&["render", "--out", "out"]).succeeds();
    repository.run(&["render", "--out", "out", "--check"]).succeeds();
    assert!(repository.read("out/accounts/catalog/dev/network.tf").contains("With no rules"));
}

#[test]
fn what_an_interrupted_run_left_is_cleared_away() {
    let repository = Repository::allocated().file("out/accounts/catalog/dev.groundwork-tmp/network.tf", "half");
    repository.run(&["render", "--out", "out"]).succeeds();
    assert!(!repository.has("out/accounts/catalog/dev.groundwork-tmp"));
    repository.write("out/accounts/catalog/dev/network.tf.groundwork-tmp", "half");
    repository.edit("templates/network/network.tf.tera", "Without rules", "With no rules");
    repository.run(&["render", "--out", "out"]).succeeds();
    assert!(!repository.has("out/accounts/catalog/dev/network.tf.groundwork-tmp"));
    repository.run(&["render", "--out", "out", "--check"]).succeeds();
}
