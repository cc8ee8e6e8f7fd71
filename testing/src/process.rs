//! Programs: what they say, how long they take and how much memory they hold.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a program took, and the most memory it held, in kilobytes.
///
/// # Panics
/// It cannot be started, or fails.
pub fn run(command: &mut Command) -> (Duration, u64) {
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).spawn().unwrap();
    let peak = watch(&mut child);
    let time = start.elapsed();
    assert!(child.wait().unwrap().success());
    (time, peak)
}

/// The high-water mark of a program's memory, read until it ends: it only ever rises.
fn watch(child: &mut Child) -> u64 {
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = mark.and_then(|mark| mark.trim().strip_suffix(" kB")).and_then(|number| number.parse().ok());
        peak = peak.max(kilobytes.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(1));
    }
    peak
}

/// What a program said and how it ended.
#[derive(Debug)]
pub struct Output {
    /// Its exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

/// Runs a program to its end.
///
/// # Panics
/// It cannot be started, or does not speak UTF-8.
pub fn output(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Output { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Output {
    /// That it exited with 0.
    ///
    /// # Panics
    /// It did not.
    #[track_caller]
    pub fn succeeds(self) -> Self {
        assert_eq!(self.code, Some(0), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// That it exited with 1.
    ///
    /// # Panics
    /// It did not.
    #[track_caller]
    pub fn fails(self) -> Self {
        assert_eq!(self.code, Some(1), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// That it says all of this, on stdout or stderr.
    ///
    /// # Panics
    /// It does not.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            let is_said = self.stderr.contains(text) || self.stdout.contains(text);
            assert!(is_said, "{text:?} is not in\n{}\n{}", self.stdout, self.stderr);
        }
        self
    }
}

/// The middle one.
///
/// # Panics
/// There is none.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// How many times the second the first is.
pub fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}

/// For people.
pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
