//! GitHub's own program.

use std::fmt::Display;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why GitHub did not do it.
#[derive(Debug, thiserror::Error)]
pub enum GhError {
    /// The program cannot be started.
    #[error("`{program}` cannot be started: {source}")]
    Start {
        /// Which.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// It failed.
    #[error("`{call}` failed: {said}")]
    Failed {
        /// What was called.
        call: String,
        /// What it said.
        said: String,
    },
    /// What it answered cannot be used.
    #[error("`{call}` answered what cannot be used: {reason}")]
    Answer {
        /// What was called.
        call: String,
        /// Why not.
        reason: String,
    },
}

impl GhError {
    /// That an answer cannot be used.
    pub fn answer(call: &str, reason: impl Display) -> Self {
        Self::Answer { call: call.to_owned(), reason: reason.to_string() }
    }

    /// Whether there is no such thing; or the caller may not see it, which GitHub does not tell apart.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Failed { said, .. } if said.contains("HTTP 404"))
    }

    /// Whether somebody else has changed it meanwhile.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Failed { said, .. } if said.contains("409"))
    }
}

/// `gh`, on PATH.
#[derive(Debug)]
pub struct Gh {
    program: PathBuf,
}

impl Gh {
    /// The one on PATH.
    pub fn find() -> Self {
        Self { program: PathBuf::from("gh") }
    }

    /// Runs it, and returns what it prints.
    ///
    /// # Errors
    /// It cannot be started, or fails.
    pub fn run(&self, arguments: &[&str], input: Option<&str>) -> Result<String, GhError> {
        let program = self.program.display().to_string();
        let call = format!("{program} {}", arguments.join(" "));
        run(start(&self.program).args(arguments), input).map_err(|error| match error {
            Trouble::Start(source) => GhError::Start { program, source },
            Trouble::Failed(said) => GhError::Failed { call, said },
        })
    }

    /// One call of GitHub's interface.
    ///
    /// # Errors
    /// It cannot be made, or is refused.
    pub fn api(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, GhError> {
        let mut arguments = vec!["api", "--method", method, path];
        let body = body.map(ToString::to_string);
        if body.is_some() {
            arguments.extend(["--input", "-"]);
        }
        let answer = self.run(&arguments, body.as_deref())?;
        if answer.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&answer).map_err(|error| GhError::answer(path, error))
    }

    /// All pages of a listing.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn pages<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, GhError> {
        let answer = self.run(&["api", "--method", "GET", "--paginate", path], None)?;
        // One list a page, one behind the other.
        let mut all = Vec::new();
        for page in serde_json::Deserializer::from_str(&answer).into_iter::<Vec<T>>() {
            all.extend(page.map_err(|error| GhError::answer(path, error))?);
        }
        Ok(all)
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub(super) fn start(program: &Path) -> Command {
    Command::new(program)
}

pub(super) enum Trouble {
    Start(std::io::Error),
    Failed(String),
}

pub(super) fn run(command: &mut Command, input: Option<&str>) -> Result<String, Trouble> {
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    let mut child =
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(Trouble::Start)?;
    let writer = child.stdin.take().zip(input.map(str::to_owned)).map(|(mut stdin, input)| {
        std::thread::spawn(move || {
            // One that does not listen says on stderr why.
            stdin.write_all(input.as_bytes()).ok();
        })
    });
    let output = child.wait_with_output().map_err(Trouble::Start)?;
    writer.map(std::thread::JoinHandle::join);
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let said = [output.stderr, output.stdout].map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned());
        Err(Trouble::Failed(said.join(" ").trim().to_owned()))
    }
}
