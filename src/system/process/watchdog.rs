//! A second process that stops the children of a run whose groundwork was killed.
//!
//! Nothing that a process does can survive its SIGKILL, and children go on without their parent: a Terraform that
//! nobody waits for, holding its lock. So a run starts this program once more, as `groundwork watchdog`, and tells it
//! through a pipe which children there are. When the pipe ends, groundwork is gone: whoever is still there is asked
//! to stop, and ended when the grace time is over.

use std::collections::HashSet;
use std::io::{self, BufRead, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process};

/// How often children that were asked to stop are looked for.
const TICK: Duration = Duration::from_millis(50);

/// The other end of the pipe.
#[derive(Debug)]
pub struct Watchdog {
    stdin: Mutex<Option<ChildStdin>>,
    child: Child,
}

impl Watchdog {
    /// Starts one that gives children that much time.
    ///
    /// # Errors
    /// This program cannot be started once more.
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    pub fn start(grace: Duration) -> io::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("watchdog")
            .arg("--grace")
            .arg(grace.as_millis().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A signal that a terminal or a job sends to groundwork's whole group is not meant for it.
            .process_group(0)
            .spawn()?;
        Ok(Self { stdin: Mutex::new(child.stdin.take()), child })
    }

    /// There is a child.
    pub fn watch(&self, id: u32) {
        self.say('+', id);
    }

    /// It has ended.
    pub fn forget(&self, id: u32) {
        self.say('-', id);
    }

    /// A watchdog that does not listen is no reason to stop a run.
    fn say(&self, sign: char, id: u32) {
        if let Some(stdin) = self.stdin.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            writeln!(stdin, "{sign}{id}").ok();
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.stdin.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.child.wait().ok();
    }
}

/// `groundwork watchdog`: listens until the pipe ends, then stops whoever is left.
pub fn watch(input: impl BufRead, grace: Duration) {
    let mut children = HashSet::new();
    for line in input.lines().map_while(Result::ok) {
        let id = |text: &str| text.parse::<i32>().ok().and_then(Pid::from_raw);
        match line.split_at_checked(1) {
            Some(("+", text)) => children.extend(id(text)),
            Some(("-", text)) => {
                id(text).map(|id| children.remove(&id));
            }
            _ => {}
        }
    }
    children.iter().for_each(|id| {
        kill_process(*id, Signal::INT).ok();
    });
    let deadline = Instant::now() + grace;
    while !children.is_empty() {
        let too_late = Instant::now() >= deadline;
        children.retain(|id| {
            let goes_on = !too_late && test_kill_process(*id).is_ok();
            if !goes_on {
                // With whatever it started and left behind.
                kill_process_group(*id, Signal::KILL).ok();
            }
            goes_on
        });
        thread::sleep(TICK);
    }
}
