//! Providers: locked once, fetched once, linked from there.

use groundwork_testing::process::output;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::World;
use super::repository::{BACKEND, Repository, THINGS};

const REQUIRED: &str = "terraform {\n  required_providers {\n    quiet = { source = \"acme.example/acme/quiet\", version = \"~> 1.2\" }\n  }\n}\n";

pub(crate) fn providers_are_fetched_once_and_linked(world: &World) {
    let domains = ["rehearsal", "a", "b", "c", "d", "e"];
    let repository = Repository::new(world, &domains, &format!("{BACKEND}{REQUIRED}{THINGS}"));
    // A package is whatever is in its archive: these can be installed, and that they do nothing else is found out later.
    for (version, platform) in [
        ("1.2.0", "linux_amd64"),
        ("1.2.7", "linux_amd64"),
        ("1.2.7", "linux_arm64"),
        ("1.2.7", "darwin_arm64"),
        ("2.0.0", "linux_amd64"),
    ] {
        let program = format!("package/{version}/{platform}/terraform-provider-quiet_v{version}");
        repository.write(&program, &format!("#!/bin/sh\n# {version} {platform}\nexit 1\n"));
        fs::set_permissions(repository.path(&program), fs::Permissions::from_mode(0o755)).unwrap();
        let folder = repository.path("mirror/acme.example/acme/quiet");
        fs::create_dir_all(&folder).unwrap();
        let archive = folder.join(format!("terraform-provider-quiet_{version}_{platform}.zip"));
        let mut zip = Command::new("python3");
        zip.args(["-m", "zipfile", "-c"]).arg(archive).arg(repository.path(&program));
        assert!(zip.status().unwrap().success());
    }
    let mirror = repository.path("mirror").display().to_string();
    repository.write(
        "terraform.rc",
        &format!("provider_installation {{\n  filesystem_mirror {{\n    path = \"{mirror}\"\n  }}\n}}\n"),
    );
    let groundwork = |arguments: &[&str]| {
        let mut command = repository.command(arguments);
        output(command.env("TF_CLI_CONFIG_FILE", repository.path("terraform.rc")))
    };

    groundwork(&["providers", "lock", "--fs-mirror", "nowhere"]).fails().says(&["the providers cannot be locked"]);
    assert!(!repository.path(".terraform.lock.hcl").exists(), "nothing half-done");
    groundwork(&["providers", "lock", "--fs-mirror", "mirror"])
        .succeeds()
        .says(&["acme.example/acme/quiet 1.2.7", "1 provider for 3 platforms"]);
    let lock = repository.read(".terraform.lock.hcl");
    assert_eq!(lock.matches("h1:").count(), 3, "{lock}");
    // Again, it stays what it is; and every root module gets it.
    groundwork(&["providers", "lock", "--fs-mirror", "mirror"]).succeeds();
    assert_eq!(repository.read(".terraform.lock.hcl"), lock);
    repository
        .groundwork(&["plan"])
        .fails()
        .says(&["not what domains.toml and the templates render", "groundwork render"])
        .code
        .unwrap();
    repository.groundwork(&["render", "-q"]).succeeds();
    assert_eq!(repository.read("accounts/e/prod/.terraform.lock.hcl"), lock);

    groundwork(&["plan", "-j", "12"]).fails().says(&["12 accounts: 12 failed", "failed to instantiate provider"]);
    let folders: Vec<_> = fs::read_dir(repository.path("target/groundwork/providers"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    let [folder] = folders.as_slice() else { panic!("{folders:?}") };
    for domain in domains {
        let link = fs::read_dir(
            repository.path(&format!("accounts/{domain}/dev/.terraform/providers/acme.example/acme/quiet/1.2.7")),
        )
        .unwrap();
        for entry in link {
            let target = fs::canonicalize(entry.unwrap().path()).unwrap();
            assert!(target.starts_with(fs::canonicalize(folder).unwrap()), "{}", target.display());
        }
    }
    // Once fetched, nothing is asked of where they came from.
    fs::remove_dir_all(repository.path("mirror")).unwrap();
    for account in ["accounts/a/dev/.terraform", "accounts/b/dev/.terraform"] {
        fs::remove_dir_all(repository.path(account)).unwrap();
    }
    groundwork(&["plan"]).fails().says(&["failed to instantiate provider"]);
    // A package that was tampered with is refused.
    let package = folder.join("acme.example/acme/quiet/1.2.7");
    let package =
        fs::read_dir(&package).unwrap().next().unwrap().unwrap().path().join("terraform-provider-quiet_v1.2.7");
    fs::write(&package, "#!/bin/sh\nexit 0\n").unwrap();
    fs::remove_dir_all(repository.path("accounts/a/dev/.terraform")).unwrap();
    groundwork(&["plan", "a/dev"]).fails().says(&["a/dev failed", "checksum"]);
}
