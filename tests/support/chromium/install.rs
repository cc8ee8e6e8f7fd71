//! Finding a Chromium, or fetching Debian's below `target/` without touching the system.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Chromium that can be started.
#[derive(Clone, Debug)]
pub(crate) struct Chromium {
    /// The program.
    pub(crate) program: PathBuf,
    /// Where it finds the libraries that the system does not have.
    pub(crate) libraries: Option<OsString>,
}

/// Why there is none.
#[derive(Debug)]
pub(crate) enum Missing {
    /// Neither a browser nor the tools to fetch one: the machine is of another kind.
    Nothing(String),
    /// It could be fetched here, and that failed.
    Failed(String),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing(why) => write!(f, "no chromium, and no way to fetch one: {why}"),
            Self::Failed(why) => write!(f, "cannot fetch chromium: {why}"),
        }
    }
}

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Whether there is a browser or a way to get one; asks no network.
pub(crate) fn possible() -> Result<(), Missing> {
    if NAMES.iter().any(|name| on_path(name).is_some()) {
        return Ok(());
    }
    match ["apt-get", "dpkg"].iter().find(|tool| on_path(tool).is_none()) {
        Some(tool) => Err(Missing::Nothing(format!("none of {} and no `{tool}` on the path", NAMES.join(", ")))),
        None => Ok(()),
    }
}

/// The first Chromium on the path, else Debian's package unpacked below `tools`.
pub(crate) fn find(tools: &Path) -> Result<Chromium, Missing> {
    for name in NAMES {
        if let Some(program) = on_path(name) {
            return Ok(Chromium { program, libraries: None });
        }
    }
    let place = tools.join("chromium");
    let root = place.join("root");
    if !root.exists() {
        possible()?;
        fetch(&place).map_err(Missing::Failed)?;
        unpack(&place, &root).map_err(Missing::Failed)?;
    }
    let program = root.join("usr/lib/chromium/chromium");
    if !program.is_file() {
        return Err(Missing::Failed(format!("`{}` is not there; remove its folder to try again", program.display())));
    }
    Ok(Chromium { program, libraries: Some(library_path(&root)) })
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// Downloads the package and whatever it needs that is not installed, into folders of our own.
fn fetch(place: &Path) -> Result<(), String> {
    let archives = place.join("archives");
    let lists = place.join("lists");
    for folder in [archives.join("partial"), lists.join("partial")] {
        std::fs::create_dir_all(&folder).map_err(|error| format!("cannot make `{}`: {error}", folder.display()))?;
    }
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .args(["-q", "-y", "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User="])
            .arg("-o")
            .arg(format!("Dir::State::lists={}", lists.display()))
            .arg("-o")
            .arg(format!("Dir::Cache={}", place.display()))
            .arg("-o")
            .arg(format!("Dir::Cache::archives={}", archives.display()))
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        run(&mut command)
    };
    apt(&["update"])?;
    apt(&["install", "--download-only", "--no-install-recommends", "chromium"])
}

/// Unpacks every archive. The folder gets its name only when it is whole.
fn unpack(place: &Path, root: &Path) -> Result<(), String> {
    let partial = place.join("root.partial");
    if partial.exists() {
        std::fs::remove_dir_all(&partial).map_err(|error| format!("cannot remove `{}`: {error}", partial.display()))?;
    }
    let archives = place.join("archives");
    let entries =
        std::fs::read_dir(&archives).map_err(|error| format!("cannot read `{}`: {error}", archives.display()))?;
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg").arg("-x").arg(&path).arg(&partial))?;
        }
    }
    std::fs::rename(&partial, root).map_err(|error| format!("nothing was downloaded: {error}"))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("cannot start {command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?} ended with {}:\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim()))
}

/// Every folder of shared libraries: some packages keep theirs one level deeper.
fn library_path(root: &Path) -> OsString {
    let mut folders = Vec::new();
    let mut waiting: Vec<(PathBuf, usize)> = vec![(root.join("usr/lib"), 0), (root.join("lib"), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        let mut holds_libraries = false;
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() && depth < 2 {
                waiting.push((path, depth + 1));
            } else if path.to_string_lossy().contains(".so") {
                holds_libraries = true;
            }
        }
        // Chromium brings its own graphics libraries beside its program and finds them there.
        if holds_libraries && !folder.ends_with("chromium") {
            folders.push(folder);
        }
    }
    folders.sort();
    std::env::join_paths(folders).unwrap_or_default()
}
