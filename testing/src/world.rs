//! What tests of runs have in common: a real Terraform, a server that answers as AWS does, and what is said where either is
//! missing.

use std::env;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use crate::moto::Moto;
use crate::terraform::Terraform;

/// What every such test works with.
#[derive(Debug)]
pub struct World {
    /// A Terraform that runs.
    pub terraform: Terraform,
    /// AWS, as far as it goes.
    pub moto: Arc<Moto>,
}

impl World {
    /// Finds or installs, and starts.
    ///
    /// # Errors
    /// What is missing.
    pub fn start() -> Result<Self, String> {
        Ok(Self { terraform: Terraform::find()?, moto: Arc::new(Moto::start()?) })
    }

    /// Gives a command nothing of the caller's environment but what Terraform and AWS need.
    pub fn equip<'a>(&self, command: &'a mut Command, home: &Path) -> &'a mut Command {
        command
            .env_clear()
            .env("HOME", home)
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("GROUNDWORK_TERRAFORM", self.terraform.program())
            .env("TF_CLI_CONFIG_FILE", self.terraform.configuration())
            .env("AWS_ENDPOINT_URL", self.moto.endpoint())
            .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "a-secret-of-the-environment")
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null())
    }
}

/// A test by its name.
pub type Test = (&'static str, fn(&World));

/// Runs tests as `cargo test` wants them run. Where something is missing, every test is reported as ignored with the
/// reason; with `CI` set that is a failure instead.
pub fn run(tests: &[Test]) -> ExitCode {
    run_all(tests, &[])
}

/// The same, and some of them once more with OpenTofu where `tofu` is on `PATH`; where it is not, those are reported as
/// ignored.
pub fn run_with_both(once: &[Test], both: &[Test]) -> ExitCode {
    run_all(&[once, both].concat(), both)
}

fn run_all(tests: &[Test], with_tofu: &[Test]) -> ExitCode {
    let arguments = Arguments::from_args();
    let world = if arguments.list { Err("only listing".to_owned()) } else { World::start().map(Arc::new) };
    let missing = world.as_ref().err().filter(|_| !arguments.list);
    if let Some(reason) = missing {
        anstream::eprintln!("not tested: {reason}");
    }
    let left_out = missing.is_some() && env::var_os("CI").is_none();
    let mut trials: Vec<Trial> = tests.iter().map(|test| trial(test, "", world.clone(), left_out)).collect();
    if !with_tofu.is_empty() {
        let tofu = Terraform::tofu();
        if let Err(reason) = &tofu {
            anstream::eprintln!("not tested with OpenTofu: {reason}");
        }
        let without = tofu.is_err();
        let other = tofu.and_then(|terraform| {
            let world = world.clone()?;
            Ok(Arc::new(World { terraform, moto: Arc::clone(&world.moto) }))
        });
        trials.extend(with_tofu.iter().map(|test| trial(test, "opentofu::", other.clone(), without || left_out)));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // The server goes with the last of its users; `exit` would leave it behind.
    drop(world);
    conclusion.exit_code()
}

fn trial(test: &Test, prefix: &str, world: Result<Arc<World>, String>, left_out: bool) -> Trial {
    let (name, test) = *test;
    let run = move || {
        test(&*world?);
        Ok(())
    };
    Trial::test(format!("{prefix}{name}"), run).with_ignored_flag(left_out)
}
