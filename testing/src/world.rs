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

/// What tests are run with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum With {
    /// Terraform, or whatever `GROUNDWORK_TERRAFORM` names.
    Terraform,
    /// OpenTofu, where `tofu` is on `PATH`.
    OpenTofu,
    /// Terraform and the real providers, from the filesystem mirror that `GROUNDWORK_TEST_PROVIDERS` names.
    Providers,
}

impl With {
    /// What a test's name begins with.
    fn prefix(self) -> &'static str {
        match self {
            Self::Terraform => "",
            Self::OpenTofu => "opentofu::",
            Self::Providers => "providers::",
        }
    }

    /// The world for it, out of the usual one; or why there is none.
    fn world(self, usual: &World) -> Result<World, String> {
        let moto = Arc::clone(&usual.moto);
        match self {
            Self::Terraform => Ok(World { terraform: usual.terraform.clone(), moto }),
            Self::OpenTofu => Ok(World { terraform: Terraform::tofu()?, moto }),
            Self::Providers => {
                let mirror = env::var_os("GROUNDWORK_TEST_PROVIDERS")
                    .ok_or("GROUNDWORK_TEST_PROVIDERS names no filesystem mirror to take them from")?;
                Ok(World { terraform: usual.terraform.with_mirror(Path::new(&mirror))?, moto })
            }
        }
    }
}

/// Runs tests as `cargo test` wants them run. Where something is missing, every test is reported as ignored with the
/// reason; with `CI` set that is a failure instead.
pub fn run(tests: &[Test]) -> ExitCode {
    run_each(&[(With::Terraform, tests)])
}

/// Runs lists of tests, each with something else. What is not there for OpenTofu or the real providers is always reported as
/// ignored.
pub fn run_each(lists: &[(With, &[Test])]) -> ExitCode {
    let arguments = Arguments::from_args();
    let usual = if arguments.list { Err("only listing".to_owned()) } else { World::start() };
    let must = env::var_os("CI").is_some();
    let mut trials = Vec::new();
    for (with, tests) in lists {
        let world = usual.as_ref().map_err(Clone::clone).and_then(|usual| with.world(usual)).map(Arc::new);
        if let Err(reason) = &world
            && !arguments.list
        {
            anstream::eprintln!("not tested with {with:?}: {reason}");
        }
        let left_out = world.is_err() && !(must && *with == With::Terraform);
        trials.extend(tests.iter().map(|(name, test)| {
            let (world, test) = (world.clone(), *test);
            let run = move || {
                test(&*world?);
                Ok(())
            };
            Trial::test(format!("{}{name}", with.prefix()), run).with_ignored_flag(left_out)
        }));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // The server goes with the last of its users; `exit` would leave it behind.
    drop(usual);
    conclusion.exit_code()
}
