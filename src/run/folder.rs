//! Where a run keeps what it writes: `target/groundwork/runs/<run>/`, and the locks that keep two runs on one machine
//! from working on the same account.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::organization::AccountKey;
use crate::system::clock;

/// All that groundwork writes and nobody commits, below the repository's root.
pub const WORK: &str = "target/groundwork";

/// Runs that are kept; older ones are removed when a new one begins.
const MOST_RUNS: usize = 20;

/// How often a lock of another run on this machine is looked at.
const TICK: Duration = Duration::from_millis(100);

/// How long a run that was killed may seem alive: a child that it was about to start has all its files, and so its
/// lock, until the child's own program is loaded, which a busy machine takes its time for.
const LINGERING: Duration = Duration::from_secs(3);

/// A run's folder.
#[derive(Debug)]
pub struct RunFolder {
    /// The run's name: when it began, and on which process. Later runs sort behind earlier ones.
    pub name: String,
    path: PathBuf,
    work: PathBuf,
    /// Held for as long as the run lives, so that others can tell that it does.
    _alive: File,
}

/// A run that began before, and whether it is still going on.
#[derive(Debug)]
pub struct Started {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// Whether the groundwork that began it still lives.
    pub is_alive: bool,
}

impl RunFolder {
    /// A new one. Removes what runs left behind that are gone: their plans at once, all of it once it is old.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn create(root: &Path, command: &str) -> io::Result<Self> {
        let work = root.join(WORK);
        make_private(&work.join("runs"))?;
        let ignore = work.join(".gitignore");
        if !ignore.exists() {
            fs::write(ignore, "*\n")?;
        }
        tidy(root);
        let name = format!("{}-{command}-{}", clock::stamp(), std::process::id());
        let path = work.join("runs").join(&name);
        make_private(&path)?;
        let alive = open_lock(&path.join("alive"))?;
        alive.lock()?;
        Ok(Self { name, path, work, _alive: alive })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where an account's log goes.
    pub fn log(&self, key: &AccountKey) -> PathBuf {
        self.path.join("logs").join(format!("{key}.log"))
    }

    /// Where an account's plan is for as long as it is needed. Nobody else may read it.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn plan(&self, key: &AccountKey) -> io::Result<PathBuf> {
        let folder = self.path.join("plans").join(key.domain());
        make_private(&folder)?;
        Ok(folder.join(format!("{}.tfplan", key.environment())))
    }

    /// The file that whoever works on an account holds a lock on, whichever run it is. Waits for that long.
    ///
    /// # Errors
    /// Somebody else holds it, or it cannot be made.
    pub fn hold(&self, key: &AccountKey, patience: Duration, give_up: &dyn Fn() -> bool) -> io::Result<Option<File>> {
        let path = self.work.join("locks").join(format!("{key}.lock"));
        if let Some(folder) = path.parent() {
            make_private(folder)?;
        }
        let file = open_lock(&path)?;
        let deadline = Instant::now() + patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline && !give_up() => thread::sleep(TICK),
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

/// The runs below a root, the latest first.
pub fn runs(root: &Path) -> Vec<Started> {
    let Ok(entries) = fs::read_dir(root.join(WORK).join("runs")) else { return Vec::new() };
    let mut runs: Vec<Started> = entries
        .filter_map(Result::ok)
        .map(|entry| Started {
            name: entry.file_name().to_string_lossy().into_owned(),
            is_alive: is_held(&entry.path()),
            path: entry.path(),
        })
        .collect();
    runs.sort_by(|a, b| b.name.cmp(&a.name));
    runs
}

impl Started {
    /// Whether it is still alive after whatever it was starting when it was killed has had the time to let go.
    pub fn goes_on(&self) -> bool {
        let deadline = Instant::now() + LINGERING;
        while is_held(&self.path) {
            if Instant::now() >= deadline {
                return true;
            }
            thread::sleep(TICK);
        }
        false
    }
}

/// Whether somebody holds the lock of the run in this folder.
fn is_held(run: &Path) -> bool {
    File::open(run.join("alive")).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Whatever fails here is only less tidy.
fn tidy(root: &Path) {
    for (index, run) in runs(root).into_iter().enumerate() {
        if run.is_alive {
            continue;
        }
        // Plans hold secrets in the clear; nobody needs those of a run that is gone.
        fs::remove_dir_all(run.path.join("plans")).ok();
        if index + 1 >= MOST_RUNS {
            fs::remove_dir_all(run.path).ok();
        }
    }
}

fn make_private(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).read(true).write(true).mode(0o600).open(path)
}
