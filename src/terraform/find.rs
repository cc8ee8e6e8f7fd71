//! Which program it is.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Terraform;

/// What is looked for on PATH, in this order.
const NAMES: [&str; 2] = ["terraform", "tofu"];

/// Why there is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// Neither is on PATH.
    #[error("neither terraform nor tofu is on PATH: install one, or name it with --terraform")]
    NotOnPath,
    /// What was named does not run.
    #[error("`{program}` does not run: {reason}")]
    DoesNotRun {
        /// What was named or found.
        program: String,
        /// What the operating system or the program said.
        reason: String,
    },
    /// It runs, and is something else.
    #[error("`{program}` is neither Terraform nor OpenTofu: `{program} version` does not say so")]
    SomethingElse {
        /// What was named or found.
        program: String,
    },
}

/// The program that was named, or the first on PATH.
///
/// # Errors
/// There is none, or it does not run.
pub fn find(named: Option<&Path>) -> Result<Terraform, NotFound> {
    let program = match named {
        // A path is relative to where the command was given, and every step runs elsewhere.
        Some(path) if path.components().count() > 1 => fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        Some(name) => on_path(name.as_os_str()).unwrap_or_else(|| name.to_owned()),
        None => NAMES.iter().find_map(|name| on_path(OsStr::new(name))).ok_or(NotFound::NotOnPath)?,
    };
    let version = ask(&program)?;
    Ok(Terraform { program, version })
}

fn on_path(name: &OsStr) -> Option<PathBuf> {
    let is_program =
        |path: &PathBuf| fs::metadata(path).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0);
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(is_program)
}

/// What `version` says in its first line.
#[expect(clippy::disallowed_methods, reason = "it takes milliseconds and has no children; nothing is to be watched")]
fn ask(program: &Path) -> Result<String, NotFound> {
    let shown = program.display().to_string();
    let failed = |reason: String| NotFound::DoesNotRun { program: shown.clone(), reason };
    let output = Command::new(program)
        .arg("version")
        .env("CHECKPOINT_DISABLE", "1")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        let first = why.lines().chain(said.lines()).find(|line| !line.trim().is_empty());
        return Err(failed(first.map_or_else(|| output.status.to_string(), |line| line.trim().to_owned())));
    }
    let version =
        said.lines().map(str::trim).find(|line| line.starts_with("Terraform v") || line.starts_with("OpenTofu v"));
    version.map(str::to_owned).ok_or(NotFound::SomethingElse { program: shown })
}
