//! One file a command: load, decide, do, show. What is to be decided is decided in the rooms.

mod add;
mod allocate;
mod apply;
mod changes;
mod check;
mod completions;
mod demo;
mod digest;
mod drift;
mod explain;
mod fleet;
mod github;
mod init;
mod keys;
mod list;
mod manual;
mod matrix;
mod monitoring;
mod notify;
mod organization;
mod plan;
mod policy;
mod providers;
mod render;
mod review;
mod schema;
mod state;
mod templates;
mod workflows;

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::cli::{Cli, Command};
use crate::diagnostic::Diagnostics;
use crate::exit::Exit;
use crate::organization::{NoMatch, Organization};
use crate::render::engine::Engine;
use crate::repository::Repository;
use crate::system::process::watchdog;
use crate::system::{clock, inputs};
use crate::ui::Ui;

/// What a command works with.
pub(crate) struct Context {
    pub(crate) ui: Ui,
    /// The folder that was named, or the current one.
    pub(crate) here: PathBuf,
    /// The folder that holds domains.toml, or would.
    pub(crate) root: PathBuf,
    /// Whether to tell what is being done.
    pub(crate) verbose: bool,
}

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reasons have been printed.
    Said,
    /// Something to print.
    Because { message: String, causes: Vec<String>, help: Vec<String> },
    /// Whoever read our answer has left.
    ReaderLeft,
}

impl Failure {
    /// A failure in one sentence.
    pub(crate) fn because(message: impl Into<String>) -> Self {
        Self::Because { message: message.into(), causes: Vec::new(), help: Vec::new() }
    }

    /// Adds what to do about it.
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        if let Self::Because { help, .. } = &mut self {
            help.push(text.into());
        }
        self
    }

    /// An error with all that was behind it.
    pub(crate) fn from_error(error: &dyn Error) -> Self {
        let mut causes = Vec::new();
        let mut cause = error.source();
        while let Some(error) = cause {
            causes.push(error.to_string());
            cause = error.source();
        }
        Self::Because { message: error.to_string(), causes, help: Vec::new() }
    }
}

impl From<NoMatch> for Failure {
    fn from(error: NoMatch) -> Self {
        Self::Because { message: error.message, causes: Vec::new(), help: error.help.into_iter().collect() }
    }
}

/// Only stdout is written with plain `io::Error`s.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::ReaderLeft;
        }
        Self::because(format!("cannot write to stdout: {error}"))
    }
}

/// Does what was asked for.
pub(crate) fn run(cli: Cli) -> Exit {
    let ui = Ui::new(cli.global.quiet, cli.global.color);
    let root = inputs::find_root(&cli.global.directory);
    let context = Context { ui, here: cli.global.directory, root, verbose: cli.global.verbose > 0 };
    let result = match cli.command {
        Command::Check(args) => check::run(&context, &args),
        Command::Demo(args) => demo::run(&context, &args),
        Command::Init(args) => init::run(&context, &args),
        Command::Render(args) => render::run(&context, &args),
        Command::Allocate(args) => allocate::run(&context, &args),
        Command::Explain(args) => explain::run(&context, &args),
        Command::List(args) => list::run(&context, &args),
        Command::Map(args) => list::draw(&context, &args),
        Command::Changes(args) => changes::run(&context, &args),
        Command::Matrix(args) => matrix::run(&context, &args),
        Command::Review(args) => review::run(&context, &args),
        Command::Digest(args) => digest::run(&context, &args),
        Command::Policy(command) => policy::run(&context, &command),
        Command::Schema(args) => schema::run(&context, &args),
        Command::Add(command) => add::run(&context, &command),
        Command::Plan(args) => plan::run(&context, &args),
        Command::Apply(args) => apply::run(&context, &args),
        Command::Drift(args) => drift::run(&context, &args),
        Command::Providers(command) => providers::run(&context, &command),
        Command::Organization(command) => organization::run(&context, &command),
        Command::Keys(command) => keys::run(&context, &command),
        Command::Monitoring(command) => monitoring::run(&context, &command),
        Command::Workflows(args) => workflows::run(&context, &args),
        Command::GitHub(command) => github::run(&context, &command),
        Command::Notify(args) => notify::run(&context, &args),
        Command::Templates(command) => templates::run(&context, &command),
        Command::State(command) => state::run(&context, &command),
        Command::Completions(args) => completions::run(&context, &args),
        Command::Manual(args) => manual::run(&context, &args),
        Command::Watchdog(args) => {
            watchdog::watch(std::io::stdin().lock(), Duration::from_millis(args.grace));
            Ok(())
        }
    };
    match result {
        Ok(()) | Err(Failure::ReaderLeft) => Exit::Success,
        Err(Failure::Said) => Exit::Failure,
        Err(Failure::Because { message, causes, help }) => {
            context.ui.error(&message, &causes, &help);
            Exit::Failure
        }
    }
}

impl Context {
    /// Reads the repository, whatever state it is in.
    pub(crate) fn load(&self) -> Repository {
        let mut diagnostics = Diagnostics::default();
        let inputs = tracing::info_span!("read").in_scope(|| inputs::read(&self.root, &mut diagnostics));
        tracing::info_span!("load").in_scope(|| Repository::load(&inputs, diagnostics, clock::today()))
    }

    /// Reads the repository and prints what is wrong with it; fails on errors.
    pub(crate) fn load_sound(&self) -> Result<Repository, Failure> {
        self.sound(self.load())
    }

    /// Prints what is wrong with a repository; fails on errors.
    pub(crate) fn sound(&self, repository: Repository) -> Result<Repository, Failure> {
        self.ui.diagnostics(&repository.diagnostics, &repository.sources);
        if repository.is_sound() { Ok(repository) } else { Err(Failure::Said) }
    }
}

/// The parts of a sound repository.
pub(crate) fn parts(repository: &Repository) -> Result<(&Organization, &Engine), Failure> {
    // `load_sound` has seen both; what lacks one has printed why.
    match (&repository.organization, &repository.engine) {
        (Some(organization), Some(engine)) => Ok((organization, engine)),
        _ => Err(Failure::Said),
    }
}
