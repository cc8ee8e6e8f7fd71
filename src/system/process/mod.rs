//! Child processes: started, waited for, interrupted; none outlives its run.
//!
//! Every child leads a process group of its own, so that a Ctrl-C on the terminal reaches groundwork alone, which then
//! asks each child once; and so that a child that does not listen can be ended with everything it started. Should
//! groundwork itself be killed, a [`watchdog`] does the same in its stead.

mod signals;
pub mod watchdog;

pub use signals::{Signals, Stop, flag};

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use shared_child::SharedChild;
use shared_child::unix::SharedChildExt as _;

use watchdog::Watchdog;

/// What to start.
#[derive(Debug)]
pub struct Invocation<'a> {
    /// The program.
    pub program: &'a Path,
    /// Its arguments.
    pub arguments: &'a [OsString],
    /// Where it works.
    pub folder: &'a Path,
    /// Environment variables that it gets beside groundwork's own.
    pub set: &'a [(&'a str, &'a str)],
    /// Environment variables of groundwork's own that it does not get, and beginnings of their names with a `*` at the
    /// end.
    pub unset: &'a [&'a str],
    /// Where stderr goes, and stdout unless it is wanted back.
    pub log: &'a File,
    /// A file that is the child's stdin: whatever lock is on it is held for as long as the child, or what the child
    /// started, lives.
    pub stdin: Option<&'a File>,
    /// Whether stdout is the answer.
    pub capture: bool,
    /// When it is interrupted for taking too long.
    pub deadline: Option<Instant>,
}

/// How a child ended.
#[derive(Debug)]
pub struct Finished {
    /// What it exited with.
    pub status: ExitStatus,
    /// Its stdout, where that was wanted.
    pub stdout: Vec<u8>,
    /// Whether it was interrupted because it took too long.
    pub timed_out: bool,
}

impl Finished {
    /// Whether it did what it should, by its own word.
    pub fn succeeded(&self) -> bool {
        self.status.success() && !self.timed_out
    }

    /// How it ended, in a few words: `exit code 1`, `signal 9`.
    pub fn how(&self) -> String {
        match (self.status.code(), self.status.signal()) {
            (Some(code), _) => format!("exit code {code}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => "an unknown reason".to_owned(),
        }
    }
}

/// The children of a run.
#[derive(Debug)]
pub struct Children {
    running: Mutex<BTreeMap<u32, Arc<SharedChild>>>,
    watchdog: Option<Watchdog>,
    /// Children get this long between being asked and being ended.
    grace: Duration,
    interrupted: AtomicBool,
}

impl Children {
    /// No children yet, and a watchdog over those to come.
    ///
    /// # Errors
    /// The watchdog cannot be started.
    pub fn new(grace: Duration) -> io::Result<Self> {
        let watchdog = Some(Watchdog::start(grace)?);
        Ok(Self { running: Mutex::default(), watchdog, grace, interrupted: AtomicBool::new(false) })
    }

    /// How long children get between being asked to stop and being ended.
    pub fn grace(&self) -> Duration {
        self.grace
    }

    /// Whether the run is to stop: nothing new is to be begun.
    pub fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    /// Starts a child and waits for it.
    ///
    /// # Errors
    /// It cannot be started, or what it writes cannot be read.
    pub fn run(&self, invocation: &Invocation<'_>) -> io::Result<Finished> {
        let child = self.start(invocation)?;
        let finished = self.wait(&child, invocation);
        let id = child.id();
        self.running().remove(&id);
        let ended_badly =
            finished.as_ref().map_or(true, |finished| finished.timed_out || finished.status.signal().is_some());
        if ended_badly || self.interrupted() {
            // What it started may go on without it: Terraform ends the shell of a provisioner, not what that runs.
            child.kill().ok();
            end_group(id);
        }
        if let Some(watchdog) = &self.watchdog {
            watchdog.forget(id);
        }
        finished
    }

    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    fn start(&self, invocation: &Invocation<'_>) -> io::Result<Arc<SharedChild>> {
        let mut command = Command::new(invocation.program);
        command.args(invocation.arguments).current_dir(invocation.folder).process_group(0);
        for (name, _) in std::env::vars_os() {
            let shown = name.to_string_lossy();
            let matches = |pattern: &&str| match pattern.strip_suffix('*') {
                Some(start) => shown.starts_with(start),
                None => shown == **pattern,
            };
            if invocation.unset.iter().any(matches) {
                command.env_remove(&name);
            }
        }
        command.envs(invocation.set.iter().copied());
        command.stdin(invocation.stdin.map_or_else(|| Ok(Stdio::null()), |file| file.try_clone().map(Stdio::from))?);
        command.stderr(invocation.log.try_clone()?);
        command.stdout(if invocation.capture { Stdio::piped() } else { Stdio::from(invocation.log.try_clone()?) });
        let mut running = self.running();
        let child = Arc::new(SharedChild::spawn(&mut command)?);
        if let Some(watchdog) = &self.watchdog {
            watchdog.watch(child.id());
        }
        running.insert(child.id(), Arc::clone(&child));
        drop(running);
        if self.interrupted() {
            // The run was told to stop while this one was being started.
            ask(&child);
        }
        Ok(child)
    }

    fn wait(&self, child: &SharedChild, invocation: &Invocation<'_>) -> io::Result<Finished> {
        std::thread::scope(|scope| {
            let reader = child.take_stdout().map(|mut stdout| {
                scope.spawn(move || {
                    let mut bytes = Vec::new();
                    stdout.read_to_end(&mut bytes).map(|_| bytes)
                })
            });
            let (status, timed_out) = self.wait_until(child, invocation.deadline)?;
            if timed_out || status.signal().is_some() {
                // Whoever holds the other end of the pipe would keep the reader waiting.
                end_group(child.id());
            }
            let stdout = match reader.map(std::thread::ScopedJoinHandle::join) {
                None => Vec::new(),
                Some(Ok(bytes)) => bytes?,
                Some(Err(_)) => return Err(io::Error::other("what it wrote could not be read")),
            };
            Ok(Finished { status, stdout, timed_out })
        })
    }

    fn wait_until(&self, child: &SharedChild, deadline: Option<Instant>) -> io::Result<(ExitStatus, bool)> {
        let Some(deadline) = deadline else { return Ok((child.wait()?, false)) };
        if let Some(status) = child.wait_deadline(deadline)? {
            return Ok((status, false));
        }
        ask(child);
        if let Some(status) = child.wait_timeout(self.grace)? {
            return Ok((status, true));
        }
        end_group(child.id());
        Ok((child.wait()?, true))
    }

    /// Tells the run to stop, and every child once. Whether there were any.
    pub fn interrupt(&self) -> usize {
        let running = self.running();
        if !self.interrupted.swap(true, Ordering::SeqCst) {
            running.values().for_each(|child| ask(child));
        }
        running.len()
    }

    /// Ends all children now, with everything they started.
    pub fn end(&self) {
        self.interrupted.store(true, Ordering::SeqCst);
        self.running().keys().for_each(|id| end_group(*id));
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<u32, Arc<SharedChild>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks a child to stop, as Ctrl-C does. One that has ended already is left alone.
fn ask(child: &SharedChild) {
    child.send_signal(signal_hook::consts::SIGINT).ok();
}

/// Ends a process group. There may be nobody left in it.
fn end_group(leader: u32) {
    if let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        kill_process_group(group, Signal::KILL).ok();
    }
}
