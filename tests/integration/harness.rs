//! A repository in a temporary folder, and the binary run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A repository, built file by file.
pub(crate) struct Repository {
    folder: tempfile::TempDir,
}

/// What a run of the binary did.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A small organization that is right: two teams, two domains, two environments.
pub(crate) const DOMAINS: &str = r##"[organization]
name = "acme"
region = "eu-west-1"
management_account = "111111111111"
email = "aws+{domain}-{environment}@acme.example"

[state]
bucket = "acme-state"
region = "eu-west-1"

[network]
pools = ["10.64.0.0/16"]
reserved = ["10.64.0.0/20"]

[[waves]]
name = "rehearsal"
domains = ["rehearsal"]
[[waves]]
name = "everyone"

[environments.dev]
network = { prefix = 22 }
[environments.prod]
network = { prefix = 20, nat = "per-az" }
protected = true

[teams.platform]
email = "platform@acme.example"
[teams.catalog]
email = "catalog@acme.example"
cost_center = "4210"

[domains.rehearsal]
team = "platform"
environments = ["dev", "prod"]

[domains.catalog]
team = "catalog"
environments = ["dev", "prod"]
repository = "acme/catalog"
"##;

impl Repository {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// The small organization, with this project's own templates.
    pub(crate) fn small() -> Self {
        Self::with_domains(DOMAINS)
    }

    /// This project's own templates with another domains.toml.
    pub(crate) fn with_domains(domains: &str) -> Self {
        let repository = Self::empty().file("domains.toml", domains);
        groundwork_testing::folder::copy(&project("templates"), &repository.path("templates")).unwrap();
        repository
    }

    /// The small organization with its ledger.
    pub(crate) fn allocated() -> Self {
        let repository = Self::small();
        repository.run(&["allocate"]).succeeds();
        repository
    }

    /// Adds or replaces a file.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.write(path, content);
        self
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Replaces text in a file; it has to be there.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let content = self.read(path);
        assert!(content.contains(from), "{path} has no {from:?}");
        self.write(path, content.replacen(from, to, 1));
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        fs::symlink_metadata(self.path(path)).is_ok()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Every file below `path` with its content, by path.
    pub(crate) fn tree(&self, path: &str) -> std::collections::BTreeMap<String, Vec<u8>> {
        let mut files = std::collections::BTreeMap::new();
        collect(&self.path(path), "", &mut files);
        files
    }

    /// Runs the binary here, with nothing of the caller's environment.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        run_in(self.folder.path(), arguments)
    }
}

/// Runs the binary in a folder, with nothing of the caller's environment.
pub(crate) fn run_in(folder: &Path, arguments: &[&str]) -> Run {
    run_with(folder, arguments, &[])
}

/// Runs the binary in a folder, with this environment.
#[expect(clippy::disallowed_methods, reason = "tests start the binary themselves")]
pub(crate) fn run_with(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_groundwork"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("COLUMNS", "100")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("groundwork speaks UTF-8");
    let shown = fs::canonicalize(folder).unwrap().display().to_string();
    let clean =
        |text: String| text.replace(&shown, "<repository>").replace(&folder.display().to_string(), "<repository>");
    Run { code: output.status.code(), stdout: clean(text(output.stdout)), stderr: clean(text(output.stderr)) }
}

impl Run {
    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert_eq!(self.code, Some(0), "{self}");
        self
    }

    #[track_caller]
    pub(crate) fn fails(self) -> Self {
        assert_eq!(self.code, Some(1), "{self}");
        self
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}

/// Like a terminal transcript.
impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "exit {}\n--- stdout\n{}--- stderr\n{}",
            self.code.map_or("by a signal".to_owned(), |code| code.to_string()),
            self.stdout,
            self.stderr
        )
    }
}

/// A path in this project.
pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every file below a folder with its content, by path.
pub(crate) fn collect(folder: &Path, prefix: &str, files: &mut std::collections::BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else {
            files.insert(path, fs::read(entry.path()).unwrap_or_default());
        }
    }
}
