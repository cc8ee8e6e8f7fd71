//! What goes wrong is one account's, with a message; the others are planned.

use groundwork_testing::process::output;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::World;
use super::repository::{BACKEND, Repository, THINGS};

fn things() -> String {
    format!("{BACKEND}{THINGS}")
}

pub(crate) fn each_failure_is_one_accounts_and_says_what_to_do(world: &World) {
    let repository =
        Repository::new(world, &["rehearsal", "version", "network", "crash", "state", "bucket", "hang"], &things());
    let overlay = |domain: &str, text: &str| repository.write(&format!("overlays/{domain}/extra.tf"), text);
    overlay("version", "terraform {\n  required_version = \"< 1.0.0\"\n}\n");
    overlay(
        "network",
        "terraform {\n  required_providers {\n    nothing = { source = \"127.0.0.1:1/acme/nothing\" }\n  }\n}\n",
    );
    overlay(
        "crash",
        "terraform {\n  required_providers {\n    crash = { source = \"acme.example/acme/crash\", version = \"1.0.0\" }\n  }\n}\nresource \"crash_thing\" \"a\" {}\n",
    );
    overlay("bucket", "resource \"terraform_data\" \"other\" {\n  input = no_such_thing.a.b\n}\n");
    // A provider that ends before it says anything.
    let provider = "mirror/acme.example/acme/crash/1.0.0/linux_amd64/terraform-provider-crash";
    let architecture = if cfg!(target_arch = "aarch64") { "linux_arm64" } else { "linux_amd64" };
    let provider = provider.replace("linux_amd64", architecture);
    repository.write(&provider, "#!/bin/sh\necho it was a dark and stormy night >&2\nexit 3\n");
    fs::set_permissions(repository.path(&provider), fs::Permissions::from_mode(0o755)).unwrap();
    let mirror = repository.path("mirror").display().to_string();
    repository.write("terraform.rc", &format!("provider_installation {{\n  filesystem_mirror {{\n    path    = \"{mirror}\"\n    include = [\"acme.example/*/*\"]\n  }}\n  direct {{\n    exclude = [\"acme.example/*/*\"]\n  }}\n}}\n"));
    // Somebody has written into the state.
    world.moto.put(&repository.bucket, &repository.state_key("state/dev"), b"{\"version\": 4, \"terraform_version\"");
    // One that is never done, and does not listen: a program that poses as terraform.
    let real = world.terraform.program().display().to_string();
    repository.write(
        "terraform",
        &format!(
            "#!/bin/sh\ncase \"$PWD:$1\" in\n*/hang/*:plan) trap '' INT; sleep 600;;\n*) exec '{real}' \"$@\";;\nesac\n"
        ),
    );
    fs::set_permissions(repository.path("terraform"), fs::Permissions::from_mode(0o755)).unwrap();
    repository.groundwork(&["render", "-q"]).succeeds();

    let mut command = repository.command(&[
        "plan",
        "*/dev",
        "--timeout",
        "10s",
        "--grace",
        "300ms",
        "--retry-delay",
        "50ms",
        "-j",
        "7",
        "--terraform",
        "./terraform",
        "--digests",
        "digests",
    ]);
    let run = output(command.env("TF_CLI_CONFIG_FILE", repository.path("terraform.rc"))).fails();
    let run = run.says(&[
        "version/dev failed: Unsupported Terraform Core version",
        "`required_version` in terraform.tf says which",
        "network/dev failed: Failed to query available provider packages",
        "`groundwork providers lock`",
        "crash/dev failed: ",
        "state/dev failed: ",
        "bucket/dev failed: Reference to undeclared resource",
        "hang/dev failed: `terraform plan` was stopped after 10 s",
        "--timeout",
        "7 accounts: 1 planned, 6 failed",
    ]);
    assert!(run.stdout.contains("hang/dev: `terraform plan` was stopped"), "the review has its reason: {}", run.stdout);
    assert_eq!(repository.reported("rehearsal/dev")["outcome"], "planned");
    for account in ["crash/dev", "state/dev"] {
        let message = repository.reported(account)["message"].as_str().unwrap().to_owned();
        assert!(message.len() > 20 && message.len() < 700, "{message}");
    }
    assert!(repository.processes().is_empty(), "{:?}", repository.processes());
}

pub(crate) fn without_terraform_every_account_says_so(world: &World) {
    let repository = Repository::new(world, &["rehearsal"], &things());
    let mut command = repository.command(&["plan", "--report", "report.json"]);
    let run = output(command.env_remove("GROUNDWORK_TERRAFORM").env("PATH", "/nonexistent")).fails();
    let run = run.says(&["rehearsal/dev, rehearsal/prod: failed: neither terraform nor tofu is on PATH: install one, or name it with --terraform"]);
    assert!(run.stdout.contains("neither terraform nor tofu"), "{}", run.stdout);
    assert!(repository.read("report.json").contains("neither terraform nor tofu"));
    for (program, expected) in [
        ("/nonexistent/terraform", "does not run"),
        ("/bin/true", "is neither Terraform nor OpenTofu"),
        ("/bin/false", "does not run"),
    ] {
        repository.groundwork(&["plan", "--terraform", program]).fails().says(&[expected]);
    }
}

/// On a file system of a few blocks, which only root and whoever may have a namespace of their own can make.
pub(crate) fn a_full_disk_is_said(world: &World) {
    let repository = Repository::new(world, &["rehearsal"], &things());
    fs::create_dir_all(repository.path("target/groundwork")).unwrap();
    let script = "mount -t tmpfs -o size=64k tmpfs target/groundwork && head -c 40000 /dev/zero > target/groundwork/ballast && exec \"$0\" plan -j 2";
    let plain = repository.command(&[]);
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", script, env!("CARGO_BIN_EXE_groundwork")]);
    command.current_dir(repository.folder.path()).env_clear();
    for (name, value) in plain.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let run = output(&mut command);
    assert_eq!(run.code, Some(1), "{}\n{}", run.stdout, run.stderr);
    assert!(
        run.stderr.contains("No space left on device") || run.stderr.contains("no space left on device"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
}
