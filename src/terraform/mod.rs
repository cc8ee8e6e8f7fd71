//! Terraform or OpenTofu, one step of one root module at a time.
//!
//! This room starts the program and understands what it says; what is to be done with which account is [`mod@crate::run`]'s.

mod find;
mod lock;
mod log;
mod trouble;

pub use find::{NotFound, find};
pub use lock::Holder;
pub use log::Log;
pub use trouble::{Kind, Trouble};

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::system::process::{Children, Finished, Invocation};

/// What no step inherits: what would change what is planned, what is not safe for many at a time, and a key that only
/// digests need.
const UNSET: [&str; 6] = [
    "TF_CLI_ARGS*",
    "TF_DATA_DIR",
    "TF_WORKSPACE",
    "TF_PLUGIN_CACHE_DIR",
    "TF_PLUGIN_CACHE_MAY*",
    "GROUNDWORK_SEAL_KEY",
];

/// What every step gets: no questions, no hints about commands that nobody types, no calls home.
const SET: [(&str, &str); 3] = [("TF_IN_AUTOMATION", "1"), ("TF_INPUT", "0"), ("CHECKPOINT_DISABLE", "1")];

/// For steps of a few milliseconds, most of which the garbage collector would take: about a third less time.
const FEW_COLLECTIONS: (&str, &str) = ("GOGC", "800");

/// A Terraform or OpenTofu that runs.
#[derive(Clone, Debug)]
pub struct Terraform {
    program: PathBuf,
    /// `Terraform v1.11.4`, `OpenTofu v1.10.6`.
    pub version: String,
}

/// One root module, and how its steps are run.
#[derive(Debug)]
pub struct Root<'a> {
    /// The program.
    pub terraform: &'a Terraform,
    /// The folder.
    pub folder: &'a Path,
    /// Who starts children.
    pub children: &'a Children,
    /// Where all that is said goes.
    pub log: &'a Log,
    /// A file whose lock is held for as long as any child lives.
    pub held: Option<&'a File>,
    /// When a step is interrupted for taking too long.
    pub deadline: Option<Instant>,
}

/// Whether a step takes the lock of the state, and for how long it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locking {
    /// It takes none: nothing is written.
    None,
    /// It waits for this many seconds.
    Seconds(u64),
}

impl Locking {
    fn argument(self) -> String {
        match self {
            Self::None => "-lock=false".to_owned(),
            Self::Seconds(seconds) => format!("-lock-timeout={seconds}s"),
        }
    }
}

impl Root<'_> {
    /// `init`: backend, modules, providers. With a folder of providers they are linked from there and nowhere else.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn init(&self, providers: Option<&Path>) -> io::Result<Finished> {
        let mut arguments = vec![OsString::from("init"), "-input=false".into(), "-no-color".into()];
        arguments.extend(providers.map(|folder| {
            let mut argument = OsString::from("-plugin-dir=");
            argument.push(folder);
            argument
        }));
        self.step(&arguments, &[FEW_COLLECTIONS], false)
    }

    /// `plan`, to a file.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn plan(&self, file: &Path, destroy: bool, locking: Locking) -> io::Result<Finished> {
        let mut out = OsString::from("-out=");
        out.push(file);
        let mut arguments =
            vec![OsString::from("plan"), "-input=false".into(), "-no-color".into(), locking.argument().into(), out];
        if destroy {
            arguments.push("-destroy".into());
        }
        self.step(&arguments, &[], false)
    }

    /// `show -json` of a plan's file.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn show(&self, file: &Path) -> io::Result<Finished> {
        self.step(&["show".into(), "-json".into(), file.into()], &[FEW_COLLECTIONS], true)
    }

    /// `apply` of a plan's file: that plan and no other.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn apply(&self, file: &Path, locking: Locking) -> io::Result<Finished> {
        let arguments =
            ["apply".into(), "-input=false".into(), "-no-color".into(), locking.argument().into(), file.into()];
        self.step(&arguments, &[], false)
    }

    /// `force-unlock`: releases the lock of that id, if it is still the one that is held.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn unlock(&self, id: &str) -> io::Result<Finished> {
        self.step(&["force-unlock".into(), "-force".into(), id.into()], &[], false)
    }

    /// `providers lock`, with further arguments.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn lock_providers(&self, arguments: &[String]) -> io::Result<Finished> {
        let all: Vec<OsString> = ["providers", "lock", "-no-color"]
            .map(OsString::from)
            .into_iter()
            .chain(arguments.iter().map(OsString::from))
            .collect();
        self.step(&all, &[], false)
    }

    fn step(&self, arguments: &[OsString], environment: &[(&str, &str)], capture: bool) -> io::Result<Finished> {
        self.log.heading(arguments);
        let own = environment.iter().filter(|(name, _)| std::env::var_os(name).is_none());
        let set: Vec<(&str, &str)> = SET.iter().chain(own).copied().collect();
        self.children.run(&Invocation {
            program: &self.terraform.program,
            arguments,
            folder: self.folder,
            set: &set,
            unset: &UNSET,
            log: self.log.file(),
            stdin: self.held,
            capture,
            deadline: self.deadline,
        })
    }
}
